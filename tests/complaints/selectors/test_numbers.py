"""Statements kept in the process: they follow the clock, the scope and what happens in between."""

from datetime import timedelta

import pytest

from bawaslu_cases.accounts.models import Absence, User
from complaints.models import Complaint, Recusal
from complaints.selectors import kept
from complaints.selectors.desk import asked, capped, desk_counts, rail_counts
from complaints.selectors.filters import Asker
from complaints.selectors.numbers import remembered
from complaints.selectors.queue import QueueQuery
from complaints.selectors.queue_numbers import queue_numbers
from complaints.services.assignment import assign
from tests.factories import AT, person, tip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(kept, "_KEPT", {})


def views(name: str, at=AT) -> dict[str, int]:
    asker = Asker(person(name), at)
    return queue_numbers(asker=asker, saved=[], query=QueueQuery(), row=None).views


def test_a_kept_statement_follows_the_clock():
    row = tip()
    assert row.due_at is not None
    assert views("sari")["overdue"] == 0

    assert views("sari", row.due_at)["overdue"] == 0
    assert views("sari", row.due_at + timedelta(microseconds=1))["overdue"] == 1
    assert views("sari", row.due_at - timedelta(minutes=1))["today"] == 1
    assert len(kept._KEPT) == 1


def test_a_kept_statement_sees_recusals_and_absences_made_since():
    row, sari, joko = tip(), person("sari"), person("joko")
    assert (views("sari")["review"], views("sari")["mine"]) == (1, 0)

    assign(subject=row, to=joko, officer=sari, at=AT, seen=None)
    day = Asker(sari, AT).today
    Absence.objects.create(
        user=joko, deputy=sari, first_on=day, last_on=day, entered_by=sari, made_at=AT
    )
    assert views("sari")["mine"] == 1
    assert views("sari", AT + timedelta(days=1))["mine"] == 0

    Recusal.objects.create(complaint=row, user=sari, reason=Recusal.Reason.values[0], since=AT)
    assert (views("sari")["review"], views("sari")["mine"]) == (0, 0)


def test_somebody_who_moves_gets_the_numbers_of_the_new_office():
    tip()
    sari = person("sari")
    assert desk_counts(user=sari, at=AT)["received"] == 1

    elsewhere = person("budi").office
    assert elsewhere is not None
    assert elsewhere != sari.office
    User.objects.filter(pk=sari.pk).update(office=elsewhere)

    assert desk_counts(user=person("sari"), at=AT)["received"] == 0


def test_numbers_are_asked_as_planned_and_others_in_a_query_of_their_own(django_assert_num_queries):
    tip()
    asker = Asker(person("sari"), AT)
    rows = Complaint.objects.visible_to(asker.user)

    def build(asker: Asker):
        return {
            "late": capped(rows.filter(due_at__lt=asker.at), 5, ("due_at", "id")),
            "all": capped(rows, 5, ("due_at", "id")),
        }

    numbers = remembered("test", build, asker)
    with django_assert_num_queries(2):
        found = asked(asker, numbers, more=capped(rows, 5, ("due_at", "id")))
    assert found == {"late": 0, "all": 1, "more": 1}
    assert numbers.counted is remembered("test", build, asker).counted


def test_a_count_that_reckons_with_the_clock_by_itself_is_refused():
    rows = Complaint.objects.all()
    asker = Asker(person("sari"), AT)

    def build(asker: Asker):
        return {
            "very_late": capped(
                rows.filter(due_at__lt=asker.at - timedelta(days=7)), 5, ("due_at", "id")
            )
        }

    with pytest.raises(RuntimeError, match="has no slot"):
        remembered("test", build, asker)


def test_somebody_without_a_unit_counts_nothing(django_assert_num_queries):
    tip()
    nobody = person("tono")
    assert nobody.roles == frozenset()
    with django_assert_num_queries(0):
        assert set(desk_counts(user=nobody, at=AT).values()) == {0}
        assert rail_counts(nobody) == {"queue": 0, "plenary": 0, "staff": 0}
