"""A log of requests, replayed: whatever prefix comes again, the database stays what it was (peers.md 22)."""

import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps

from complaints.models import Complaint
from tests.complaints.api.test_proposals import REASON
from tests.complaints.api.test_uploads import named
from tests.complaints.api.test_writes import found, told
from tests.factories import AT, office
from tests.support.api_clients import ApiPeer, api_client
from tests.support.at_once import at_once

WRITES = 40
Request = tuple[str, Any, str, dict[str, str]]


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def everything() -> dict[str, list[Any]]:
    """Return every row of the records, as the database has it."""
    return {
        model.__name__: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_app_config("complaints").get_models()
    }


def recorded(peer: ApiPeer) -> Iterator[Request]:
    """Yield one request after the other, some on what those before made. 40 mixed writes."""
    chance = random.Random(22)
    made: list[Complaint] = []
    kinds: list[Callable[[], tuple[str, Any, dict[str, str]]]] = [
        lambda: ("/complaints", told(place=f"Tempat {chance.random()}"), {}),
        lambda: ("/findings", found(place=f"Tempat {chance.random()}"), {}),
        lambda: (
            "/complaints/batch",
            {"items": [{"key": uuid4().hex, "complaint": told()} for _item in range(2)]},
            {},
        ),
        lambda: (
            f"/complaints/{made[-1].public_id}/uploads",
            None,
            {
                "upload_length": "1000",
                "upload_metadata": named("acara.jpg"),
                "tus_resumable": "1.0.0",
            },
        ),
        lambda: (
            f"/complaints/{made[-1].public_id}/proposals",
            {"action": "register", "reason": REASON},
            {"if_match": str(peer.get(f"/complaints/{made[-1].public_id}")["ETag"])},
        ),
        lambda: ("/complaints", told(story="pendek"), {}),
    ]
    for number in range(WRITES):
        made = list(Complaint.objects.filter(lane="finding").order_by("pk"))
        chance.shuffle(made)
        choose = kinds[1] if not made else kinds[number % len(kinds)]
        path, body, headers = choose()
        yield path, body, uuid4().hex, headers


def sent(peer: ApiPeer, request: Request) -> Any:
    path, body, key, headers = request
    return peer.post(path, body, key=key, **headers)


@pytest.mark.long
@pytest.mark.django_db(databases="__all__")
def test_any_prefix_of_the_log_changes_nothing(clock):
    peer, chance = api_client(office("33"), calls_a_minute=100_000), random.Random(40)
    log: list[tuple[Request, int, bytes]] = []
    for request in recorded(peer):
        answer = sent(peer, request)
        log.append((request, answer.status_code, answer.content))
        if len(log) % 8 == 0:
            before = everything()
            for again, status, content in log[: chance.randrange(1, len(log) + 1)]:
                repeated = sent(peer, again)
                assert repeated.status_code == status
                if "batch" not in again[0]:
                    assert repeated.content == content
            assert everything() == before

    assert len(log) == WRITES
    statuses = [status for _request, status, _content in log]
    assert {status: statuses.count(status) for status in sorted(set(statuses))}[201] > WRITES // 2
    assert Complaint.objects.filter(lane="finding").count() >= WRITES // 6


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_p04_twenty_at_once_make_one():
    peer, key = api_client(office("33"), calls_a_minute=100_000), uuid4().hex

    answers = at_once([lambda: sent(peer, ("/findings", found(), key, {}))] * 20)

    made = [each for each in answers if each.status_code == 201]
    assert {each.status_code for each in answers} <= {201, 409}
    assert made
    assert len({each.content for each in made}) == 1
    assert all(each["Retry-After"] for each in answers if each.status_code == 409)
    assert Complaint.objects.count() == 1
