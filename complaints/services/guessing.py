"""Slowing down those who guess codes or flood the form, without addresses and locking nobody out.

Up to a calm number nothing is asked. Past it a try comes with a proof (``proof_of_work``): past the
free tries of one handle, or when all of them together are many. A proof is always let through, so
whoever guesses at somebody's handle cannot shut its owner out. Nothing waits inside a request: a
thread that sleeps is one the next reporter lacks.

Counters live in the cache under keyed digests and expire by themselves. When the cache is down they
count nothing: reports are taken in, and the slow hash of every try is the brake that remains.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from complaints.errors import ProofNeededError
from complaints.services.proof_of_work import (
    CACHE_ERRORS,
    Proof,
    Purpose,
    Puzzle,
    Question,
    count_of,
    counted,
    is_proven,
    new_puzzle,
    new_question,
)

FREE_TRIES = 5
"""Tries an hour that one handle gets without a proof."""
HOUR_SECONDS = 3600
CALM_A_MINUTE = {Purpose.OPEN: 120, Purpose.SEND: 60}
"""Tries and reports a minute, all people together, before everybody brings a proof."""
CALM_SAVES_A_MINUTE = 30
"""Drafts put aside for the first time, all people together: each costs a slow hash of its own."""
TWO_MINUTES = 120

NEEDED = _("Sedang banyak yang masuk. Tekan sekali lagi, isian Anda masih ada.")


def _handle_key(handle: str) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), b"handle:" + handle.encode(), sha256)
    return f"try:{digest.hexdigest()[:24]}"


def _minute_key(purpose: Purpose, at: datetime) -> str:
    return f"{purpose}:{at:%d%H%M}"


def crowding(*, purpose: Purpose, at: datetime) -> float:
    """Return how many came in this minute or the last, as a share of what is calm."""
    busiest = max(
        count_of(_minute_key(purpose, minute)) for minute in (at, at - timedelta(minutes=1))
    )
    return busiest / CALM_A_MINUTE[purpose]


def puzzle_for(*, purpose: Purpose, at: datetime) -> Puzzle:
    """Return a puzzle as hard as it is crowded."""
    return new_puzzle(purpose=purpose, crowding=crowding(purpose=purpose, at=at), at=at)


def question_for(*, purpose: Purpose, at: datetime) -> Question:
    """Return a question for whoever has no JavaScript."""
    return new_question(purpose=purpose, at=at)


def let_try(*, handle: str, proof: Proof, at: datetime) -> None:
    """Count one try of a handle before its slow hash.

    Raises ProofNeededError when it has to bring a proof and brought none that holds.
    """
    many = counted(_minute_key(Purpose.OPEN, at), seconds=TWO_MINUTES)
    mine = counted(_handle_key(handle), seconds=HOUR_SECONDS)
    if many <= CALM_A_MINUTE[Purpose.OPEN] and mine <= FREE_TRIES:
        return
    if not is_proven(proof, purpose=Purpose.OPEN, at=at):
        raise ProofNeededError(NEEDED)


def let_send(*, proof: Proof, at: datetime) -> None:
    """Count one report before anything is done for it. Raises ProofNeededError as ``let_try`` does."""
    many = counted(_minute_key(Purpose.SEND, at), seconds=TWO_MINUTES)
    if many <= CALM_A_MINUTE[Purpose.SEND]:
        return
    if not is_proven(proof, purpose=Purpose.SEND, at=at):
        raise ProofNeededError(NEEDED)


def let_save(*, proof: Proof, at: datetime) -> None:
    """Count one draft put aside for the first time. Raises ProofNeededError as ``let_try`` does.

    A proof for sending is good here too: it is what the last page carries.
    """
    if counted(f"save:{at:%d%H%M}", seconds=TWO_MINUTES) <= CALM_SAVES_A_MINUTE:
        return
    if not is_proven(proof, purpose=Purpose.SEND, at=at):
        raise ProofNeededError(NEEDED)


def give_back_try(*, handle: str) -> None:
    """Take a right try out of the count: whoever reads often is not a guesser."""
    try:
        cache.decr(_handle_key(handle))
    except (ValueError, *CACHE_ERRORS):
        return
