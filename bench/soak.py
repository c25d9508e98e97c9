"""The product under what lasts: thirty sign-ins at once, a flood beside honest reporters, an hour in minutes.

    .venv/bin/python -m bench.soak sign-ins               # F21: memory of thirty Argon2id at once
    .venv/bin/python -m bench.soak flood --seconds 300    # F20: who is refused while others send
    .venv/bin/python -m bench.soak work --seconds 600     # F24: memory, descriptors and what is stuck

Several in one call share one start. Nobody thinks between two pages, so ten minutes of ``work`` are some
hours of a desk. One JSON line each.
"""

import argparse
import json
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import getpid
from pathlib import Path
from typing import Any

from bench.browser import Browser
from bench.delivery import workers
from bench.journeys import FORM, journey, puzzles, solved
from bench.lean import Lean
from bench.main import machine
from bench.measures import descendants, seconds_until_served
from bench.product import DATABASE, PORT, Product, running_product
from bench.reporters import MAILBOX, SEE_OTHER, codes_of, send_all, standing

SIGN_INS = 30
SEND = {"step": "check", "do": "send", "statement": "on", "website": ""}
FLOODERS = 12
SAMPLE_SECONDS = 5.0
WARM_SHARE = 0.3
"""Of the time: what a process takes until it has seen every page once is not what grows."""


