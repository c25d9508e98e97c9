"""Celery doors of the foundation: an id in, one service call."""

from celery import Task, shared_task


@shared_task(ignore_result=True, bind=True)
def deliver_outbox_task(self: "Task[..., None]", *, message_id: int) -> None:
    """Deliver one outbox message. Safe to run twice or at once: the row is claimed first."""
    from bawaslu_cases.shared.outbox.services import deliver_and_follow  # noqa: PLC0415 -- task leaf

    came_by = str((self.request.delivery_info or {}).get("routing_key", ""))
    deliver_and_follow(message_id, queue=came_by)


@shared_task(ignore_result=True)
def sweep_outbox_task() -> None:
    """Hand every due outbox message to its queue. Two at once share the work."""
    from bawaslu_cases.shared.outbox.services import sweep  # noqa: PLC0415 -- task leaf

    sweep()
