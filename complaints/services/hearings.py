"""Hearing people in a case (klarifikasi, Perbawaslu 7/2022 ps 28-33; forms B.9 to B.12).

A reporter is never heard here: asking them to the office would name them. What is to be asked of a
reporter goes through the mailbox.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import LimitUnit
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.transitions import Machine, advance, open_history
from bawaslu_cases.shared.working_days import Unit, count_days
from complaints.deadlines import DEFAULT_REGIME
from complaints.models import Case, Hearing, HearingEvent, Invitation, Official
from complaints.services.deadlines import local_day
from complaints.states import (
    HEARING_LIFECYCLE,
    OFFICERS,
    CaseStatus,
    HearingAction,
    HearingStatus,
)

HEARING_MACHINE = Machine(HEARING_LIFECYCLE, HearingStatus, HearingEvent, "hearing")
CLARIFICATION_NOTICE = "clarification_notice"
"""The time limit's code: how long before the session an invitation has to be there (ps 29)."""


@transaction.atomic
def invite(
    *,
    case: Case,
    capacity: str,
    place_kind: str,
    place: str,
    session_at: datetime,
    officer: User,
    at: datetime,
    official: Official | None = None,
    person: str = "",
) -> Hearing:
    """Invite somebody for the first time (B.9) and return the hearing.

    DomainError: the case is not being assessed, nobody is named, an official who is not in the case,
    or too little time between the invitation and the session.
    """
    _check_case(case, officer)
    if capacity == Hearing.Capacity.REPORTED:
        if official is None or not case.allegations.filter(official=official).exists():
            raise DomainError(_("Pilih terlapor dalam perkara ini"), field="official")
    elif not person.strip():
        raise DomainError(_("Tulis nama yang diundang"), field="person")
    hearing = Hearing(
        case=case,
        capacity=capacity,
        official=official if capacity == Hearing.Capacity.REPORTED else None,
        person="" if capacity == Hearing.Capacity.REPORTED else person.strip(),
        status=HEARING_LIFECYCLE.initial,
        status_at=at,
    )
    hearing.save(force_insert=True)
    open_history(row=hearing, machine=HEARING_MACHINE, actor=officer, at=at)
    _send(hearing, 1, place_kind, place, session_at, officer, at)
    return hearing


@transaction.atomic
def invite_again(
    *,
    hearing: Hearing,
    place_kind: str,
    place: str,
    session_at: datetime,
    officer: User,
    at: datetime,
) -> Invitation:
    """Invite for the second and last time. The first session must have passed."""
    _check_case(hearing.case, officer)
    first = hearing.invitations.get(number=1)
    if first.session_at > at:
        raise DomainError(_("Undangan pertama belum lewat."), code="too_early")
    _move(hearing, HearingAction.INVITE_AGAIN, officer, at)
    return _send(hearing, 2, place_kind, place, session_at, officer, at)


def _send(
    hearing: Hearing,
    number: int,
    place_kind: str,
    place: str,
    session_at: datetime,
    officer: User,
    at: datetime,
) -> Invitation:
    if place_kind not in Hearing.Place.values:
        raise DomainError(_("Pilih cara klarifikasi"), field="place_kind")
    if not place.strip():
        raise DomainError(_("Tulis tempat atau tautan pertemuan"), field="place")
    earliest = first_session_day(case=hearing.case, sent_on=local_day(at, hearing.case.office))
    if local_day(session_at, hearing.case.office) < earliest:
        raise DomainError(
            _("Undangan harus sampai paling lambat satu hari sebelumnya: paling awal %(day)s.")
            % {"day": earliest.strftime("%d-%m-%Y")},
            field="session_at",
        )
    return Invitation.objects.create(
        hearing=hearing,
        number=number,
        place_kind=place_kind,
        place=place.strip(),
        session_at=session_at,
        sent_on=local_day(at, hearing.case.office),
        invited_by=officer,
    )


def first_session_day(*, case: Case, sent_on: date) -> date:
    """Return the first day a session may be on when its invitation is sent on ``sent_on`` (ps 29)."""
    regime = case.contest.regime if case.contest else DEFAULT_REGIME
    limit = registry.time_limit(code=CLARIFICATION_NOTICE, regime=regime, on=sent_on)
    count = count_days(
        start=sent_on,
        days=limit.value,
        unit=Unit(LimitUnit(limit.unit)),
        calendar=registry.calendar_at_hand(office=case.office),
    )
    assert count.due_on is not None  # noqa: S101 -- nothing pauses a count of one day
    return count.due_on


@transaction.atomic
def note_delivered(*, invitation: Invitation, on: date, officer: User) -> None:
    """Note the day an invitation reached the person. ConflictError when it is noted already."""
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if on < invitation.sent_on:
        raise DomainError(
            _("Tanggal diterima tidak boleh sebelum tanggal dikirim"), field="delivered_on"
        )
    rows = Invitation.objects.filter(pk=invitation.pk, delivered_on=None)
    if not rows.update(delivered_on=on):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    invitation.delivered_on = on


@transaction.atomic
def hear(
    *,
    hearing: Hearing,
    held_at: datetime,
    record: str,
    signed: bool,
    officer: User,
    at: datetime,
    under_oath: bool = False,
    refusal: str = "",
) -> Hearing:
    """Keep the record of a hearing (B.12), read back and signed; a refusal to sign is noted (ps 33)."""
    _check_case(hearing.case, officer)
    if not record.strip():
        raise DomainError(_("Tulis berita acara klarifikasi"), field="record")
    if held_at > at:
        raise DomainError(_("Waktu klarifikasi tidak boleh setelah sekarang"), field="held_at")
    if not signed and not refusal.strip():
        raise DomainError(_("Tulis mengapa tidak ditandatangani"), field="refusal")
    _move(
        hearing,
        HearingAction.HEAR,
        officer,
        at,
        held_at=held_at,
        record=record.strip(),
        under_oath=under_oath,
        signed=signed,
        refusal="" if signed else refusal.strip(),
    )
    return hearing


@transaction.atomic
def note_absence(*, hearing: Hearing, officer: User, at: datetime) -> Hearing:
    """Note that the person stayed away twice; the assessment goes on without them (ps 29)."""
    _check_case(hearing.case, officer)
    if hearing.invitations.filter(session_at__gt=at).exists():
        raise DomainError(_("Undangan kedua belum lewat."), code="too_early")
    _move(hearing, HearingAction.NOTE_ABSENCE, officer, at)
    return hearing


@transaction.atomic
def cancel(*, hearing: Hearing, officer: User, at: datetime, reason: str) -> Hearing:
    """Call an invitation off, with the reason."""
    _check_case(hearing.case, officer)
    _move(hearing, HearingAction.CANCEL, officer, at, reason=reason)
    return hearing


def _check_case(case: Case, officer: User) -> None:
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    held = Case.objects.select_for_update(of=("self",), no_key=True).only("status").get(pk=case.pk)
    if held.status != CaseStatus.REGISTERED:
        raise DomainError(_("Klarifikasi hanya selama perkara dikaji."), code="too_late")


def _move(
    hearing: Hearing,
    action: HearingAction,
    officer: User,
    at: datetime,
    *,
    reason: str = "",
    **also: object,
) -> None:
    advance(
        row=hearing,
        machine=HEARING_MACHINE,
        action=action,
        actor=officer,
        at=at,
        reason=reason,
        also=dict(also),
    )
