"""Webhooks: signed, content-free, what a read would show, each told once, one address apart from another."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from bawaslu_cases.accounts.models import (
    ApiClient,
    User,
    WebhookMessage,
    WebhookSubscription,
)
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.services import webhook_sending
from bawaslu_cases.accounts.services.api_calls import sweep_api
from bawaslu_cases.accounts.services.webhooks import ping, replay
from bawaslu_cases.accounts.webhook_selectors import waiting_of
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import Outcome, deliver
from bawaslu_cases.shared.snapshots import horizon
from bawaslu_cases.shared.webhook_signatures import SignatureError, verified_id
from complaints.models import Case, Complaint, Deadline, Recusal
from complaints.states import Lane
from referrals.models import FollowUp, Referral
from referrals.services.webhook_events import collect_webhooks
from referrals.tasks import collect_webhooks_task
from tests.factories import case, finding, office, report, tip
from tests.referrals import stages
from tests.support.api_clients import ApiPeer, api_client
from tests.support.at_once import at_once
from tests.support.peers import HttpPeer, http_peer

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

EVERYTHING = [
    *("complaint.changed", "case.changed", "deadline.changed", "deadline.due_soon"),
    *("deadline.overdue", "referral.changed", "referral.delivered", "follow_up.changed"),
    "follow_up.answered",
]


@pytest.fixture(autouse=True)
def _own_network(settings):
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"localhost"})
    settings.API_CALLS_A_MINUTE = 100_000


@pytest.fixture
def peer() -> ApiPeer:
    return api_client(office("33"))


@pytest.fixture
def server() -> Iterator[HttpPeer]:
    with http_peer() as found:
        yield found


def subscribed(
    peer: ApiPeer, server: HttpPeer, events: list[str] | None = None, **headers: str
) -> dict[str, Any]:
    body = {"url": server.url, "events": events or EVERYTHING}
    response = peer.post("/webhooks", body, **headers)
    assert response.status_code == 201, response.content
    told: dict[str, Any] = response.json()
    return told


def all_is_over() -> None:
    """Wait until no transaction from before runs: the server's own upkeep may hold the feed for a moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (now,) = cursor.fetchone()
    for _moment in range(2000):
        if horizon() > now:
            return
        time.sleep(0.01)
    raise AssertionError("a transaction of before still runs")


def pump(at: datetime | None = None) -> list[Outcome]:
    """One round of the schedule, and what it promised, until nothing is due."""
    all_is_over()
    collect_webhooks(at=at or timezone.now())
    outcomes: list[Outcome] = []
    while True:
        due = OutboxMessage.objects.filter(topic="webhook.send", status="PENDING")
        free = [message.pk for message in due.order_by("pk") if message.held_until is None]
        if not free:
            return outcomes
        outcomes += [deliver(number) for number in free]


def told(server: HttpPeer) -> list[tuple[str, str, str]]:
    """What arrived: the event, the record's id and what became of it, in the order of arrival."""
    bodies = [json.loads(body) for _headers, body in server.taken]
    return [(b["type"], b["data"].get("id", ""), b["data"].get("change", "")) for b in bodies]


def rested(subscription: dict[str, Any]) -> None:
    """Let the pause after a failure end, as time would."""
    WebhookSubscription.objects.filter(public_id=subscription["id"]).update(retry_at=None)
    OutboxMessage.objects.filter(topic="webhook.send").update(held_until=None)


def row_of(subscription: dict[str, Any]) -> WebhookSubscription:
    return WebhookSubscription.objects.get(public_id=subscription["id"])


def retitle(record: Complaint, title: str) -> None:
    Complaint.objects.filter(pk=record.pk).update(title=title)


