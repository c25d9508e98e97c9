"""Import of complaints from a file of JSON lines, through the services the doors use.

Each line is its own transaction that also writes its :class:`ImportedRecord`; the unique key of
that row is what makes a second import, a killed one, and two at once import nothing twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction
from django.utils import timezone

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Employment, Office
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.world import staff
from bawaslu_cases.world.lines import FieldError, Lexicon, Line, LineError, read_line
from bawaslu_cases.world.walk import Stage, StuckError, Walk, officers_facts
from complaints.models import Complaint, ImportedRecord
from complaints.services.intake import record_finding, submit_tip
from complaints.states import Lane


class Fate(StrEnum):
    """What became of a line."""

    IMPORTED = "imported"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True)
class Result:
    """What became of one line: how far a walk came, and why it went no further (``stuck``)."""

    number: int
    fate: Fate
    line: Line | None = None
    errors: tuple[FieldError, ...] = ()
    stage: Stage = Stage.RECEIVED
    stuck: str = ""


@dataclass(frozen=True)
class Proposal:
    """What the rules say of a line; category and rule are empty where no rule applies."""

    is_asn: bool
    category: str = ""
    rule_code: str = ""
    explanation: tuple[str, ...] = ()


@dataclass
class Summary:
    """Counts over a whole file."""

    fates: Counter[str] = field(default_factory=Counter)
    employment: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        """Count one line."""
        self.fates[result.fate] += 1
        if result.line is None:
            return
        proposal = proposal_for(result.line)
        self.employment["ASN" if proposal.is_asn else "non-ASN"] += 1
        self.categories[proposal.category or "none"] += 1
        self.stages[result.stage] += 1


def import_lines(
    texts: Iterable[str],
    *,
    source: str,
    through: Stage = Stage.RECEIVED,
    office: Office | None = None,
    deliver_inline: bool = False,
) -> Iterator[Result]:
    """Import line after line and say what became of each; empty lines do not count.

    Raises :class:`staff.NoStaffError` when a finding or a walk needs somebody who does not exist.
    """
    words = Lexicon.load()
    today = timezone.localdate()
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        try:
            line = read_line(text, number=number, words=words, today=today)
            fate, complaint = _take_in(line, source=source, office=line.office or office)
        except LineError as error:
            yield Result(number, Fate.REFUSED, errors=tuple(error.errors))
            continue
        except DomainError as error:
            fault = FieldError(error.field or "line", str(error.message))
            yield Result(number, Fate.REFUSED, errors=(fault,))
            continue
        stage, stuck = _lead(complaint, line, through, deliver_inline=deliver_inline)
        yield Result(number, fate, line=line, stage=stage, stuck=stuck)


def _take_in(line: Line, *, source: str, office: Office | None) -> tuple[Fate, Complaint]:
    """Write the record and its mark in one transaction, unless the mark is there."""
    known = _marked(source, line.external_id)
    if known is not None:
        return Fate.SKIPPED, known
    with transaction.atomic():
        # A rival importing the same line waits here for this transaction, then finds the mark.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"import:{source}:{line.external_id}"],
            )
        known = _marked(source, line.external_id)
        if known is not None:
            return Fate.SKIPPED, known
        complaint = _record(line, office)
        ImportedRecord.objects.create(
            source=source, external_id=line.external_id, complaint=complaint
        )
    return Fate.IMPORTED, complaint


def _marked(source: str, external_id: str) -> Complaint | None:
    return (
        Complaint.objects.filter(
            pk__in=ImportedRecord.objects.filter(source=source, external_id=external_id).values(
                "complaint_id"
            )
        )
        .select_related("office", "region", "contest")
        .first()
    )


def _record(line: Line, office: Office | None) -> Complaint:
    if line.lane == Lane.TIP:
        return submit_tip(facts=line.facts, at=line.received_at).complaint
    handling = office or Office.objects.filter(region=line.facts.region).first()
    if handling is None:
        raise DomainError("no office handles this region", field="office")
    officer = staff.office_staff(handling, Role.CASE_OFFICER)
    return record_finding(facts=line.facts, officer=officer, at=line.received_at)


def _lead(
    complaint: Complaint, line: Line, through: Stage, *, deliver_inline: bool
) -> tuple[Stage, str]:
    """Walk the record; a refusal on the way keeps what was reached."""
    if through == Stage.RECEIVED:
        return Stage.RECEIVED, ""
    complaint.refresh_from_db()
    walk = Walk(
        complaint=complaint,
        facts=officers_facts(line.facts),
        clock=walk_clock(line.received_at),
        deliver_inline=deliver_inline,
    )
    try:
        return walk.to(through), ""
    except (StuckError, DomainError) as error:
        return walk.stage(), str(error)


def walk_clock(received_at: datetime) -> Callable[[Stage], datetime]:
    """Return the clock of a walk: a day for each step after the receipt, now once it is referred.

    A referral is always written now: its recipient is the body in office today, also for an event
    of 2020.
    """

    def moment(here: Stage) -> datetime:
        now = timezone.now()
        if here.position >= Stage.DECIDED.position:
            return now
        return min(received_at + timedelta(days=here.position + 1), now)

    return moment


def proposal_for(line: Line) -> Proposal:
    """Return what the rules say of a line as it stands in the file, before anybody checked it."""
    facts = line.facts
    employments = [Employment(person.employment) for person in facts.people]
    is_asn = any(employment.is_asn for employment in employments)
    on = facts.event_on or line.received_at.date()
    contest = facts.contest or registry.contest_for(on=on, region=facts.region)
    for employment in employments:
        found = registry.violation_rule_for(
            acts=facts.acts, contest=contest, event_on=on, employment=employment
        )
        if found is not None:
            return Proposal(
                is_asn,
                found.rule.category,
                found.rule.code,
                tuple(
                    f"{text} ({article})" if article else str(text)
                    for text, article in found.explanation
                ),
            )
    return Proposal(is_asn)
