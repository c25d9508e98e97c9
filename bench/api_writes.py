"""What offices' systems send on: ``python -m bench.api_writes [--seconds 15]``. One JSON line each.

Findings one by one from one client and from eight, and tips in batches, whose receipts cost a slow hash
each once those made ahead are used up. Processor time is told beside the rate: on a machine with other
work the rate says little.
"""

import argparse
import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.main import machine
from bench.measures import cpu_seconds, seconds_until_served
from bench.product import PORT, Product, running_product

OFFICES = ("33", "33.08")
"""A province and a regency: both send."""
LAST_MINUTE_S = 3600 * 4
BATCH = 25
STORY = (
    "Kepala bidang itu membagikan poster pasangan calon ke grup kantor pada jam kerja, lalu meminta "
    "semua staf menyimpannya dan meneruskannya kepada keluarga masing-masing malam itu juga."
)


@dataclass
class Tally:
    """What several clients sent. ``seconds`` of each request."""

    made: int = 0
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def finding() -> dict[str, Any]:
    """Return a finding as a system tells it; each names another person."""
    return {
        "acts": ["POST_SUPPORT"],
        "people": [{"name": f"Bagus {secrets.token_hex(3)}", "position": "Kepala Bidang"}],
        "region": "33.08",
        "event_on": "2024-10-05",
        "known_on": "2024-10-06",
        "place": "Grup kantor",
        "platform": "facebook",
        "links": [f"https://www.facebook.com/contoh/posts/{secrets.randbelow(10**9)}"],
        "story": STORY,
    }


def tip() -> dict[str, Any]:
    """Return a complaint without a name."""
    return {**finding(), "lane": "tip"}


def send_for(seconds: float, *, clients: int, port: int, tokens: list[str], batch: bool) -> Tally:
    """Let ``clients`` post one request after the other over lines of their own, until the time is over."""
    tally, lock = Tally(), threading.Lock()
    end = time.monotonic() + seconds
    path, told = _batch if batch else _single

    def work(number: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        token = tokens[number % len(tokens)]
        while time.monotonic() < end:
            began = time.perf_counter()
            body = told()
            line.request("POST", path, json.dumps(body), _headers(token))
            answer = line.getresponse()
            content = answer.read()
            taken = time.perf_counter() - began
            made = _made(answer.status, content)
            with lock:
                tally.seconds.append(taken)
                tally.made += made
                if not made:
                    tally.errors.append(f"{answer.status} {content[:200]!r}")
                    return

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def told_of(tally: Tally, seconds: float, **values: Any) -> dict[str, Any]:
    """Return the figures of a run."""
    spent = sorted(tally.seconds)
    return {
        **values,
        "created_per_second": round(tally.made / seconds, 1),
        "p50_ms": round(1000 * median(spent), 1) if spent else None,
        "p95_ms": round(1000 * spent[int(len(spent) * 0.95)], 1) if spent else None,
        "errors": tally.errors[:3],
    }


def _made(status: int, content: bytes) -> int:
    if status == http.HTTPStatus.CREATED:
        return 1
    if status != http.HTTPStatus.OK:
        return 0
    return sum(each["status"] == http.HTTPStatus.CREATED for each in json.loads(content)["items"])


def _headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": secrets.token_hex(16),
        "Content-Type": "application/json",
        "X-Forwarded-Proto": "https",
        "Host": "localhost",
    }


Told = tuple[str, Callable[[], dict[str, Any]]]
_single: Told = ("/api/v1/findings", finding)
_batch: Told = (
    "/api/v1/complaints/batch",
    lambda: {
        "items": [{"key": secrets.token_hex(16), "complaint": tip()} for _item in range(BATCH)]
    },
)


def make_clients() -> list[str]:
    """Make a client of each office and return a token for each."""
    import django  # noqa: PLC0415 -- only the command needs the product

    django.setup()
    from bawaslu_cases.accounts.scopes import Scope  # noqa: PLC0415 -- after setup
    from bawaslu_cases.registry.models import Office  # noqa: PLC0415 -- after setup
    from tests.support.api_clients import api_client, token_of  # noqa: PLC0415 -- after setup

    return [
        token_of(
            api_client(
                Office.objects.get(region__code=code),
                scopes=[scope.value for scope in Scope],
                calls_a_minute=10_000_000,
            ).client,
            seconds=LAST_MINUTE_S,
        )
        for code in OFFICES
    ]


def main() -> None:
    """Start the product, then send."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--make-clients", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.make_clients:
        print(json.dumps(make_clients()))
        return
    print(json.dumps({"measure": "machine", **machine()}), flush=True)
    with running_product() as product:
        tokens = json.loads(product.module("bench.api_writes", "--make-clients"))
        # The store of receipts would keep a core busy beside what is measured.
        seconds_until_served(
            product.start_web(RECEIPT_POOL_SIZE="0"), port=PORT, path="/health/live"
        )
        send_for(3, clients=2, port=PORT, tokens=tokens, batch=False)
        for clients, batch in ((1, False), (8, False), (2, True)):
            _measure(product, tokens, clients=clients, batch=batch, seconds=asked.seconds)


def _measure(
    product: Product, tokens: list[str], *, clients: int, batch: bool, seconds: float
) -> None:
    def spent() -> tuple[float, float]:
        return sum(map(cpu_seconds, product.web_workers())), cpu_seconds(product.database_process())

    before = spent()
    tally = send_for(seconds, clients=clients, port=PORT, tokens=tokens, batch=batch)
    web, database = (now - then for now, then in zip(spent(), before, strict=True))
    made = max(tally.made, 1)
    print(
        json.dumps(
            told_of(
                tally,
                seconds,
                measure="api_create_tips_in_batches" if batch else "api_create_findings",
                clients=clients,
                web_cpu_ms_each=round(1000 * web / made, 1),
                database_cpu_ms_each=round(1000 * database / made, 1),
            )
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
