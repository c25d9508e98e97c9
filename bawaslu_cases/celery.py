"""The Celery application. Tasks are declared with ``shared_task``; nothing imports this module."""

import os

from celery import Celery

from bawaslu_cases.schedule import beat_entries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bawaslu_cases.settings.dev")

app = Celery("bawaslu_cases")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = beat_entries()
app.autodiscover_tasks()
