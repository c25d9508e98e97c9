"""Celery doors of this app."""

from celery import shared_task


@shared_task(ignore_result=True)
def refresh_figures_task() -> None:
    """Count the public figures; twice gives the same rows."""
    from django.utils import timezone  # noqa: PLC0415 -- task leaf

    from referrals.services.figures import refresh_figures  # noqa: PLC0415 -- task leaf

    refresh_figures(at=timezone.now())
