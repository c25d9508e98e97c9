"""What a run over the queue does when the server or the line fails: by answers a server may give."""

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from bawaslu_api import Api, Patience, Secret
from bawaslu_api.errors import AccessError, ServerError
from bawaslu_sync import lockbox
from bawaslu_sync.items import Item
from bawaslu_sync.pushing import Pushed, Pusher
from bawaslu_sync.queue import Queue
from bawaslu_sync.store import Store
from tests.bawaslu_api.test_transport import Server, answer, server

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
MADE = {"id": "5c7d0f5e-7c66-4b55-9f0e-0d7c4b1f2a33", "reference": "R-1"}
FORBIDDEN = {"code": "scope_missing", "title": "t", "detail": "d"}


class Quiet:
    """Nobody watches."""

    def began(self, item: Item) -> None: ...

    def file_at(self, item: Item, received: int) -> None: ...

    def ended(self, item: Item) -> None: ...


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "kantor", lockbox.Secret.key_file(os.urandom(32)))
    for name in "abc":
        Queue(made).add_finding({"story": name}, at=AT)
    return made


def push(store: Store, made: Server, *, at: dt.datetime = AT, tries: int = 1) -> Pushed:
    api = Api(made.url, Secret("k", "s"), patience=Patience(tries=tries), sleep=lambda _s: None)
    done = Pusher(api, store, Quiet(), clock=lambda: at).run()
    api.close()
    return done


def states(store: Store) -> list[tuple[str, bool]]:
    return [(item.state, item.is_unsure) for item in Queue(store).items()]


def test_one_that_the_server_fails_at_holds_up_no_other(store):
    with server(answer(500, {}), answer(201, MADE), answer(201, MADE)) as made:
        done = push(store, made)

    assert (done.sent, type(done.stopped_by)) == (2, ServerError)
    assert states(store) == [("waiting", True), ("sent", False), ("sent", False)]


def test_a_server_that_is_down_is_not_asked_for_each(store):
    with server(answer(503, {}), answer(503, {}), answer(201, MADE)) as made:
        push(store, made)
        assert len(made.answers) == 1
    assert states(store) == [("waiting", True), ("waiting", True), ("waiting", False)]


def test_a_client_that_is_unknown_ends_the_run_and_a_missing_scope_does_not(store):
    unknown = answer(401, {"code": "token_needed"})
    with server(unknown, unknown, answer(201, MADE)) as made:
        done = push(store, made)
        assert isinstance(done.stopped_by, AccessError)
        assert len(made.answers) == 1
    with server(answer(403, FORBIDDEN), answer(201, MADE), answer(201, MADE)) as made:
        done = push(store, made)
    assert (done.sent, type(done.stopped_by)) == (2, AccessError)
    assert [state for state, _unsure in states(store)] == ["waiting", "sent", "sent"]


def test_what_was_lost_goes_out_again_to_the_byte(store):
    with server(b"", b"") as made:
        push(store, made)
        first = made.asked[1]
    with server(*[answer(201, MADE)] * 3) as made:
        push(store, made)
        again = made.asked[1]
    assert first.partition(b"\r\n\r\n")[2] == again.partition(b"\r\n\r\n")[2] == b'{"story":"a"}'
    keys = [
        line
        for asked in (first, again)
        for line in asked.split(b"\r\n")
        if line.lower().startswith(b"idempotency-key")
    ]
    assert keys[0] == keys[1]


def test_past_the_servers_memory_a_person_is_asked(store):
    with server(b"", b"") as made:
        push(store, made)
    late = AT + dt.timedelta(days=14)
    with server(answer(201, MADE)) as made:
        done = push(store, made, at=late)
        assert len(made.asked) == 2  # the token, and the one that was never tried
    assert (done.sent, done.parked) == (1, 2)
    queue = Queue(store)
    assert (queue.item(1).problem or {})["code"] == "unsure"
    assert queue.settle_unsure(1, is_there=True).state == "sent"
    assert queue.settle_unsure(2, is_there=False).state == "waiting"


def test_a_refusal_is_certain_and_may_be_mended(store):
    refused = {"code": "invalid", "title": "t", "detail": "d", "errors": {"story": ["pendek"]}}
    with server(answer(400, refused), answer(201, MADE), answer(201, MADE)) as made:
        done = push(store, made)
    assert (done.sent, done.parked, done.stopped_by) == (2, 1, None)
    item = Queue(store).item(1)
    assert (item.problem or {})["errors"] == {"story": ["pendek"]}
    mended = Queue(store).edit(1, {"story": "panjang"})
    assert (mended.key != item.key, mended.state) == (True, "waiting")


def test_an_answer_nobody_understands_leaves_it_unsure(store):
    with server(answer(201, [1]), answer(201, MADE), answer(201, MADE)) as made:
        push(store, made)
    assert states(store)[0] == ("waiting", True)
    assert json.loads(Queue(store).item(1).sent) == {"story": "a"}
