"""Putting a record off until a day: it leaves "what is next" until then, and no clock stops."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Complaint, WorkAction, WorkEvent
from complaints.services.deadlines import local_day
from complaints.states import OFFICERS, OPEN_COMPLAINT_STATUSES

LONGEST_SNOOZE = timedelta(days=30)


@transaction.atomic
def snooze(
    *, complaint: Complaint, until: date | None, officer: User, at: datetime, seen: date | None
) -> WorkEvent:
    """Hide an open record from what is next until a day, or bring it back (``until`` None). Two queries.

    ``seen`` is the day that the person acting saw. Raises ConflictError when it is another by now,
    NotPermittedError, DomainError for a day that is not ahead or lies beyond LONGEST_SNOOZE or the
    record's deadline: nothing may sleep through its clock.
    """
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    today = local_day(at, complaint.office)
    if until is not None:
        _check_day(complaint, until, today)
    elif seen is None:
        raise DomainError(_("Laporan ini tidak sedang ditunda."), field="until")
    changed = Complaint.objects.filter(
        pk=complaint.pk, snoozed_until=seen, status__in=OPEN_COMPLAINT_STATUSES
    ).update(snoozed_until=until)
    if not changed:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    complaint.snoozed_until = until
    return WorkEvent.objects.create(
        complaint=complaint,
        action=WorkAction.WAKE if until is None else WorkAction.SNOOZE,
        actor=officer,
        at=at,
        detail={name: day.isoformat() for name, day in (("from", seen), ("until", until)) if day},
    )


def _check_day(complaint: Complaint, until: date, today: date) -> None:
    if until <= today:
        raise DomainError(_("Pilih hari sesudah hari ini"), field="until")
    if until - today > LONGEST_SNOOZE:
        raise DomainError(_("Paling lama 30 hari"), field="until")
    if complaint.due_at is not None and until > local_day(complaint.due_at, complaint.office):
        raise DomainError(_("Pilih hari sebelum tenggatnya habis"), field="until")
