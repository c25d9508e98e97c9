"""``manage.py refresh_figures``: publish what is due now."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from referrals.services.figures import refresh_figures


class Command(BaseCommand):
    """Publishes and prints how many tables are new."""

    help = "Publish the public figures that are due (a worker looks every 15 minutes)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish and print."""
        added = refresh_figures(at=timezone.now())
        self.stdout.write(f"{len(added)} tables published" if added else "nothing is due")
