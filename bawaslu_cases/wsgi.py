"""WSGI entry point for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from bawaslu_cases.shared.memory_guard import leave_no_core

leave_no_core()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bawaslu_cases.settings.dev")

application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402 -- apps must be loaded first

from complaints.services.receipts import start_receipts  # noqa: E402 -- apps must be loaded first
from complaints.services.worker_watch import start_watching  # noqa: E402 -- the same

# What is loaded now stays as long as the process: Python need not walk through all of it whenever it
# looks for rings. That took a tenth of a report's processor time, and what a request leaves behind is
# found just as soon.
_ = get_resolver().url_patterns  # imports every view
gc.collect()
gc.freeze()

# Imported by each worker after its fork. Under --preload the master's thread and store do not survive
# the fork: the first report in each worker starts its own.
start_receipts()
start_watching()
