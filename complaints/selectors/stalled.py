"""What stands still: a clock runs or is past, and nobody did anything for days (``rules/overdue.py``)."""

from datetime import datetime
from typing import Literal

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Func, OuterRef, Q

from complaints.models import WorkEvent
from complaints.rules.overdue import stalled_before


def stands_still(subject: Literal["complaint", "case"], *, at: datetime) -> Q:
    """Return the condition that a record or a case is stalled at a moment. A filter, no query."""
    still = stalled_before(at)
    # A set that is made once; asked of each row, it would cost a look-up for each.
    worked_on = WorkEvent.objects.filter(at__gte=still, **{f"{subject}__isnull": False})
    return Q(due_at__isnull=False, status_at__lt=still) & ~Q(
        pk__in=worked_on.order_by().values(subject)
    )


def kept_from(office: OuterRef) -> Q:
    """Return the condition that a record or a case is kept away from an office. A filter, no query."""
    alone = Func(
        office,
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(BigIntegerField()),
    )
    return Q(excluded_offices__contains=alone)
