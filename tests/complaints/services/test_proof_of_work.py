"""Puzzles and questions: right, in time, for one purpose, once; whatever else comes is refused."""

import base64
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from complaints.services import proof_of_work
from complaints.services.proof_of_work import (
    CLOCKS_APART,
    EASIEST,
    GOOD_FOR,
    HARDEST,
    NO_PROOF,
    Proof,
    Purpose,
    Puzzle,
    is_proven,
    new_puzzle,
    new_question,
)
from tests.factories import AT
from tests.support.puzzles import answered, solved

DEAD_CACHE = {
    "default": {
        "BACKEND": "bawaslu_cases.shared.cache.StandByRedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
}


@pytest.fixture(autouse=True)
def _nothing_used_yet(monkeypatch):
    cache.clear()
    monkeypatch.setattr(proof_of_work, "EASIEST", 200)


def puzzle(purpose: Purpose = Purpose.OPEN) -> Puzzle:
    return new_puzzle(purpose=purpose, crowding=0.0, at=AT)


def proven(proof: Proof, *, purpose: Purpose = Purpose.OPEN, at=AT) -> bool:
    return is_proven(proof, purpose=purpose, at=at)


def test_a_solved_puzzle_is_good_once():
    proof = solved(puzzle())
    assert proven(proof)
    assert not proven(proof)
    assert proven(solved(puzzle()))


def test_it_is_altchas_puzzle(monkeypatch):
    """What altcha 2.3.0 for Python makes of the number 5 and the key "secret"."""
    monkeypatch.setattr(proof_of_work, "_key", lambda: b"secret")
    salt = "00112233445566778899aabb?expires=1728271800&"
    challenge = "a091958c9e4158ed52e61753c1a1ce4ce6bd1545502eac3ff11ecd25b87bcc90"
    signature = "a4cf3cc483d32844704bb0fd9754fdbfc47bca374db586cf66438db6453d7828"
    assert proof_of_work._hashed(salt, 5) == challenge
    assert proof_of_work._signed(challenge) == signature


def test_it_is_good_for_ten_minutes_by_a_clock_that_is_ten_ahead():
    proof, latest = solved(puzzle()), AT + CLOCKS_APART + GOOD_FOR
    assert not proven(proof, at=latest)
    assert proven(proof, at=latest - timedelta(seconds=1))


def test_f12_it_is_good_for_ten_minutes_between_machines_whose_clocks_differ():
    """Made by one machine and shown to another, ten minutes ahead of it or behind."""
    for shift in (-CLOCKS_APART, CLOCKS_APART):
        for waited in (timedelta(0), GOOD_FOR - timedelta(seconds=1)):
            assert proven(solved(puzzle()), at=AT + shift + waited)


def test_f12_it_is_remembered_for_as_long_as_any_of_the_clocks_takes_it_for_good():
    assert proven(solved(puzzle()))
    held = cache._cache.get_client()  # type: ignore[attr-defined]
    (key,) = held.scan_iter("*proof:*")
    # Made by a clock ten minutes ahead of the one that is asked last.
    longest = GOOD_FOR + 2 * CLOCKS_APART
    assert longest - timedelta(minutes=1) < timedelta(seconds=held.ttl(key)) <= longest


def test_it_is_good_for_its_purpose_alone():
    assert not proven(solved(puzzle(Purpose.SEND)), purpose=Purpose.OPEN)
    assert proven(solved(puzzle(Purpose.SEND)), purpose=Purpose.SEND)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 10**9},
        {"number": -1},
        {"number": "5"},
        {"number": True},
        {"number": None},
        {"algorithm": "SHA-1"},
        {"salt": "a?expires=9999999999&for=open&"},
        {"salt": "a?expires=9999999999&for=open"},
        {"salt": 5},
        {"signature": "0" * 64},
        {"signature": "ä"},
        {"signature": None},
    ],
    ids=str,
)
def test_a_changed_solution_is_refused(changes):
    assert not proven(solved(puzzle(), **changes))


def test_digits_cannot_move_from_the_number_into_the_salt():
    one = puzzle()
    number = json.loads(base64.b64decode(solved(one).puzzle))["number"]
    first, rest = str(number)[:1], str(number)[1:] or "0"
    assert not proven(solved(one, salt=one.salt + first, number=int(rest)))
    assert not proven(solved(one, salt=f"{one.salt}{first}&", number=int(rest)))


def test_another_key_signs_nothing(settings):
    proof = solved(puzzle())
    settings.SECRET_KEY = "another"
    assert not proven(proof)


@pytest.mark.parametrize(
    "text",
    ["", "x", "W10=", "e30=", "bnVsbA==", "NQ==", "[[[[", "A" * 100_000, "ä", "e30", "\x00"],
)
def test_garbage_is_refused(text):
    assert not proven(Proof(puzzle=text))
    assert not proven(Proof(question=text, answer="5"))
    assert not proven(Proof(question=f"open.{text}.x.y", answer=text))


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=10))
def test_no_text_breaks_the_check(puzzle, question, answer):
    assert not proven(Proof(puzzle, question, answer))
    encoded = base64.b64encode(json.dumps({"number": 1, "salt": puzzle}).encode()).decode()
    assert not proven(Proof(encoded, question, answer))


def test_an_answered_question_is_good_once_and_in_time():
    question = new_question(purpose=Purpose.OPEN, at=AT)
    proof = answered(question)
    assert not proven(Proof(question=question.token, answer=str(int(proof.answer) + 1)))
    assert not proven(proof, purpose=Purpose.SEND)
    assert not proven(proof, at=AT + GOOD_FOR + CLOCKS_APART)
    assert proven(proof)
    assert not proven(proof)


def test_a_token_does_not_tell_its_answer():
    question = new_question(purpose=Purpose.OPEN, at=AT)
    purpose, expires, nonce, signature = question.token.split(".")
    assert (purpose, len(expires), len(nonce), len(signature)) == ("open", 10, 16, 64)


def test_answers_are_believed_at_a_slow_pace(monkeypatch):
    monkeypatch.setattr(proof_of_work, "ANSWERS_A_MINUTE", 2)
    right = [proven(answered(new_question(purpose=Purpose.OPEN, at=AT))) for _ in range(4)]
    assert right == [True, True, False, False]
    later = AT + timedelta(minutes=1)
    assert proven(answered(new_question(purpose=Purpose.OPEN, at=later)), at=later)
    assert proven(solved(puzzle()))


@pytest.mark.parametrize(
    ("crowding", "most"), [(0.0, 20_000), (1.0, 20_000), (2.5, 50_000), (1000.0, 1_000_000)]
)
def test_it_is_as_hard_as_it_is_crowded(monkeypatch, crowding, most):
    monkeypatch.setattr(proof_of_work, "EASIEST", EASIEST)
    assert new_puzzle(purpose=Purpose.SEND, crowding=crowding, at=AT).most == most
    assert (EASIEST, HARDEST) == (20_000, 1_000_000)


def test_without_a_cache_a_proof_still_counts_and_no_proof_still_does_not(settings):
    proof = solved(puzzle())
    settings.CACHES = DEAD_CACHE
    assert proven(proof)
    assert not proven(NO_PROOF)
    assert not proven(solved(puzzle(), signature="0" * 64))
