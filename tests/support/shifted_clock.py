"""Included by a worker or a web server whose clock is wrong: ``CLOCK_SHIFT_SECONDS`` ahead, or behind."""

import os
from datetime import UTC, datetime, timedelta

import time_machine

if shift := int(os.environ.get("CLOCK_SHIFT_SECONDS", "0")):
    wrong = datetime.now(UTC) + timedelta(seconds=shift)
    time_machine.travel(wrong, tick=True).start()
