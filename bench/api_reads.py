"""What the API reads: ``python -m bench.api_reads --sizes 1M [--folder DIR]``. One JSON line each.

Pages of a hundred as the nation, a province and a regency ask for them, over one kept line; a first sync
of 50,000 records through /changes, 200 at a time; and what a trigger of the change feed costs.
"""

import argparse
import gzip
import http.client
import json
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.main import machine
from bench.measures import cpu_seconds, seconds_until_served
from bench.product import PORT, Product, running_product

SIZES = {"1k": 1_000, "100k": 100_000, "1M": 1_000_000}
REGIONS = {"nation": None, "province": "33", "regency": "33.08"}
LISTS = ("complaints", "cases", "deadlines", "referrals", "follow-ups")
REQUESTS = 100
SYNCED = 50_000
FINDINGS = 2_000
HOURS_S = 4 * 3600


class Line:
    """One client over one kept connection."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=300)

    def get(self, path: str) -> tuple[int, dict[str, Any], int]:
        """Return status, body and the bytes that came over the line."""
        self._line.request(
            "GET",
            f"/api/v1/{path}",
            headers={
                "Authorization": f"Bearer {self._token}",
                "Host": "localhost",
                "X-Forwarded-Proto": "https",
                "Accept-Encoding": "gzip",
            },
        )
        answer = self._line.getresponse()
        raw = answer.read()
        packed = answer.headers.get("Content-Encoding") == "gzip"
        return answer.status, json.loads(gzip.decompress(raw) if packed else raw), len(raw)


def main() -> None:
    """Start the product, seed it, read it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100k")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        inside(chosen.inside)
        return
    report(measure="machine", **machine())
    folder = chosen.folder.resolve() if chosen.folder else None
    with running_product(folder) as product:
        for name in chosen.sizes.split(","):
            size = SIZES[name]
            product.module("bench.seeding", str(size))
            tokens = json.loads(product.module("bench.api_reads", "--inside", "clients"))
            served(product, size, tokens)
            for line in product.module("bench.api_reads", "--inside", "triggers").splitlines():
                report(**json.loads(line) | {"complaints": size})


def report(**values: Any) -> None:
    """Print one line."""
    print(json.dumps(values), flush=True)


def served(product: Product, size: int, tokens: dict[str, str]) -> None:
    """Read lists and a first sync from gunicorn."""
    began = product.start_web(RECEIPT_POOL_SIZE="0")
    try:
        seconds_until_served(began, port=PORT, path="/health/live")
        for reach, token in tokens.items():
            line = Line(token)
            for path in LISTS:
                report(**page(product, line, path), reach=reach, complaints=size)
        report(**synced(product, Line(tokens["nation"])), reach="nation", complaints=size)
    finally:
        product.stop_web()


def page(product: Product, line: Line, path: str) -> dict[str, Any]:
    """Time pages of a hundred, walking on from page to page, and the same walk once more."""
    first = _walk(line, path)
    web, database = product.web_process(), product.database_process()
    before = cpu_seconds(web), cpu_seconds(database)
    again = _walk(line, path)
    after = cpu_seconds(web), cpu_seconds(database)
    cuts = quantiles(again.times, n=100)
    return {
        "measure": f"api_page_{path}",
        "rows": again.rows,
        "p50": round(cuts[49], 1),
        "p95": round(cuts[94], 1),
        "p99": round(cuts[98], 1),
        "first_walk_p50": round(median(first.times), 1),
        "web_cpu_ms": round(1000 * (after[0] - before[0]) / REQUESTS, 1),
        "database_cpu_ms": round(1000 * (after[1] - before[1]) / REQUESTS, 1),
        "bytes_sent": again.sent,
    }


@dataclass
class Walk:
    """What a walk through a list took."""

    times: list[float]
    rows: int
    sent: int


def _walk(line: Line, path: str) -> Walk:
    """Ask for page after page, from the start again after the last. Milliseconds of each."""
    walk, cursor = Walk([], 0, 0), ""
    for _number in range(REQUESTS):
        began = time.perf_counter()
        status, body, walk.sent = line.get(
            f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else "")
        )
        walk.times.append(1000 * (time.perf_counter() - began))
        if status != http.HTTPStatus.OK:
            raise SystemExit(f"{path}: {status} {body}")
        walk.rows = max(walk.rows, len(body["items"]))
        cursor = body["next"] or ""
    return walk


def synced(product: Product, line: Line) -> dict[str, Any]:
    """Take the first records of a full sync as one client does it."""
    web, database = product.web_process(), product.database_process()
    before = cpu_seconds(web), cpu_seconds(database)
    began, found, sent, cursor = time.perf_counter(), 0, 0, ""
    while found < SYNCED:
        status, body, bytes_sent = line.get(f"changes?limit=200&since={cursor}")
        if status != http.HTTPStatus.OK:
            raise SystemExit(f"changes: {status} {body}")
        cursor, sent = body["cursor"], sent + bytes_sent
        found += len(body["items"])
        if not body["has_more"]:
            break
    return {
        "measure": "api_first_sync",
        "records": found,
        "seconds": round(time.perf_counter() - began, 1),
        "web_cpu_seconds": round(cpu_seconds(web) - before[0], 1),
        "database_cpu_seconds": round(cpu_seconds(database) - before[1], 1),
        "megabytes_sent": round(sent / 1e6, 1),
    }


def inside(what: str) -> None:
    """Do what needs the product's own code, as the owner."""
    import django  # noqa: PLC0415 -- this half alone needs it

    django.setup()
    if what == "clients":
        print(json.dumps(_clients()))
    else:
        _triggers()


def _clients() -> dict[str, str]:
    """Make a client of each reach; return their tokens."""
    from bawaslu_cases.registry.models import Office  # noqa: PLC0415 -- after setup
    from tests.support.api_clients import api_client, token_of  # noqa: PLC0415 -- after setup

    told = {}
    for reach, code in REGIONS.items():
        place = Office.objects.get(region__code=code) if code else Office.objects.get(level="RI")
        made = api_client(place, calls_a_minute=10_000_000)
        told[reach] = token_of(made.client, seconds=HOURS_S)
    return told


def _triggers() -> None:
    """Change records in one statement and undo it; PostgreSQL tells the time of each trigger by itself.

    A finding that is recorded calls three (record, person, deadline), a step of it one.
    """
    from django.db import connection, transaction  # noqa: PLC0415 -- after setup

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) UPDATE complaints_complaint SET title = title || '.'"
            " WHERE id IN (SELECT id FROM complaints_complaint WHERE lane = 'finding' LIMIT %s)",
            [FINDINGS],
        )
        (told,) = cursor.fetchone()
        transaction.set_rollback(True)
    for trigger in told[0]["Triggers"]:
        if "_api_" in trigger["Trigger Name"]:
            line = {
                "measure": "api_trigger",
                "trigger": trigger["Trigger Name"],
                "calls": trigger["Calls"],
                "microseconds_each": round(1000 * trigger["Time"] / trigger["Calls"]),
            }
            print(json.dumps(line))


if __name__ == "__main__":
    main()
