"""Make erasures final: ``manage.py vault_purge [--group G --epoch N]``. Run as the databases' owner."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from complaints.services.key_retention import EpochInUseError, empty_keyring, erase_epoch


class Command(BaseCommand):
    """Erase an epoch's key when one is named, then take the dead rows off the disk."""

    help = (
        "Rewrite the tables of wraps without what was deleted; with --epoch erase that key first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--group", default="", help="code of the group whose epoch goes")
        parser.add_argument("--epoch", type=int, help="number of the epoch that goes")
        parser.add_argument(
            "--with-reports",
            action="store_true",
            help="also where identities still lie under it: nobody opens them ever again",
        )

    def handle(self, **options: Any) -> None:
        """Erase and rewrite."""
        group, epoch = options["group"], options["epoch"]
        if bool(group) != (epoch is not None):
            raise CommandError("--group and --epoch belong together")
        if group:
            try:
                erased = erase_epoch(
                    group=group,
                    epoch=epoch,
                    at=timezone.now(),
                    with_reports=options["with_reports"],
                )
            except EpochInUseError as error:
                raise CommandError(f"{group} {epoch}: {error.message}") from error
            self.stdout.write(
                f"{group} {epoch} erased; complete on {erased.complete_on.isoformat()}, when the "
                "last backup of the keyring that holds it is gone"
            )
        empty_keyring()
        self.stdout.write("tables of wraps rewritten, a new file of the change log begun")
