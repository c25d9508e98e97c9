"""Correcting what the plenary recommended (Perbawaslu 7/2022 ps 51-57; forms B.19, B.20, B.21).

The reporter or the reported official may ask within three days; Bawaslu at the province or RI examines
within seven. A granted request reopens the case: the plenary decides anew, and the letter that went out
before is superseded by the next one.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office, OfficeLevel
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.joined import joined
from bawaslu_cases.shared.prepared import Prepared
from bawaslu_cases.shared.transitions import Machine, advance, open_history
from complaints.deadlines import DeadlineKind
from complaints.models import (
    Case,
    CorrectionEvent,
    CorrectionRequest,
    Deadline,
    Official,
    PlenaryDecision,
)
from complaints.services.deadlines import (
    end_deadline,
    local_day,
    refresh_case_due,
    start_case_deadline,
)
from complaints.services.plenary import Vote, check_seat, hold, keep_decision
from complaints.services.transitions import move_case
from complaints.states import (
    CORRECTION_LIFECYCLE,
    OFFICERS,
    CaseAction,
    CaseStatus,
    CorrectionAction,
    CorrectionStatus,
)

CORRECTION_MACHINE = Machine(CORRECTION_LIFECYCLE, CorrectionStatus, CorrectionEvent, "correction")
CORRECTABLE = frozenset({CaseStatus.DECIDED, CaseStatus.REFERRED, CaseStatus.STOPPED})


def examining_office(case: Case) -> Office:
    """Return who examines: the deciding office itself at province or RI, else the province above it."""
    office = case.office
    if office.level == OfficeLevel.REGENCY and office.parent is not None:
        return office.parent
    return office


_RUNNING_WINDOW = Prepared(
    lambda case: Deadline.objects.filter(
        case=case, kind=DeadlineKind.CORRECTION_REQUEST, status=Deadline.Status.OPEN
    )[:1]
)


@joined
def open_correction_window(*, case: Case, on: date) -> Deadline:
    """Start the days in which a correction may be asked for: the recommendation was issued (ps 53(1)).

    Several letters of one decision share the days of the first.
    """
    running = _RUNNING_WINDOW.rows(case=case.pk)
    if running:
        return running[0]
    return start_case_deadline(case=case, kind=DeadlineKind.CORRECTION_REQUEST, starts_on=on)


@transaction.atomic
def file_correction(
    *,
    case: Case,
    requester: str,
    points: str,
    asked: str,
    filed_on: date,
    officer: User,
    at: datetime,
    official: Official | None = None,
) -> CorrectionRequest:
    """Receive a request (B.19), also a late one: that it is late is for the plenary to say.

    The clock of the examination starts. DomainError: the case is not decided, nothing is asked, an
    official who is not in the case; ConflictError when the same person's request is being examined.
    """
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    held = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    if held.status not in CORRECTABLE:
        raise DomainError(_("Perkara ini belum diputus atau sudah ditutup."), code="too_late")
    official = _asking_official(case, requester, official)
    for name, text in (("points", points), ("asked", asked)):
        if not text.strip():
            raise DomainError(_("Tulis yang diminta dikoreksi"), field=name)
    if filed_on > local_day(at, case.office):
        raise DomainError(_("Tanggal permintaan tidak boleh setelah hari ini"), field="filed_on")
    open_ones = case.corrections.filter(
        status=CorrectionStatus.FILED, requester=requester, official=official
    )
    if open_ones.exists():
        raise ConflictError(_("Permintaan koreksi dari pihak ini sedang diperiksa."))
    correction = CorrectionRequest(
        case=case,
        requester=requester,
        official=official,
        status=CORRECTION_LIFECYCLE.initial,
        status_at=at,
        points=points.strip(),
        asked=asked.strip(),
        filed_on=filed_on,
        received_by=officer,
    )
    correction.save(force_insert=True)
    open_history(row=correction, machine=CORRECTION_MACHINE, actor=officer, at=at)
    running = case.deadlines.filter(kind=DeadlineKind.CORRECTION_EXAM, status=Deadline.Status.OPEN)
    if not running.exists():
        start_case_deadline(case=case, kind=DeadlineKind.CORRECTION_EXAM, starts_on=filed_on)
    return correction


def _asking_official(case: Case, requester: str, official: Official | None) -> Official | None:
    if requester == CorrectionRequest.Requester.REPORTER:
        return None
    if requester != CorrectionRequest.Requester.OFFICIAL:
        raise DomainError(_("Pilih siapa yang meminta koreksi"), field="requester")
    if official is None or not case.allegations.filter(official=official).exists():
        raise DomainError(_("Pilih terlapor dalam perkara ini"), field="official")
    return official


def is_late(correction: CorrectionRequest) -> bool:
    """Say whether the request came after its window closed. One query.

    No window, no lateness: a case whose letter has not left can be corrected still.
    """
    window = (
        correction.case.deadlines.filter(kind=DeadlineKind.CORRECTION_REQUEST)
        .order_by("-pk")
        .first()
    )
    return window is not None and correction.filed_on > window.due_on


@transaction.atomic
def examine(
    *,
    correction: CorrectionRequest,
    action: CorrectionAction,
    member: User,
    at: datetime,
    minutes_number: str,
    decided_on: date,
    votes: Sequence[Vote],
    reason: str = "",
) -> PlenaryDecision:
    """Record what the examining plenary decided (B.20) and let it take effect.

    A late request can only be found late, one in time cannot. A granted one reopens the case.
    """
    office = examining_office(correction.case)
    check_seat(member=member, office=office)
    if is_late(correction) != (action == CorrectionAction.FIND_LATE):
        raise DomainError(
            _("Permintaan yang lewat waktu hanya dapat dinyatakan lewat waktu.")
            if is_late(correction)
            else _("Permintaan ini masih dalam waktunya."),
            field="outcome",
        )
    day = local_day(at, office)
    sitting = hold(
        office=office,
        subject=correction,
        minutes_number=minutes_number,
        decided_on=decided_on,
        votes=votes,
        today=day,
    )
    event = advance(
        row=correction,
        machine=CORRECTION_MACHINE,
        action=action,
        actor=member,
        at=at,
        reason=reason,
    )
    decision = keep_decision(
        sitting=sitting,
        outcome=event.action,
        note=event.reason,
        recorded_by=member,
        correction=correction,
    )
    case = correction.case
    if action == CorrectionAction.GRANT:
        move_case(case=case, action=CaseAction.REOPEN, actor=None, at=at)
    _end_exam(case, on=day)
    return decision


@transaction.atomic
def withdraw_correction(*, correction: CorrectionRequest, officer: User, at: datetime) -> None:
    """Take note that whoever asked does not ask any more."""
    advance(
        row=correction,
        machine=CORRECTION_MACHINE,
        action=CorrectionAction.WITHDRAW,
        actor=officer,
        at=at,
    )
    _end_exam(correction.case, on=local_day(at, correction.case.office))


def _end_exam(case: Case, *, on: date) -> None:
    if case.corrections.filter(status=CorrectionStatus.FILED).exists():
        return
    end_deadline(case.deadlines.filter(kind=DeadlineKind.CORRECTION_EXAM), on=on)
    refresh_case_due(case)
