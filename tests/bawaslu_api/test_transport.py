"""One request over every line there is: cut at each byte, refused, told to rest, redirected."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any

import pytest
from backports import zstd

from bawaslu_api import (
    AccessError,
    Api,
    GoneError,
    InvalidError,
    LineError,
    Patience,
    QuotaError,
    Secret,
    ServerError,
)
from bawaslu_api.errors import ConflictError
from bawaslu_api.transport import Line

TOKEN = {"access_token": "bct_1", "expires_in": 600, "token_type": "Bearer", "scope": ""}


def answer(status: int, told: Any, *lines: str) -> bytes:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    head = [f"HTTP/1.1 {status} X", "Connection: close", "Content-Type: application/json", *lines]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body


class Server:
    """Gives the answers it is told to, one a connection, and keeps what was asked."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers = answers
        self.asked: list[bytes] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _peer = self._door.accept()
            except OSError:
                return
            with line:
                asked = b""
                while b"\r\n\r\n" not in asked:
                    asked += line.recv(65536)
                head, _end, body = asked.partition(b"\r\n\r\n")
                wanted = [
                    int(each.split(b":")[1])
                    for each in head.split(b"\r\n")
                    if each.lower().startswith(b"content-length:")
                ]
                while wanted and len(body) < wanted[0]:
                    body += line.recv(65536)
                self.asked.append(head + b"\r\n\r\n" + body)
                told = answer(200, TOKEN) if b"POST /api/v1/token" in head else None
                line.sendall(told or (self.answers.pop(0) if self.answers else b""))


@contextmanager
def server(*answers: bytes) -> Iterator[Server]:
    made = Server(list(answers))
    try:
        yield made
    finally:
        made.close()


def line_to(made: Server, *, tries: int = 3, waits: Callable[[float], object] = print) -> Line:
    return Line(made.url, Secret("k", "s"), patience=Patience(tries=tries), sleep=waits)


def test_an_answer_cut_at_any_byte_is_no_answer():
    whole = answer(200, {"items": [1, 2, 3]}, "X-Other: value", 'ETag: "abc"')
    with server(*(whole[:end] for end in range(len(whole)))) as made:
        line = line_to(made, tries=1)
        refused = 0
        for _end in range(len(whole)):
            with pytest.raises(LineError):
                line.send("GET", "me")
            refused += 1
        assert refused == len(whole)
        made.answers.append(whole)
        assert line.send("GET", "me").json() == {"items": [1, 2, 3]}


def test_packed_answers_are_opened_and_cut_ones_are_not():
    body = json.dumps({"items": ["x" * 500]}).encode()
    for name, packed in (("gzip", gzip.compress(body)), ("zstd", zstd.compress(body))):
        whole = answer(200, packed, f"Content-Encoding: {name}")
        with server(whole[:-3], whole) as made:
            line = line_to(made, tries=2)
            assert line.send("GET", "me").json() == {"items": ["x" * 500]}
            assert b"zstd, gzip" in made.asked[-1]
            assert len(made.asked) == 3  # token, the cut one, the whole one


def test_what_the_server_asks_for_is_waited_for():
    busy = {"code": "quota_spent", "status": 429, "title": "t", "detail": "d"}
    waits: list[float] = []
    soon = formatdate(time.time() + 80, usegmt=True)
    with server(
        answer(429, busy, "Retry-After: 7"),
        answer(503, {}, f"Retry-After: {soon}"),
        answer(200, {}, 'RateLimit: "client";r=0;t=80'),
        answer(200, {"ok": 1}),
    ) as made:
        line = line_to(made, waits=waits.append)
        line.send("GET", "me")
        assert waits[0] == 7
        assert 0 < waits[1] <= 80
        assert line.send("GET", "me").json() == {"ok": 1}
        assert 0 < waits[2] <= 80  # before it is refused, not after


def test_asked_for_more_than_one_waits_it_is_told_at_once():
    with server(answer(429, {"code": "quota_spent"}, "Retry-After: 3600")) as made:
        with pytest.raises(QuotaError) as caught:
            line_to(made).send("GET", "me")
        assert (caught.value.retry_after, caught.value.status) == (3600, 429)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, InvalidError), (403, AccessError), (409, ConflictError), (410, GoneError)],
)
def test_a_refusal_is_told_once_with_its_fields(status, kind):
    told = {"code": "c", "title": "t", "detail": "d", "errors": {"people.0.name": ["kosong"]}}
    with server(answer(status, told)) as made:
        with pytest.raises(kind) as caught:
            line_to(made).send("POST", "complaints", body=b"{}")
        assert caught.value.errors == {"people.0.name": ["kosong"]}
        assert (caught.value.status, caught.value.code) == (status, "c")
        assert len(made.asked) == 2


def test_a_server_that_fails_is_tried_again_with_the_same_bytes_and_key():
    waits: list[float] = []
    failures = [answer(502, b""), b"", answer(500, {})]
    with server(*failures, answer(201, {"id": 1})) as made:
        line = line_to(made, tries=4, waits=waits.append)
        line.send("POST", "findings", body=b'{"a":1}', headers={"Idempotency-Key": "k1"})
        first, *others = made.asked[1:]
        assert len(others) == 3
        assert {each == first for each in others} == {True}
        assert b"idempotency-key: k1" in first.lower()
    assert len(waits) == 3
    with server(answer(502, b""), answer(502, b"")) as made, pytest.raises(ServerError):
        line_to(made, tries=2).send("GET", "me")


def test_a_token_that_died_is_replaced_once():
    gone = answer(401, {"code": "token_needed"})
    with server(gone, answer(200, {"ok": 1}), gone, gone) as made:
        line = line_to(made)
        assert line.send("GET", "me").json() == {"ok": 1}
        with pytest.raises(AccessError):
            line.send("GET", "me")
        tokens = [each for each in made.asked if b"/token" in each]
        assert len(tokens) == 3


def test_a_redirect_is_not_followed():
    with server(answer(302, b"", "Location: http://127.0.0.1:1/")) as made:
        with pytest.raises(ServerError) as caught:
            line_to(made, tries=1).send("GET", "me")
        assert caught.value.code == "redirected"
        assert len(made.asked) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://kasus.contoh.go.id",
        "https://a@kasus.contoh",
        "https://kasus.contoh/x",
        "ftp://x",
        "",
    ],
)
def test_a_token_goes_to_no_address_in_clear(url):
    with pytest.raises(ValueError, match="https"):
        Api(url, Secret("k", "s"))


def test_nothing_secret_is_shown():
    secret = Secret("k", "bcs_rahasia")
    assert "rahasia" not in repr(secret)
    with server() as made, pytest.raises(LineError) as caught:
        line_to(made, tries=1).send("GET", "me", body=b"kata rahasia")
    assert "rahasia" not in str(caught.value)
