"""The way in: a tip or a report from the public form, a finding by an officer. One transaction each."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import (
    Agency,
    Contest,
    Employment,
    Office,
    Region,
    UnitKind,
)
from bawaslu_cases.shared.drawn_keys import draw_key
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from bawaslu_cases.shared.new_rows import write_new, written_together
from bawaslu_cases.shared.row_scopes import take_record
from complaints.deadlines import DeadlineKind
from complaints.errors import IdentityMissingError
from complaints.models import (
    Complaint,
    ComplaintOfficial,
    Deadline,
    Official,
    SealedIdentity,
)
from complaints.receipts import format_code
from complaints.selectors.clusters import offices_kept_away
from complaints.services.deadlines import local_day, new_deadline
from complaints.services.links import keep_links
from complaints.services.match_keys import keep_keys
from complaints.services.milestones import reach_milestone
from complaints.services.receipts import PreparedReceipt, prepare_receipt
from complaints.services.recusals import check_conflicts, join_recusals
from complaints.services.statements import keep_statement
from complaints.services.supervision import Supervision, check_supervision, keep_supervision
from complaints.services.transitions import open_complaint_history
from complaints.services.vault import SealingKeys, keep_identity, sealing_keys
from complaints.states import LIFECYCLES, REPORT_LANES, Lane, Milestone
from complaints.vault.crypto.errors import MalformedSealError
from complaints.vault.crypto.sealing import SealedIdentityBlob, check_shape

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
    """What happened, in structured form; ``story`` and ``links`` are sealed, the rest is not.

    Of a link to something public a cleaned form stands outside the seal as well (services/links.py).
    """

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


@dataclass(frozen=True)
class SealedName:
    """A reporter's identity as it reaches a service: sealed already, bound to ``report``."""

    blob: SealedIdentityBlob
    mode: SealedIdentity.Mode
    card_key: bytes | None = None
    """What an identity card is sealed to (docs/vault-format.md, 13); None where the sealer gave none."""

    def __repr__(self) -> str:
        return "SealedName(…)"


def submit_tip(*, facts: Facts, at: datetime, prepared: PreparedReceipt | None = None) -> Submitted:
    """Take in a tip (informasi awal, B.8): no identity exists. Returns the code, once."""
    return submit_complaint(facts=facts, lane=Lane.TIP, at=at, prepared=prepared)


def submit_complaint(
    *,
    facts: Facts,
    lane: Lane,
    at: datetime,
    public_id: UUID | None = None,
    name: SealedName | None = None,
    keep_from: Sequence[int] = (),
    prepared: PreparedReceipt | None = None,
) -> Submitted:
    """Take in a tip (B.8) or a report (laporan, B.1) and return its code, once.

    A report comes with a sealed ``name`` that is bound to ``public_id``. ``keep_from`` are ids of
    offices that must not see the record. The slow hash of the receipt runs before the transaction;
    a caller that has one open passes a ``prepared`` receipt. Raises DomainError for facts that a
    form should have refused and IdentityMissingError for a name that does not fit; nothing is
    stored then.
    """
    _check(facts, at=at)
    office = handling_office(region=facts.region, lane=lane, keep_from=keep_from)
    check_name(name, lane=lane, public_id=public_id)
    keys = sealing_keys(office=office, on=local_day(at, office)) if lane == Lane.SEALED else None
    prepared = prepared or prepare_receipt()
    # No savepoint of its own: an error undoes all of the caller's transaction, as it must.
    with transaction.atomic(savepoint=False):
        with written_together(told=[Official]):
            complaint, officials = _create(
                facts=facts,
                lane=lane,
                office=office,
                clock=DeadlineKind.INITIAL_REVIEW,
                at=at,
                public_id=public_id,
                keep_from=keep_from,
                keys=keys,
            )
            write_new(prepared.bind(complaint))
            day = local_day(at, complaint.office)
            # At the day's beginning, as everything a reporter sets off: the hour could be held
            # against an office's clock.
            midnight = _start_of(day, complaint.office)
            open_complaint_history(
                complaint=complaint, actor=None, at=midnight, actor_kind="reporter"
            )
            reach_milestone(complaint=complaint, kind=Milestone.RECEIVED, on=day)
            if name is not None:
                keep_identity(
                    complaint=complaint,
                    blob=name.blob,
                    mode=name.mode,
                    card_key=name.card_key,
                    on=day,
                )
        check_conflicts(complaint=complaint, officials=officials, at=midnight)
    return Submitted(complaint, format_code(prepared.code))


def check_name(name: SealedName | None, *, lane: Lane, public_id: UUID | None) -> None:
    """Refuse a report without a name, a tip with one, and a name sealed for something else."""
    if lane not in REPORT_LANES:
        if name is not None:
            raise IdentityMissingError(_("Laporan tanpa nama tidak memuat identitas."))
        return
    if name is None or public_id is None:
        raise IdentityMissingError(_("Nama Anda belum terisi. Isi lagi."), field="identity")
    try:
        check_shape(name.blob)
    except MalformedSealError as error:
        raise IdentityMissingError(
            _("Nama Anda tidak terkunci dengan benar. Isi lagi."), field="identity"
        ) from error
    if name.blob.report != public_id.hex or name.blob.lane != lane:
        raise IdentityMissingError(_("Nama Anda belum terisi. Isi lagi."), field="identity")


