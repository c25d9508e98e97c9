"""Two referrals of one case that end at the same moment: the case ends, once."""

from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest
from django.db import connections

from complaints.models import Case, CaseEvent
from complaints.states import CaseStatus
from referrals.models import Referral
from referrals.services import follow_up
from referrals.services.recommend import approve_referral, propose_referral
from referrals.services.review import accept_referral, find_not_proven
from tests.factories import AT, decided_case, person
from tests.referrals.stages import carried

EARLIER = datetime(2024, 2, 5, 3, 0, tzinfo=UTC)
"""KASN still receives referrals."""


@pytest.mark.django_db(transaction=True)
def test_last_two_referrals_at_once_close_the_case(monkeypatch):
    case = decided_case()
    ends: list[tuple[Referral, Any]] = []
    for at, key in ((EARLIER, "kasman"), (AT, "anwar")):
        referral = propose_referral(
            case=Case.objects.get(pk=case.pk), officer=person("sari"), at=at
        )
        approve_referral(referral=referral, approver=person("joko"), at=at)
        referral = carried(referral, at)
        accept_referral(referral=referral, reviewer=person(key), at=at)
        ends.append((referral, person(key)))
    together, looked = Barrier(2), Barrier(2)
    close = follow_up.close_when_done

    def closing(**given: Any) -> bool:
        together.wait(120)
        closed = close(**given)
        # hold the commit until the other has looked, too; behind a lock it cannot, so not for long
        with suppress(BrokenBarrierError):
            looked.wait(1)
        return closed

    monkeypatch.setattr("referrals.services.review.close_when_done", closing)

    def end(referral: Referral, reviewer: Any) -> None:
        try:
            find_not_proven(referral=referral, reviewer=reviewer, at=AT, reason="Tidak terbukti.")
        finally:
            connections.close_all()

    threads = [Thread(target=end, args=pair) for pair in ends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert sorted(Referral.objects.values_list("status", flat=True)) == ["closed", "closed"]
    assert Case.objects.get().status == CaseStatus.CLOSED
    assert CaseEvent.objects.filter(action="close").count() == 1
