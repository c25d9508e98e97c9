"""Build the invented demo world: ``manage.py seed_world``; ``--sign-ins`` prints who can sign in."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bawaslu_cases.world.demo import DEMO_CODES, SIGN_INS, seed_world
from bawaslu_cases.world.demo_api import API_CLIENT
from bawaslu_cases.world.demo_vault import KEY_PASSPHRASE


class Command(BaseCommand):
    """Add what the demo world lacks; a second run changes nothing."""

    help = "Build the invented demo world (demo settings only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--sign-ins", action="store_true", help="print accounts and codes only")

    def handle(self, **options: Any) -> None:
        """Seed, or print."""
        if not settings.DEMO:
            raise CommandError("The demo world is built only under demo settings (DEMO = True).")
        if options["sign_ins"]:
            self._print_sign_ins()
            return
        seeded = seed_world()
        self.stdout.write(f"demo world: {seeded.people} accounts, {seeded.records} records added")

    def _print_sign_ins(self) -> None:
        width = max(len(label) for label, _email, _password in SIGN_INS)
        for label, email, password in (*SIGN_INS, API_CLIENT):
            self.stdout.write(f"{label:<{width}}  {email:<36}  {password}")
        for label, code in DEMO_CODES:
            self.stdout.write(f"{label:<{width}}  {code}")
        self.stdout.write(f"{_('Frasa sandi kunci brankas'):<{width}}  {KEY_PASSPHRASE}")
