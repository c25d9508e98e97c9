"""``manage.py rebuild_match_keys``: write the keys by which records meet anew."""

from typing import Any

from django.core.management.base import BaseCommand

from complaints.models import Complaint
from complaints.services.match_keys import refresh_keys


class Command(BaseCommand):
    """Bring every record's keys in line with its facts. Safe to stop and to run again."""

    help = "Write the keys by which similar records are found anew (idempotent)."

    def handle(self, **options: Any) -> None:
        """Go through all records by key."""
        count = 0
        for complaint in Complaint.objects.only("pk").order_by("pk").iterator(chunk_size=1000):
            refresh_keys(complaint=complaint)
            count += 1
        self.stdout.write(f"{count} records")
