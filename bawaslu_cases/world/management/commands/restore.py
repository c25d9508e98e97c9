"""Bring a backup back into empty databases: ``manage.py restore SET --keyring FILE …``."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bawaslu_cases.world.backups import BackupError, restore_backup


class Command(BaseCommand):
    """Restore, replay erasures, and say what to run next."""

    help = "Bring a set and a copy of the keyring back into three empty databases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("set", type=Path, help="folder that `backup` named after its moment")
        parser.add_argument("--keyring", type=Path, required=True, help="keyring-….age")
        parser.add_argument("--identity", type=Path, required=True, help="age key of the set")
        parser.add_argument("--keyring-identity", type=Path, required=True, help="of the keyring")
        parser.add_argument(
            "--erased", type=Path, help="what `backup --list-erased` printed on the old server"
        )

    def handle(self, **options: Any) -> None:
        """Restore."""
        try:
            erased = json.loads(options["erased"].read_text()) if options["erased"] else []
            replayed = restore_backup(
                records=options["set"],
                keyring=options["keyring"],
                identity=options["identity"],
                keyring_identity=options["keyring_identity"],
                erased=erased,
            )
        except (BackupError, OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"restored; {replayed} later erasures done again")
        self.stdout.write("next: migrate, grant_roles, audit_verify, vault_check")
