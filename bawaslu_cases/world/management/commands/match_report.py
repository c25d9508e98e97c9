"""``manage.py match_report FILE``: how well reports of one event are brought together."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bawaslu_cases.world.lines import LineError
from bawaslu_cases.world.match_report import FIRST, Pair, match_report


class Command(BaseCommand):
    """Compare every line of a file with every other and count what was meant to meet."""

    help = "Compare the complaints of a JSONL file that says which belong together. Stores nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and whether to list the pairs."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--pairs", action="store_true", help="list every pair the file names")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the shares; ids and reasons only, never a text."""
        try:
            report = match_report(options["file"].read_text(encoding="utf-8").splitlines())
        except (OSError, LineError) as error:
            raise CommandError(str(error)) from error
        if options["pairs"]:
            for kind, pairs in (("twin", report.twins), ("near miss", report.near_misses)):
                for pair in pairs:
                    self.stdout.write(_line(kind, pair))
        self.stdout.write(
            f"twins {len(report.twins)}: {report.recall:.1%} among the first {FIRST}, "
            f"{report.twins_called_same:.1%} offered as the same"
        )
        self.stdout.write(
            f"near misses {len(report.near_misses)}: "
            f"{report.near_misses_called_same:.1%} offered as the same"
        )
        self.stdout.write(f"other pairs offered as the same: {len(report.others_called_same)}")


def _line(kind: str, pair: Pair) -> str:
    reasons = ", ".join(pair.match.reasons)
    return (
        f"{kind} {pair.one} {pair.other}: rank {pair.rank}, {pair.match.score:+.1f} "
        f"{pair.match.verdict} ({reasons})"
    )
