"""``manage.py set_up STEP …``: several commands in one process, each with its name and time.

Starting Django costs a second or more; the launcher and the containers run four steps at each start.
"""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "migrate": ("tables", {"interactive": False, "verbosity": 0}),
    "grant_roles": ("rights of the database roles", {}),
    "load_registry": ("reference data", {}),
    "seed_world": ("demo world", {}),
    "collectstatic": ("static files", {"interactive": False, "clear": True, "verbosity": 0}),
}


class Command(BaseCommand):
    """Run the named steps in the given order; the first that fails ends it."""

    help = "Run several set-up commands in one process."
    # The steps check what they need; before `migrate` there are no tables to check.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the names of the steps."""
        parser.add_argument("steps", nargs="+", choices=list(STEPS), metavar="STEP")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run them; an error of a step is not caught."""
        for name in options["steps"]:
            title, step_options = STEPS[name]
            began = time.monotonic()
            self.stdout.write(f"{title} …")
            call_command(name, stdout=self.stdout, **step_options)
            self.stdout.write(f"{title} ready in {time.monotonic() - began:.1f} s")
