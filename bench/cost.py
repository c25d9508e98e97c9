"""Processor time of every request of a walk and of the desk's pages, in one process without a server.

    .venv/bin/python -m bench.cost                      # one JSON line a page
    .venv/bin/python -m bench.cost --profile FILE       # and where the time goes (pstats)
    .venv/bin/python -m bench.cost --folder DIR         # keep the database for the next time

The product's own WSGI application answers under the settings and the database role of a server; the
time is that of the answering thread alone, so that it stays the same on a busy machine.
"""

import argparse
import cProfile
import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.browser import ORIGIN
from bench.journeys import journey
from bench.lean import CSRF, Answer
from bench.product import DATABASE, ROOT, Product, running_product

WARM_UP = 3
DESK = {
    "desk:queue": "/kerja/antrean/",
    "desk:cases": "/kerja/perkara/",
    "desk:record": "/kerja/laporan/{record}/",
    "desk:case": "/kerja/perkara/{case}/",
}


class Direct:
    """What ``bench.lean.Lean`` is, without a socket: requests go straight into the application."""

    def __init__(self, application: Callable[..., Any], around: Any) -> None:
        self._application = application
        self._around = around
        self.cookie = ""
        self.session = ""
        self.costs: dict[str, list[float]] = defaultdict(list)
        self._before = "first"

    def forget(self) -> None:
        """Be somebody else."""
        self.cookie, self._before = "", "first"

    def get(self, path: str) -> Answer:
        """Fetch a page, counted under the answer before it."""
        return self._asked("GET", path, b"", f"GET after {self._before}")

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        self._before = fields.get("step") or fields.get("do", "")
        if fields.get("do") not in {None, "next", self._before}:
            self._before += f" {fields['do']}"
        body = urlencode({"csrfmiddlewaretoken": CSRF, **fields}).encode()
        return self._asked("POST", path, body, f"POST {self._before}")

    def _asked(self, method: str, path: str, body: bytes, name: str) -> Answer:
        cookies = f"__Host-t={CSRF}"
        cookies += f"; __Host-l={self.cookie}" if self.cookie else ""
        cookies += f"; __Host-p={self.session}" if self.session else ""
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_X_FORWARDED_PROTO": "https",
            "HTTP_ACCEPT_ENCODING": "gzip",
            "HTTP_COOKIE": cookies,
            "HTTP_ORIGIN": ORIGIN,
            "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "https",
            "wsgi.errors": sys.stderr,
        }
        told: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            told.update(status=int(status[:3]), headers=headers)

        with self._around:
            began = time.thread_time()
            answer = self._application(environ, start)
            content = b"".join(answer)
            answer.close()
            self.costs[name].append((time.thread_time() - began) * 1000)
        for header, value in told["headers"]:
            if header == "Set-Cookie" and "__Host-l=" in value:
                self.cookie = SimpleCookie(value)["__Host-l"].value
        head = "".join(f"\r\n{name}: {value}" for name, value in told["headers"]).encode()
        return Answer(told["status"], head, content)


def lines(client: Direct) -> Iterator[dict[str, Any]]:
    """Return one line for every kind of request: its processor time in milliseconds."""
    for name, costs in client.costs.items():
        yield {
            "measure": "cost",
            "request": name,
            "requests": len(costs),
            "cpu_ms": round(statistics.median(costs), 2),
            "least_ms": round(min(costs), 2),
        }


def inside() -> None:
    """Measure, in a process that has the web's environment. Reads what to do from standard input."""
    from bawaslu_cases.wsgi import application  # noqa: PLC0415 -- the environment first

    asked = json.load(sys.stdin)
    profile = cProfile.Profile() if asked["profile"] else None
    lane, walks = asked["lane"], asked["walks"]
    if walks:
        _wait_for_receipts()
    for _ in range(WARM_UP if walks else 0):
        journey(Direct(application, nullcontext()), lane, "")  # type: ignore[arg-type]
    client = Direct(application, profile or nullcontext())
    for _ in range(walks):
        journey(client, lane, "")  # type: ignore[arg-type]
    told = list(lines(client))
    if walks:
        total = sum(line["cpu_ms"] * line["requests"] for line in told) / walks
        told.append({"measure": "walk", "lane": lane, "walks": walks, "cpu_ms": round(total, 1)})
    if asked["pages"]:
        told += _desk(application, profile, asked)
    for line in told:
        print(json.dumps(line), flush=True)
    if profile:
        profile.dump_stats(asked["profile"])


def _wait_for_receipts() -> None:
    """Wait until this process does nothing: its receipts are made."""
    before = time.process_time()
    while True:
        time.sleep(1)
        now = time.process_time()
        if now - before < 0.05:  # noqa: PLR2004 -- seconds
            return
        before = now


def _desk(application: Callable[..., Any], profile: Any, asked: dict[str, Any]) -> Any:
    """Fetch each of the desk's pages many times as one officer who has signed in."""
    from django.test import Client  # noqa: PLC0415 -- the environment first

    from bawaslu_cases.accounts.models import User  # noqa: PLC0415 -- the environment first

    browser = Client()
    browser.force_login(
        User.objects.get(email=asked["email"]),
        backend="bawaslu_cases.accounts.backends.PasswordBackend",
    )
    session = browser.cookies["__Host-p"].value
    warm, client = Direct(application, nullcontext()), Direct(application, profile or nullcontext())
    warm.session = client.session = session
    for name, path in asked["pages"].items():
        for each, times in ((warm, 5), (client, asked["times"])):
            for _ in range(times):
                each._before = name  # noqa: SLF001 -- this module's
                answer = each.get(path)
                if answer.status != 200:  # noqa: PLR2004 -- HTTP
                    raise RuntimeError(f"{name} {path}: {answer.status}")
    return lines(client)


def _measure(product: Product, asked: dict[str, Any]) -> None:
    subprocess.run(
        [sys.executable, "-c", "from bench.cost import inside; inside()"],
        cwd=ROOT,
        env=product.web | {"RECEIPT_POOL_SIZE": str(asked["walks"] + WARM_UP + 2)},
        input=json.dumps(asked),
        text=True,
        check=True,
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="bench.cost", description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--profile", default="")
    parser.add_argument("--lane", default="sealed")
    parser.add_argument("--walks", type=int, default=30)
    parser.add_argument("--desk", type=int, default=0, help="requests of each of the desk's pages")
    options = parser.parse_args()
    folder = options.folder.resolve() if options.folder else None
    with running_product(folder) as product:
        product.module("bench.drafts", "keys")
        asked: dict[str, Any] = {
            "lane": options.lane,
            "walks": options.walks,
            "profile": options.profile,
            "pages": {},
            "times": options.desk,
        }
        if options.desk:
            officers = json.loads(product.module("bench.people"))
            product.module("bench.seeding", "1000")
            asked |= {"email": officers["nation"]["email"], "pages": _desk_pages(product)}
        _measure(product, asked)


def _desk_pages(product: Product) -> dict[str, str]:
    record, case = (
        product.postgres.execute(
            f"SELECT public_id FROM {table} ORDER BY status = '{status}' DESC, due_at LIMIT 1",
            database=DATABASE,
        ).strip()
        for table, status in (
            ("complaints_complaint", "received"),
            ("complaints_case", "registered"),
        )
    )
    return {name: path.format(record=record, case=case) for name, path in DESK.items()}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bawaslu_cases.settings.base")
    os.environ.setdefault("CASE_STATEMENTS", "0")  # as in bench.product
    main()
