"""Public figures: ``python -m bench.figures --sizes 100k,1M [--folder DIR]``. One JSON line each.

All months at once, as on the first day; then the newest month alone, as every month; then /data as readers
get it from gunicorn, and again with an ETag.
"""

import argparse
import json
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.browser import Browser
from bench.main import machine
from bench.measures import Watched, cpu_seconds, seconds_until_served, time_page
from bench.product import PORT, Product, running_product

SIZES = {"1k": 1_000, "100k": 100_000, "1M": 1_000_000}
REQUESTS = 400


def main() -> None:
    """Start the product, seed it, publish as the owner, read as everybody."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100k")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--inside", type=int, metavar="PROCESS", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        inside(chosen.inside)
        return
    print(json.dumps({"measure": "machine", **machine()}), flush=True)
    with running_product(chosen.folder) as product:
        for name in chosen.sizes.split(","):
            product.show("bench.seeding", str(SIZES[name]))
            product.show("bench.figures", "--inside", str(product.database_process()))
            served(product)


def inside(database: int) -> None:
    """Publish everything but the newest month, then that one; print the seconds of each.

    ``database`` is PostgreSQL's first process. The processor's seconds hold still on a busy machine.
    """
    import django  # noqa: PLC0415 -- this half alone needs it

    django.setup()
    from django.db import connection  # noqa: PLC0415 -- after setup

    from complaints.models import Complaint  # noqa: PLC0415 -- after setup
    from referrals.models import PublishedTable  # noqa: PLC0415 -- after setup
    from referrals.services.figures import refresh_figures  # noqa: PLC0415 -- after setup

    with connection.cursor() as cursor:
        # a table that refuses to be emptied: a second size publishes anew
        cursor.execute("ALTER TABLE referrals_publishedtable DISABLE TRIGGER USER")
        cursor.execute("TRUNCATE referrals_publishedtable")
        cursor.execute("ALTER TABLE referrals_publishedtable ENABLE TRIGGER USER")
    complaints = Complaint.objects.count()
    now = datetime.now(UTC)
    for name, at in (
        ("all_months", now - timedelta(days=31)),
        ("one_month", now),
        ("nothing_due", now),
    ):
        began = time.perf_counter()
        spent, asked = time.process_time(), cpu_seconds(database)
        tables = len(refresh_figures(at=at))
        told = {
            "measure": f"figures_{name}",
            "complaints": complaints,
            "seconds": round(time.perf_counter() - began, 3),
            "worker_cpu_seconds": round(time.process_time() - spent, 3),
            "database_cpu_seconds": round(cpu_seconds(database) - asked, 2),
            "tables": tables,
            "all_tables": PublishedTable.objects.count(),
        }
        print(json.dumps(told), flush=True)


def served(product: Product) -> None:
    """Read the national page and a province's as one reader and as eight at once."""
    began = product.start_web()
    try:
        seconds_until_served(began, port=PORT, path="/data")
        watched = Watched(web=product.web_process(), database=product.database_process())
        for path in ("/data", "/data/jawa-tengah", "/data.json"):
            for clients in (1, 8):
                browsers = [Browser(PORT) for _ in range(clients)]
                timing = time_page(browsers, path, requests=REQUESTS, watched=watched)
                line = {"measure": "figures_page", "path": path, "concurrency": clients}
                print(json.dumps(line | asdict(timing)), flush=True)
    finally:
        product.stop_web()


if __name__ == "__main__":
    main()
