"""Bring storage and database to agree: ``manage.py evidence_sweep [--dry-run]``."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bawaslu_cases.shared.object_storage import StorageUnavailableError
from complaints.services.evidence_sweep import sweep_evidence


class Command(BaseCommand):
    """Remove what nobody needs, tell of what is missing. Exit code 1 when a file is missing or altered."""

    help = "Remove what is past its time and objects without a row; count missing and altered ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--dry-run", action="store_true", help="count only, remove nothing")

    def handle(self, **options: Any) -> None:
        """Sweep and print the counts."""
        try:
            sweep = sweep_evidence(at=timezone.now(), dry_run=options["dry_run"])
        except StorageUnavailableError as error:
            raise CommandError(
                "the storage of evidence does not answer; nothing was judged"
            ) from error
        for name, count in asdict(sweep).items():
            self.stdout.write(f"{name}: {count}")
        if sweep.missing or sweep.not_whole:
            raise SystemExit(1)
