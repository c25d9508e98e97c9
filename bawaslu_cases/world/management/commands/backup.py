"""Copy the three databases: ``manage.py backup --to FOLDER --keyring-to FOLDER``. Run as their owner."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bawaslu_cases.world.backups import BackupError, erasures, take_backup


class Command(BaseCommand):
    """Write one set and one file of the keyring, or list what was erased so far."""

    help = "Copy the three databases into age files that only offline keys open."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--to", type=Path, help="folder of the sets (records, audit log)")
        parser.add_argument("--keyring-to", type=Path, help="folder of the keyring's copies")
        parser.add_argument(
            "--list-erased", action="store_true", help="print what was erased so far, copy nothing"
        )

    def handle(self, **options: Any) -> None:
        """Copy, and name the files."""
        if options["list_erased"]:
            self.stdout.write(json.dumps(erasures(), indent=1))
            return
        folder, keyring_folder = options["to"], options["keyring_to"]
        if folder is None or keyring_folder is None:
            raise CommandError("--to and --keyring-to name two folders")
        try:
            made = take_backup(folder=folder, keyring_folder=keyring_folder, at=timezone.now())
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        for path in made:
            self.stdout.write(f"{path}  {path.stat().st_size:,} bytes")
