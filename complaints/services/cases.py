"""Cases: registering a finding, adding allegations, assessing, and the plenary's decision."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared import numbering, official_numbers
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.row_scopes import beyond
from complaints.deadlines import DeadlineKind
from complaints.models import (
    Allegation,
    Case,
    CaseComplaint,
    Complaint,
    Deadline,
    Official,
    PlenaryDecision,
    Recusal,
)
from complaints.selectors.clusters import offices_kept_away
from complaints.services.corrections import open_correction_window
from complaints.services.deadlines import (
    end_deadline,
    local_day,
    refresh_case_due,
    refresh_complaint_due,
    start_case_deadline,
)
from complaints.services.intake import search_text
from complaints.services.match_keys import refresh_keys
from complaints.services.milestones import reach_case_milestone
from complaints.services.people import release_if_numbers_differ
from complaints.services.plenary import Vote, check_seat, hold, keep_decision
from complaints.services.recusals import check_conflicts
from complaints.services.transitions import move_case, move_complaint, open_case_history
from complaints.states import (
    CASE_DECISIONS,
    CASE_LIFECYCLE,
    OFFICERS,
    CaseAction,
    CaseStatus,
    ComplaintAction,
    Lane,
    Milestone,
)

DEFAULT_ELECTION_CODE = "PL"


def election_code(case_or_complaint: Case | Complaint) -> str:
    """Return the election part of official numbers: PL, PP, PB, PG or PW."""
    contest = case_or_complaint.contest
    return str(contest.election_code) if contest is not None else DEFAULT_ELECTION_CODE


def number_series(kind: str, complaint: Case | Complaint, year: int) -> str:
    """Return the name of a number series: per kind, office, election and year.

    The reset rule is not stated in Perbawaslu 7/2022; this is the proposal of number_formats.json.
    """
    return f"{kind}/{election_code(complaint)}/{complaint.office.path}/{year}"


@transaction.atomic
def register_finding(*, complaint: Complaint, officer: User, at: datetime) -> Case:
    """Enter a finding in the register (PB7 ps 5(3)) and open its case."""
    move_complaint(complaint=complaint, action=ComplaintAction.REGISTER, actor=officer, at=at)
    day = local_day(at, complaint.office)
    end_deadline(complaint.deadlines.filter(kind=DeadlineKind.FINDING_REGISTER), on=day)
    refresh_complaint_due(complaint)
    return open_case(complaint=complaint, officer=officer, at=at)


@transaction.atomic
def open_case(*, complaint: Complaint, officer: User, at: datetime) -> Case:
    """Open the case of a record that was just registered (PB7 ps 25).

    The number is drawn under a lock in this transaction: no gap, no double. One allegation per
    named official with the record's own acts and date; the handling clock starts. Whoever must not
    see the record does not see the case.
    """
    day = local_day(at, complaint.office)
    # Findings and reports count apart, as the grammar of the numbers tells them apart.
    source = "TM" if complaint.lane == Lane.FINDING else "LP"
    number = official_numbers.register_number(
        sequence=numbering.next_number(series=number_series(f"Reg/{source}", complaint, day.year)),
        source=source,
        election=election_code(complaint),
        level=complaint.office.level_code,
        region=complaint.office.number_region,
        on=day,
    )
    case = _new_case(complaint=complaint, officer=officer, at=at, register_number=number)
    start_case_deadline(case=case, kind=DeadlineKind.HANDLING, starts_on=day)
    reach_case_milestone(case=case, kind=Milestone.CASE, on=day)
    return case


@transaction.atomic
def open_forwarded_case(*, complaint: Complaint, officer: User, at: datetime) -> Case:
    """Open the file of a report that the plenary sends straight on (PB7 ps 22): no register, no clock.

    It is called by the report's reference and stands where a decided case stands, so its referral is
    written, approved and followed up like any other.
    """
    case = _new_case(complaint=complaint, officer=officer, at=at, register_number=None)
    case.decision = CaseAction.DECIDE_REFER
    case.save(update_fields=["decision"])
    move_case(case=case, action=CaseAction.FORWARD, actor=None, at=at)
    return case


def _new_case(
    *, complaint: Complaint, officer: User, at: datetime, register_number: str | None
) -> Case:
    case = Case(
        register_number=register_number,
        reference=register_number or complaint.reference,
        status=CASE_LIFECYCLE.initial,
        status_at=at,
        office=complaint.office,
        contest=complaint.contest,
        title=complaint.title,
        registered_on=local_day(at, complaint.office),
        summary=complaint.summary,
        assignee_id=complaint.assignee_id,
        excluded_offices=offices_kept_away(complaint),
    )
    case.save(force_insert=True)
    open_case_history(case=case, actor=officer, at=at)
    CaseComplaint.objects.create(case=case, complaint=complaint)
    Recusal.objects.bulk_create(
        Recusal(user_id=row.user_id, case=case, reason=row.reason, since=row.since)
        for row in complaint.recusals.all()
    )
    officials = [link.official for link in complaint.official_links.select_related("official")]
    Allegation.objects.bulk_create(
        Allegation(
            case=case,
            official=official,
            acts=complaint.acts,
            event_on=complaint.event_on or complaint.received_on,
            place=complaint.place,
        )
        for official in officials
    )
    return case


def _held(case: Case) -> Case:
    """Return the case as it stands now, locked: what is written to it and its move exclude another."""
    return Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)


def _editable(case: Case, officer: User) -> Case:
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    held = _held(case)
    if held.status != CaseStatus.REGISTERED:
        raise DomainError(_("Perkara hanya diubah selama dikaji."), code="too_late")
    return held


WORKABLE = frozenset({CaseStatus.REGISTERED, CaseStatus.DECIDED})
"""While the plenary reads a case nothing in it moves; before and after, a packet is completed.

