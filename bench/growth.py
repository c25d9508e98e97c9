"""How desk pages grow from a thousand records to a million: both at once, request by request in turn.

``python -m bench.growth --small FOLDER --big FOLDER`` starts two whole products beside each other, one a
size, and fetches every page of the desk from the one and from the other, so that a machine that becomes
slower becomes so for both. ``seeding.py`` makes what a page shows the same at both sizes. Each page comes
as one line: the median of either, and the ratio of the two; then the numbers of the views and 500 records
at once, in turn as well. Folders are kept and filled to 1,000 and ``--size``.
"""

import argparse
import json
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.browser import Browser
from bench.main import Report, machine, page_list, size_of
from bench.measures import WARM_UP, seconds_until_served
from bench.product import PORT, Product, running_product

SMALL = 1_000
DESK = ("nation", "province", "regency")
WEB = {"RECEIPT_POOL_SIZE": "0"}
"""Receipts made ahead would take the processors of whatever is measured first."""


@dataclass
class Side:
    """One of the two products: its officers, its pages, and the browser that looks at them."""

    product: Product
    size: int
    officers: dict[str, Any]
    pages: dict[str, dict[str, str]]
    browser: Browser

    def sign_in(self, who: str) -> None:
        """Become one of the officers, over a new connection: the server ends one that is silent."""
        self.browser = Browser(self.product.port)
        self.browser.sign_in(**self.officers[who])


def started(stack: ExitStack, folder: Path, size: int, port: int) -> Side:
    """Start one product and seed what is missing."""
    product = stack.enter_context(running_product(folder))
    product.port = port
    product.module("bench.seeding", str(size))
    officers = json.loads(product.module("bench.people"))
    seconds_until_served(product.start_web(**WEB), port=port, path="/")
    return Side(product, size, officers, page_list(product), Browser(port))


def compare(small: Side, big: Side, *, who: str, name: str, rounds: int) -> dict[str, Any]:
    """Fetch a page of both in turn; return medians and 95th percentiles in milliseconds, and ratios."""
    times: dict[int, list[float]] = {small.size: [], big.size: []}
    sizes: dict[int, int] = {}
    for turn in range(-WARM_UP, rounds):
        for side in (small, big) if turn % 2 else (big, small):
            began = time.perf_counter()
            status, sizes[side.size] = side.browser.fetch(side.pages[who][name])
            elapsed = (time.perf_counter() - began) * 1000
            if status != 200:  # noqa: PLR2004 -- HTTP
                raise RuntimeError(f"{name}: {status}")
            if turn >= 0:
                times[side.size].append(elapsed)
    first, last = (
        statistics.quantiles(times[side.size], n=100, method="inclusive") for side in (small, big)
    )
    return {
        "p50": [round(first[49], 1), round(last[49], 1)],
        "p95": [round(first[94], 1), round(last[94], 1)],
        "growth_p50": round(last[49] / first[49], 2),
        "growth_p95": round(last[94] / first[94], 2),
        "size_bytes": [sizes[small.size], sizes[big.size]],
    }


def not_pages(small: Side, big: Side, *, turns: int) -> list[dict[str, Any]]:
    """Return the same of what ``bench.desk`` measures, from ``turns`` runs of each in turn."""
    told: dict[str, dict[int, list[float]]] = {}
    for turn in range(turns):
        for side in (small, big) if turn % 2 else (big, small):
            text = side.product.module("bench.desk", side.officers["nation"]["email"])
            for line in map(json.loads, text.splitlines()):
                value = line["p50"] if "p50" in line else min(line["seconds"]) * 1000
                told.setdefault(line["measure"], {}).setdefault(side.size, []).append(value)
    return [
        {
            "measure": name,
            "p50": [statistics.median(of[side.size]) for side in (small, big)],
            "growth_p50": round(
                statistics.median(
                    after / before
                    for before, after in zip(of[small.size], of[big.size], strict=True)
                ),
                2,
            ),
        }
        for name, of in told.items()
        if len(of) == 2  # noqa: PLR2004 -- both
    ]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="bench.growth", description="Desk pages, 1k beside 1M.")
    parser.add_argument("--small", type=Path, required=True)
    parser.add_argument("--big", type=Path, required=True)
    parser.add_argument("--size", default="1M")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--turns", type=int, default=5, help="runs of what is no page")
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out.open("a", encoding="ascii") if options.out else None
    report = Report(out)
    report.line("machine", **machine())
    with ExitStack() as stack:
        small = started(stack, options.small.resolve(), SMALL, PORT)
        big = started(stack, options.big.resolve(), size_of(options.size), PORT + 1)
        for who in DESK:
            for side in (small, big):
                side.sign_in(who)
            for name in big.pages[who]:
                if options.only in name:
                    told = compare(small, big, who=who, name=name, rounds=options.rounds)
                    report.line(f"growth_{name}", complaints=[small.size, big.size], **told)
        for side in (small, big):
            side.product.stop_web()
        for told in not_pages(small, big, turns=options.turns):
            report.line(f"growth_{told.pop('measure')}", complaints=[small.size, big.size], **told)


if __name__ == "__main__":
    main()
