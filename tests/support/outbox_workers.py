"""Real Celery workers, as processes of their own, against the test database and a given broker."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings as django_settings
from django.db import connections

from bawaslu_cases.embedded.launch import QUEUES
from tests.support.outbox_handlers import MARKS_VARIABLE

PROJECT = Path(__file__).resolve().parents[2]


def running_database_urls():
    """Return the environment that names the databases the running test uses."""
    return {
        f"{prefix}DATABASE_URL": _running_url(connections[alias])
        for prefix, alias in (("", "default"), ("KEYRING_", "keyring"), ("AUDIT_", "audit"))
    }


def _running_url(connection):
    data = connection.settings_dict
    login = quote(data["USER"], safe="")
    if data["PASSWORD"]:
        login += ":" + quote(data["PASSWORD"], safe="")
    port = f":{data['PORT']}" if data["PORT"] else ""
    options = {key: value for key, value in data["OPTIONS"].items() if isinstance(value, str)}
    query = f"?{urlencode(options, quote_via=quote)}" if options else ""
    return f"postgresql://{login}@{quote(data['HOST'], safe='')}{port}/{data['NAME']}{query}"


def shortest_of_three(work):
    """Return how many seconds the quickest of three takes: a machine may stand still, the work may not."""
    seconds = []
    for _time in range(3):
        began = time.monotonic()
        work()
        seconds.append(time.monotonic() - began)
    return min(seconds)


class Workers:
    """Starts Celery processes and ends every one of them."""

    def __init__(self, *, broker_url, folder, **settings):
        self._folder = folder
        self._processes, self._started = [], []
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("CELERY_")},
            "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.test",
            **running_database_urls(),
            "BROKER_URL": broker_url,
            # What this process reads and opens, the worker writes and seals, whatever the
            # environment became meanwhile.
            "MEDIA_ROOT": str(django_settings.MEDIA_ROOT),
            "DATA_KEYRING": django_settings.DATA_KEYRING,
            "RECEIPT_PEPPER": django_settings.RECEIPT_PEPPER,
            MARKS_VARIABLE: str(folder),
            **{name: str(value) for name, value in settings.items()},
        }

    def start_worker(self, *, processes=2):
        """Start a worker and wait until it takes tasks; return its process."""
        number = len(self._processes)
        log = self._folder / f"worker-{number}.log"
        process = self._start(
            log,
            *("worker", "--concurrency", str(processes), "--hostname", f"w{number}@test"),
            *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
            *(
                "--queues",
                QUEUES,
                "--include",
                "tests.support.outbox_handlers,tests.support.shifted_clock",
            ),
        )
        self.wait(lambda: " ready." in log.read_text(), f"{log.name} is ready")
        return process

    def start_beat(self):
        """Start the product's own schedule."""
        return self._start(
            self._folder / "beat.log",
            *("beat", "--pidfile=", "--schedule", str(self._folder / "schedule")),
        )

    @staticmethod
    def kill(process):
        """Kill -9 the worker with all its children, as a power cut would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(120)

    def revive(self):
        """Start again what ended by itself, as whoever runs a server lets it be started."""
        for started in self._started[:]:
            process, log, arguments = started
            if process.poll() is not None:
                self._started.remove(started)
                self._start(log.with_name(f"again-{log.name}"), *arguments)

    def stop(self):
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(120)

    def wait(self, happened, what, *, seconds=300, meanwhile=None):
        """Wait until ``happened()``; fail with the logs' tails when it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if happened():
                return
            if meanwhile:
                meanwhile()
            time.sleep(0.1)
        logs = [f"{log}:\n{log.read_text()[-1500:]}" for log in self._folder.glob("*.log")]
        raise AssertionError(f"not in {seconds} s: {what}\n" + "\n".join(logs))

    def log_text(self):
        return "".join(log.read_text() for log in self._folder.glob("*.log"))

    def _start(self, log, *arguments):
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "bawaslu_cases", *arguments],
                cwd=PROJECT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        self._started.append((process, log, arguments))
        return process
