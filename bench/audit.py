"""``python -m bench.audit``: what the audit log costs. A durable PostgreSQL of its own, gone after it.

Prints one JSON line per measure: appends per second from one and from eight connections (each append
commits and reaches the disk), the milliseconds one adds to a page, verification and checkpoint.
"""

import base64
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import django

from bawaslu_cases.embedded.postgres import Postgres

APPENDS = 2000
THREADS = 8
FILLED = 100_000


def main() -> None:
    """Start, measure, stop."""
    folder = Path(tempfile.mkdtemp(prefix="bc-bench-audit-"))
    folder.chmod(0o755)
    postgres = Postgres(folder / "postgres")
    try:
        postgres.start()
        postgres.ensure_databases()
        os.environ |= {
            **postgres.urls(),
            "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.dev",
            "AUDIT_CHECKPOINT_DIR": str(folder / "checkpoints"),
            "AUDIT_SIGNING_KEY": base64.b64encode(os.urandom(32)).decode(),
            "LOG_LEVEL": "ERROR",
        }
        django.setup()
        _measure()
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _measure() -> None:
    from django.core.management import call_command  # noqa: PLC0415 -- settings first
    from django.db import connections  # noqa: PLC0415 -- settings first
    from django.utils import timezone  # noqa: PLC0415 -- settings first

    from bawaslu_cases.audit.checkpoints import folder, write_checkpoint  # noqa: PLC0415
    from bawaslu_cases.audit.notes import private_key  # noqa: PLC0415 -- settings first
    from bawaslu_cases.audit.services import record  # noqa: PLC0415 -- settings first
    from bawaslu_cases.audit.verification import verify_log  # noqa: PLC0415 -- settings first

    call_command("migrate", verbosity=0)

    def append() -> None:
        record(
            actor="0" * 32,
            action="page.desk:record",
            subject="complaint:" + "1" * 32,
            detail={"method": "GET", "status": 200},
        )

    append()
    alone = [_seconds(append) for _ in range(APPENDS)]
    _say("append_alone", per_second=round(APPENDS / sum(alone)), **_quantiles(alone))

    together: list[float] = []

    def work() -> None:
        took = [_seconds(append) for _ in range(APPENDS // THREADS)]
        together.extend(took)
        connections.close_all()

    began = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = round(len(together) / (time.monotonic() - began))
    _say("append_from_eight", per_second=rate, **_quantiles(together))

    with connections["audit"].cursor() as cursor:
        # One transaction: the time of a full log's reading is what is asked for, not of its writing.
        cursor.execute(
            "SELECT count(audit_append('a', 'page.desk:record', 'complaint:' || n, '', '{}')) "
            "FROM generate_series(1, %s) n",
            [FILLED],
        )
    entries = FILLED + 2 * APPENDS + 1
    took = _seconds(write_checkpoint)
    _say(
        "checkpoint_first",
        entries=entries,
        seconds=round(took, 2),
        per_second=round(entries / took),
    )
    append()
    _say("checkpoint_next", ms=round(_seconds(write_checkpoint) * 1000, 1))

    key = private_key(os.environ["AUDIT_SIGNING_KEY"]).public_key()
    began = time.monotonic()
    report = verify_log(place=folder(), key=key, at=timezone.now())
    took = time.monotonic() - began
    _say(
        "verify",
        entries=report.entries,
        findings=[finding.code for finding in report.findings],
        seconds=round(took, 2),
        per_second=round(report.entries / took),
    )


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _quantiles(took: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=100)
    return {f"p{n}_ms": round(cuts[n - 1] * 1000, 2) for n in (50, 95, 99)}


def _say(measure: str, **values: object) -> None:
    print(json.dumps({"measure": f"audit_{measure}", **values}), flush=True)


if __name__ == "__main__":
    main()
