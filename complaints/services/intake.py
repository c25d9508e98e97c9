"""The way in: a tip from the public form, or a finding by an officer. One transaction each."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import (
    ActKind,
    Agency,
    Contest,
    Employment,
    Office,
    Region,
    UnitKind,
)
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.deadlines import DeadlineKind
from complaints.models import Complaint, ComplaintOfficial, Official, Receipt, Statement
from complaints.receipts import ReceiptCode, format_code
from complaints.services.deadlines import local_day, start_complaint_deadline
from complaints.services.milestones import reach_milestone
from complaints.services.receipts import prepare_receipt
from complaints.services.transitions import open_complaint_history
from complaints.states import LIFECYCLES, Lane, Milestone

MAX_STORY = 4000
MIN_STORY = 20
Precision = Complaint.DatePrecision


@dataclass(frozen=True)
class ReportedPerson:
    """What is known of one person. At least a name, a position or an account."""

    name: str = ""
    position: str = ""
    unit: str = ""
    unit_kind: str = UnitKind.GENERAL
    agency: Agency | None = None
    agency_text: str = ""
    account: str = ""
    nip: str = ""
    employment: str = Employment.UNKNOWN


@dataclass(frozen=True)
class Facts:
    """What happened, in structured form; ``story`` and ``links`` are sealed, the rest is not."""

    acts: Sequence[str]
    people: Sequence[ReportedPerson]
    region: Region
    story: str
    event_on: date | None = None
    event_precision: str = Precision.DAY
    known_on: date | None = None
    place: str = ""
    platform: str = ""
    links: Sequence[str] = field(default_factory=tuple)
    other_act: str = ""
    witness: str = ""
    has_files: bool = False
    reporter_kind: str = Complaint.ReporterKind.UNDISCLOSED
    contest: Contest | None = None


@dataclass(frozen=True)
class Submitted:
    """The new record and the code to show once. The repr hides the code."""

    complaint: Complaint
    code: tuple[str, str, str, str, str]

    def __repr__(self) -> str:
        return f"Submitted({self.complaint!r}, …)"


def submit_tip(
    *, facts: Facts, at: datetime, prepared: tuple[ReceiptCode, Receipt] | None = None
) -> Submitted:
    """Take in a tip (informasi awal, B.8): no identity exists. Returns the code, once.

    The slow hash of the receipt runs before the transaction; a caller that has one open passes a
    ``prepared`` receipt. Raises DomainError for facts that a form should have refused; nothing is
    stored then.
    """
    _check(facts, at=at)
    code, receipt = prepared or prepare_receipt()
    with transaction.atomic():
        complaint = _create(facts=facts, lane=Lane.TIP, office=tip_office(facts.region), at=at)
        receipt.complaint = complaint
        receipt.save(force_insert=True)
        day = local_day(at, complaint.office)
        # A reporter's own step is kept by day: the hour could be held against an office's clock.
        open_complaint_history(
            complaint=complaint,
            actor=None,
            at=_start_of(day, complaint.office),
            actor_kind="reporter",
        )
        reach_milestone(complaint=complaint, kind=Milestone.RECEIVED, on=day)
        start_complaint_deadline(
            complaint=complaint, kind=DeadlineKind.INITIAL_REVIEW, starts_on=day
        )
    return Submitted(complaint, format_code(code))


@transaction.atomic
def record_finding(
    *, facts: Facts, officer: User, at: datetime, traced_from: Complaint | None = None
) -> Complaint:
    """Take in an officer's own finding (temuan, B.2); it must be registered in two working days.

    The officer's office handles it. Raises NotPermittedError, DomainError.
    """
    if officer.office is None or not officer.has_role(*BAWASLU_ROLES):
        raise NotPermittedError(_("Hanya petugas Bawaslu yang mencatat temuan."))
    _check(facts, at=at)
    complaint = _create(
        facts=facts, lane=Lane.FINDING, office=officer.office, at=at, traced_from=traced_from
    )
    day = local_day(at, complaint.office)
    open_complaint_history(complaint=complaint, actor=officer, at=at)
    reach_milestone(complaint=complaint, kind=Milestone.FINDING, on=day)
    start_complaint_deadline(complaint=complaint, kind=DeadlineKind.FINDING_REGISTER, starts_on=day)
    return complaint


def tip_office(region: Region) -> Office:
    """Return the desk for a tip: the province's, outside the reach of the local government.

    Kabupaten secretariats are partly staffed by people seconded from the very government a tip may
    concern (protection.md 0.4), so tips never start there.
    """
    return registry.province_office(region=region)


def _check(facts: Facts, *, at: datetime) -> None:
    if not facts.acts:
        raise DomainError(_("Pilih paling sedikit satu perbuatan"), field="acts")
    known = set(ActKind.objects.filter(code__in=facts.acts).values_list("code", flat=True))
    if known != set(facts.acts):
        raise DomainError(_("Perbuatan ini tidak dikenal"), field="acts")
    if not any(person.name or person.position or person.account for person in facts.people):
        raise DomainError(
            _("Tulis nama, jabatan, atau nama akun orang yang dilaporkan"), field="name"
        )
    if len(facts.story.strip()) < MIN_STORY:
        raise DomainError(
            _("Ceritakan sedikit lebih panjang, paling sedikit 20 huruf"), field="story"
        )
    if len(facts.story) > MAX_STORY:
        raise DomainError(_("Cerita terlalu panjang, paling banyak 4.000 huruf"), field="story")
    today = at.astimezone(ZoneInfo("Asia/Jayapura")).date()
    if facts.event_on and facts.event_precision == Precision.DAY and facts.event_on > today:
        raise DomainError(_("Tanggal kejadian tidak boleh setelah hari ini"), field="event_on")
    if facts.known_on and facts.known_on > today:
        raise DomainError(_("Tanggal tahu tidak boleh setelah hari ini"), field="known_on")
    if (
        facts.event_on
        and facts.known_on
        and facts.event_precision == Precision.DAY
        and facts.known_on < facts.event_on
    ):
        raise DomainError(
            _("Anda tidak mungkin tahu sebelum kejadian. Periksa lagi tanggalnya"),
            field="known_on",
        )


def _create(
    *,
    facts: Facts,
    lane: Lane,
    office: Office,
    at: datetime,
    traced_from: Complaint | None = None,
) -> Complaint:
    day = local_day(at, office)
    acts = list(
        ActKind.objects.filter(code__in=facts.acts)
        .order_by("order")
        .values_list("code", "label_id")
    )
    first = next(
        person for person in facts.people if person.name or person.position or person.account
    )
    complaint = Complaint(
        reference=_reference(lane, day),
        lane=lane,
        status=LIFECYCLES[lane].initial,
        status_at=at if lane == Lane.FINDING else _start_of(day, office),
        office=office,
        region=facts.region,
        contest=facts.contest
        or registry.contest_for(on=facts.event_on or day, region=facts.region),
        title=_title(acts[0][1], first.position),
        acts=[code for code, _label in acts],
        event_on=facts.event_on,
        event_precision=facts.event_precision,
        known_on=facts.known_on,
        received_on=day,
        place=facts.place.strip(),
        platform=facts.platform,
        reporter_kind=facts.reporter_kind,
        witness_known=bool(facts.witness),
        traced_from=traced_from,
    )
    complaint.search_text = search_text(complaint, facts.people)
    complaint.save(force_insert=True)
    Statement.objects.create(
        complaint=complaint,
        sealed=envelope.seal(
            json.dumps(
                {
                    "story": facts.story.strip(),
                    "links": list(facts.links),
                    "other_act": facts.other_act,
                    "witness": facts.witness,
                    "has_files": facts.has_files,
                }
            ).encode(),
            context=("statement", str(complaint.public_id)),
        ),
    )
    officials = Official.objects.bulk_create(
        Official(**_official_fields(person))
        for person in facts.people
        if person.name or person.position or person.account
    )
    ComplaintOfficial.objects.bulk_create(
        ComplaintOfficial(complaint=complaint, official=official) for official in officials
    )
    return complaint


def _official_fields(person: ReportedPerson) -> dict[str, Any]:
    fields = asdict(person) | {"agency": person.agency}
    return {
        key: value.strip() if isinstance(value, str) else value for key, value in fields.items()
    }


def _title(act: str, position: str) -> str:
    """Say what happened without naming anybody: lists are read over shoulders."""
    position = position.strip()[:60]
    act = act[:1].lower() + act[1:]
    return (
        f"{position[:1].upper()}{position[1:]}: {act}"[:160] if position else act.capitalize()[:160]
    )


def search_text(complaint: Complaint, people: Sequence[ReportedPerson | Official]) -> str:
    """Return what an officer may search by: structured facts, never the reporter's words."""
    parts = [complaint.reference, complaint.title, complaint.place, complaint.region.name]
    for person in people:
        parts += [person.name, person.position, person.unit, person.agency_text, person.account]
        parts += [person.nip, person.agency.name if person.agency else ""]
    return " ".join(part for part in parts if part)


_PREFIX = {Lane.TIP: "IA", Lane.FINDING: "TM"}
_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
_REFERENCE_LETTERS = 7


def _reference(lane: Lane, day: date) -> str:
    """Return the short internal name of a record; official numbers come with registration.

    Drawn, not counted: a running number would tell in which order tips came in, and one lock for
    all of them would queue the whole country. 28^7 names a month; the table refuses a double.
    """
    drawn = "".join(secrets.choice(_ALPHABET) for _letter in range(_REFERENCE_LETTERS))
    return f"{_PREFIX[lane]}-{day:%y%m}-{drawn}"


def _start_of(day: date, office: Office) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(office.time_zone)).astimezone(UTC)
