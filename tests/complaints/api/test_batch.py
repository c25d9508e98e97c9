"""Complaints at once: each by itself, resumable, and never twice."""

from typing import Any
from uuid import uuid4

import pytest

from complaints.api import batch
from complaints.models import Complaint, Receipt
from complaints.services import intake, relays
from tests.complaints.api.test_writes import sealed_for, told
from tests.factories import office
from tests.support.api_clients import ApiPeer, api_client

pytestmark = [pytest.mark.django_db(databases="__all__")]


def item(key: str = "", **changes: Any) -> dict[str, Any]:
    return {"key": key or uuid4().hex, "complaint": told(**changes)}


@pytest.fixture
def peer() -> ApiPeer:
    return api_client(office("33"))


def send(peer: ApiPeer, items: list[dict[str, Any]], **headers: str) -> Any:
    answer = peer.post("/complaints/batch", {"items": items}, **headers)
    assert answer.status_code == 200, answer.content
    return answer


@pytest.mark.usefixtures("vault_keys")
def test_one_that_is_refused_stops_no_other(peer):
    items = [
        item(),
        item(story="pendek"),
        item(lane="open", identity=sealed_for(peer, lane="open")),
        item(known_on="2999-01-01"),
        item(known_no=1),
    ]

    results = send(peer, items).json()["items"]

    assert [each["key"] for each in results] == [each["key"] for each in items]
    assert [each["status"] for each in results] == [201, 400, 201, 422, 400]
    assert [sorted((each["problem"] or {}).get("errors", {})) for each in results] == [
        [],
        ["story"],
        [],
        ["known_on"],
        ["known_no"],
    ]
    assert [each["id"] is None for each in results] == [True, True, False, True, True]
    assert results[2]["id"] == str(Complaint.objects.get(lane="open").public_id)
    assert Complaint.objects.count() == Receipt.objects.count() == 2


def test_sent_again_it_goes_on_where_it_broke_off(peer, monkeypatch):
    items = [item() for _number in range(3)]
    submit, count = intake.submit_complaint, iter(range(9))

    def breaks(**told: Any) -> Any:
        if next(count) == 1:
            raise RuntimeError("the machine went away")
        return submit(**told)

    monkeypatch.setattr(relays, "submit_complaint", breaks)
    with pytest.raises(RuntimeError):
        send(peer, items)
    assert Complaint.objects.count() == 1

    results = send(peer, items).json()["items"]

    assert [each["replayed"] for each in results] == [True, False, False]
    assert [each["status"] for each in results] == [201] * 3
    assert len({each["complaint"]["receipt"] for each in results}) == 3
    assert Complaint.objects.count() == 3
    again = send(peer, items)
    assert again["Idempotency-Replayed"] == "true"
    assert [each["complaint"] for each in again.json()["items"]] == [
        each["complaint"] for each in results
    ]
    assert Complaint.objects.count() == 3


def test_a_key_stands_for_one_thing(peer):
    first = item(key="nomor-1")
    send(peer, [first])

    (changed,) = send(peer, [item(key="nomor-1", place="Tempat lain")]).json()["items"]
    twice = send(peer, [item(key="nomor-2"), item(key="nomor-2")]).json()["items"]

    assert (changed["status"], changed["problem"]["code"]) == (422, "idempotency_key_reused")
    assert [(each["status"], (each["problem"] or {}).get("code")) for each in twice] == [
        (201, None),
        (422, "key_twice"),
    ]


def test_another_clients_key_is_another_key(peer):
    send(peer, [item(key="nomor-1")])
    (other,) = send(api_client(office("33")), [item(key="nomor-1")]).json()["items"]

    assert (other["status"], other["replayed"]) == (201, False)
    assert Complaint.objects.count() == 2


def test_what_was_not_reached_says_so(peer, monkeypatch):
    monkeypatch.setattr(batch, "SECONDS", -1)

    results = send(peer, [item()]).json()["items"]

    assert [(each["status"], each["problem"]["code"]) for each in results] == [(503, "not_reached")]
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [{"key": "a"}]}, "items.0.complaint"),
        ({"items": [{"key": 1, "complaint": {}}]}, "items.0.key"),
        ({"items": [{"key": "a", "complaint": {}, "more": 1}]}, "items.0.more"),
        ({"items": [{"key": "a", "complaint": {}}] * 101}, "items"),
        ({"item": []}, "item"),
        ({"items": {"a": 1}}, "items"),
    ],
)
def test_p07_a_batch_that_is_none(peer, body, field):
    answer = peer.post("/complaints/batch", body)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_a_key_that_cannot_be_one_is_the_items_own_problem(peer):
    (result,) = send(peer, [item(key="kunci\u200f")]).json()["items"]

    assert (result["status"], result["problem"]["code"]) == (400, "idempotency_key_missing")


def test_the_whole_request_needs_a_key_too(peer):
    answer = peer.post("/complaints/batch", {"items": [item()]}, key=None)

    assert answer.json()["code"] == "idempotency_key_missing"
    assert not Complaint.objects.exists()
