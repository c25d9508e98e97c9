"""Celery doors of this app: one service call each. Safe to run twice."""

from celery import shared_task
from django.utils import timezone


@shared_task
def suspend_dormant_task() -> None:
    """Tell owners of unused accounts and shut those that were told a week ago."""
    from bawaslu_cases.accounts.services.dormancy import (  # noqa: PLC0415 -- task leaf
        suspend_dormant,
    )

    suspend_dormant(at=timezone.now())