@dataclass
class Told:
    """What several threads count."""

    counts: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Run from the command line."""
    reader = argparse.ArgumentParser(prog="bench.soak", description=__doc__.partition("\n")[0])
    reader.add_argument("what", choices=["sign-ins", "flood", "work"], nargs="+")
    reader.add_argument("--seconds", type=float, default=300)
    asked = reader.parse_args()
    print(json.dumps({"measure": "machine", **machine()}), flush=True)
    with running_product() as product:
        product.module("bench.drafts", "keys")
        for what in asked.what:
            if what == "sign-ins":
                told = sign_ins(product)
            elif what == "flood":
                told = flood(product, asked.seconds)
            else:
                told = work(product, asked.seconds)
            print(json.dumps(told), flush=True)
            product.stop_web()


# --- F21 ------------------------------------------------------------------------------------------


def sign_ins(product: Product) -> dict[str, Any]:
    """Open thirty mailboxes in the same moment; say how much the web workers grew at their highest."""
    _started(product)
    codes = _codes(product, SIGN_INS)
    pages = [solved(Lean(PORT).get(MAILBOX).text) for _code in codes]
    pids = product.web_workers()
    before = {pid: _kib(pid, "VmRSS") for pid in pids}
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    start = threading.Barrier(SIGN_INS)

    def sign_in(code: str, puzzle: str) -> str:
        client = Lean(PORT)
        start.wait()
        answer = client.post(MAILBOX, {"code": code, "puzzle": puzzle})
        opened = answer.status == SEE_OTHER and answer.header("Location") != MAILBOX
        return "opened" if opened else f"status {answer.status}"

    with ThreadPoolExecutor(SIGN_INS) as threads:
        answers = Counter(threads.map(sign_in, codes, pages))
    growth = {pid: _kib(pid, "VmHWM") - before[pid] for pid in pids}
    return {
        "measure": "sign_ins_at_once",
        "answers": dict(answers),
        "web_workers": len(pids),
        "same_workers": product.web_workers() == pids,
        "before_mib": [round(kib / 1024, 1) for kib in before.values()],
        "growth_mib": [round(kib / 1024, 1) for kib in growth.values()],
        "without_a_bound_mib": SIGN_INS * 64,
    }


# --- F20 ------------------------------------------------------------------------------------------


def flood(product: Product, seconds: float) -> dict[str, Any]:
    """Let twelve clients send and guess without a proof for so long, and honest reporters send beside them.

    An honest one reads the last page, solves its puzzle as a phone does and presses; when the form asks
    once more, they press once more. Their time runs from the first look at the page.
    """
    _started(product)
    # More than a calm number lets through of them: 60 a minute.
    floods = json.loads(product.module("bench.drafts", "tip", str(FLOODERS + int(2 * seconds))))
    honest = json.loads(product.module("bench.drafts", "tip", str(int(seconds))))
    before = _count(product, "complaints_complaint")
    over, bad, good = threading.Event(), Told(), Told()

    def flood_on(number: int) -> None:
        lot, client = random.Random(number), Lean(PORT)
        drafts = iter(floods[number::FLOODERS])
        cookie = next(drafts)
        while not over.is_set():
            client.cookie = cookie
            if number % 3 == 0 or not cookie:
                client.forget()
                guess = "".join(lot.choices("0123456789", k=20))
                answer = client.post(MAILBOX, {"code": guess, "puzzle": ""})
                bad.counts[f"guess {answer.status}"] += 1
                continue
            answer = client.post(FORM, SEND | {"puzzle": ""})
            bad.counts[f"send {answer.status}"] += 1
            if answer.status == SEE_OTHER and 'id="code"' in client.get(FORM).text:
                bad.counts["got through"] += 1
                cookie = next(drafts, "")

    with _threads(FLOODERS, flood_on, over, bad):
        end = time.monotonic() + seconds
        for cookie in honest:
            if time.monotonic() >= end:
                break
            began = time.perf_counter()
            good.counts[_sent(cookie)] += 1
            good.times.append(time.perf_counter() - began)
            over.wait(max(0.0, 1.0 - good.times[-1]))
    return {
        "measure": "flood",
        "seconds": seconds,
        "flood": dict(bad.counts),
        "flood_errors": sorted(set(bad.errors))[:3],
        "honest": dict(good.counts),
        "honest_p50_s": round(statistics.median(good.times), 2),
        "honest_worst_s": round(max(good.times), 2),
        "rows": _count(product, "complaints_complaint") - before,
    }


def _sent(cookie: str) -> str:
    client, status = Lean(PORT, cookie=cookie), 0
    for presses in (1, 2, 3):
        answer = client.post(FORM, SEND | {"puzzle": solved(client.get(FORM).text)})
        if answer.status == SEE_OTHER and 'value="kept"' in client.get(FORM).text:
            return f"sent at press {presses}"
        status = answer.status
    return f"refused {status}"


# --- F24 ------------------------------------------------------------------------------------------


def work(product: Product, seconds: float) -> dict[str, Any]:
    """Walk, open and read without a pause beside real workers; say what grew and what is stuck."""
    officers = json.loads(product.module("bench.people"))
    product.module("bench.seeding", "1000")
    _started(product)
    codes = _codes(product, 8)
    over, told = threading.Event(), Told()
    samples: list[dict[str, dict[str, float]]] = []

    def walk_on(_number: int) -> None:
        client = Lean(PORT)
        while not over.is_set():
            journey(client, "tip", puzzles(client, "tip", 1)[0])
            told.counts["journeys"] += 1

    def open_on(number: int) -> None:
        lot = random.Random(number)
        while not over.is_set():
            client = Lean(PORT)
            puzzle = solved(client.get(MAILBOX).text)
            client.post(MAILBOX, {"code": lot.choice(codes), "puzzle": puzzle})
            told.counts[f"mailbox {client.get('/s/isi').status}"] += 1
            over.wait(0.2)

    def read_on(_number: int) -> None:
        browser = Browser(PORT)
        browser.sign_in(**officers["nation"])
        pages = ("/kerja/", "/kerja/antrean/?v=all", "/kerja/perkara/", "/kerja/antrean/?v=overdue")
        while not over.is_set():
            for page in pages:
                status, _size = browser.fetch(page)
                told.counts[f"desk {status}"] += 1

    with (
        workers(product, 2) as (log, _pids),
        _threads(2, walk_on, over, told),
        _threads(1, open_on, over, told),
        _threads(1, read_on, over, told),
    ):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            over.wait(SAMPLE_SECONDS)
            samples.append(_sizes())
        over.set()
        time.sleep(30)  # what was promised last is carried out
        stuck = _stuck(product)
        said = log.read_text(encoding="utf-8")
    return {
        "measure": "soak",
        "seconds": seconds,
        "done": dict(told.counts),
        "errors": sorted(set(told.errors))[:3],
        "grown": _grown(samples),
        "stuck": stuck,
        "worker_errors": Counter(line[:160] for line in said.splitlines() if _is_error(line)),
    }


def _is_error(line: str) -> bool:
    return any(word in line for word in ("ERROR", "CRITICAL", "Traceback"))


def _sizes() -> dict[str, dict[str, float]]:
    """Return memory (MiB) and descriptors of every process of the product, by kind."""
    found: dict[str, dict[str, float]] = {}
    for pid in descendants(getpid()):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            kind = next(name for name in ("gunicorn", "celery", "valkey") if name in line)
            size = {
                "rss_mib": _kib(pid, "VmRSS") / 1024,
                "descriptors": float(len(list(Path(f"/proc/{pid}/fd").iterdir()))),
            }
        except (OSError, StopIteration, LookupError):
            continue
        known = found.setdefault(kind, {"processes": 0.0, "rss_mib": 0.0, "descriptors": 0.0})
        known["processes"] += 1
        for name, value in size.items():
            known[name] += value
    return found


def _grown(samples: list[dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Compare the first half of what came after the warm-up with the second, by the median of each."""
    warm = samples[int(len(samples) * WARM_SHARE) :]
    first, second = warm[: len(warm) // 2], warm[len(warm) // 2 :]
    return {
        kind: {
            name: [
                round(statistics.median(each[kind][name] for each in half), 1) for half in halves
            ]
            for name in ("processes", "rss_mib", "descriptors")
        }
        for kind in sorted(warm[0])
        if (halves := [[each for each in half if kind in each] for half in (first, second)])
        and all(halves)
    }


def _stuck(product: Product) -> dict[str, int]:
    """Return what should be over by now and is not."""
    questions = {
        "outbox_pending": "SELECT count(*) FROM shared_outboxmessage WHERE status = 'PENDING'"
        " AND next_attempt_at < now() - interval '20 seconds'",
        "outbox_parked": "SELECT count(*) FROM shared_outboxmessage WHERE status = 'PARKED'",
        "idle_in_transaction": "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'"
        " AND state_change < now() - interval '10 seconds'",
        "waiting_for_a_lock": "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
        "deadlocks": "SELECT coalesce(sum(deadlocks), 0) FROM pg_stat_database",
        "records_without_code": "SELECT count(*) FROM complaints_complaint c WHERE lane = 'tip'"
        " AND received_on = current_date AND NOT EXISTS"
        " (SELECT 1 FROM complaints_receipt r WHERE r.complaint_id = c.id)",
    }
    return {
        name: int(product.postgres.execute(sql, database=DATABASE).strip())
        for name, sql in questions.items()
    }


# --- what all of them need --------------------------------------------------------------------------


@contextmanager
def _threads(
    number: int, act: Callable[[int], None], over: threading.Event, told: Told
) -> Iterator[None]:
    """Let so many clients act until it is over; one that fails says why and goes on."""

    def keep_on(which: int) -> None:
        while not over.is_set():
            try:
                act(which)
            except Exception as error:  # noqa: BLE001 -- counted, whatever it is
                told.errors.append(f"{type(error).__name__}: {error}"[:120])
                over.wait(0.5)

    threads = [threading.Thread(target=keep_on, args=[which]) for which in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _started(product: Product) -> None:
    """Start the web server without receipts made ahead: they take memory and time of their own."""
    seconds_until_served(product.start_web(RECEIPT_POOL_SIZE="0"), port=PORT, path="/")


def _codes(product: Product, count: int) -> list[str]:
    waiting = standing(PORT, json.loads(product.module("bench.drafts", "tip", str(count))))
    send_all(PORT, waiting, clients=4)
    return codes_of(PORT, waiting)


def _count(product: Product, table: str) -> int:
    return int(product.postgres.execute(f"SELECT count(*) FROM {table}", database=DATABASE))


def _kib(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise LookupError(name)


if __name__ == "__main__":
    main()
