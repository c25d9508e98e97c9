"""A release over the one before it, while reports come in, and the way back (check F18).

``python -m bench.upgrade REVISION`` takes that revision's code out of the repository, fills its database,
and lets reporters send without a pause while this checkout's code migrates; then the old web goes on over
the new tables, the new web takes over, and the migrations are taken back under the old web. One line a
phase: reports sent, what failed, the slowest report, and the longest that the web waited for a lock.
``tests/faults/test_upgrade.py`` goes the same way with fewer of everything.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg2

from bawaslu_cases.embedded.postgres import DATABASES
from bench.journeys import journey, puzzles
from bench.lean import Lean
from bench.main import machine, size_of
from bench.measures import seconds_until_served
from bench.product import PORT, ROOT, SERVER_SETTINGS, WEB_ROLE, Product, running_product

DEFAULT, KEYRING, AUDIT = (DATABASES[f"{name}DATABASE_URL"] for name in ("", "KEYRING_", "AUDIT_"))
SIDE_APPS = {"keyring": KEYRING, "audit": AUDIT}
LANES = ("tip", "sealed", "tip")
"""One reporter each, whose reports all have it."""
PHASE_SECONDS = 12.0
LOOK_SECONDS = 0.01
MOST_ERRORS = 5
"""After so many a reporter gives a phase up."""
LONGEST_LOCK = "1s"
"""A request of the web that waits longer for a lock ends with an error: the bound of check F18."""
WAITS = f"""
SELECT extract(epoch FROM clock_timestamp() - l.waitstart)::float8,
  concat_ws(' ', l.mode, l.locktype, (SELECT relname FROM pg_class WHERE oid = l.relation))
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND l.waitstart IS NOT NULL AND a.usename = '{WEB_ROLE}'
ORDER BY l.waitstart LIMIT 1
"""
"""What the web waits for: whoever builds an index waits for older transactions, and nobody for that."""
TAKE_BACK = """
import json, sys, django
django.setup()
from django.core.management import call_command
for app, name in json.loads(sys.argv[1]).items():
    call_command("migrate", app, name, verbosity=0, interactive=False)
"""


@dataclass(frozen=True)
class Pace:
    """How many reporters send, of which lane, and how long a phase lasts that has no work of its own."""

    lanes: tuple[str, ...] = LANES
    seconds: float = PHASE_SECONDS
    least: int = 1
    """Reports of each reporter in each phase, however slow the machine is."""


@dataclass
class Sent:
    """What the reporters of a phase met."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


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


def applied(product: Product) -> dict[str, str]:
    """Return the last migration of each app, as its own database notes it."""
    last = "SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app"
    found = {}
    for database in (DEFAULT, *SIDE_APPS.values()):
        for line in product.postgres.execute(last, database=database).splitlines():
            app, _, name = line.partition("|")
            # The main database also notes, as done, what a side database's app has.
            if SIDE_APPS.get(app, DEFAULT) == database:
                found[app] = name
    return found


class Watch:
    """Looks a hundred times a second how long the web has been waiting for a lock."""

    def __init__(self, url: str) -> None:
        self._url, self._over = url, threading.Event()
        self.longest, self.waited_for = 0.0, ""
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
                    for seconds, lock in cursor.fetchall():
                        if seconds > self.longest:
                            self.longest, self.waited_for = seconds, lock


def _send(port: int, lane: str, least: int, over: threading.Event, sent: Sent) -> None:
    """Send one report after the other until it is over, at least so many."""
    mine = failed = 0
    with closing(Lean(port)) as reporter:
        while failed < MOST_ERRORS and not (over.is_set() and mine >= least):
            try:
                puzzle = puzzles(reporter, lane, 1)[0]
                began = time.perf_counter()
                journey(reporter, lane, puzzle)
            except (RuntimeError, LookupError, OSError, ValueError) as error:
                failed += 1
                sent.errors.append(f"{lane}: {error}")
                reporter.forget()
            else:
                mine += 1
                sent.seconds.append(time.perf_counter() - began)


