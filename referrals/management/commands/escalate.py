"""Take the rungs of the ladder that are due, or only say which would be: ``manage.py escalate --at DATE``."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from referrals.services.escalation import escalate
from referrals.states import Rung


class Command(BaseCommand):
    """Escalate what is due. A dry run reads only: no row, no lock, no message."""

    help = "Take the rungs that are due by a date (default: today); --dry-run only counts them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a date and whether to write."""
        parser.add_argument("--at", type=date.fromisoformat, help="a day, YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true", help="count, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count per rung. What was due by a past day is taken now and dated now: no letter is backdated.

        Raises CommandError for a day to come without --dry-run.
        """
        now = timezone.now()
        is_dry: bool = options["dry_run"]
        # 05.00 UTC lies in the same day in all three zones
        at = datetime.combine(options["at"], time(5), tzinfo=UTC) if options["at"] else now
        if at.date() > now.date() and not is_dry:
            raise CommandError("a day to come can only be looked at: add --dry-run")
        counted = escalate(at=at, is_dry=True) if is_dry else escalate(at=now, due_by=at)
        for rung in Rung:
            self.stdout.write(f"{rung.name.lower()}: {counted[rung]}")
        self.stdout.write(f"{'would be taken' if is_dry else 'taken'}: {counted.total()}")
