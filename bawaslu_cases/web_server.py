"""What gunicorn is told beside its command line: ``--config python:bawaslu_cases.web_server``.

A worker in which a request crashed ends once it has answered what it is at, and the master starts another:
what a crash leaves in memory leaves with the process (check C10). Imports no Django before the fork.
"""

import os
import signal
from functools import partial

from gunicorn.workers.base import Worker

LEAST_SECONDS = float(os.environ.get("WEB_LEAST_SECONDS", "60"))
"""How old a worker is at least when it ends so: whoever can make pages crash shall not stop the site."""


def post_worker_init(worker: Worker) -> None:
    """Let a crash end this worker as SIGTERM would: nothing new is taken, what is begun is answered."""
    from bawaslu_cases.shared import crashes  # noqa: PLC0415 -- the application is loaded by now

    end = partial(worker.handle_exit, signal.SIGTERM, None)
    crashes.end_after_crash(end, least_seconds=LEAST_SECONDS)