def phase(
    product: Product, name: str, pace: Pace, work: Callable[[], Any] | None = None
) -> dict[str, Any]:
    """Let reporters send for a while, or as long as ``work`` takes; return how it went."""
    before, over, sent = _counted(product), threading.Event(), Sent()
    reporters = [
        threading.Thread(target=_send, args=(product.port, lane, pace.least, over, sent))
        for lane in pace.lanes
    ]
    with Watch(product.owner["DATABASE_URL"]) as watch:
        for thread in reporters:
            thread.start()
        began = time.monotonic()
        try:
            if work is None:
                over.wait(pace.seconds)
            else:
                work()
        finally:
            took = time.monotonic() - began
            over.set()
            for thread in reporters:
                thread.join()
    after = _counted(product)
    return {
        "measure": f"upgrade_{name}",
        "seconds": round(took, 1),
        "sent": len(sent.seconds),
        "rows": after["rows"] - before["rows"],
        "names": after["names"] - before["names"],
        "wraps": after["wraps"] - before["wraps"],
        "errors": len(sent.errors),
        "first_errors": sent.errors[:3],
        "slowest_report_seconds": round(max(sent.seconds), 2) if sent.seconds else None,
        "longest_lock_seconds": round(watch.longest, 2),
        "longest_lock": watch.waited_for,
    }


def _counted(product: Product) -> dict[str, int]:
    """Return how many reports there are, how many sealed names, and how many of these can be opened."""
    asked = {
        "rows": (DEFAULT, "SELECT count(*) FROM complaints_complaint"),
        "names": (DEFAULT, "SELECT count(*) FROM complaints_sealedidentity"),
        "wraps": (KEYRING, "SELECT count(*) FROM keyring_reportwraps"),
    }
    return {
        name: int(product.postgres.execute(count, database=database))
        for name, (database, count) in asked.items()
    }


def use(product: Product, root: Path) -> None:
    """Let what starts from now on be a checkout's code, with the static files of its own."""
    product.root = root
    media = Path(product.owner["MEDIA_ROOT"])
    files = str(media.with_name("static" if root != ROOT else "static-new"))
    for environment in (product.owner, product.web):
        environment["STATIC_ROOT"] = files


def serve(product: Product, root: Path) -> None:
    """Stop the web that serves and start that of a checkout."""
    product.stop_web()
    use(product, root)
    seconds_until_served(product.start_web(), port=product.port, path="/")


def take_back(product: Product, targets: Mapping[str, str]) -> None:
    """Take back, with the new code, what the old one does not have. Raises CalledProcessError."""
    subprocess.run(
        [sys.executable, "-c", TAKE_BACK, json.dumps(targets)],
        cwd=product.root,
        env=product.owner,
        check=True,
    )


def there_and_back(
    revision: str,
    *,
    size: int,
    pace: Pace,
    port: int = PORT,
    server_settings: Mapping[str, str] = SERVER_SETTINGS,
    longest_lock: str = LONGEST_LOCK,
    environment: Mapping[str, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Go from a revision to this checkout and back again; give a line a phase.

    A request of the web that waits longer than ``longest_lock`` (as PostgreSQL reads it) ends with an error.
    ``environment`` is added to that of both releases.

    Raises CalledProcessError when the release, or its way back, ends with an error, and RuntimeError when
    it took something else back than it had brought.
    """
    with (
        checked_out(revision) as old,
        running_product(
            root=old, port=port, server_settings=server_settings, environment=environment
        ) as product,
    ):
        product.module("bench.seeding", str(size))
        product.module("bench.drafts", "keys")
        before = applied(product)
        product.postgres.execute(f"ALTER ROLE {WEB_ROLE} SET lock_timeout = '{longest_lock}'")
        serve(product, old)
        yield phase(product, "before", pace)
        use(product, ROOT)
        yield phase(product, "migrating", pace, product.bring_up_to_date)
        new = applied(product)
        apart = {app: name for app, name in new.items() if before.get(app) != name}
        yield {
            "measure": "upgrade_migrations",
            "from_to": {app: [before.get(app), name] for app, name in apart.items()},
        }
        yield phase(product, "old_web_over_new_tables", pace)
        serve(product, ROOT)
        yield phase(product, "new_web", pace)
        serve(product, old)
        use(product, ROOT)
        targets = {app: before.get(app, "zero") for app in apart}
        yield phase(product, "going_back", pace, lambda: take_back(product, targets))
        if applied(product) != before:
            raise RuntimeError("something else was taken back than had been brought")
        use(product, old)
        product.manage("grant_roles")
        yield phase(product, "old_again", pace)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="bench.upgrade", description="F18.")
    parser.add_argument("revision", help="what is in use: a commit of this repository")
    parser.add_argument("--size", default="100k", help="reports in its database")
    options = parser.parse_args()
    print(json.dumps({"measure": "machine", **machine()}), flush=True)
    for line in there_and_back(options.revision, size=size_of(options.size), pace=Pace()):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
