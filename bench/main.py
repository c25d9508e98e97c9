"""``bench/run``: start, seed, measure, print one JSON line per measure. See bench/README.md."""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlencode

from bench.browser import Browser
from bench.journeys import FORM
from bench.measures import Watched, cpu_seconds, memory_mib, seconds_until_served, time_page
from bench.product import DATABASE, PORT, ROOT, Product, running_product
from bench.reporters import (
    argon2_per_second,
    codes_of,
    journeys_for,
    send_all,
    sign_in_all,
    standing,
)
from bench.submissions import submit_for

UNITS = {"k": 1_000, "m": 1_000_000}
QUIET_CPU_SECONDS = 0.05
KNOWN_NIP = "196501011990031001"
KNOWN_NAME = "Budi Hidayat"
KNOWN_LINK = "https://www.tiktok.com/@warga.satu/video/7300000000000000000"
VIEWS = (
    *("review", "overdue", "today", "waiting", "letters", "mine"),
    *("unassigned", "finding", "plenary", "tracing"),
)
RARE_WORD = "Zulfahresa"
OFFICERS = ("nation", "province", "regency")


class Report:
    """Prints each measure as one line, and keeps it in a file where one is wanted."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    def line(self, measure: str, **values: Any) -> None:
        """Print one measure."""
        text = json.dumps({"measure": measure, **values})
        print(text, flush=True)
        if self._file:
            print(text, file=self._file, flush=True)


def machine() -> dict[str, Any]:
    """Say what was measured on, without names of hosts or folders."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "cpus": os.cpu_count(),
        "cpu": model,
        "memory_gib": round(pages * size / 2**30, 1),
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
        "load_before": round(os.getloadavg()[0], 1),
        "at": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime()),
    }


@dataclass(frozen=True)
class Plan:
    """What is asked for: sizes, requests a page, seconds of submissions, which pages, where.

    ``reporters`` measures the reporter's side alone, ``desk`` the work that is no page alone;
    ``nightly`` open deadlines are what the periodic jobs get at the end (0: none).
    """

    sizes: list[int]
    requests: int
    seconds: float
    only: str
    folder: Path | None
    reporters: bool
    desk: bool
    nightly: int


def run(plan: Plan, report: Report) -> None:
    """Measure at each size; the database grows from one to the next."""
    report.line("machine", **machine())
    with running_product(plan.folder) as product:
        officers = json.loads(product.module("bench.people"))
        for size in plan.sizes:
            began = time.monotonic()
            product.module("bench.seeding", str(size))
            report.line("seeded", complaints=size, seconds=round(time.monotonic() - began, 1))
            if plan.reporters:
                _reporters(product, report, size)
                continue
            _lines(product, report, "bench.desk", officers["nation"]["email"], complaints=size)
            if plan.desk:
                continue
            _cold_start(product, report, size)
            # Receipts made ahead of need keep both cores busy for the first minute of a web process:
            # whatever page stood first in the list was charged with them. Pages are timed without.
            _restart(product, RECEIPT_POOL_SIZE="0")
            _pages(product, report, size, officers, plan)
            if plan.seconds:
                _restart(product)
                _submissions(product, report, size, plan.seconds)
            for process in product.web_workers():
                report.line("web_worker_memory_mib", complaints=size, **memory_mib(process))
            product.stop_web()
        if plan.nightly:
            _lines(product, report, "bench.nightly", str(plan.nightly))


def _lines(product: Product, report: Report, name: str, *arguments: str, **values: Any) -> None:
    """Report what a module of its own measured."""
    for line in product.module(name, *arguments).splitlines():
        report.line(**values | json.loads(line))


def _cold_start(product: Product, report: Report, size: int) -> None:
    """Start the web server three times; the last one stays."""
    times, cpu = [], []
    for _ in range(3):
        product.stop_web()
        began = product.start_web()
        times.append(seconds_until_served(began, port=PORT, path="/"))
        cpu.append(round(cpu_seconds(product.web_process()), 2))
    report.line(
        "cold_start",
        complaints=size,
        median_seconds=sorted(times)[1],
        seconds=times,
        cpu_seconds_of_both_workers=cpu,
    )


def _restart(product: Product, **environment: str) -> None:
    """Start the web server anew with ``environment`` added, and wait for its first answer."""
    product.stop_web()
    seconds_until_served(product.start_web(**environment), port=PORT, path="/")


def _one(product: Product, sql: str) -> str:
    return product.postgres.execute(sql, database=DATABASE).strip()


