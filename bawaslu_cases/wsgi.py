"""WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from bawaslu_cases.shared.memory_guard import leave_no_core

leave_no_core()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bawaslu_cases.settings.dev")

application = get_wsgi_application()

from complaints.services.receipts import start_receipts  # noqa: E402 -- apps must be loaded first

# Imported by each worker after its fork. Under --preload the master's thread and store do not survive
# the fork: the first report in each worker starts its own.
start_receipts()
