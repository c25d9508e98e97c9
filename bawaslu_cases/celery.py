"""The Celery application. Tasks are declared with ``shared_task``; nothing imports this module."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bawaslu_cases.settings.dev")

app = Celery("bawaslu_cases")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
