"""Load the registry from the project's data files, or compare the two."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from tqdm import tqdm

from bawaslu_cases.registry.services import (
    FILES,
    LoadResult,
    load_file,
    registry_differences,
)


class Command(BaseCommand):
    """Door to ``services.load_file``; running it twice changes nothing the second time."""

    help = "Load regions, offices, agencies, rules, contests, limits and holidays. Idempotent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --check and --force."""
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail when something would change"
        )
        parser.add_argument(
            "--force", action="store_true", help="read files again that have not changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load or compare each file and say what changed. CommandError names the first bad line."""
        try:
            results = registry_differences() if options["check"] else self._load(options["force"])
        except (ValueError, DatabaseError) as error:
            raise CommandError(str(error)) from error
        for result in results:
            self.stdout.write(_line(result))
        changed = sum(result.changed for result in results)
        if options["check"] and changed:
            raise CommandError(f"{changed} rows differ from the data files")
        self.stdout.write(f"{changed} rows changed" if changed else "0 rows changed: up to date")

    def _load(self, force: bool) -> list[LoadResult]:  # noqa: FBT001 -- the option as it comes
        at = timezone.now()
        files = tqdm(FILES, desc="registry", unit="file", disable=not sys.stderr.isatty())
        return [load_file(file=file, at=at, force=force) for file in files]


def _line(result: LoadResult) -> str:
    if result.skipped:
        return f"{result.file.name}: file unchanged since the last load"
    return (
        f"{result.file.name}: {result.created} created, {result.updated} updated, "
        f"{result.unchanged} unchanged"
    )
