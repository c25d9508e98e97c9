"""Alarms about parts that do not do their work: a line in the log each time, and the auditor once an hour."""

import logging
from contextlib import suppress
from typing import Final

from django.core.cache import cache
from redis.exceptions import RedisError

from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.services import SYSTEM, record

logger = logging.getLogger(__name__)

EVIDENCE: Final = "evidence"
KEYRING: Final = "keyring"
SIGNER: Final = "signer"
WORKER: Final = "worker"
SUBJECTS: Final = {
    EVIDENCE: "storage:evidence",
    KEYRING: "database:keyring",
    SIGNER: "audit:checkpoints",
    WORKER: "broker:queue",
}
AGAIN_SECONDS: Final = 3600


def raise_standing_alarm(part: str, why: str, **detail: int) -> bool:
    """Tell of a part, one of SUBJECTS, by a code of ours; say whether it is told. No query but the entry's.

    An entry that could not be written is tried again with the next round.
    """
    logger.error("%s.alarm %s", part, why)
    key = f"{part}-alarm:{why}"
    with suppress(RedisError, OSError):  # a word too many is better than none
        if not cache.add(key, 1, AGAIN_SECONDS):
            return True
    try:
        record(
            actor=f"{SYSTEM}:{part}",
            action=f"{part}.alarm",
            subject=SUBJECTS[part],
            detail={"why": why, **detail},
        )
    except AuditUnavailableError:
        with suppress(RedisError, OSError):
            cache.delete(key)
        return False
    return True