def test_a_change_is_told_signed_and_without_content(peer, server):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed"])
    retitle(known, "Judul yang tidak boleh keluar")

    assert pump() == [Outcome.DONE]

    [(headers, body)] = server.taken
    message_id = verified_id(secret=made["secret"], headers=headers, body=body, at=timezone.now())
    assert message_id == f"msg_{WebhookMessage.objects.get().public_id.hex}"
    heard = json.loads(body)
    assert {key: value for key, value in heard["data"].items() if key != "cursor"} == {
        "kind": "complaint",
        "id": str(known.public_id),
        "change": "upsert",
    }
    assert (set(heard), heard["type"]) == ({"type", "data"}, "complaint.changed")
    with pytest.raises(SignatureError):
        verified_id(secret=made["secret"], headers=headers, body=body + b" ", at=timezone.now())
    # the cursor leads a read to the very change
    read = peer.get("/changes", {"since": heard["data"]["cursor"]}).json()
    assert [(item["kind"], item["id"]) for item in read["items"]] == [
        ("complaint", str(known.public_id))
    ]
    # nothing more to tell
    assert pump() == []
    assert len(server.taken) == 1


def test_what_was_before_the_subscription_is_not_told(peer, server):
    retitle(finding(), "sebelumnya")
    subscribed(peer, server)
    pump()

    assert server.taken == []


def test_each_kind_tells_what_the_feed_tells_and_no_more(peer, server, vault_keys):
    followed = stages.recommended()
    subscribed(peer, server)
    pump()
    server.taken.clear()
    hidden = [tip(), report(lane=Lane.SEALED)]
    Referral.objects.filter(pk=followed.referral_id).update(due_at=timezone.now())
    FollowUp.objects.filter(pk=followed.pk).update(gap="lighter")
    Case.objects.filter(pk=followed.referral.case_id).update(summary="lain")
    Complaint.objects.filter(pk__in=[each.pk for each in hidden]).update(title="tersembunyi")
    pump()

    assert set(told(server)) == {
        ("case.changed", str(followed.referral.case.public_id), "upsert"),
        ("referral.changed", str(followed.referral.public_id), "upsert"),
        ("follow_up.changed", str(followed.public_id), "upsert"),
    }
    assert len(server.taken) == 3
    sent = b"".join(body for _headers, body in server.taken)
    assert not any(str(each.public_id).encode() in sent for each in hidden)


def test_what_leaves_the_clients_sight_is_told_as_removed(peer, server):
    known, moved = finding(), finding()
    bali = api_client(office("51"))
    subscribed(peer, server, ["complaint.changed"])
    with http_peer() as elsewhere:
        subscribed(bali, elsewhere, ["complaint.changed"])
        Recusal.objects.create(
            user=peer.user, complaint=known, reason="declared", since=timezone.now()
        )
        Complaint.objects.filter(pk=moved.pk).update(office=office("51"))
        pump()

        assert set(told(server)) == {
            ("complaint.changed", str(known.public_id), "removed"),
            ("complaint.changed", str(moved.public_id), "removed"),
        }
        assert told(elsewhere) == [("complaint.changed", str(moved.public_id), "upsert")]


def test_coming_to_stand_somewhere_is_told_once(peer, server):
    followed = stages.answered()
    referral = followed.referral
    subscribed(peer, server, ["referral.delivered", "follow_up.answered"])
    FollowUp.objects.filter(pk=followed.pk).update(gap="lighter")
    pump()
    assert server.taken == []  # it was answered before anybody asked

    at = timezone.now()
    FollowUp.objects.filter(pk=followed.pk).update(status_at=at)
    Referral.objects.filter(pk=referral.pk).update(status="delivered", status_at=at)
    pump()
    FollowUp.objects.filter(pk=followed.pk).update(gap="none")
    Referral.objects.filter(pk=referral.pk).update(due_at=at)
    pump()

    assert sorted(told(server)) == [
        ("follow_up.answered", str(followed.public_id), "upsert"),
        ("referral.delivered", str(referral.public_id), "upsert"),
    ]
    # and again when it comes there again
    FollowUp.objects.filter(pk=followed.pk).update(status_at=at + timedelta(seconds=1))
    pump()
    assert len(server.taken) == 3


