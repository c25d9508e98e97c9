"""Keep what a ceremony made: ``manage.py vault_import FILE …``. Everything is checked to the root."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from complaints.errors import KeysMissingError, VaultRefusedError
from complaints.services.keys import import_file


class Command(BaseCommand):
    """Import files of vaultctl, each wholly or not at all. Exit code 1 at the first refusal."""

    help = "Import certificates, epochs, wraps, lists, bundles and moved shares made by vaultctl."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")

    def handle(self, **options: Any) -> None:
        """Import one file after the other, in the order given."""
        for path in options["files"]:
            try:
                value = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise CommandError(f"{path}: cannot be read as JSON") from error
            try:
                done = import_file(value, at=timezone.now())
            except (VaultRefusedError, KeysMissingError) as error:
                why = error.__cause__ or error.message
                raise CommandError(f"{path}: refused ({error.code}): {why}") from error
            for line in done or ["nothing new"]:
                self.stdout.write(f"{path.name}: {line}")
