"""The desk's work that is no page: numbers beside views, 500 records at once, loads of the units.

``python -m bench.desk EMAIL`` runs as the owner and prints one JSON object per measure.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 -- after setup
from django.test.utils import CaptureQueriesContext  # noqa: E402 -- after setup
from django.utils import timezone  # noqa: E402 -- after setup

from bawaslu_cases.accounts.models import User  # noqa: E402 -- after setup
from complaints.models import Complaint, RequirementCheck, SavedView  # noqa: E402 -- after setup
from complaints.selectors.filters import Asker  # noqa: E402 -- after setup
from complaints.selectors.oversight import unit_loads  # noqa: E402 -- after setup
from complaints.selectors.queue import QueueQuery  # noqa: E402 -- after setup
from complaints.selectors.queue_numbers import queue_numbers  # noqa: E402 -- after setup
from complaints.services.bulk import BulkAction, Order, Row, apply_to_many  # noqa: E402
from complaints.states import ComplaintStatus, Lane, requirements_of  # noqa: E402 -- after setup

TIMES = 30
MANY = 500
KEPT = ("v=open&late=late", "v=unassigned&lane=tip", "v=review&act=POST_SUPPORT", "v=open&tag=none")


def main() -> None:
    """Measure for one officer."""
    user = User.objects.get(email=sys.argv[1])
    asker = Asker(user, timezone.now())
    views = [SavedView(owner=user, name=f"Bench {n}", query=text) for n, text in enumerate(KEPT)]
    query = QueueQuery()
    _tell(
        "view_counts",
        _timed(lambda: queue_numbers(asker=asker, saved=[], query=query, row=None)),
        views=10,
    )
    _tell(
        "view_counts_with_saved",
        _timed(lambda: queue_numbers(asker=asker, saved=views, query=query, row=None)),
        views=10 + len(views),
    )
    _tell("unit_loads", _timed(lambda: unit_loads(user=user, at=asker.at)))
    _bulk(user)
    _bulk_close(user)


def _bulk(user: User) -> None:
    """Give 500 records into one pair of hands and lay them down again; both are committed."""
    free = Complaint.objects.open().filter(assignee=None).order_by("due_at")
    rows = list(free.values_list("public_id", "status")[:MANY])
    if not rows:
        return
    seconds, queries = [], 0
    for to, held in ((user, None), (None, user.pk)):
        order = Order(
            BulkAction.ASSIGN, officer=user, at=timezone.now(), reason="Pembagian kerja", to=to
        )
        seen = [Row(public_id, held, status) for public_id, status in rows]
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            outcome = apply_to_many(order=order, rows=seen)
            seconds.append(round(time.perf_counter() - began, 3))
        queries = len(captured)
        if outcome.skipped:
            raise RuntimeError(f"{len(outcome.skipped)} skipped: {outcome.skipped[0][1]}")
    print(
        json.dumps(
            {"measure": "bulk_assign", "rows": len(rows), "seconds": seconds, "queries": queries}
        )
    )


def _bulk_close(user: User) -> None:
    """Propose to close 500 tips, each through its state table; everything is taken back at the end.

    Timed first and counted in a run of its own: to note 5,000 statements takes longer than they do.
    """
    waiting = Complaint.objects.visible_to(user).filter(
        status=ComplaintStatus.RECEIVED, lane=Lane.TIP
    )
    found = list(waiting.order_by("due_at")[:MANY])
    if not found:
        return
    seconds = [_closed(user, found) for _time in range(3)]
    with CaptureQueriesContext(connection) as captured:
        _closed(user, found[: MANY // 10])
    told = {"measure": "bulk_close", "rows": len(found), "seconds": seconds}
    print(json.dumps(told | {"queries_a_row": round(len(captured) / (MANY // 10), 1)}))


def _closed(user: User, found: list[Complaint]) -> float:
    """Return the seconds that it took, nothing of it committed."""
    at = timezone.now()
    order = Order(BulkAction.CLOSE, officer=user, at=at, reason="Di luar kewenangan Bawaslu")
    with transaction.atomic():
        RequirementCheck.objects.bulk_create(
            (
                RequirementCheck(
                    complaint=row, requirement=item, is_met=False, checked_at=at, checked_by=user
                )
                for row in found
                for item in requirements_of(Lane.TIP)
            ),
            ignore_conflicts=True,
        )
        seen = [Row(row.public_id, row.assignee_id, row.status) for row in found]
        began = time.perf_counter()
        outcome = apply_to_many(order=order, rows=seen)
        seconds = round(time.perf_counter() - began, 3)
        transaction.set_rollback(True)
    if outcome.skipped:
        raise RuntimeError(f"{len(outcome.skipped)} skipped: {outcome.skipped[0][1]}")
    return seconds


def _timed(work: Callable[[], Any]) -> dict[str, Any]:
    work()
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    with CaptureQueriesContext(connection) as captured:
        work()
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "queries": len(captured)}


def _tell(measure: str, timing: dict[str, Any], **values: Any) -> None:
    print(json.dumps({"measure": measure, **values, **timing}))


if __name__ == "__main__":
    main()