def test_a_deadline_is_told_when_it_is_near_and_when_it_is_over(peer, server):
    record = case()
    deadline = Deadline.objects.filter(case=record, status="open").order_by("pk")[0]
    Deadline.objects.exclude(pk=deadline.pk).delete()
    made = subscribed(peer, server, ["deadline.due_soon", "deadline.overdue"])
    at = timezone.now()

    def due(when: datetime) -> None:
        Deadline.objects.filter(pk=deadline.pk).update(due_at=when)

    due(at + timedelta(days=4))
    pump(at)
    assert server.taken == []
    due(at + timedelta(days=2))
    pump(at)
    pump(at)
    pump(at + timedelta(days=2, seconds=1))
    pump(at + timedelta(days=3))
    id_ = str(deadline.public_id)
    assert told(server) == [
        ("deadline.due_soon", id_, "upsert"),
        ("deadline.overdue", id_, "upsert"),
    ]
    # another day is another deadline; one that ended is none
    due(at + timedelta(days=1))
    pump(at)
    Deadline.objects.filter(pk=deadline.pk).update(status="met", ended_on=timezone.localdate())
    pump(at + timedelta(days=1, seconds=1))
    assert [event for event, _id, _change in told(server)] == [
        *("deadline.due_soon", "deadline.overdue", "deadline.due_soon")
    ]
    assert row_of(made).failures == 0


def test_twice_and_at_once_tell_nothing_twice(peer, server):
    records = [finding() for _ in range(3)]
    subscribed(peer, server, ["complaint.changed"])
    for record in records:
        retitle(record, "baru")
    at = timezone.now()
    at_once([lambda: collect_webhooks(at=at)] * 4)
    collect_webhooks_task()

    assert WebhookMessage.objects.count() == 3
    [promise] = OutboxMessage.objects.filter(topic="webhook.send")
    outcomes = at_once([lambda: deliver(promise.pk)] * 4)
    assert outcomes.count(Outcome.DONE) == 1
    assert deliver(promise.pk) is Outcome.NOT_DUE
    assert [id_ for _event, id_, _change in told(server)] == [
        str(record.public_id) for record in records
    ]


def test_a_worker_that_dies_after_sending_sends_the_same_id_again(peer, server, monkeypatch):
    """What it wrote is gone with it; the other side knows the id."""
    known = finding()
    subscribed(peer, server, ["complaint.changed"])
    retitle(known, "baru")
    collect_webhooks(at=timezone.now())
    [promise] = OutboxMessage.objects.filter(topic="webhook.send")

    class KilledError(BaseException):
        pass

    def killed(**_told: Any) -> None:
        raise KilledError

    # the last thing before the end of its transaction
    real = waiting_of
    calls: list[int] = []

    def dying(row: WebhookSubscription) -> Any:
        calls.append(row.pk)
        if len(calls) == 2:
            killed()
        return real(row)

    monkeypatch.setattr(webhook_sending, "waiting_of", dying)
    with pytest.raises(KilledError):
        deliver(promise.pk)
    assert len(server.taken) == 1
    assert WebhookMessage.objects.get().state == "waiting"
    monkeypatch.undo()
    OutboxMessage.objects.update(held_until=None)

    assert deliver(promise.pk) is Outcome.DONE
    ids = {headers["webhook-id"] for headers, _body in server.taken}
    assert (len(server.taken), len(ids)) == (2, 1)
    message = WebhookMessage.objects.get()
    assert (message.state, message.last_status) == ("taken", 409)


def test_a_failure_rests_the_address_and_the_order_stays(peer, server):
    first, second = finding(), finding()
    made = subscribed(peer, server, ["complaint.changed"])
    server.answers += [(503, b"nanti"), (302, b"")]
    retitle(first, "satu")
    pump()
    retitle(second, "dua")
    # it rests: nothing is tried
    assert pump() == []
    assert server.taken == []
    row = row_of(made)
    assert (row.failures, row.disabled_at) == (1, None)
    assert row.failing_since is not None
    rested(made)
    pump()  # a redirect is not followed and counts as a failure
    log = peer.get(f"/webhooks/{made['id']}/deliveries").json()["items"]
    assert [
        (line["state"], line["attempts"], line["last_status"], line["last_problem"]) for line in log
    ] == [
        ("waiting", 0, None, ""),
        ("waiting", 2, 302, "redirected"),
    ]
    rested(made)
    pump()
    assert [id_ for _event, id_, _change in told(server)] == [
        str(first.public_id),
        str(second.public_id),
    ]
    row = row_of(made)
    assert (row.failures, row.failing_since, row.retry_at) == (0, None, None)


