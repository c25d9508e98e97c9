"""Celery doors of the foundation: an id in, one service call."""

from celery import shared_task


@shared_task(ignore_result=True)
def deliver_outbox_task(*, message_id: int) -> None:
    """Deliver one outbox message. Safe to run twice or at once: the row is claimed first."""
    from bawaslu_cases.shared.outbox.services import deliver_and_follow  # noqa: PLC0415 -- task leaf

    deliver_and_follow(message_id)


@shared_task(ignore_result=True)
def sweep_outbox_task() -> None:
    """Hand every due outbox message to its queue. Two at once share the work."""
    from bawaslu_cases.shared.outbox.services import sweep  # noqa: PLC0415 -- task leaf

    sweep()
