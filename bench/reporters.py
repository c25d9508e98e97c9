"""The reporter's side under load: the last step in a burst and for long, signing in, whole journeys.

Each measure returns plain numbers; main prints them. Clients are ``bench.lean``: what they cost is part
of what is measured, on the same processors.
"""

import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from argon2.low_level import Type, hash_secret_raw

from bench.journeys import FORM, journey, puzzles, solved
from bench.lean import Lean

MAILBOX = "/s/"
SEE_OTHER, OK = 303, 200
_GROUPS = re.compile(r">(\d{4})<")


@dataclass(frozen=True)
class Standing:
    """A reporter before the last button: the cookie, and the puzzle their device solved meanwhile."""

    cookie: str
    puzzle: str


def standing(port: int, cookies: list[str]) -> list[Standing]:
    """Let every reporter look at the page before the last button."""
    client = Lean(port)
    found = []
    for cookie in cookies:
        client.cookie = cookie
        page = client.get(FORM)
        if page.status != OK or 'value="send"' not in page.text:
            raise RuntimeError(f"no last button: {page.status}")
        found.append(Standing(cookie, solved(page.text)))
    return found


def send_all(port: int, reporters: list[Standing], *, clients: int) -> dict[str, Any]:
    """Let all of them press the last button, ``clients`` at a time."""

    def send(client: Lean, reporter: Standing) -> None:
        client.cookie = reporter.cookie
        answer = client.post(
            FORM,
            {
                "step": "check",
                "do": "send",
                "statement": "on",
                "website": "",
                "puzzle": reporter.puzzle,
            },
        )
        if answer.status != SEE_OTHER:
            raise RuntimeError(f"sending: {answer.status}")

    return _each(port, reporters, send, clients=clients)


def codes_of(port: int, reporters: list[Standing]) -> list[str]:
    """Return the digits each of them is shown."""
    client = Lean(port)
    codes = []
    for reporter in reporters:
        client.cookie = reporter.cookie
        groups = _GROUPS.findall(client.get(FORM).text)
        codes.append("".join(groups[:5]))
    return codes


def sign_in_all(port: int, codes: list[str], *, clients: int, beside: str) -> dict[str, Any]:
    """Open mailboxes, ``clients`` at a time, while one visitor reads the page ``beside``.

    The page that asks for the digits is fetched first, as people do, and its puzzle solved before the
    clock starts; ten pages of the visitor a second.
    """
    over, seen = threading.Event(), list[float]()

    def read_beside() -> None:
        visitor = Lean(port)
        while not over.is_set():
            began = time.perf_counter()
            if visitor.get(beside).status != OK:
                raise RuntimeError(f"no page {beside}")
            seen.append((time.perf_counter() - began) * 1000)
            over.wait(0.1)

    puzzles = iter([solved(Lean(port).get(MAILBOX).text) for _code in codes])

    def sign_in(client: Lean, code: str) -> None:
        client.forget()
        answer = client.post(MAILBOX, {"code": code, "puzzle": next(puzzles)})
        if answer.status != SEE_OTHER or answer.header("Location") == MAILBOX:
            raise RuntimeError(f"signing in: {answer.status}")

    visitor = threading.Thread(target=read_beside)
    visitor.start()
    try:
        told = _each(port, codes, sign_in, clients=clients)
    finally:
        over.set()
        visitor.join()
    return told | {"beside": beside, "beside_p50": _part(seen, 50), "beside_p95": _part(seen, 95)}


def journeys_for(port: int, *, lane: str, count: int, clients: int) -> dict[str, Any]:
    """Walk ``count`` whole journeys; the puzzles are solved before the clock starts."""
    requests: list[int] = []
    told = _each(
        port,
        puzzles(Lean(port), lane, count),
        lambda client, puzzle: requests.append(journey(client, lane, puzzle)),
        clients=clients,
    )
    return told | {
        "requests_each": round(statistics.mean(requests), 1) if requests else 0,
        "requests_per_second": round(sum(requests) / told["seconds"], 1),
    }


def argon2_per_second(seconds: float = 3.0, *, at_once: int = 2) -> float:
    """Return how many receipts argon2-cffi's Argon2id makes here, which is what others would need."""
    done = [0] * at_once
    end = time.perf_counter() + seconds

    def work(index: int) -> None:
        while time.perf_counter() < end:
            hash_secret_raw(
                b"12345678901234",
                b"0123456789abcdef",
                time_cost=3,
                memory_cost=65536,
                parallelism=1,
                hash_len=32,
                type=Type.ID,
            )
            done[index] += 1

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=[index]) for index in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(sum(done) / (time.perf_counter() - began), 2)


def _each(
    port: int, things: Any, act: Callable[[Lean, Any], None], *, clients: int
) -> dict[str, Any]:
    """Do something once with each thing, over ``clients`` connections; times in milliseconds."""
    waiting: Iterator[Any] = iter(things)
    lock = threading.Lock()
    times: list[float] = []
    errors: list[str] = []

    def work() -> None:
        client = Lean(port)
        while True:
            with lock:
                thing = next(waiting, None)
            if thing is None:
                return
            began = time.perf_counter()
            try:
                act(client, thing)
            except (RuntimeError, OSError, LookupError) as error:
                errors.append(str(error) or type(error).__name__)
                continue
            times.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    threads = [threading.Thread(target=work) for _client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    return {
        "done": len(times),
        "seconds": round(seconds, 2),
        "per_second": round(len(times) / seconds, 1),
        "p50": _part(times, 50),
        "p95": _part(times, 95),
        "p99": _part(times, 99),
        "errors": len(errors),
        "first_errors": sorted(set(errors))[:3],
    }


def _part(times: list[float], percent: int) -> float | None:
    if len(times) < 2:  # noqa: PLR2004 -- quantiles need two
        return round(times[0], 1) if times else None
    return round(statistics.quantiles(times, n=100, method="inclusive")[percent - 1], 1)
