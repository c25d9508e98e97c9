"""Alarms about files: a virus was found, an object was altered or is gone (checks E16, E18).

An alarm is a row that the office sees on its first page and the desk beside the file, and an entry in the
audit log: ids and codes, never a name, a file's name or a word of its content.
"""

import logging
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.shared.errors import NotPermittedError
from complaints.models import Evidence, EvidenceAlarm
from complaints.services.deadlines import local_day
from complaints.states import OFFICERS

logger = logging.getLogger(__name__)

Why = EvidenceAlarm.Why
Part = EvidenceAlarm.Part


def raise_alarm(*, evidence: Evidence, why: Why, part: Part, at: datetime) -> None:
    """Tell the office that something is wrong with a file; once, as long as it is. Two to five queries.

    The log cannot stop it: an entry that could not be written is written by :func:`log_alarms`.
    """
    alarm, made = EvidenceAlarm.objects.get_or_create(
        evidence=evidence,
        why=why,
        part=part,
        ended_on=None,
        defaults={"raised_on": local_day(at, evidence.complaint.office)},
    )
    if not made:
        return
    logger.error("evidence.alarm %s %s", why.value, part.value)
    try:
        _enter(alarm, at)
    except AuditUnavailableError:
        logger.warning("evidence.alarm_not_logged")


def end_alarms(*, evidence: Evidence, part: Part, at: datetime) -> None:
    """Take back what was said of an object that opens whole again. One query."""
    EvidenceAlarm.objects.filter(
        evidence=evidence, part=part, why__in=[Why.DAMAGED, Why.MISSING], ended_on__isnull=True
    ).update(ended_on=timezone.localdate(at))


@transaction.atomic
def see_alarms(*, evidence: Evidence, officer: User, at: datetime) -> int:
    """Say that a file's alarms were dealt with; return how many. Raises NotPermittedError."""
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    count = EvidenceAlarm.objects.filter(
        evidence=evidence, seen_on__isnull=True, ended_on__isnull=True
    ).update(seen_by=officer, seen_on=local_day(at, evidence.complaint.office))
    if count:
        record(
            actor=officer.public_id,
            action="evidence.alarm_seen",
            subject=f"complaint:{evidence.complaint.public_id.hex}",
            detail={"part": f"evidence:{evidence.public_id.hex}", "alarms": count},
        )
    return count


def log_alarms(*, at: datetime) -> int:
    """Enter what the audit log does not hold yet and may hold by now; return how many.

    Raises AuditUnavailableError, and what is missing is entered the next time.
    """
    rows = EvidenceAlarm.objects.filter(logged_on__isnull=True)
    rows = rows.select_related("evidence__complaint__office")
    return sum(_enter(alarm, at) for alarm in rows.order_by("public_id").iterator())


@transaction.atomic
def _enter(alarm: EvidenceAlarm, at: datetime) -> bool:
    """Write the entry, unless it would tell at what hour of today a reporter was here.

    Nor when another worker has written it, or is about to.
    """
    evidence = alarm.evidence
    today = local_day(at, evidence.complaint.office)
    if evidence.added_by_id is None and evidence.received_on >= today:
        return False
    rows = EvidenceAlarm.objects.filter(pk=alarm.pk, logged_on__isnull=True)
    if not rows.select_for_update(no_key=True, skip_locked=True):
        return False
    record(
        actor=f"{SYSTEM}:evidence",
        action=f"evidence.{alarm.why}",
        subject=f"complaint:{evidence.complaint.public_id.hex}",
        detail={"part": f"evidence:{evidence.public_id.hex}", "of": alarm.part},
    )
    _note(alarm, today)
    return True


def _note(alarm: EvidenceAlarm, today: date) -> None:
    EvidenceAlarm.objects.filter(pk=alarm.pk).update(logged_on=today)