def test_nobody_there_is_written_down_and_another_subscription_goes_on(peer, server):
    with http_peer() as gone:
        url = gone.url
    known = finding()
    dead = peer.post("/webhooks", {"url": url, "events": ["complaint.changed"]}).json()
    alive = subscribed(peer, server, ["complaint.changed"])
    retitle(known, "baru")
    assert pump() == [Outcome.DONE, Outcome.DONE]

    assert len(server.taken) == 1
    [line] = peer.get(f"/webhooks/{dead['id']}/deliveries").json()["items"]
    assert (line["state"], line["last_status"], line["last_problem"]) == (
        *("waiting", None),
        "unreachable",
    )
    # one message each: neither knows the other's
    [other] = peer.get(f"/webhooks/{alive['id']}/deliveries").json()["items"]
    assert other["state"] == "taken"
    assert other["id"] != line["id"]


def test_a_message_refused_eight_times_is_given_up(peer, server):
    known, other = finding(), finding()
    made = subscribed(peer, server, ["complaint.changed"])
    server.answers += [(400, b"")] * 8
    retitle(known, "satu")
    pump()
    for _ in range(7):
        rested(made)
        pump()
    retitle(other, "dua")
    rested(made)
    pump()

    states = list(WebhookMessage.objects.order_by("pk").values_list("state", "attempts"))
    assert states == [("given_up", 8), ("taken", 1)]


