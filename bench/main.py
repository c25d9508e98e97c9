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

from bench.browser import Browser
from bench.measures import Watched, cpu_seconds, memory_mib, seconds_until_served, time_page
from bench.product import DATABASE, PORT, ROOT, Product, running_product
from bench.submissions import submit_for

UNITS = {"k": 1_000, "m": 1_000_000}
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
    """What is asked for: sizes, requests a page, seconds of submissions, which pages, where."""

    sizes: list[int]
    requests: int
    seconds: float
    only: str
    folder: Path | None


def run(plan: Plan, report: Report) -> None:
    """Measure at each size; the database grows from one to the next."""
    report.line("machine", **machine())
    with running_product(plan.folder) as product:
        officers = json.loads(_module(product, "bench.people"))
        for size in plan.sizes:
            began = time.monotonic()
            _module(product, "bench.seeding", str(size))
            report.line("seeded", complaints=size, seconds=round(time.monotonic() - began, 1))
            _cold_start(product, report, size)
            _pages(product, report, size, officers, plan)
            if plan.seconds:
                _submissions(product, report, size, plan.seconds)
            for process in product.web_workers():
                report.line("web_worker_memory_mib", complaints=size, **memory_mib(process))
            product.stop_web()


def _module(product: Product, name: str, *arguments: str, stdin: str = "") -> str:
    return subprocess.run(
        [sys.executable, "-m", name, *arguments],
        cwd=ROOT,
        env=product.owner,
        input=stdin,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


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


def _one(product: Product, sql: str) -> str:
    return product.postgres.execute(sql, database=DATABASE).strip()


def _page_list(product: Product) -> dict[str, dict[str, str]]:
    """Return the pages to measure by who looks: a stranger or one of the officers."""
    record = _one(
        product,
        "SELECT public_id FROM complaints_complaint WHERE status = 'received' ORDER BY due_at LIMIT 1",
    )
    case = _one(
        product,
        "SELECT public_id FROM complaints_case WHERE status = 'registered' ORDER BY due_at LIMIT 1",
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
            "queue_filtered": f"{queue}?view=overdue&lane=tip&act=POST_SUPPORT",
            "queue_closed": f"{queue}?view=closed",
            "search_rare_word": f"{queue}?view=all&q={RARE_WORD}",
            "search_common_word": f"{queue}?view=all&q=kepala",
            "search_two_words": f"{queue}?view=all&q=camat+sukamaju",
            "search_open_common_word": f"{queue}?q=kepala",
            "search_nothing_found": f"{queue}?view=all&q=tidakadasamasekali",
            "record": f"/kerja/laporan/{record}/",
            "case": f"/kerja/perkara/{case}/",
            "cases": "/kerja/perkara/",
            "plenary": "/kerja/pleno/",
        },
        "province": {
            "queue_of_province": queue,
            "search_rare_in_province": f"{queue}?view=all&q={RARE_WORD}",
        },
        "regency": {
            "queue_of_regency": queue,
            "search_common_in_regency": f"{queue}?view=all&q=kepala",
            "search_rare_in_regency": f"{queue}?view=all&q={RARE_WORD}",
        },
    }


def _pages(
    product: Product, report: Report, size: int, officers: dict[str, Any], plan: Plan
) -> None:
    watched = Watched(product.web_process(), product.database_process())
    for who, every in _page_list(product).items():
        pages = {name: path for name, path in every.items() if plan.only in name}
        if not pages:
            continue
        browsers = [Browser(PORT) for _ in range(4)]
        email = ""
        if who in officers:
            email = officers[who]["email"]
            browsers[0].sign_in(**officers[who])
            for browser in browsers[1:]:
                browser.share_cookies(browsers[0])
        counted = json.loads(
            _module(product, "bench.queries", stdin=json.dumps({"email": email, "pages": pages}))
        )
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


def _size(text: str) -> int:
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
    options = parser.parse_args()
    sizes = sorted(_size(part) for part in options.sizes.split(","))
    out = options.out.open("a", encoding="ascii") if options.out else None
    try:
        folder = options.folder.resolve() if options.folder else None
        plan = Plan(sizes, options.requests, options.seconds, options.only, folder)
        run(plan, Report(out))
    finally:
        if out:
            out.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
