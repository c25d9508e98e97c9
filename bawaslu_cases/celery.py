"""The Celery application. Tasks are declared with ``shared_task``; nothing imports this module."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

from bawaslu_cases import worker_pulse  # noqa: F401 -- listens to what the worker finishes
from bawaslu_cases.schedule import beat_entries
from bawaslu_cases.shared.memory_guard import leave_no_core

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bawaslu_cases.settings.dev")

app = Celery("bawaslu_cases", fixups=["bawaslu_cases.worker_connections:fixup"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = beat_entries()
app.autodiscover_tasks()


# Not at import: this module is loaded by every process of the product, the launcher too.
@worker_init.connect
@beat_init.connect
def keep_memory_off_the_disk(**_signal: Any) -> None:
    """Let a crash of the worker, its forks or beat leave no core file."""
    leave_no_core()


@worker_init.connect
def typeset_in_one_thread(**_signal: Any) -> None:
    """Let each fork draw the pages of a letter one after the other; the environment may say otherwise.

    There is a fork for each processor: threads beside them win no time and cost a thirtieth more of it.
    """
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
