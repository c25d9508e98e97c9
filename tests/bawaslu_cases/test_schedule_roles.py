"""Every periodic job does its work under the rights that the worker's role has in the three databases."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.core.cache import cache
from django.db import connections
from django.utils.module_loading import import_string

from bawaslu_cases.schedule import BEAT_SCHEDULE, PeriodicJob
from tests.bawaslu_cases.test_schedule_twice import WORK, changes, state

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def as_worker() -> Iterator[None]:
    """Ask as bc_worker on every connection of this thread."""
    for connection in connections.all():
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE bc_worker")
    try:
        yield
    finally:
        for connection in connections.all():
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")


@pytest.mark.parametrize("job", BEAT_SCHEDULE, ids=lambda job: job.name)
def test_a_job_does_its_work_with_the_rights_of_the_worker(
    job: PeriodicJob, request: pytest.FixtureRequest
) -> None:
    work, run = WORK[job.name], import_string(job.task)
    at = work.given(request)
    cache.clear()  # what somebody who may more left there

    with time_machine.travel(at, tick=False):
        before = state()
        with as_worker():
            run()

        assert changes(before, state()) == work.does
