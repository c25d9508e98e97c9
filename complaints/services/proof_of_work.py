"""A puzzle for a device, or a question for a person, where many come at once. Nobody is recognised.

The puzzle is ALTCHA's (version 1, SHA-256): find the number whose hash with the salt is the challenge.
It is signed, lives ten minutes and as much again for clocks that differ, is good for one purpose and once.
How hard it is depends on how many come in all, never on who comes: no address, no browser, no session goes
into it. Without JavaScript a sum in words stands in its place, for few a minute.
docs/adr/0015-proof-of-work.md.

When the cache is down a signature and its time still count, but "once" cannot be checked.
"""

import base64
import binascii
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import parse_qs

from django.conf import settings
from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

GOOD_FOR = timedelta(minutes=10)
CLOCKS_APART = timedelta(minutes=10)
"""How far the clocks of two web machines may differ before one refuses what the other made."""
EASIEST = 20_000
"""Numbers to look through at quiet times, half of them on average: a second on a slow phone."""
HARDEST = 1_000_000
ANSWERS_A_MINUTE = 30
"""Sums in words that are believed each minute, all people together."""
MOST_CHARACTERS = 1000

CACHE_ERRORS = (RedisError, OSError)

NUMBERS = (
    *(_("satu"), _("dua"), _("tiga"), _("empat"), _("lima")),
    *(_("enam"), _("tujuh"), _("delapan"), _("sembilan"), _("sepuluh")),
    *(_("sebelas"), _("dua belas"), _("tiga belas"), _("empat belas"), _("lima belas")),
)


class Purpose(StrEnum):
    """What a proof is good for."""

    OPEN = "open"
    SEND = "send"


@dataclass(frozen=True)
class Proof:
    """What came with a form: a solved puzzle, or a question and its answer; empty without either."""

    puzzle: str = ""
    question: str = ""
    answer: str = ""


NO_PROOF = Proof()


@dataclass(frozen=True)
class Puzzle:
    """What a device gets to solve, in ALTCHA's words; ``most`` is where the search may end."""

    challenge: str
    salt: str
    signature: str
    most: int
    algorithm: str = "SHA-256"


@dataclass(frozen=True)
class Question:
    """A sum in words, and the token that knows its answer."""

    text: str
    token: str


def _key() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"proof-of-work/v1", "sha256")


def _signed(text: str) -> str:
    return hmac.new(_key(), text.encode(), sha256).hexdigest()


def new_puzzle(*, purpose: Purpose, crowding: float, at: datetime) -> Puzzle:
    """Return a puzzle. ``crowding`` is how many come as a share of what is calm: 2.0 is twice."""
    most = min(int(EASIEST * max(crowding, 1.0)), HARDEST)
    expires = int((at + GOOD_FOR).timestamp())
    # The last "&" keeps digits from moving between the salt and the number (ALTCHA 1.4).
    salt = f"{secrets.token_hex(12)}?expires={expires}&for={purpose}&"
    challenge = _hashed(salt, secrets.randbelow(most + 1))
    return Puzzle(challenge, salt, _signed(challenge), most)


def new_question(*, purpose: Purpose, at: datetime) -> Question:
    """Return a sum of two small numbers in words."""
    first, second = (secrets.randbelow(len(NUMBERS)) + 1 for _number in range(2))
    words: dict[str, str | Promise] = {
        "first": NUMBERS[first - 1],
        "second": NUMBERS[second - 1],
    }
    text = gettext("Berapa %(first)s ditambah %(second)s? Tulis dengan angka.") % words
    head = f"{purpose}.{int((at + GOOD_FOR).timestamp())}.{secrets.token_hex(8)}"
    return Question(text, f"{head}.{_signed(f'{head}={first + second}')}")


def is_proven(proof: Proof, *, purpose: Purpose, at: datetime) -> bool:
    """Say whether a proof is right, in time, for this purpose and not used before; it is used then."""
    once = _solved(proof.puzzle, purpose=purpose, at=at)
    if not once and _answered(proof, purpose=purpose, at=at):
        once = proof.question if _within_bucket(at) else ""
    return bool(once) and _first_use(once)


def _hashed(salt: str, number: int) -> str:
    return sha256(f"{salt}{number}".encode()).hexdigest()


def _solved(puzzle: str, *, purpose: Purpose, at: datetime) -> str:
    """Return the challenge that was solved, "" when the puzzle is not right."""
    try:
        told = json.loads(base64.b64decode(puzzle[:MOST_CHARACTERS], validate=True))
        number, salt, signature = told["number"], told["salt"], told["signature"]
        if told["algorithm"] != "SHA-256" or type(number) is not int or not salt.endswith("&"):
            return ""
        if not 0 <= number <= HARDEST:
            return ""
        challenge = _hashed(salt, number)
        if not hmac.compare_digest(_signed(challenge), signature):
            return ""
        said = parse_qs(salt.partition("?")[2])
        in_time = int(said["expires"][0]) > (at - CLOCKS_APART).timestamp()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error):
        return ""
    return challenge if in_time and said["for"] == [purpose] else ""


def _answered(proof: Proof, *, purpose: Purpose, at: datetime) -> bool:
    head, _dot, signature = proof.question[:MOST_CHARACTERS].rpartition(".")
    parts, answer = head.split("."), proof.answer.strip()[:4]
    if len(parts) != len(("purpose", "expires", "nonce")) or not answer.isascii():
        return False
    if not hmac.compare_digest(_signed(f"{head}={answer}").encode(), signature.encode()):
        return False
    return parts[0] == purpose and int(parts[1]) > (at - CLOCKS_APART).timestamp()


def _within_bucket(at: datetime) -> bool:
    return counted(f"answers:{at:%d%H%M}", seconds=60) <= ANSWERS_A_MINUTE


def _first_use(once: str) -> bool:
    digest = sha256(once.encode()).hexdigest()[:32]
    # As long as the slowest of the clocks takes it for good: made by one ahead, shown to one behind.
    longest = GOOD_FOR + 2 * CLOCKS_APART
    try:
        return bool(cache.add(f"proof:{digest}", 1, int(longest.total_seconds())))
    except CACHE_ERRORS:
        return True


def counted(key: str, *, seconds: int) -> int:
    """Add one to a number that the cache forgets after ``seconds``; 0 when the cache is down."""
    try:
        return int(cache.count(key, timeout=seconds))  # type: ignore[attr-defined]  # our own backend
    except CACHE_ERRORS:
        return 0


def count_of(key: str) -> int:
    """Return a number without changing it; 0 when there is none, or no cache."""
    try:
        return int(cache.get(key, 0))
    except CACHE_ERRORS:
        return 0
