"""The evidence worker tries itself: one small copy through the real sandbox, one word with the scanner."""

import logging
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime

from django.core.cache import cache
from redis.exceptions import RedisError

from complaints.gateways import antivirus, sandbox
from complaints.selectors.cleaner_state import CLEANER_STATE, REMEMBERED_SECONDS, CleanerState
from complaints.services.standing_alarms import EVIDENCE, raise_standing_alarm

logger = logging.getLogger(__name__)


def watch_cleaner(*, at: datetime) -> CleanerState:
    """Find out whether copies can be made here and files scanned; leave word for the page, raise alarms."""
    state = CleanerState(at, sandbox.trouble(), antivirus.trouble())
    with suppress(RedisError, OSError):  # then the page says that nothing is known
        cache.set(CLEANER_STATE, asdict(state), REMEMBERED_SECONDS)
    if state.sandbox:
        logger.error("evidence.no_sandbox %s", state.sandbox)
        raise_standing_alarm(EVIDENCE, "no_sandbox")
    if state.scanner in {"down", "stale"}:
        logger.warning("evidence.scanner %s", state.scanner)
    if state.scanner == "down":
        raise_standing_alarm(EVIDENCE, "no_scanner")
    return state