def test_after_days_of_failure_it_is_off_until_its_owner_turns_it_on(peer, server, settings):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed"])
    server.answers += [(500, b""), (500, b"")]
    retitle(known, "satu")
    pump()
    long_ago = timezone.now() - timedelta(days=settings.WEBHOOK_DISABLED_AFTER_DAYS)
    WebhookSubscription.objects.update(failing_since=long_ago)
    rested(made)
    pump()
    told_of_it = peer.get(f"/webhooks/{made['id']}").json()
    assert told_of_it["disabled_at"] is not None
    assert told_of_it["waiting"] == 1

    retitle(known, "dua")
    rested(made)
    assert pump() == []
    for way, body in (("ping", None), ("replay", {"since": made["made_at"]})):
        refused = peer.post(f"/webhooks/{made['id']}/{way}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "webhook_disabled")

    on = peer.post(f"/webhooks/{made['id']}/enable")
    assert (on.status_code, on.json()["disabled_at"], on.json()["failing_since"]) == (
        200,
        None,
        None,
    )
    pump()
    assert len(server.taken) == 2


def test_410_turns_it_off_at_once(peer, server):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed"])
    server.answers.append((410, b""))
    retitle(known, "satu")
    pump()

    assert row_of(made).disabled_at is not None
    assert OutboxMessage.objects.filter(topic="webhook.send", status="PENDING").count() == 0


def test_a_suspended_client_gets_nothing_and_goes_on_where_it_stood(peer, server):
    known = finding()
    subscribed(peer, server, ["complaint.changed"])
    retitle(known, "sebelum")
    collect_webhooks(at=timezone.now())
    User.everyone.filter(pk=peer.user.pk).update(is_active=False)
    [promise] = OutboxMessage.objects.filter(topic="webhook.send")
    assert deliver(promise.pk) is Outcome.DONE
    retitle(known, "selama")
    assert pump() == []
    assert server.taken == []
    assert WebhookMessage.objects.count() == 1

    User.everyone.filter(pk=peer.user.pk).update(is_active=True)
    pump()
    assert told(server) == [("complaint.changed", str(known.public_id), "upsert")] * 2


def test_a_scope_that_was_taken_takes_its_events(peer, server):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed", "case.changed"])
    retitle(known, "sebelum")
    collect_webhooks(at=timezone.now())
    ApiClient.objects.filter(pk=peer.client.pk).update(
        scopes=[Scope.CASES_READ, Scope.WEBHOOKS_MANAGE]
    )
    retitle(known, "sesudah")
    pump()

    # another sight: a copy begins anew, and is told so
    assert [event for event, _id, _change in told(server)] == ["changes.restarted"]
    states = WebhookMessage.objects.order_by("pk").values_list("event", "state")
    assert list(states) == [("complaint.changed", "withheld"), ("changes.restarted", "taken")]
    record = case()
    pump()
    assert told(server)[1:] == [("case.changed", str(record.public_id), "upsert")]
    ApiClient.objects.filter(pk=peer.client.pk).update(scopes=[Scope.CASES_READ])
    Case.objects.filter(pk=record.pk).update(summary="lain")
    assert pump() == []
    assert row_of(made).events == ["case.changed", "complaint.changed"]


def test_ping_and_replay_at_the_owners_word(peer, server):
    first, second = finding(), finding()
    made = subscribed(peer, server, ["complaint.changed"])
    pinged = peer.post(f"/webhooks/{made['id']}/ping")
    assert pinged.status_code == 202
    pump()
    [(headers, body)] = server.taken
    assert headers["webhook-id"] == pinged.json()["id"]
    assert json.loads(body) == {"type": "ping", "data": {}}

    retitle(first, "satu")
    pump()
    since = timezone.now()
    retitle(second, "dua")
    pump()
    before = [headers["webhook-id"] for headers, _body in server.taken]
    server.taken.clear()  # the office lost them
    again = peer.post(f"/webhooks/{made['id']}/replay", {"since": since.isoformat()})
    assert (again.status_code, again.json()) == (202, {"queued": 1})
    pump()
    assert [headers["webhook-id"] for headers, _body in server.taken] == before[-1:]

    server.taken.clear()
    again = peer.post(f"/webhooks/{made['id']}/replay", {"since": made["made_at"]})
    assert again.json() == {"queued": 3}
    pump()
    assert [headers["webhook-id"] for headers, _body in server.taken] == before
    for since in (timezone.now() + timedelta(days=1), timezone.now() - timedelta(days=31)):
        refused = peer.post(f"/webhooks/{made['id']}/replay", {"since": since.isoformat()})
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["since"])


def test_a_ping_does_not_wait_for_the_pause(peer, server):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed"])
    server.answers.append((500, b""))
    retitle(known, "satu")
    pump()
    assert peer.post(f"/webhooks/{made['id']}/ping").status_code == 202
    pump()

    assert [event for event, _id, _change in told(server)] == ["complaint.changed", "ping"]
    assert OutboxMessage.objects.filter(topic="webhook.send", status="PENDING").count() == 0


def test_two_secrets_sign_while_one_takes_over(peer, server):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed"])
    turned = peer.post(f"/webhooks/{made['id']}/secret")
    assert turned.status_code == 201
    assert turned.json()["secret"] != made["secret"]
    retitle(known, "satu")
    pump()
    headers, body = server.taken[-1]
    for secret in (made["secret"], turned.json()["secret"]):
        assert verified_id(secret=secret, headers=headers, body=body, at=timezone.now())
    assert peer.post(f"/webhooks/{made['id']}/secret").status_code == 409

    WebhookSubscription.objects.update(previous_until=timezone.now())
    retitle(known, "dua")
    pump()
    headers, body = server.taken[-1]
    assert verified_id(
        secret=turned.json()["secret"], headers=headers, body=body, at=timezone.now()
    )
    with pytest.raises(SignatureError):
        verified_id(secret=made["secret"], headers=headers, body=body, at=timezone.now())


