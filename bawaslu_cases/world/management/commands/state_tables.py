"""Write docs/states.csv and docs/states.md, or say that they are not what the program runs by."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from bawaslu_cases.world.state_tables import as_csv, as_diagrams


class Command(BaseCommand):
    """manage.py state_tables [--check]."""

    help = "Write the tables of every state machine to docs/, for lawyers and for review."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the one option."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail when stale")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compare or write both files."""
        with translation.override("id"):
            wanted = {"states.csv": as_csv(), "states.md": as_diagrams()}
        folder = Path(settings.BASE_DIR) / "docs"
        stale = [name for name, text in wanted.items() if _read(folder / name) != text]
        if options["check"]:
            if stale:
                raise CommandError(f"stale: {', '.join(stale)}; run manage.py state_tables")
            return
        for name in stale:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        self.stdout.write(f"written: {', '.join(stale) or 'nothing, all current'}")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
