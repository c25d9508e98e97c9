"""``manage.py refresh_figures``: count the public figures now."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from referrals.services.figures import refresh_figures


class Command(BaseCommand):
    """Counts and prints one line per figure."""

    help = "Count the public figures now (a worker does it every 15 minutes)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Count and print."""
        for name, value in refresh_figures(at=timezone.now()).items():
            self.stdout.write(f"{name} {value}")
