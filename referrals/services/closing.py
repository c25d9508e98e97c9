"""Closing a case that was sent on and that no follow-up closes (PB7 ps 60).

An administrative, ethics or criminal matter is answered by KPU, DKPP or the police, outside of this system.
Whoever handles the case says when it is over: by the number and day of the answer, or why none is waited for.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import dateformat, translation
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import RecipientKind
from bawaslu_cases.shared.errors import ConflictError, DomainError
from complaints.deadlines import WINDOWS
from complaints.models import Case, CaseEvent, Deadline
from complaints.services.cases import is_recommended
from complaints.services.deadlines import (
    end_deadline,
    lapse_windows,
    local_day,
    refresh_case_due,
)
from complaints.services.milestones import reach_case_milestone
from complaints.services.transitions import move_case
from complaints.states import (
    CASE_LIFECYCLE,
    CaseAction,
    CaseStatus,
    CorrectionStatus,
    Milestone,
)
from referrals.models import Referral
from referrals.states import ReferralStatus


@transaction.atomic
def close_by_hand(
    *,
    case: Case,
    officer: User,
    at: datetime,
    reason: str = "",
    reply_number: str = "",
    reply_on: date | None = None,
    seen: str = "",
) -> CaseEvent:
    """Close a case that was sent on, with the answer of the body it went to or with a reason.

    ``seen`` is :func:`standing` as the person saw it. Writes one event, ends the clocks and tells the
    reporters. Raises ConflictError when somebody moved the case since, DomainError with the field at fault,
    while a correction may be asked for or is examined, and while a recommendation closes it by itself
    (:func:`why_not`).
    """
    held = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("office")
        .get(pk=case.pk)
    )
    if held.status != case.status or (seen and seen != standing(held)):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    words = _answer(held, reason=reason, number=reply_number.strip(), on=reply_on, at=at)
    if held.status == CaseStatus.REFERRED and (refusal := why_not(held, at=at)):
        raise DomainError(refusal, code="not_over")
    event = move_case(
        case=held, action=CaseAction.CLOSE_BY_HAND, actor=officer, at=at, reason=words
    )
    day = local_day(at, held.office)
    # A window that has passed ended on its own last day, whether the nightly job came by or not.
    lapse_windows(at=at, case=held)
    end_deadline(held.deadlines.all(), on=day)
    refresh_case_due(held)
    reach_case_milestone(case=held, kind=Milestone.CLOSED, on=day)
    return event


def standing(case: Case) -> str:
    """Return what tells one stand of a case from another, also where it came back to the same status."""
    return f"{case.status} {case.status_at.timestamp():.6f}"


def may_close(case: Case, *, user: User, at: datetime) -> bool:
    """Say whether this person may close the case now. No query unless it was sent on; five at most."""
    row = CASE_LIFECYCLE.table[CaseAction.CLOSE_BY_HAND]
    if case.status not in row.sources or not user.has_role(*row.roles):
        return False
    return not why_not(case, at=at)


def why_not(case: Case, *, at: datetime) -> str:
    """Return why a case that was sent on is not over yet, "" when it may be closed. Five queries at most."""
    civil = Referral.objects.filter(case=case, recipient__kind=RecipientKind.CIVIL_SERVICE)
    if civil.exclude(status__in=[ReferralStatus.CLOSED, ReferralStatus.WITHDRAWN]).exists():
        return _("Rekomendasi ke instansi masih berjalan: perkara ditutup oleh tindak lanjutnya.")
    if is_recommended(case) and not civil.filter(status=ReferralStatus.CLOSED).exists():
        return _("Pleno memutuskan rekomendasi ke instansi, dan rujukannya belum dikirim.")
    if case.corrections.filter(status=CorrectionStatus.FILED).exists():
        return _("Permintaan koreksi masih diperiksa.")
    window = case.deadlines.filter(
        kind__in=WINDOWS, status=Deadline.Status.OPEN, due_at__gte=at
    ).first()
    if window is not None:
        return _("Koreksi masih dapat diminta sampai %(day)s.") % {
            "day": dateformat.format(window.due_on, "j F Y")
        }
    return ""


def _answer(case: Case, *, reason: str, number: str, on: date | None, at: datetime) -> str:
    """Return the answer and the reason as they are kept: in Indonesian, whatever the officer reads."""
    if not number and on is None:
        if not reason.strip():
            raise DomainError(
                _("Tulis nomor balasan lembaga, atau alasan menutup tanpa balasan"), field="reason"
            )
        return reason.strip()
    if not number:
        raise DomainError(_("Tulis nomor balasannya"), field="reply_number")
    if on is None:
        raise DomainError(_("Tulis tanggal balasannya"), field="reply_on")
    if on > local_day(at, case.office):
        raise DomainError(_("Tanggal balasan tidak boleh setelah hari ini"), field="reply_on")
    if on < local_day(case.status_at, case.office):
        raise DomainError(
            _("Tanggal balasan lebih awal daripada surat penerusan. Periksa lagi tanggalnya"),
            field="reply_on",
        )
    with translation.override("id"):
        told = f"Balasan nomor {number}, {dateformat.format(on, 'j F Y')}."
    return f"{told} {reason.strip()}".strip()
