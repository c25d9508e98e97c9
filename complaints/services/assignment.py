"""Who has a record or a case in hand: given, taken, handed over, laid down.

Nothing here decides who ought to have it; that is asked of rules elsewhere. What is checked is that the
person can: works on complaints, is active, and sees the subject with their own eyes (scope, the reporter's
exclusions, recusals).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Case, Complaint, WorkAction, WorkEvent
from complaints.states import OFFICERS, OPEN_CASE_STATUSES, OPEN_COMPLAINT_STATUSES, STAFF


@transaction.atomic
def assign(
    *,
    subject: Complaint | Case,
    to: User | None,
    officer: User,
    at: datetime,
    seen: int | None,
) -> WorkEvent:
    """Put a record or case into somebody's hands, or into nobody's (``to`` None). Four queries.

    ``seen`` is the ``assignee_id`` that the person acting saw. Raises ConflictError when another has it
    by now, NotPermittedError for a role that does not work here, DomainError when ``to`` cannot have it
    (one and the same words whatever the cause: a recusal is nobody's news), has it already, or the
    subject is closed. Writes one WorkEvent: ASSIGN, HAND_OVER or RELEASE.
    """
    if not officer.has_role(*STAFF):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    target = None if to is None else to.pk
    if target == seen:
        raise DomainError(
            _("Belum ditugaskan kepada siapa pun.")
            if to is None
            else _("Sudah ditugaskan kepada orang ini."),
            code="assigned_already",
        )
    if to is not None and not _can_have(subject, to):
        raise DomainError(_("Petugas ini tidak dapat menanganinya."), field="to")
    open_statuses = (
        OPEN_COMPLAINT_STATUSES if isinstance(subject, Complaint) else OPEN_CASE_STATUSES
    )
    rows = type(subject)._default_manager.filter(pk=subject.pk)
    if not rows.filter(status__in=open_statuses, assignee_id=seen).update(assignee_id=target):
        if rows.filter(assignee_id=seen).exists():
            raise DomainError(_("Sudah selesai, jadi tidak ditugaskan lagi."), code="closed")
        raise ConflictError(_("Baru saja ditugaskan oleh orang lain. Muat ulang halaman."))
    subject.assignee_id = target
    return WorkEvent.objects.create(
        complaint=subject if isinstance(subject, Complaint) else None,
        case=subject if isinstance(subject, Case) else None,
        action=_action(seen, target),
        actor=officer,
        at=at,
        detail={"from": seen, "to": target},
    )


def _can_have(subject: Complaint | Case, to: User) -> bool:
    if not to.has_role(*OFFICERS):
        return False
    if isinstance(subject, Complaint):
        return Complaint.objects.visible_to(to).filter(pk=subject.pk).exists()
    return Case.objects.visible_to(to).filter(pk=subject.pk).exists()


def _action(seen: int | None, target: int | None) -> WorkAction:
    if target is None:
        return WorkAction.RELEASE
    return WorkAction.ASSIGN if seen is None else WorkAction.HAND_OVER
