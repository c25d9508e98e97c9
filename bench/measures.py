"""Timing pages and processes. Every function returns plain numbers; main prints them."""

import os
import statistics
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.browser import Browser

WARM_UP = 15
PATIENCE_SECONDS = 240
"""For a server to start, however busy the machine is."""


@dataclass(frozen=True)
class Timing:
    """Times of one page in milliseconds."""

    p50: float
    p95: float
    p99: float
    per_second: float
    requests: int
    web_cpu_ms: float
    database_cpu_ms: float
    size_bytes: int
    statuses: list[int]


@dataclass(frozen=True)
class Watched:
    """The processes whose processor time is counted: gunicorn's and PostgreSQL's first ones."""

    web: int
    database: int


def time_page(browsers: list[Browser], path: str, *, requests: int, watched: Watched) -> Timing:
    """Fetch a page ``requests`` times, split over the browsers, each with its own connection.

    The processor time a request takes in web and database is told beside the times people wait: it
    stays the same on a busy machine.
    """
    for browser in browsers:
        for _ in range(WARM_UP):
            browser.fetch(path)
    times: list[float] = []
    statuses: set[int] = set()
    sizes: list[int] = []
    lock = threading.Lock()
    each = max(requests // len(browsers), 1)

    def work(browser: Browser) -> None:
        mine = []
        size = 0
        for _ in range(each):
            began = time.perf_counter()
            status, size = browser.fetch(path)
            mine.append((time.perf_counter() - began) * 1000)
            statuses.add(status)
        with lock:
            times.extend(mine)
            sizes.append(size)

    web, database = cpu_seconds(watched.web), cpu_seconds(watched.database)
    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return Timing(
        p50=round(cuts[49], 1),
        p95=round(cuts[94], 1),
        p99=round(cuts[98], 1),
        per_second=round(len(times) / elapsed, 1),
        requests=len(times),
        web_cpu_ms=round((cpu_seconds(watched.web) - web) * 1000 / len(times), 1),
        database_cpu_ms=round((cpu_seconds(watched.database) - database) * 1000 / len(times), 1),
        size_bytes=sizes[0],
        statuses=sorted(statuses),
    )


def memory_mib(process: int) -> dict[str, float]:
    """Return RSS and PSS of a process in MiB (PSS shares what is shared)."""
    told = {}
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    for line in rollup.splitlines():
        name, _, rest = line.partition(":")
        if name in {"Rss", "Pss"}:
            told[name.lower()] = round(int(rest.split()[0]) / 1024, 1)
    return told


def seconds_until_served(began: float, *, port: int, path: str) -> float:
    """Return the seconds from ``began`` until the page is served. Raises TimeoutError."""
    end = began + PATIENCE_SECONDS
    while time.perf_counter() < end:
        try:
            with closing(Browser(port)) as browser:
                status, _size = browser.fetch(path)
        except OSError:
            time.sleep(0.005)
            continue
        if status == 200:  # noqa: PLR2004 -- HTTP
            return round(time.perf_counter() - began, 3)
    raise TimeoutError(path)


def cpu_seconds(process: int) -> float:
    """Return the processor time of a process and of everything it started."""
    total = 0.0
    for pid in [process, *descendants(process)]:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except OSError:
            continue
        fields = stat.rpartition(")")[2].split()
        # user, system, and both of the children that ended meanwhile
        total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def descendants(process: int) -> list[int]:
    """Return the processes that a process started, and theirs."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except OSError:
        return []
    children = [int(pid) for pid in text.split()]
    return children + [deeper for child in children for deeper in descendants(child)]
