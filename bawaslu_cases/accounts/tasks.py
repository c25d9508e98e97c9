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


@shared_task(ignore_result=True)
def sweep_api_task() -> None:
    """Delete what is past its time of tokens, assertions, call logs and kept answers."""
    from bawaslu_cases.accounts.services.api_calls import (  # noqa: PLC0415 -- task
        sweep_api,
    )

    sweep_api(at=timezone.now())
