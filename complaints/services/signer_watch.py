"""The worker looks whether the audit log is signed: nobody reads a signature before there is doubt."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from django.core.cache import cache
from redis.exceptions import RedisError

from bawaslu_cases.audit.checkpoints import LATE, signer_trouble
from bawaslu_cases.audit.services import checkpoint
from complaints.services.standing_alarms import SIGNER, raise_standing_alarm

_LATE_BEFORE: Final = "signer-late"


def watch_signer(*, at: datetime) -> str:
    """Return "" or why the log is not being signed, and raise an alarm. One query of the log at most.

    A log that is merely late is signed now, as after a start, and told when it is late at the next look too.
    """
    trouble = signer_trouble(at=at)
    if trouble == "late" and not _was_late_before():
        checkpoint()
        return ""
    if trouble:
        raise_standing_alarm(SIGNER, trouble)
    else:
        with suppress(RedisError, OSError):
            cache.delete(_LATE_BEFORE)
    return trouble


def _was_late_before() -> bool:
    """Say whether the look before this one found it late, and note that this one did."""
    try:
        return not cache.add(_LATE_BEFORE, 1, int(LATE.total_seconds()))
    except (RedisError, OSError):  # a word too many is better than none
        return True
