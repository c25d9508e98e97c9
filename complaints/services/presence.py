"""Who else has a record open right now: a warning, never a lock. Lives in Valkey for less than a minute.

A key tells nothing of the record and a value nothing but ids; nothing is written to the database. Without
the cache nobody is said to be there.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint

STAY = timedelta(seconds=130)
"""How long somebody counts as present after the last sign: two beats of the page and a little."""
SITTING = timedelta(minutes=30)
"""How long the log counts one person's signs at one record as one reading."""


def beat(*, complaint: Complaint, viewer: User, at: datetime) -> frozenset[UUID]:
    """Note that the viewer has the record open; return the ids of others who have. No query.

    Two who come in the same moment may miss each other until their next beat.
    """
    key = _key(complaint)
    now = at.timestamp()
    with suppress(RedisError, OSError):
        held: dict[str, float] = cache.get(key) or {}
        fresh = {who: seen for who, seen in held.items() if now - seen < STAY.total_seconds()}
        others = frozenset(UUID(who) for who in fresh if who != viewer.public_id.hex)
        fresh[viewer.public_id.hex] = now
        cache.set(key, fresh, STAY.total_seconds())
        return others
    return frozenset()


def begins_sitting(*, complaint: Complaint, viewer: User) -> bool:
    """Say whether this sign is the first of a sitting, which the log has to keep. No query.

    Each sign without a cache: the log has too much then and never too little.
    """
    with suppress(RedisError, OSError):
        return cache.add(_key(complaint, viewer), 1, SITTING.total_seconds())
    return True


def _key(complaint: Complaint, viewer: User | None = None) -> str:
    told = complaint.public_id.hex + (viewer.public_id.hex if viewer else "")
    digest = salted_hmac("complaints.presence", told, algorithm="sha256")
    return f"presence:{digest.hexdigest()[:32]}"
