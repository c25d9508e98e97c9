"""Two members of a plenary take one matter over: it changes hands once, and the other reads how it stands."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.models import Complaint, OfficeChange, PlenaryDecision
from complaints.states import Lane
from tests.complaints.services.test_forwarding import asked_up
from tests.factories import AT, office, plenary_of, report
from tests.support.at_once import Rivals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("vault_keys")]

TYPED = "Anggota kabupaten menjadi terlapor; pleno provinsi mengambil alih."


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


def two_of(place: Office) -> tuple[User, User]:
    first, second, *_rest = plenary_of(place)
    return first, second


def minutes(place: Office, outcome: str, seen: str, **more: Any) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "seen": seen,
        "minutes_number": "9/BA/X/2024",
        "decided_on": "2024-10-07",
        "present": [str(member.public_id) for member in plenary_of(place)],
        "reason": TYPED,
        **more,
    }


def in_the_district() -> Complaint:
    row = report(lane=Lane.OPEN)
    Complaint.objects.filter(pk=row.pk).update(office=office("33.08"))
    row.refresh_from_db()
    return row


def taken_directly(row: Complaint) -> tuple[str, dict[str, Any]]:
    return (
        reverse("desk:take_over", args=[row.public_id]),
        minutes(office("33"), "take_over", "received", takeover_ground="members_reported"),
    )


def changed_hands_once(row: Complaint) -> None:
    """Hold that one decision, one step and one change of office stand."""
    assert PlenaryDecision.objects.filter(complaint=row).count() == 1
    assert row.events.filter(action="take_over").count() == 1
    assert OfficeChange.objects.get(complaint=row).taken
    assert list(row.deadlines.filter(status="open").values_list("kind", flat=True)) == [
        "initial_review"
    ]
    row.refresh_from_db()
    assert (row.office, row.status) == (office("33"), "received")


def reads_that_it_is_taken(page: str) -> None:
    """Hold that the page says so, shows who has it, and keeps what was typed."""
    assert "Baru diubah oleh" in page
    assert "<dt>Putusan</dt><dd>Diambil alih<small>7 Okt 2024</small></dd>" in page
    assert TYPED in page


def test_two_take_a_report_over_directly_at_once() -> None:
    """ "Received" before and after: its status does not tell the two apart."""
    row = in_the_district()

    with Rivals(two_of(office("33"))) as rivals:
        answers = rivals.press(row, [taken_directly(row)] * 2)

    assert sorted(status for status, _page in answers) == [302, 409]
    changed_hands_once(row)
    (late,) = [page for status, page in answers if status == 409]
    reads_that_it_is_taken(late)


def test_whoever_takes_it_over_later_still_is_told_and_loses_nothing_typed(client: Client) -> None:
    row = in_the_district()
    first, second = two_of(office("33"))
    address, form = taken_directly(row)
    client.force_login(first)
    assert client.post(address, form).status_code == 302

    client.force_login(second)
    late = client.post(address, form)

    assert late.status_code == 409
    changed_hands_once(row)
    reads_that_it_is_taken(late.content.decode())
    assert client.get(address).status_code == 200


def test_two_answer_a_request_from_below_at_once() -> None:
    row = asked_up()
    address = reverse("desk:decide_takeover", args=[row.public_id])
    above = office(None)
    outcomes = ("accept_takeover", "decline_takeover")

    with Rivals(two_of(above)) as rivals:
        answers = rivals.press(
            row, [(address, minutes(above, each, "takeover")) for each in outcomes]
        )

    assert sorted(status for status, _page in answers) == [302, 409]
    winner, loser = (0, 1) if answers[0][0] == 302 else (1, 0)
    (step,) = row.events.filter(source="takeover")
    assert step.action == outcomes[winner]
    words = ("Diambil alih", "Tidak diambil alih")[winner]
    page = answers[loser][1]
    assert f"<dt>Putusan</dt><dd>{words}<small>7 Okt 2024</small></dd>" in page
    assert TYPED in page


def test_whoever_answers_it_later_still_is_told_and_loses_nothing_typed(client: Client) -> None:
    row = asked_up()
    address = reverse("desk:decide_takeover", args=[row.public_id])
    above = office(None)
    first, second = two_of(above)
    client.force_login(first)
    client.post(address, minutes(above, "accept_takeover", "takeover"))

    client.force_login(second)
    late = client.post(address, minutes(above, "decline_takeover", "takeover"))

    assert late.status_code == 409
    assert row.events.filter(source="takeover").count() == 1
    reads_that_it_is_taken(late.content.decode())
    assert client.get(address).status_code == 200
