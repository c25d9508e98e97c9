"""A release over the one before it, while reports come in, and the way back (check F18).

``python -m bench.upgrade REVISION`` takes that revision's code out of the repository, fills its database,
and lets reporters send without a pause while this checkout's code migrates; then the old web goes on over
the new tables, the new web takes over, and the migrations are taken back under the old web. One line a
phase: reports sent, what failed, the slowest report, and the longest that anybody waited for a lock.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg2

from bench.journeys import journey, puzzles
from bench.lean import Lean
from bench.main import machine, size_of
from bench.measures import seconds_until_served
from bench.product import DATABASE, ROOT, WEB_ROLE, Product, running_product

CLIENTS = 3
SIDE_APPS = {"keyring", "audit"}
LANE = "tip"
PHASE_SECONDS = 12.0
LOOK_SECONDS = 0.01
LONGEST_LOCK = "1s"
"""A request of the web that waits longer for a lock ends with an error: the bound of check F18."""
WAITS = """
SELECT COALESCE(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float8
FROM pg_locks WHERE NOT granted
"""
LEAVES = """
import json, django
django.setup()
from django.db.migrations.loader import MigrationLoader
print(json.dumps(dict(sorted(MigrationLoader(None).graph.leaf_nodes()))))
"""


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Give a folder with the files of a revision."""
    with tempfile.TemporaryDirectory(prefix="bc-before-") as folder:
        root = Path(folder) / "code"
        root.mkdir()
        archive = subprocess.run(
            ["git", "archive", revision], cwd=ROOT, check=True, stdout=subprocess.PIPE
        )
        subprocess.run(["tar", "-x", "-C", str(root)], input=archive.stdout, check=True)
        yield root


def leaves(product: Product) -> dict[str, str]:
    """Return the last migration of each app as a checkout has it."""
    told = subprocess.run(
        [sys.executable, "-c", LEAVES],
        cwd=product.root,
        env=product.owner,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, str] = json.loads(told.stdout)
    return found


class Watch:
    """Looks a hundred times a second how long the longest waiting lock has been waited for."""

    def __init__(self, url: str) -> None:
        self._url, self._over, self.longest = url, threading.Event(), 0.0
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        with closing(psycopg2.connect(self._url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                while not self._over.wait(LOOK_SECONDS):
                    cursor.execute(WAITS)
                    self.longest = max(self.longest, cursor.fetchone()[0])


def phase(product: Product, name: str, work: Callable[[], Any] | None = None) -> dict[str, Any]:
    """Let reporters send for a while, or as long as ``work`` takes; return how it went."""
    count = "SELECT count(*) FROM complaints_complaint"
    before = int(product.postgres.execute(count, database=DATABASE))
    seconds: list[float] = []
    errors: list[str] = []
    over = threading.Event()

    def send() -> None:
        reporter = Lean(product.port)
        while not over.is_set():
            try:
                puzzle = puzzles(reporter, LANE, 1)[0]
                began = time.perf_counter()
                journey(reporter, LANE, puzzle)
            except (RuntimeError, LookupError, OSError) as error:
                errors.append(str(error))
                reporter = Lean(product.port)
            else:
                seconds.append(time.perf_counter() - began)

    reporters = [threading.Thread(target=send) for _ in range(CLIENTS)]
    with Watch(product.owner["DATABASE_URL"]) as watch:
        for thread in reporters:
            thread.start()
        began = time.monotonic()
        try:
            if work is None:
                time.sleep(PHASE_SECONDS)
            else:
                work()
        finally:
            took = time.monotonic() - began
            over.set()
            for thread in reporters:
                thread.join()
    rows = int(product.postgres.execute(count, database=DATABASE)) - before
    return {
        "measure": f"upgrade_{name}",
        "seconds": round(took, 1),
        "sent": len(seconds),
        "rows": rows,
        "errors": len(errors),
        "first_errors": errors[:3],
        "slowest_report_seconds": round(max(seconds), 2) if seconds else None,
        "longest_lock_seconds": round(watch.longest, 2),
    }


def serve(product: Product, root: Path) -> None:
    """Stop the web that serves and start that of a checkout."""
    product.stop_web()
    product.root = root
    seconds_until_served(product.start_web(), port=product.port, path="/")


def take_back(product: Product, last: dict[str, str]) -> None:
    """Take back, with the new code, every migration that the old one does not have."""
    apart = {app: name for app, name in leaves(product).items() if last.get(app) != name}
    for app in apart:
        product.manage("migrate", app, last.get(app, "zero"), "--verbosity", "0")
    # The main database also notes, as done, what a side database's app has.
    names = ", ".join(f"'{name}'" for app, name in apart.items() if app not in SIDE_APPS)
    still = f"SELECT count(*) FROM django_migrations WHERE name IN ({names})"
    if names and int(product.postgres.execute(still, database=DATABASE)):
        raise RuntimeError("a migration was not taken back")


def there_and_back(revision: str, *, size: int) -> Iterator[dict[str, Any]]:
    """Go from a revision to this checkout and back again; give a line a phase."""
    with checked_out(revision) as old, running_product(root=old) as product:
        product.module("bench.seeding", str(size))
        last = leaves(product)
        product.postgres.execute(f"ALTER ROLE {WEB_ROLE} SET lock_timeout = '{LONGEST_LOCK}'")
        serve(product, old)
        yield phase(product, "before")
        product.root = ROOT
        new = leaves(product)
        apart = {app: [last.get(app), name] for app, name in new.items() if last.get(app) != name}
        yield {"measure": "upgrade_migrations", "from_to": apart}
        yield phase(product, "migrating", product.bring_up_to_date)
        yield phase(product, "old_web_over_new_tables")
        serve(product, ROOT)
        yield phase(product, "new_web")
        serve(product, old)
        product.root = ROOT
        yield phase(product, "going_back", lambda: take_back(product, last))
        product.root = old
        product.manage("grant_roles")
        yield phase(product, "old_again")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="bench.upgrade", description="F18.")
    parser.add_argument("revision", help="what is in use: a commit of this repository")
    parser.add_argument("--size", default="100k", help="reports in its database")
    options = parser.parse_args()
    print(json.dumps({"measure": "machine", **machine()}), flush=True)
    for line in there_and_back(options.revision, size=size_of(options.size)):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
