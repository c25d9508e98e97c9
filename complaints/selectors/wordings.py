"""Wordings of messages to reporters: the nation's from a table reviewed like code, an office's own."""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from bawaslu_cases.registry.models import Office
from complaints.models import LetterStep, LetterTemplate
from complaints.models.letter_template import IN_USE
from complaints.states import Requirement

TABLE = Path(__file__).parents[1] / "data" / "letter_templates.csv"


@dataclass(frozen=True)
class Wording:
    """One wording; with ``assigns_sender`` or requirements it is a macro: words, step and hands in one."""

    code: str
    title: str
    body: str
    step: LetterStep
    requirements: tuple[Requirement, ...]
    assigns_sender: bool
    valid_from: date
    valid_until: date | None
    is_own: bool = False

    def is_in_force(self, on: date) -> bool:
        """Say whether it may be used on a day; ``valid_until`` is the first day it may not."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@cache
def national_wordings() -> tuple[Wording, ...]:
    """Return every row of the table, read once for the process. No query."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Wording(
                code=row["code"],
                title=row["title"],
                body=row["body"],
                step=LetterStep(row["step"]),
                requirements=tuple(Requirement(code) for code in row["requirements"].split()),
                assigns_sender=row["assigns_sender"] == "yes",
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
            )
            for row in csv.DictReader(file)
        )


def wordings_for(
    *, office: Office, step: LetterStep, on: date, unmet: Collection[str] = ()
) -> list[Wording]:
    """Return what an office can use for a step on a day. One query.

    What asks for exactly what is unmet comes first, then what asks for part of it; an office's own
    wording stands in for the nation's of the same code. One that nobody else approved is not offered.
    """
    rows = LetterTemplate.objects.filter(office=office, step=step, approval__in=IN_USE)
    own = [row for row in map(_own, rows) if row.is_in_force(on)]
    taken = {row.code for row in own}
    shared = [
        row
        for row in national_wordings()
        if row.step is step and row.is_in_force(on) and row.code not in taken
    ]
    asked = set(unmet)

    def rank(row: Wording) -> int:
        if asked and set(row.requirements) == asked:
            return 0
        return 1 if asked & set(row.requirements) else 2

    return sorted([*own, *shared], key=rank)


def office_wordings(office: Office) -> list[LetterTemplate]:
    """Return an office's own wordings, those that wait first, those of the past among them. One query."""
    rows = LetterTemplate.objects.filter(office=office).select_related("made_by", "decided_by")
    return sorted(rows, key=lambda row: not row.is_waiting)


def _own(row: LetterTemplate) -> Wording:
    return Wording(
        code=row.code,
        title=row.title,
        body=row.body,
        step=LetterStep(row.step),
        requirements=tuple(Requirement(code) for code in row.requirements),
        assigns_sender=row.assigns_sender,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        is_own=True,
    )
