"""Referrals a second from approval to the recipient's inbox, by real workers over a real broker.

    .venv/bin/python -m bench.delivery                 # 400 referrals, two worker processes
    .venv/bin/python -m bench.delivery --number 100 --processes 1
    .venv/bin/python -m bench.delivery --offices 2     # two series of numbers: no letter waits for the other

The referrals are proposed and approved first, through the product's own services, so that their promises
lie in the outbox and their hints in the broker. Then the workers start. ``per_second`` counts from the
first letter begun to the last delivery, by the moments in the referrals' own histories; nothing else runs.
``workers_cpu_ms`` and ``database_cpu_ms`` are the processor time of each referral after the first fifth, when
fonts and templates are loaded: they hold still on a machine that does other work. ``possible_per_second``
is what two idle processors would make at that cost.
"""

import argparse
import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bawaslu_cases.embedded.launch import QUEUES
from bench.main import machine
from bench.measures import cpu_seconds
from bench.product import DATABASE, ROOT, Product, running_product

PATIENCE_S = 600
PROCESSORS = 2
# A pair for this run alone: the packets are thrown away with the database.
SIGNING_KEY = base64.b64encode(b"packet-signing-key-of-the-bench-").decode()


def main() -> None:
    """Start the product, approve, let the workers deliver, and say how fast."""
    reader = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    reader.add_argument("--number", type=int, default=400)
    reader.add_argument("--processes", type=int, default=2)
    reader.add_argument("--offices", type=int, default=1, choices=(1, 2))
    reader.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = reader.parse_args()
    if asked.inside:
        inside(asked.number, asked.offices)
        return
    print(json.dumps({"measure": "machine", **machine()}), flush=True)
    with running_product() as product:
        product.owner["PACKET_SIGNING_KEY"] = SIGNING_KEY
        began = time.monotonic()
        subprocess.run(
            [
                *(sys.executable, "-m", "bench.delivery", "--inside"),
                *("--number", str(asked.number), "--offices", str(asked.offices)),
            ],
            cwd=ROOT,
            env=product.owner,
            check=True,
        )
        approved = time.monotonic() - began
        with workers(product, asked.processes) as (log, processes):
            spent = wait_until_all(product, asked.number, log, processes)
        line = told(product, asked) | spent | {"approving_seconds": round(approved, 1)}
        print(json.dumps(line))


def inside(number: int, offices: int) -> None:
    """Approve so many referrals of one office or of two in the databases of the environment."""
    import django  # noqa: PLC0415 -- the process that measures needs no Django

    django.setup()
    from tests.factories import decided_case  # noqa: PLC0415 -- as above
    from tests.referrals import stages  # noqa: PLC0415 -- as above

    officers = ("sari", "rudi")[:offices]
    for each in range(number):
        officer = officers[each % offices]
        stages.approved(decided_case(officer=officer, place=f"Balai desa {each}"))


@contextmanager
def workers(product: Product, processes: int) -> Iterator[tuple[Path, list[int]]]:
    """Run Celery with so many processes, and beat, whose sweep finds what a hint missed."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "workers.log"
        celery = [sys.executable, "-m", "celery", "--app", "bawaslu_cases"]
        commands = (
            [
                *(*celery, "worker", "--concurrency", str(processes), "--queues", QUEUES),
                *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
            ],
            [*celery, "beat", "--schedule", f"{folder}/schedule", "--pidfile="],
        )
        with log.open("ab") as output:
            started = [
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=product.owner,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
                for command in commands
            ]
        try:
            yield log, [process.pid for process in started]
        finally:
            for process in started:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)


def wait_until_all(
    product: Product, number: int, log: Path, processes: Sequence[int]
) -> dict[str, float]:
    """Wait until every referral is delivered, and return what the later ones cost each.

    Raises RuntimeError with the log's end when they are not delivered in time.
    """
    query = "SELECT count(*) FROM referrals_referral WHERE status = 'delivered'"
    end = time.monotonic() + PATIENCE_S
    first: tuple[int, float, float] | None = None
    while time.monotonic() < end:
        done = int(product.postgres.execute(query, database=DATABASE))
        at_work = sum(map(cpu_seconds, processes))
        database = cpu_seconds(product.database_process())
        if done >= number / 5 and first is None:
            first = done, at_work, database
        if done == number and first is not None:
            return _cost(number - first[0], at_work - first[1], database - first[2])
        time.sleep(1)
    raise RuntimeError(log.read_text(encoding="utf-8")[-3000:])


def _cost(number: int, at_work: float, database: float) -> dict[str, float]:
    if number == 0:  # all within the first look: ask for more of them
        return {}
    each = (at_work + database) / number
    return {
        "workers_cpu_ms": round(1000 * at_work / number, 1),
        "database_cpu_ms": round(1000 * database / number, 1),
        "possible_per_second": round(PROCESSORS / each, 1),
    }


def told(product: Product, asked: argparse.Namespace) -> dict[str, object]:
    """Return the measure, reckoned from the histories."""
    seconds = float(
        product.postgres.execute(
            "SELECT extract(epoch FROM max(at) FILTER (WHERE action = 'deliver')"
            " - min(at) FILTER (WHERE action = 'issue')) FROM referrals_referralevent",
            database=DATABASE,
        )
    )
    return {
        "measure": "referrals_delivered",
        "referrals": asked.number,
        "offices": asked.offices,
        "worker_processes": asked.processes,
        "seconds": round(seconds, 2),
        "per_second": round(asked.number / seconds, 1),
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
