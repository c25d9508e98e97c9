"""Celery doors of this app."""

from celery import shared_task


@shared_task(ignore_result=True)
def reckon_deadlines_task() -> None:
    """Bring the open clocks of recipients and PPKs up to the latest calendar; safe to run twice."""
    from django.utils import timezone  # noqa: PLC0415 -- task leaf

    from referrals.services.deadlines import reckon_open_deadlines  # noqa: PLC0415 -- task leaf

    reckon_open_deadlines(at=timezone.now())


@shared_task(ignore_result=True)
def refresh_figures_task() -> None:
    """Publish the public figures that are due; twice adds nothing."""
    from django.utils import timezone  # noqa: PLC0415 -- task leaf

    from referrals.services.figures import refresh_figures  # noqa: PLC0415 -- task leaf

    refresh_figures(at=timezone.now())


@shared_task(ignore_result=True)
def escalate_task() -> None:
    """Take the rungs that are due; however many ticks there are, each rung is taken once."""
    from django.utils import timezone  # noqa: PLC0415 -- task leaf

    from referrals.services.escalation import escalate  # noqa: PLC0415 -- task leaf

    escalate(at=timezone.now())


@shared_task(ignore_result=True)
def reroute_ended_task() -> None:
    """Propose to the successor what lies with a body that has ended; twice changes nothing."""
    from django.utils import timezone  # noqa: PLC0415 -- task leaf

    from referrals.services.dispatches import reroute_ended  # noqa: PLC0415 -- task leaf

    reroute_ended(at=timezone.now())


@shared_task
def expire_exports_task() -> None:
    """Delete case files that were ordered and not fetched in time."""
    from django.utils import timezone  # noqa: PLC0415 -- task leaf

    from referrals.services.case_exports import expire_exports  # noqa: PLC0415 -- task leaf

    expire_exports(at=timezone.now())


@shared_task(ignore_result=True)
def collect_webhooks_task() -> None:
    """Write down what webhooks are to be told, and wake those that wait; twice tells nothing twice."""
    from django.utils import timezone  # noqa: PLC0415 -- task leaf

    from referrals.services.webhook_events import collect_webhooks  # noqa: PLC0415 -- task leaf

    collect_webhooks(at=timezone.now())
