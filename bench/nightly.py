"""The periodic jobs over many open deadlines: calendar changed, everybody reminded; each run twice.

``python -m bench.nightly N`` runs as the owner, opens records until N have a deadline ahead of them
(for a database that is thrown away) and prints one JSON object per measure.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import django

django.setup()

from django.db import connection  # noqa: E402 -- after setup

from bawaslu_cases.registry.models import (  # noqa: E402 -- after setup
    CalendarVersion,
    Holiday,
    HolidayCategory,
    TimeLimit,
)
from bawaslu_cases.registry.services.calendar import (  # noqa: E402 -- after setup
    DayOffDraft,
    change_calendar,
)
from complaints.models import Deadline, Reminder  # noqa: E402 -- after setup
from complaints.services.deadlines import reckon_open_deadlines  # noqa: E402 -- after setup
from complaints.services.reminders import remind  # noqa: E402 -- after setup

SATURDAY = 5
OPENED = """
WITH opened AS (
    UPDATE complaints_complaint SET status = 'received', due_at = %(due)s
     WHERE id IN (SELECT id FROM complaints_complaint WHERE status = 'archived' LIMIT %(wanted)s)
    RETURNING id)
INSERT INTO complaints_deadline (kind, time_limit_id, status, time_zone, starts_on, due_on, due_at,
       calendar_version, pauses, explanation, history, complaint_id)
SELECT 'initial_review', %(limit)s, 'open', 'Asia/Jakarta', %(start)s, %(day)s, %(due)s, %(version)s,
       '[]', '[]', '[]', id FROM opened
"""


def main() -> None:
    """Open what is missing, then measure."""
    now = datetime.now(UTC)
    ahead = Deadline.objects.filter(status="open", due_at__gte=now)
    _open(int(sys.argv[1]) - ahead.count(), now)
    count = ahead.count()
    day = DayOffDraft(
        date=_next_working_day(now), category=HolidayCategory.NATIONAL, name="Libur", source="bench"
    )
    change_calendar(add=[day], reason="bench", at=now)
    for run in (1, 2):
        _tell("reckon_open_deadlines", run, lambda: reckon_open_deadlines(at=now), deadlines=count)
    told = sum(len(history) for history in Deadline.objects.values_list("history", flat=True))
    noon = now.replace(hour=4, minute=0)
    for run in (1, 2):
        _tell("remind", run, lambda: remind(at=noon), deadlines=count)
    print(
        json.dumps(
            {"measure": "nightly_rows", "histories": told, "reminders": Reminder.objects.count()}
        )
    )


def _next_working_day(now: datetime) -> date:
    days = (now.date() + timedelta(days=ahead) for ahead in range(1, 30))
    known = set(Holiday.objects.filter(region=None).values_list("date", flat=True))
    return next(day for day in days if day.weekday() < SATURDAY and day not in known)


def _open(wanted: int, now: datetime) -> None:
    due = now + timedelta(days=2)
    version = CalendarVersion.objects.order_by("-number").values_list("number", flat=True).first()
    limit = TimeLimit.objects.in_force(now.date()).get(code="initial_review", regime="PEMILU")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = 'replica'")
        cursor.execute(
            OPENED,
            {
                "due": due,
                "day": due.date(),
                "start": now.date(),
                "wanted": max(wanted, 0),
                "limit": limit.pk,
                "version": version,
            },
        )
        cursor.execute("SET session_replication_role = 'origin'")
        cursor.execute("ANALYZE complaints_complaint, complaints_deadline")


def _tell(measure: str, run: int, work: Callable[[], int], *, deadlines: int) -> None:
    began = time.perf_counter()
    changed = work()
    seconds = round(time.perf_counter() - began, 2)
    print(
        json.dumps(
            {
                "measure": measure,
                "deadlines": deadlines,
                "run": run,
                "changed": changed,
                "seconds": seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
