"""Compare the rules with what a file expects: ``manage.py rule_agreement FILE``. Reads only."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bawaslu_cases.world.importing import proposal_for
from bawaslu_cases.world.lines import Lexicon, LineError, read_line

NO_CATEGORY = "NONE"


class Command(BaseCommand):
    """Print the agreement of proposed and expected categories, and each disagreement explained."""

    help = "Compare proposed rule categories with expected_violation_category of a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path)

    def handle(self, **options: Any) -> None:
        """Compare and print."""
        path: Path = options["file"]
        try:
            texts = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path.name} cannot be read: {error}") from error
        words, today = Lexicon.load(), timezone.localdate()
        compared = agreed = 0
        for number, text in enumerate(texts, start=1):
            if not text.strip():
                continue
            try:
                line = read_line(text, number=number, words=words, today=today)
            except LineError as error:
                self.stdout.write(f"line {number}: {error}")
                continue
            if not line.expected_category:
                continue
            compared += 1
            proposal = proposal_for(line)
            proposed = proposal.category or NO_CATEGORY
            if proposed == line.expected_category:
                agreed += 1
                continue
            self.stdout.write(
                f"line {number} {line.external_id}: expected {line.expected_category.lower()}, "
                f"proposed {proposed.lower()} {proposal.rule_code}"
            )
            for reason in proposal.explanation:
                self.stdout.write(f"    {reason}")
        share = 100 * agreed / compared if compared else 0
        self.stdout.write(f"agreement {agreed} of {compared} ({share:.1f} %)")
