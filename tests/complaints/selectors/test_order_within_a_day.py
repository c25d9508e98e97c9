"""Lists of one day's records say nothing about who came first (check L11)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import combinations, count

import pytest

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint
from complaints.selectors.desk import newest, soonest
from complaints.selectors.filters import Asker
from complaints.selectors.queue import QueueQuery, View, queue_page
from complaints.services import intake
from tests.factories import AT, person, tip

N = 400
HIGHEST_TAU = 0.15
"""The bound of check L11; with 400 records chance passes it once in 100,000 runs."""

Listed = Callable[[User], Sequence[Complaint]]


def _queue(view: View, q: str = "") -> Listed:
    def rows(user: User) -> Sequence[Complaint]:
        query = QueueQuery(view=view, q=q)
        return queue_page(query=query, asker=Asker(user, AT), cursor=None, size=N).rows

    return rows


LISTS: dict[str, Listed] = {
    "open": _queue(View.OPEN),
    "today": _queue(View.REVIEW),
    "all": _queue(View.ALL),
    "search": _queue(View.ALL, q="camat"),
    "newest": lambda user: newest(user=user, limit=N),
    "soonest": lambda user: soonest(user=user, limit=N),
}


def kendall_tau(order: Sequence[int]) -> float:
    """Return how far a list of arrival numbers runs by them: 1 in order, -1 backwards, 0 by chance."""
    pairs = list(combinations(order, 2))
    return sum(1 if a < b else -1 for a, b in pairs) / len(pairs)


def arrived(n: int) -> dict[int, int]:
    """Let n tips come in one after the other on one day; return each key's number."""
    return {tip(AT + timedelta(seconds=k)).pk: k for k in range(n)}


@pytest.mark.long
@pytest.mark.django_db
def test_l11_lists_of_one_day_are_in_no_order_of_arrival():
    sari, numbers = person("sari"), arrived(N)

    for name, rows in LISTS.items():
        order = [numbers[row.pk] for row in rows(sari)]
        assert sorted(order) == list(range(N)), name
        assert abs(kendall_tau(order)) < HIGHEST_TAU, name


@pytest.mark.django_db
def test_l11_the_measure_sees_running_keys(monkeypatch):
    running = count(1)
    monkeypatch.setattr(intake, "draw_key", lambda _day: next(running))
    sari, numbers = person("sari"), arrived(20)

    for name, rows in LISTS.items():
        assert abs(kendall_tau([numbers[row.pk] for row in rows(sari)])) == 1, name


@pytest.mark.django_db
def test_the_newest_day_comes_first_and_last_in_the_queue():
    sari = person("sari")
    days = [tip(AT + timedelta(days=n % 3)).received_on for n in range(9)]

    everything = _queue(View.ALL)(sari)
    assert [row.received_on for row in everything] == sorted(days, reverse=True)
    assert [row.received_on for row in _queue(View.OPEN)(sari)] == sorted(days)
