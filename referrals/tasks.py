"""Celery doors of this app: ids in, one service call. Safe to run twice."""

from celery import shared_task
from django.utils import timezone


@shared_task
def reckon_deadlines_task() -> None:
    """Bring the open clocks of recipients and PPKs up to the latest calendar."""
    from referrals.services.deadlines import reckon_open_deadlines  # noqa: PLC0415 -- task leaf

    reckon_open_deadlines(at=timezone.now())
