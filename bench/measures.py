"""Timing pages and processes. Every function returns plain numbers; main prints them."""

import statistics
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bench.browser import Browser

WARM_UP = 15


@dataclass(frozen=True)
class Timing:
    """Times of one page in milliseconds."""

    p50: float
    p95: float
    p99: float
    per_second: float
    requests: int
    size_bytes: int
    statuses: list[int]


def time_page(browsers: list[Browser], path: str, *, requests: int) -> Timing:
    """Fetch a page ``requests`` times, split over the browsers, each with its own connection."""
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
        for _ in range(each):
            began = time.perf_counter()
            status, size = browser.fetch(path)
            mine.append((time.perf_counter() - began) * 1000)
            statuses.add(status)
        with lock:
            times.extend(mine)
            sizes.append(size)

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
    end = began + 60
    while time.perf_counter() < end:
        try:
            status, _size = Browser(port).fetch(path)
        except OSError:
            time.sleep(0.005)
            continue
        if status == 200:  # noqa: PLR2004 -- HTTP
            return round(time.perf_counter() - began, 3)
    raise TimeoutError(path)