def record_finding(
    *,
    facts: Facts,
    officer: User,
    at: datetime,
    traced_from: Complaint | None = None,
    supervision: Supervision | None = None,
) -> Complaint:
    """Take in an officer's own finding (temuan, B.2); it must be registered in two working days.

    With the supervision report that it rests on, the days in which a finding is set are a clock too: from
    the day of the report to this one, late or not (PB7 ps 5(1) huruf b).

    The officer's office handles it; its own system may send on what its officers found (ADR 0043).
    Raises NotPermittedError, DomainError.
    """
    may = officer.is_service or officer.has_role(*BAWASLU_ROLES)
    if officer.office is None or not may:
        raise NotPermittedError(_("Hanya petugas Bawaslu yang mencatat temuan."))
    _check(facts, at=at)
    if supervision is not None:
        check_supervision(supervision, event_on=facts.event_on, today=local_day(at, officer.office))
    # As above: an error undoes all of the caller's transaction.
    with transaction.atomic(savepoint=False):
        with written_together(told=[Official]):
            complaint, officials = _create(
                facts=facts,
                lane=Lane.FINDING,
                office=officer.office,
                clock=DeadlineKind.FINDING_REGISTER,
                at=at,
                traced_from=traced_from,
                # Whom the reporter keeps away from the tip learns nothing through what is made of it.
                keep_from=offices_kept_away(traced_from) if traced_from else (),
            )
            day = local_day(at, complaint.office)
            open_complaint_history(complaint=complaint, actor=officer, at=at)
            reach_milestone(complaint=complaint, kind=Milestone.FINDING, on=day)
        if supervision is not None:
            keep_supervision(complaint=complaint, supervision=supervision, on=day)
        check_conflicts(complaint=complaint, officials=officials, at=at)
        if traced_from is not None:
            join_recusals(subject=complaint, at=at)
    return complaint


def handling_office(*, region: Region, lane: Lane, keep_from: Sequence[int] = ()) -> Office:
    """Return the office a record starts at. At most three queries.

    Tips and sealed reports start at the province's, outside the reach of the local government:
    kabupaten secretariats are partly staffed by people seconded from the very government a report
    may concern (protection.md 0.4). Open reports start where the event was. An office that must not
    see the report is passed over, up to Bawaslu RI, which cannot be.
    """
    if lane == Lane.OPEN:
        nearest = registry.office_for(region=region)
        if nearest.pk not in keep_from:
            return nearest
    province = registry.province_office(region=region)
    if province.pk not in keep_from:
        return province
    return registry.office_for(region=None)


def _check(facts: Facts, *, at: datetime) -> None:
    if not facts.acts:
        raise DomainError(_("Pilih paling sedikit satu perbuatan"), field="acts")
    if not registry.acts_by_code().keys() >= set(facts.acts):
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
    clock: DeadlineKind,
    at: datetime,
    traced_from: Complaint | None = None,
    public_id: UUID | None = None,
    keep_from: Sequence[int] = (),
    keys: SealingKeys | None = None,
) -> tuple[Complaint, list[Official]]:
    """Write the record, its first clock, its words, people and links. Two queries.

    In ``written_together``. The clock is reckoned before the record is written: one write of a row under
    nine indexes, not two.
    """
    day = local_day(at, office)
    acts = [
        (code, act.label_id) for code, act in registry.acts_by_code().items() if code in facts.acts
    ]
    first = next(
        person for person in facts.people if person.name or person.position or person.account
    )
    contest = facts.contest or registry.contest_for(on=facts.event_on or day, region=facts.region)
    deadline = new_deadline(
        model=Deadline,
        kind=clock,
        office=office,
        regime=contest.regime if contest else "",
        starts_on=day,
    )
    complaint = Complaint(
        id=draw_key(day),
        public_id=public_id or uuid4(),
        reference=_reference(lane, day),
        lane=lane,
        status=LIFECYCLES[lane].initial,
        status_at=at if lane == Lane.FINDING else _start_of(day, office),
        office=office,
        region=facts.region,
        contest=contest,
        due_at=deadline.due_at,
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
        excluded_offices=sorted(keep_from),
    )
    complaint.search_text = search_text(complaint, facts.people)
    take_record(complaint.pk)
    write_new(complaint)
    deadline.complaint = complaint
    write_new(deadline)
    keep_statement(complaint=complaint, words=_words(facts), keys=keys)
    officials = [
        Official(**_official_fields(person))
        for person in facts.people
        if person.name or person.position or person.account
    ]
    write_new(*officials)
    write_new(
        *(ComplaintOfficial(complaint=complaint, official=official) for official in officials)
    )
    keep_links(complaint=complaint, links=facts.links, on=day)
    keep_keys(complaint=complaint, officials=officials, links=facts.links)
    return complaint, officials


def _words(facts: Facts) -> dict[str, Any]:
    return {
        "story": facts.story.strip(),
        "links": list(facts.links),
        "other_act": facts.other_act,
        "witness": facts.witness,
        "has_files": facts.has_files,
    }


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


_PREFIX = {Lane.TIP: "IA", Lane.SEALED: "LS", Lane.OPEN: "LT", Lane.FINDING: "TM"}
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
