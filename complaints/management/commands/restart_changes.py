"""``manage.py restart_changes``: let every client of the API sync anew."""

from typing import Any

from django.core.management.base import BaseCommand

from complaints.services.change_feed import restart_feed


class Command(BaseCommand):
    """For a database that was set back to an earlier moment by other means than ``manage.py restore``."""

    help = "Expire every cursor of the API's change feed, after a recovery to a point in time."

    def handle(self, **options: Any) -> None:
        """Restart the feed."""
        restart_feed()
        self.stdout.write("every cursor of /changes has expired")
