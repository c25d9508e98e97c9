"""Celery doors of the log: one call each. Safe to run twice."""

import logging
from contextlib import suppress

from celery import shared_task

logger = logging.getLogger(__name__)


@shared_task
def checkpoint_task() -> None:
    """Sign what the log holds now. A refusal is an alarm of its own, never a signature."""
    from django.conf import settings  # noqa: PLC0415 -- task leaf
    from django.core.cache import cache  # noqa: PLC0415 -- task leaf
    from redis.exceptions import RedisError  # noqa: PLC0415 -- task leaf

    from bawaslu_cases.audit.checkpoints import (  # noqa: PLC0415 -- task leaf
        REFUSED,
        CheckpointRefusedError,
        write_checkpoint,
    )

    if not settings.AUDIT_SIGNING_KEY:
        logger.warning("audit.checkpoint_without_key")
        return
    try:
        write_checkpoint()
    except CheckpointRefusedError:
        logger.error("audit.checkpoint_refused")  # noqa: TRY400 -- the code is the alarm
        with suppress(RedisError, OSError):
            cache.set(REFUSED, 1, 3600)
    else:
        with suppress(RedisError, OSError):
            cache.delete(REFUSED)
