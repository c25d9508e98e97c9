"""What the sweep of orphaned wraps waits for: ``manage.py vault_orphans [--halt | --go-on]``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from bawaslu_cases.keyring.models import WrapsRound
from complaints.models import OrphanedWraps
from complaints.services.wraps_sweep import NAMED_FOR, go_on, halt


class Command(BaseCommand):
    """Print what is named and when it goes. Run as the owner or the worker; the web sees no identity."""

    help = "Show the wraps that belong to no identity; stop their removal or let it go on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        either = parser.add_mutually_exclusive_group()
        either.add_argument(
            "--halt", action="store_true", help="remove nothing until --go-on, before a restore"
        )
        either.add_argument(
            "--go-on",
            action="store_true",
            help="the records are the newest there are; every week of waiting begins anew",
        )

    def handle(self, **options: Any) -> None:
        """Change what is asked for, then print."""
        if options["halt"]:
            halt(WrapsRound.Halted.BY_HAND)
        if options["go_on"]:
            go_on()
        for row in OrphanedWraps.objects.order_by("named_on", "report"):
            day = row.named_on + NAMED_FOR
            self.stdout.write(
                f"{row.report.hex} named {row.named_on.isoformat()}, goes from {day.isoformat()}"
            )
        held = WrapsRound.objects.filter(pk=1).first()
        state = f"halted: {held.halted}" if held and held.halted else "removal goes on"
        self.stdout.write(f"{OrphanedWraps.objects.count()} named, {state}")