def page_list(product: Product) -> dict[str, dict[str, str]]:
    """Return the pages to measure by who looks: a stranger or one of the officers."""
    record = _one(
        product,
        # The same page at every size: no link and no label, and nothing of what earlier runs did with it.
        "SELECT public_id FROM complaints_complaint c WHERE status = 'received'"
        " AND NOT EXISTS (SELECT 1 FROM complaints_workevent w WHERE w.complaint_id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM complaints_complainttag t WHERE t.complaint_id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM complaints_evidencelink l WHERE l.complaint_id = c.id)"
        " ORDER BY due_at LIMIT 1",
    )
    case = _one(
        product,
        "SELECT public_id FROM complaints_case WHERE status = 'registered' ORDER BY due_at LIMIT 1",
    )
    number = _one(
        product,
        "SELECT register_number FROM complaints_case"
        " WHERE register_number IS NOT NULL ORDER BY id LIMIT 1",
    )
    queue = "/kerja/antrean/"
    return {
        "stranger": {
            "landing": "/",
            "public_figures": "/data",
            "guide": "/bolehkah/",
            "guide_answer": "/bolehkah/menyukai-unggahan-calon/",
            "guide_cell": "/bolehkah/cek/?tindakan=other&objek=team&keadaan=leave&calon=sudah",
            "guide_search": "/bolehkah/?q=stikr",
            "form_start": "/f/",
        },
        "nation": {
            "today": "/kerja/",
            "queue": queue,
            "queue_filtered": f"{queue}?v=overdue&lane=tip&act=POST_SUPPORT",
            "queue_closed": f"{queue}?v=closed",
            "search_rare_word": f"{queue}?v=all&q={RARE_WORD}",
            "search_common_word": f"{queue}?v=all&q=kepala",
            "search_two_words": f"{queue}?v=all&q=camat+sukamaju",
            "search_open_common_word": f"{queue}?q=kepala",
            "search_nothing_found": f"{queue}?v=all&q=tidakadasamasekali",
            **{f"view_{view}": f"{queue}?v={view}" for view in VIEWS},
            "queue_many_filters": (
                f"{queue}?v=open&late=late&lane=tip&witness=no&evidence=no&reporter=citizen"
            ),
            "queue_with_record": f"{queue}?v=open&c={record}",
            "search_name": f"{queue}?v=all&{urlencode({'q': KNOWN_NAME})}",
            "search_phrase": f"{queue}?v=all&q=%22kepala+dinas%22",
            "search_nip": f"{queue}?v=all&q={KNOWN_NIP}",
            "search_number": f"{queue}?v=all&{urlencode({'q': number})}",
            "search_link": f"{queue}?v=all&{urlencode({'q': KNOWN_LINK})}",
            "bulk_preview_500": "/kerja/antrean/massal/?do=assign&scope=all&query=v%3Dunassigned",
            "oversight": "/kerja/pengawasan/",
            "record": f"/kerja/laporan/{record}/",
            "case": f"/kerja/perkara/{case}/",
            "cases": "/kerja/perkara/",
            "plenary": "/kerja/pleno/",
        },
        "province": {
            "queue_of_province": queue,
            "search_rare_in_province": f"{queue}?v=all&q={RARE_WORD}",
        },
        "regency": {
            "queue_of_regency": queue,
            "search_common_in_regency": f"{queue}?v=all&q=kepala",
            "search_rare_in_regency": f"{queue}?v=all&q={RARE_WORD}",
        },
    }


def _pages(
    product: Product, report: Report, size: int, officers: dict[str, Any], plan: Plan
) -> None:
    watched = Watched(product.web_process(), product.database_process())
    for who, every in page_list(product).items():
        pages = {name: path for name, path in every.items() if plan.only in name}
        if not pages:
            continue
        email = officers[who]["email"] if who in officers else ""
        # Before anybody connects: counting takes longer than the server keeps a silent connection.
        counted = json.loads(
            product.module("bench.queries", stdin=json.dumps({"email": email, "pages": pages}))
        )
        browsers = [Browser(PORT) for _ in range(4)]
        if email:
            browsers[0].sign_in(**officers[who])
            for browser in browsers[1:]:
                browser.share_cookies(browsers[0])
        for name, path in pages.items():
            for clients in (1, 4):
                timing = time_page(
                    browsers[:clients], path, requests=plan.requests, watched=watched
                )
                report.line(
                    f"page_{name}",
                    complaints=size,
                    concurrency=clients,
                    queries=counted[name][1],
                    **asdict(timing),
                )


