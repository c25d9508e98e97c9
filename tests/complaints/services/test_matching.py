"""Joining, relating and dismissing two records: who may, what it changes, and two officers at once."""

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, connections, transaction

from bawaslu_cases.shared.errors import ConflictError, NotPermittedError
from complaints.models import (
    ClusterMember,
    Complaint,
    ComplaintEvent,
    ComplaintMilestone,
    Likeness,
    LikenessEvent,
    Message,
)
from complaints.services.matching import Two, dismiss, join, relate, undo
from complaints.states import LikenessStatus
from tests.factories import AT, finding, person, tip


def members() -> dict[int, int]:
    return dict(ClusterMember.objects.values_list("complaint", "lead"))


@pytest.mark.django_db
def test_joining_writes_who_and_why_and_moves_neither_record():
    one, other = tip(), tip()
    before = [
        list(model.objects.values()) for model in (ComplaintEvent, ComplaintMilestone, Message)
    ]
    join(two=Two(one, other), lead=other, officer=person("sari"), at=AT, reason="Video yang sama")
    event = LikenessEvent.objects.get()
    assert (event.action, event.source, event.target) == ("join", "open", "joined")
    assert (event.actor, event.reason, event.at) == (person("sari"), "Video yang sama", AT)
    assert members() == {one.pk: other.pk}
    after = [
        list(model.objects.values()) for model in (ComplaintEvent, ComplaintMilestone, Message)
    ]
    assert after == before
    for row in (one, other):
        fresh = Complaint.objects.get(pk=row.pk)
        assert (fresh.status, fresh.lane, fresh.excluded_offices) == (
            row.status,
            row.lane,
            row.excluded_offices,
        )


@pytest.mark.django_db
def test_two_clusters_become_one_under_the_chosen_lead():
    a, b, c, d = (tip() for _each in range(4))
    sari = person("sari")
    join(two=Two(a, b), lead=a, officer=sari, at=AT)
    join(two=Two(c, d), lead=d, officer=sari, at=AT)
    join(two=Two(b, c), lead=c, officer=sari, at=AT)
    assert members() == {a.pk: c.pk, b.pk: c.pk, d.pk: c.pk}


@pytest.mark.django_db
def test_undoing_takes_the_record_that_does_not_lead_out():
    one, other = tip(), tip()
    sari = person("sari")
    join(two=Two(one, other), lead=one, officer=sari, at=AT)
    undo(two=Two(one, other, LikenessStatus.JOINED), officer=sari, at=AT)
    assert members() == {}
    assert Likeness.objects.get().status == LikenessStatus.OPEN
    assert [event.action for event in LikenessEvent.objects.all()] == ["join", "undo"]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["dewi", "nur", "vera", "agus"])
def test_only_officers_decide(who):
    one, other = tip(), tip()
    for act in (relate, dismiss):
        with pytest.raises(NotPermittedError):
            act(two=Two(one, other), officer=person(who), at=AT)
    with pytest.raises(NotPermittedError):
        join(two=Two(one, other), lead=one, officer=person(who), at=AT)
    assert not Likeness.objects.exists()


@pytest.mark.django_db
def test_nobody_joins_what_they_see_to_a_cluster_they_do_not():
    hidden, own, third = tip(), finding(officer="rudi"), finding(officer="rudi")
    join(two=Two(hidden, own), lead=own, officer=person("sari"), at=AT)
    with pytest.raises(NotPermittedError):
        join(two=Two(own, third), lead=own, officer=person("rudi"), at=AT)
    assert members() == {hidden.pk: own.pk}


@pytest.mark.django_db
def test_a_page_drawn_before_somebody_decided_changes_nothing():
    one, other = tip(), tip()
    dismiss(two=Two(one, other), officer=person("sari"), at=AT)
    with pytest.raises(ConflictError, match="Sari"):
        join(two=Two(other, one), lead=one, officer=person("joko"), at=AT)
    assert members() == {}
    assert LikenessEvent.objects.count() == 1


@pytest.mark.django_db
def test_the_history_refuses_to_be_rewritten():
    relate(two=Two(tip(), tip()), officer=person("sari"), at=AT)
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE complaints_likenessevent SET reason = 'x'")


def both(*acts: Callable[[], object]) -> list[object]:
    """Run acts at once on connections of their own; return results and errors."""
    start, results = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            results.append(act())
        except (ConflictError, NotPermittedError) as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_decides():
    one, other = tip(), tip()
    sari, joko = person("sari"), person("joko")
    results = both(
        lambda: join(two=Two(one, other), lead=one, officer=sari, at=AT),
        lambda: dismiss(two=Two(other, one), officer=joko, at=AT),
    )
    assert sorted(isinstance(result, ConflictError) for result in results) == [False, True]
    status = Likeness.objects.get().status
    assert members() == ({other.pk: one.pk} if status == LikenessStatus.JOINED else {})
    assert LikenessEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_joins_that_meet_in_one_record_leave_one_cluster_and_no_circle():
    a, b, c = tip(), tip(), tip()
    sari, joko = person("sari"), person("joko")
    both(
        lambda: join(two=Two(a, b), lead=b, officer=sari, at=AT),
        lambda: join(two=Two(b, c), lead=c, officer=joko, at=AT),
        lambda: join(two=Two(c, a), lead=a, officer=sari, at=AT),
    )
    held = members()
    assert held
    assert not set(held) & set(held.values())