def test_the_secret_is_told_once_and_lies_sealed(peer, server):
    key = uuid4().hex
    made = subscribed(peer, server, key=key)
    again = peer.post("/webhooks", {"url": server.url, "events": EVERYTHING}, key=key)
    assert (again.status_code, again.json()["secret"]) == (201, made["secret"])
    assert WebhookSubscription.objects.count() == 1

    listed = peer.get("/webhooks").json()["items"]
    single = peer.get(f"/webhooks/{made['id']}").json()
    assert listed == [single]
    assert single == {name: value for name, value in made.items() if name != "secret"}
    row = row_of(made)
    with connection.cursor() as cursor:
        cursor.execute("SELECT w::text FROM accounts_webhooksubscription w")
        kept = cursor.fetchone()[0]
    assert made["secret"] not in kept
    assert server.url not in kept
    assert row.opened().secret == made["secret"]


def test_p_a_stranger_finds_nothing(peer, server):
    made = subscribed(peer, server)
    stranger = api_client(office("33"))
    for method, way in (
        *(("get", ""), ("delete", ""), ("get", "/deliveries"), ("post", "/secret")),
        *(("post", "/ping"), ("post", "/replay"), ("post", "/enable")),
    ):
        body = {"since": made["made_at"]}
        address = f"/webhooks/{made['id']}{way}"
        is_post = method == "post"
        response = stranger.post(address, body) if is_post else stranger.call(method, address)
        assert response.status_code == 404, (method, way)
    assert stranger.get("/webhooks").json()["items"] == []
    reader = api_client(office("33"), [Scope.COMPLAINTS_READ])
    refused = reader.get("/webhooks")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def test_what_is_refused(peer, server, settings):
    def code(body: dict[str, Any], asker: ApiPeer = peer) -> tuple[int, list[str]]:
        response = asker.post("/webhooks", body)
        return response.status_code, sorted(response.json().get("errors", {}))

    settings.OUTGOING_PRIVATE_HOSTS = frozenset()
    for url in (
        *("http://kasus.example.org/", "https://127.0.0.1/", "https://[::1]/", "ftp://x.example/"),
        *("https://localhost/", "https://10.0.0.8/x", "https://a:b@x.example/", "https://x:99999/"),
        *("https://169.254.169.254/latest", "javascript:1", "bukan alamat"),
        *(
            "https://contoh.example/a b",
            "https://conto\u0301h.example/",
            f"https://{'a.' * 130}id/",
        ),
    ):
        assert code({"url": url, "events": ["case.changed"]}) == (422, ["url"]), url
    url = "https://kasus.invalid/masuk"
    assert code({"url": url, "events": []}) == (400, ["events"])
    assert code({"url": url, "events": ["ping"]}) == (400, ["events.0"])
    assert code({"url": url, "events": ["case.changed"], "x": 1}) == (400, ["x"])
    assert code({"events": ["case.changed"]}) == (400, ["url"])
    reader = api_client(office("33"), [Scope.CASES_READ, Scope.WEBHOOKS_MANAGE])
    refused = reader.post("/webhooks", {"url": url, "events": ["referral.changed"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    # a name that does not resolve today may do so tomorrow
    for _ in range(WebhookSubscription.MOST):
        assert code({"url": url, "events": ["case.changed"]}) == (201, [])
    assert code({"url": url, "events": ["case.changed"]}) == (409, [])


def test_an_address_that_came_to_lead_inside_is_not_called(peer, server, settings):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed"])
    settings.OUTGOING_PRIVATE_HOSTS = frozenset()
    WebhookSubscription.objects.get().opened()
    retitle(known, "satu")
    pump()

    assert server.taken == []
    [line] = peer.get(f"/webhooks/{made['id']}/deliveries").json()["items"]
    assert (line["state"], line["last_problem"]) == ("waiting", "address_refused")


def test_ended_is_gone_with_what_waits(peer, server):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed"])
    retitle(known, "satu")
    collect_webhooks(at=timezone.now())
    assert peer.call("delete", f"/webhooks/{made['id']}").status_code == 204
    assert pump() == [Outcome.DONE]

    assert server.taken == []
    assert peer.call("delete", f"/webhooks/{made['id']}").status_code == 404
    assert WebhookMessage.objects.count() == 0


def test_a_place_that_expired_begins_anew_and_says_so(peer, server):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed"])
    retitle(known, "satu")
    pump()
    row = row_of(made)
    assert row.place is not None
    WebhookSubscription.objects.update(place=row.place | {"epoch": uuid4().hex})
    pump()
    retitle(known, "dua")
    pump()

    assert [event for event, _id, _change in told(server)] == [
        *("complaint.changed", "changes.restarted", "complaint.changed")
    ]


def test_many_go_out_in_turns_and_the_log_turns_pages(peer, server, monkeypatch):
    monkeypatch.setattr(webhook_sending, "AT_ONCE", 2)
    records = [finding() for _ in range(5)]
    made = subscribed(peer, server, ["complaint.changed"])
    for record in records:
        retitle(record, "baru")
    assert pump() == [Outcome.DONE] * 3

    assert [id_ for _event, id_, _change in told(server)] == [
        str(record.public_id) for record in records
    ]
    address, seen, cursor = f"/webhooks/{made['id']}/deliveries", [], ""
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = peer.get(address, query).json()
        seen += [line["record"] for line in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            break
    assert seen == [str(record.public_id) for record in reversed(records)]


def test_a_second_promise_is_not_made_while_one_is_open(peer, server):
    made = subscribed(peer, server)
    row = row_of(made)
    WebhookMessage.objects.create(subscription=row, event="ping", made_at=timezone.now())
    at = timezone.now()
    at_once([lambda: collect_webhooks(at=at)] * 3)

    assert OutboxMessage.objects.filter(topic="webhook.send").count() == 1


def test_steps_at_the_same_moment_wait_for_each_other(peer, server):
    """Sending, replay, ping and a round lock in one order: none is a deadlock's victim."""
    records = [finding() for _ in range(4)]
    made = subscribed(peer, server, ["complaint.changed"])
    row = row_of(made)
    for record in records:
        retitle(record, "satu")
    collect_webhooks(at=timezone.now())
    at = timezone.now()
    others: list[Callable[[], Any]] = [
        lambda: replay(subscription=row, since=row.made_at, at=at),
        lambda: ping(subscription=row, at=at),
        lambda: collect_webhooks(at=at),
        lambda: collect_webhooks(at=at),
    ]
    for round_ in range(3):
        retitle(records[round_], "dua")
        promises = OutboxMessage.objects.filter(topic="webhook.send", status="PENDING")
        numbers = list(promises.values_list("pk", flat=True))
        steps: list[Callable[[], Any]] = [partial(deliver, number) for number in numbers]
        at_once(steps + others)
        promises = OutboxMessage.objects.filter(topic="webhook.send")
        assert set(promises.values_list("last_error_code", flat=True)) <= {""}
    pump()

    events = list(WebhookMessage.objects.values_list("event", flat=True))
    assert (events.count("complaint.changed"), events.count("ping")) == (7, 3)
    assert set(WebhookMessage.objects.values_list("state", flat=True)) == {"taken"}
    assert OutboxMessage.objects.filter(topic="webhook.send", status="PENDING").count() == 0
    assert OutboxMessage.objects.filter(topic="webhook.send", status="PARKED").count() == 0


def test_what_is_old_is_swept(peer, server):
    known = finding()
    made = subscribed(peer, server, ["complaint.changed"])
    retitle(known, "satu")
    pump()
    sweep_api(at=timezone.now() + timedelta(days=2))
    assert WebhookMessage.objects.count() == 1
    assert OutboxMessage.objects.filter(topic="webhook.send").count() == 0
    sweep_api(at=timezone.now() + timedelta(days=31))
    assert WebhookMessage.objects.count() == 0
    assert row_of(made).events == ["complaint.changed"]


def test_queries_of_the_pages(peer, server, django_assert_num_queries):
    subscribed(peer, server)
    # the token, the subscriptions, the note of the call
    with django_assert_num_queries(3):
        assert peer.get("/webhooks").status_code == 200