def _submissions(product: Product, report: Report, size: int, seconds: float) -> None:
    count = "SELECT count(*) FROM complaints_complaint"
    for clients in (1, 4):
        before, began = int(_one(product, count)), time.perf_counter()
        tally = submit_for(seconds, clients=clients, port=PORT)
        elapsed = time.perf_counter() - began
        rows = int(_one(product, count)) - before
        ordered = sorted(tally.seconds)
        report.line(
            "submissions",
            complaints=size,
            concurrency=clients,
            rows_per_second=round(rows / elapsed, 2),
            rows=rows,
            sent=tally.sent,
            pages_each=round(tally.pages / tally.sent, 1) if tally.sent else 0,
            p50_seconds=round(ordered[len(ordered) // 2], 3) if ordered else None,
            errors=tally.errors[:3],
        )


LANES = ("sealed", "tip")
BURST, LONG, SIGN_INS, JOURNEYS = 500, 300, 80, 200
BURST_CLIENTS = (4, 16)
"""Few enough that nobody queues (the wait is the work), and more than there are processors."""


def _reporters(product: Product, report: Report, size: int) -> None:
    """Measure the reporter's side: bursts and the long run of each lane, signing in, journeys."""
    product.module("bench.drafts", "keys")
    limit = argon2_per_second()
    report.line("argon2id_per_second", per_second=limit, at_once=2, library="argon2-cffi")
    for lane in LANES:
        # Asked of nobody at this pace by settings: each sends the puzzle solved on the page before.
        _fresh_web(product)
        for clients in BURST_CLIENTS:
            _filled(product)
            told = _sent(product, lane, BURST, clients=clients)
            report.line("burst", complaints=size, lane=lane, concurrency=clients, **told)
        told = _sent(product, lane, LONG, clients=16, web={"RECEIPT_POOL_SIZE": "0"})
        ratio = round(told["per_second"] / limit, 2) if limit else None
        report.line("long_run", complaints=size, lane=lane, share_of_argon2id=ratio, **told)
    _fresh_web(product)
    _filled(product)
    codes = _codes(product, SIGN_INS)
    for beside in ("/", FORM):
        told = sign_in_all(PORT, codes, clients=8, beside=beside)
        report.line("sign_in", complaints=size, concurrency=8, **told)
    for lane in LANES:
        _filled(product)
        for clients in (1, 8):
            told = journeys_for(PORT, lane=lane, count=JOURNEYS // 2, clients=clients)
            report.line("journeys", complaints=size, lane=lane, concurrency=clients, **told)
    for process in product.web_workers():
        report.line("web_worker_memory_mib", complaints=size, **memory_mib(process))
    product.stop_web()


def _fresh_web(product: Product, **environment: str) -> None:
    product.stop_web()
    seconds_until_served(product.start_web(**environment), port=PORT, path="/")


def _filled(product: Product) -> None:
    """Wait until the web processes do nothing any more: their receipts are made."""
    quiet, before = 0, cpu_seconds(product.web_process())
    while quiet < 2:  # noqa: PLR2004 -- twice in a row
        time.sleep(1)
        now = cpu_seconds(product.web_process())
        quiet, before = (quiet + 1 if now - before < QUIET_CPU_SECONDS else 0), now


def _sent(
    product: Product, lane: str, count: int, *, clients: int, web: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return what sending ``count`` finished drafts took, and the rows that appeared."""
    if web:
        _fresh_web(product, **web)
    waiting = standing(PORT, json.loads(product.module("bench.drafts", lane, str(count))))
    sql = "SELECT count(*) FROM complaints_complaint"
    before = int(_one(product, sql))
    watched = Watched(product.web_process(), product.database_process())
    web_cpu, database_cpu = cpu_seconds(watched.web), cpu_seconds(watched.database)
    told = send_all(PORT, waiting, clients=clients)
    return told | {
        "rows": int(_one(product, sql)) - before,
        "web_cpu_ms": round((cpu_seconds(watched.web) - web_cpu) * 1000 / count, 1),
        "database_cpu_ms": round((cpu_seconds(watched.database) - database_cpu) * 1000 / count, 1),
    }


def _codes(product: Product, count: int) -> list[str]:
    waiting = standing(PORT, json.loads(product.module("bench.drafts", "tip", str(count))))
    send_all(PORT, waiting, clients=4)
    return codes_of(PORT, waiting)


def size_of(text: str) -> int:
    """Return how many are meant by 1k, 100k or 1M."""
    unit = UNITS.get(text[-1:].lower())
    return int(text[:-1]) * unit if unit else int(text)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="bench/run", description="Measure the product.")
    parser.add_argument("--sizes", default="1k,100k,1M", help="complaints in the database")
    parser.add_argument("--out", type=Path, help="also append the lines to this file")
    parser.add_argument("--requests", type=int, default=200, help="requests per page and level")
    parser.add_argument("--seconds", type=float, default=20, help="length of a submission run")
    parser.add_argument("--only", default="", help="measure only pages whose name contains this")
    parser.add_argument("--folder", type=Path, help="keep the database here and use it again")
    parser.add_argument("--reporters", action="store_true", help="the reporter's side alone")
    parser.add_argument(
        "--desk", action="store_true", help="the desk's work that is no page, alone"
    )
    parser.add_argument(
        "--nightly", type=int, default=0, help="end with the periodic jobs over N open deadlines"
    )
    options = parser.parse_args()
    sizes = sorted(size_of(part) for part in options.sizes.split(","))
    out = options.out.open("a", encoding="ascii") if options.out else None
    try:
        folder = options.folder.resolve() if options.folder else None
        plan = Plan(
            sizes=sizes,
            requests=options.requests,
            seconds=options.seconds,
            only=options.only,
            folder=folder,
            reporters=options.reporters,
            desk=options.desk,
            nightly=options.nightly,
        )
        run(plan, Report(out))
    finally:
        if out:
            out.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
