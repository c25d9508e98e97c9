"""What the audit log holds of reporters: how many reports a day brought in each lane, nothing else.

The log of reporters is written from the rows, a day later and by a worker, so that intake neither waits
for it nor fails with it (check T14), and no entry tells when anybody was here.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.shared.outbox.services import publish
from complaints.models import Complaint
from complaints.states import Lane

TOPIC = "complaints.daily_count"
REPORTED = (Lane.TIP, Lane.SEALED, Lane.OPEN)


@transaction.atomic
def promise_daily_count(*, at: datetime) -> None:
    """Promise the count of yesterday, in the western zone: no zone writes that day any more.

    Promising twice is one promise. Two queries.
    """
    yesterday = timezone.localdate(at) - timedelta(days=1)
    publish(topic=TOPIC, subject_id=yesterday.isoformat())


def record_daily_count(*, subject_id: str) -> None:
    """Write one day's count to the audit log. One query beside the entry.

    Raises AuditUnavailableError, and the outbox tries again later.
    """
    day = date.fromisoformat(subject_id)
    rows = (
        Complaint.objects.filter(received_on=day, lane__in=REPORTED)
        .order_by()
        .values_list("lane")
        .annotate(count=Count("pk"))
    )
    record(
        actor=f"{SYSTEM}:intake",
        action="intake.counted",
        subject=f"day:{day.isoformat()}",
        detail=dict.fromkeys(map(str, REPORTED), 0) | dict(rows),
    )
