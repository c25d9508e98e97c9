"""Import complaints from a file of JSON lines: ``manage.py import_complaints FILE``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from bawaslu_cases.registry.models import Office
from bawaslu_cases.world.importing import Fate, Result, Summary, import_lines
from bawaslu_cases.world.staff import NoStaffError
from bawaslu_cases.world.walk import Stage, deliver_pending


class Command(BaseCommand):
    """Read, import, report. Exit code 1 when a line was refused; the good ones stay."""

    help = "Import complaints from a file of JSON lines (format: docs/import.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--through",
            type=Stage,
            choices=list(Stage),
            default=Stage.RECEIVED,
            metavar="STAGE",
            help="lead every record on to this stage: " + ", ".join(Stage),
        )
        parser.add_argument("--source", default="", help="name of the source; default: file name")
        parser.add_argument("--office", default="", help="office code or path that takes findings")
        parser.add_argument(
            "--inline-outbox",
            action="store_true",
            help="render and deliver letters in this process, not by a worker",
        )

    def handle(self, **options: Any) -> None:
        """Import the file."""
        path: Path = options["file"]
        try:
            texts = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path.name} cannot be read: {error}") from error
        summary = Summary()
        results = import_lines(
            texts,
            source=options["source"] or path.name,
            through=options["through"],
            office=_office(options["office"]),
            deliver_inline=options["inline_outbox"],
        )
        with tqdm(total=len(texts), unit="line", file=self.stderr, leave=False) as bar:
            try:
                for result in results:
                    summary.add(result)
                    self._tell(result, bar)
                    bar.update()
            except NoStaffError as error:
                raise CommandError(f"{error}. Enrol somebody first.") from error
        if options["inline_outbox"]:
            deliver_pending()
        self._report(summary)
        if summary.fates[Fate.REFUSED]:
            raise SystemExit(1)

    def _tell(self, result: Result, bar: "tqdm[Any]") -> None:
        for error in result.errors:
            bar.clear()
            self.stdout.write(f"line {result.number}: {error.field}: {error.reason}")
        if result.stuck:
            bar.clear()
            self.stdout.write(f"line {result.number}: stays at {result.stage}: {result.stuck}")

    def _report(self, summary: Summary) -> None:
        rows = [(fate.value, summary.fates[fate]) for fate in Fate]
        rows += sorted(summary.employment.items())
        rows += [(f"proposed: {name.lower()}", n) for name, n in sorted(summary.categories.items())]
        rows += [
            (f"stage: {name}", summary.stages[name]) for name in Stage if name in summary.stages
        ]
        width = max(len(name) for name, _count in rows)
        for name, count in rows:
            self.stdout.write(f"{name:<{width}}  {count:>7}")


def _office(code: str) -> Office | None:
    if not code:
        return None
    for field in ("code", "path"):
        found = Office.objects.filter(**{field: code}).first()
        if found is not None:
            return found
    raise CommandError(f"there is no office {code}")