Once a second person approved the referral, what they approved stays: the referral's own page
completes what a recipient returned.
"""


def _workable(case: Case, officer: User) -> Case:
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    held = _held(case)
    if held.status not in WORKABLE:
        raise DomainError(
            _("Data perkara tidak diubah saat menunggu pleno atau sesudah diteruskan."),
            code="too_late",
        )
    return held


@transaction.atomic
def add_allegation(
    *,
    case: Case,
    official: Official,
    acts: Sequence[str],
    event_on: date,
    officer: User,
    place: str = "",
    description: str = "",
) -> Allegation:
    """Add what one official is said to have done on one day."""
    _editable(case, officer)
    if not acts:
        raise DomainError(_("Pilih paling sedikit satu perbuatan"), field="acts")
    allegation = Allegation(
        case=case,
        official=official,
        acts=list(acts),
        event_on=event_on,
        place=place.strip(),
        description=description.strip(),
    )
    _check_day_is_free(case, allegation)
    allegation.save(force_insert=True)
    return allegation


OFFICIAL_FIELDS = (
    "name",
    "nip",
    "position",
    "grade",
    "unit",
    "unit_kind",
    "agency",
    "agency_text",
    "account",
    "employment",
)
"""What an officer may complete of a reported person."""


@transaction.atomic
def complete_official(
    *, case: Case, official: Official, officer: User, seen: str = "", **fields: Any
) -> Official:
    """Fill in what the recipient asks for: name, NIP, grade, unit, post (domain.md §4).

    Possible also after the decision: a recipient returns a referral for a missing number, too.
    ``seen`` is the digest the person started from; ConflictError when somebody wrote since. The
    records the person is named in are found by the new words from then on.
    """
    _workable(case, officer)
    held = Official.objects.select_for_update(of=("self",), no_key=True).get(pk=official.pk)
    _unchanged(seen, held.digest)
    for name in OFFICIAL_FIELDS:
        if name in fields:
            value = fields[name]
            setattr(held, name, value.strip() if isinstance(value, str) else value)
    if not (held.name or held.position or held.account):
        raise DomainError(
            _("Tulis nama, jabatan, atau nama akun orang yang dilaporkan"), field="name"
        )
    held.save(update_fields=[name for name in OFFICIAL_FIELDS if name in fields])
    release_if_numbers_differ(case=case, official=held, officer=officer, at=timezone.now())
    _tell_records(held)
    return held


@beyond(
    "whoever is named in records of several offices is found and judged by the new words in all"
)
def _tell_records(held: Official) -> None:
    """Bring every record that names this official in line with what is known now."""
    for complaint in Complaint.objects.filter(official_links__official=held).select_related(
        "region", "office"
    ):
        links = complaint.official_links.select_related("official__agency").order_by("pk")
        complaint.search_text = search_text(complaint, [link.official for link in links])
        complaint.save(update_fields=["search_text"])
        refresh_keys(complaint=complaint)
        # Whose kin or colleague this is may show only now.
        check_conflicts(complaint=complaint, officials=[held], at=timezone.now())


@transaction.atomic
def correct_allegation(
    *,
    case: Case,
    allegation: Allegation,
    officer: User,
    acts: Sequence[str],
    event_on: date,
    place: str,
    description: str,
    seen: str = "",
) -> Allegation:
    """Correct what is said of one official. Acts and day only until the plenary has the case.

    ConflictError when somebody wrote since ``seen``.
    """
    status = _workable(case, officer).status
    held = Allegation.objects.select_for_update().get(pk=allegation.pk)
    _unchanged(seen, held.digest)
    if not acts:
        raise DomainError(_("Pilih paling sedikit satu perbuatan"), field="acts")
    changed = set(held.acts) != set(acts) or held.event_on != event_on
    if changed and status != CaseStatus.REGISTERED:
        raise DomainError(
            _("Perbuatan dan tanggal hanya diubah selama dikaji."), code="too_late", field="acts"
        )
    if changed:
        held.acts, held.event_on = list(acts), event_on
        _check_day_is_free(case, held)
    held.place, held.description = place.strip(), description.strip()
    held.save(update_fields=["acts", "event_on", "place", "description"])
    return held


def _check_day_is_free(case: Case, allegation: Allegation) -> None:
    others = case.allegations.exclude(pk=allegation.pk)
    if others.filter(official=allegation.official_id, event_on=allegation.event_on).exists():
        raise DomainError(
            _("Sudah ada dugaan terhadap orang ini pada tanggal itu."), field="event_on"
        )


def _unchanged(seen: str, digest: str) -> None:
    if seen and seen != digest:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))


@transaction.atomic
def write_assessment(
    *, case: Case, summary: str, assessment: str, officer: User, seen: str = ""
) -> Case:
    """Save the neutral summary and the assessment (kajian, B.13); secret until decided (ps 36(4)).

    ConflictError when somebody wrote since ``seen``.
    """
    held = _editable(case, officer)
    _unchanged(seen, held.digest)
    case.summary = summary.strip()
    case.assessment = assessment.strip()
    case.save(update_fields=["summary", "assessment"])
    return case


@transaction.atomic
def submit_assessment(*, case: Case, officer: User, at: datetime) -> None:
    """Lay the assessment before the plenary. Refused while summary, assessment or allegation lack."""
    held = _held(case)
    if not held.summary or not held.assessment:
        raise DomainError(_("Tulis ringkasan netral dan kajian lebih dulu."), field="summary")
    if not case.allegations.exists():
        raise DomainError(_("Tambahkan paling sedikit satu dugaan."), field="allegations")
    move_case(case=case, action=CaseAction.SUBMIT_ASSESSMENT, actor=officer, at=at)


CASE_OUTCOMES = (*CASE_DECISIONS, CaseAction.RETURN_ASSESSMENT)


@transaction.atomic
def decide_on_case(
    *,
    case: Case,
    action: CaseAction,
    member: User,
    at: datetime,
    minutes_number: str,
    decided_on: date,
    votes: Sequence[Vote],
    reason: str = "",
    also: Collection[CaseAction] = (),
) -> PlenaryDecision:
    """Record what the plenary decided on an assessment (PB7 ps 37) and let it take effect.

    ``also`` names further kinds of violation found in the same case, which get letters of their own.
    The handling clock ends; a recommendation opens the days in which a correction may be asked for.
    """
    if action not in CASE_OUTCOMES or not set(also) <= set(CASE_DECISIONS) - {
        action,
        CaseAction.DECIDE_STOP,
    }:
        raise DomainError(_("Pilih putusan yang berlaku"), field="outcome")
    if also and action in {CaseAction.DECIDE_STOP, CaseAction.RETURN_ASSESSMENT}:
        raise DomainError(_("Perkara yang dihentikan tidak punya putusan lain"), field="also")
    check_seat(member=member, office=case.office)
    day = local_day(at, case.office)
    sitting = hold(
        office=case.office,
        subject=case,
        minutes_number=minutes_number,
        decided_on=decided_on,
        votes=votes,
        today=day,
    )
    decided = {} if action == CaseAction.RETURN_ASSESSMENT else {"decision": action.value}
    event = move_case(
        case=case, action=action, actor=member, at=at, reason=reason, also=decided or None
    )
    if decided:
        end_deadline(case.deadlines.filter(kind__in=HANDLING_CLOCKS), on=day)
        refresh_case_due(case)
    if action == CaseAction.DECIDE_STOP:
        reach_case_milestone(case=case, kind=Milestone.STOPPED, on=day)
    return keep_decision(
        sitting=sitting,
        outcome=event.action,
        note=event.reason,
        recorded_by=member,
        also=sorted(each.value for each in also),
        case=case,
    )


HANDLING_CLOCKS = (DeadlineKind.HANDLING, DeadlineKind.HANDLING_EXTENDED)
"""One of them runs while a case is assessed: the longer one replaces the shorter (PB7 ps 26)."""


@transaction.atomic
def extend_handling(*, case: Case, officer: User, at: datetime, reason: str) -> Deadline:
    """Take the longer time for handling because more information is needed (PB7 ps 26(3)).

    It counts from the registration, in all and not on top. ConflictError when it runs already or the
    first one has passed: a time that is over is not lengthened.
    """
    day = local_day(at, case.office)
    _held(case)  # before its clocks, as every other step does
    running = case.deadlines.filter(kind=DeadlineKind.HANDLING, status=Deadline.Status.OPEN)
    first = running.first()
    if first is None:
        raise ConflictError(_("Waktu penanganan sudah diperpanjang atau sudah selesai."))
    if first.due_at < at:
        raise DomainError(
            _("Waktu penanganan sudah lewat, jadi tidak dapat diperpanjang."), code="too_late"
        )
    move_case(case=case, action=CaseAction.EXTEND, actor=officer, at=at, reason=reason)
    end_deadline(running, on=day, status=Deadline.Status.CANCELLED)
    return start_case_deadline(
        case=case, kind=DeadlineKind.HANDLING_EXTENDED, starts_on=first.starts_on
    )


def decided_kinds(case: Case) -> frozenset[str]:
    """Return every kind of violation the plenary decided on last, as values of CaseAction. One query."""
    last = case.plenary_decisions.filter(outcome=case.decision).order_by("-pk").first()
    return frozenset({case.decision, *(last.also if last else ())})


def is_recommended(case: Case) -> bool:
    """Say whether the plenary decided on a recommendation, alone or beside others. One query at most."""
    return case.decision == CaseAction.DECIDE_REFER or (
        CaseAction.DECIDE_REFER in decided_kinds(case)
    )


@transaction.atomic
def send_on(*, case: Case, officer: User, at: datetime) -> None:
    """Note that the letter of an administrative, ethics or criminal matter left (B.14, B.15, B.16).

    A recommendation to the civil-service side leaves by its referral, never by this.
    """
    if is_recommended(case):
        raise DomainError(
            _("Rekomendasi ke instansi dikirim lewat rujukannya."), code="referred_otherwise"
        )
    move_case(case=case, action=CaseAction.SEND_ON, actor=officer, at=at)
    day = local_day(at, case.office)
    open_correction_window(case=case, on=day)
    reach_case_milestone(case=case, kind=Milestone.FORWARDED, on=day)
