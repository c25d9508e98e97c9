"""Look the keyring over: ``manage.py vault_check``. Reads only."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from complaints.services.key_check import key_problems


class Command(BaseCommand):
    """Print what is wrong, alarms first. Exit code 1 when anything is, 0 when nothing."""

    help = "Check every key, certificate and wrap of the vault against the pinned root."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--alarms", action="store_true", help="only what somebody may have put there"
        )

    def handle(self, **options: Any) -> None:
        """Check and print."""
        found = key_problems(on=timezone.localdate())
        if options["alarms"]:
            found = [problem for problem in found if problem.alarming]
        for problem in sorted(found, key=lambda problem: not problem.alarming):
            mark = "ALARM" if problem.alarming else "note "
            self.stdout.write(f"{mark} {problem.code}: {problem.text}")
        self.stdout.write(f"{len(found)} problems")
        if found:
            raise SystemExit(1)
