"""Guessers and floods are slowed down; nobody is recognised, nobody is locked out."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.cache import cache, caches

from complaints.errors import ProofNeededError, WrongCodeError
from complaints.receipts import ReceiptCode, format_code
from complaints.services import guessing, proof_of_work
from complaints.services.guessing import crowding, let_send, let_try, puzzle_for, question_for
from complaints.services.intake import submit_tip
from complaints.services.proof_of_work import NO_PROOF, Proof, Purpose
from complaints.services.receipts import open_mailbox
from tests.complaints.services.test_proof_of_work import DEAD_CACHE
from tests.factories import AT, facts
from tests.support.puzzles import answered, solved


@pytest.fixture(autouse=True)
def _no_tries_yet(monkeypatch):
    cache.clear()
    monkeypatch.setattr(proof_of_work, "EASIEST", 200)


def tries(handle: str, *, proof: Proof = NO_PROOF, at=AT) -> bool:
    try:
        let_try(handle=handle, proof=proof, at=at)
    except ProofNeededError:
        return False
    return True


def sends(*, proof: Proof = NO_PROOF, at=AT) -> bool:
    try:
        let_send(proof=proof, at=at)
    except ProofNeededError:
        return False
    return True


def opening(at=AT) -> Proof:
    return solved(puzzle_for(purpose=Purpose.OPEN, at=at))


def sending(at=AT) -> Proof:
    return solved(puzzle_for(purpose=Purpose.SEND, at=at))


def test_five_free_tries_of_a_handle_then_a_proof_for_each():
    assert [tries("48210") for _ in range(8)] == [True] * 5 + [False] * 3
    assert tries("48210", proof=opening())
    assert not tries("48210")
    assert tries("48211")
    assert tries("48210", proof=answered(question_for(purpose=Purpose.OPEN, at=AT)))


def test_many_tries_in_all_make_everybody_bring_a_proof():
    calm = guessing.CALM_A_MINUTE[Purpose.OPEN]
    assert all(tries(f"{number:05d}") for number in range(calm))
    assert not tries("99999")
    assert tries("99999", proof=opening())
    assert tries("99999", at=AT + timedelta(minutes=1))


def test_puzzles_become_harder_with_the_crowd_and_easy_again_two_minutes_later():
    assert puzzle_for(purpose=Purpose.SEND, at=AT).most == 200
    for _ in range(3 * guessing.CALM_A_MINUTE[Purpose.SEND]):
        sends()
    assert crowding(purpose=Purpose.SEND, at=AT) == 3.0
    assert puzzle_for(purpose=Purpose.SEND, at=AT).most == 600
    assert puzzle_for(purpose=Purpose.SEND, at=AT + timedelta(minutes=1)).most == 600
    assert puzzle_for(purpose=Purpose.SEND, at=AT + timedelta(minutes=2)).most == 200
    assert puzzle_for(purpose=Purpose.OPEN, at=AT).most == 200


def test_l05_a_flood_of_reports_without_proof_is_refused_and_a_second_source_is_not():
    """L05: past the calm number, 200 reports without a proof are refused, one with it is taken."""
    for _ in range(guessing.CALM_A_MINUTE[Purpose.SEND]):
        assert sends()
    assert [sends() for _ in range(200)] == [False] * 200
    assert sends(proof=sending())
    assert sends(proof=answered(question_for(purpose=Purpose.SEND, at=AT)))
    used = sending()
    assert [sends(proof=used), sends(proof=used)] == [True, False]


@pytest.mark.django_db
def test_r07_guessing_online_is_refused_and_shuts_nobody_out():
    """R07: 50 guesses without a proof are refused; with one each is looked at; the owner gets in."""
    record = submit_tip(facts=facts(), at=AT)
    code = "".join(record.code)
    guess = "".join(format_code(ReceiptCode(code[:5], "0" * 14)))
    for _ in range(guessing.FREE_TRIES):
        with pytest.raises(WrongCodeError):
            open_mailbox(typed=guess, at=AT)
    for _ in range(50):
        with pytest.raises(ProofNeededError):
            open_mailbox(typed=guess, at=AT)
    with pytest.raises(ProofNeededError):  # right or wrong makes no difference before the proof
        open_mailbox(typed=code, at=AT)
    for _ in range(20):
        with pytest.raises(WrongCodeError):
            open_mailbox(typed=guess, proof=opening(), at=AT)
    assert open_mailbox(typed=code, proof=opening(), at=AT).complaint == record.complaint
    with_words = answered(question_for(purpose=Purpose.OPEN, at=AT))
    assert open_mailbox(typed=code, proof=with_words, at=AT).complaint == record.complaint


@pytest.mark.django_db
def test_who_is_right_gives_the_try_back():
    code = "".join(submit_tip(facts=facts(), at=AT).code)
    for _ in range(guessing.FREE_TRIES * 2):
        open_mailbox(typed=code, at=AT)


@pytest.mark.django_db
def test_without_a_cache_reports_are_taken_and_the_slow_hash_is_the_brake(settings):
    code = "".join(submit_tip(facts=facts(), at=AT).code)
    settings.CACHES = DEAD_CACHE
    assert all(sends() for _ in range(guessing.CALM_A_MINUTE[Purpose.SEND] + 5))
    wrong = "".join(format_code(ReceiptCode(code[:5], "0" * 14)))
    for _ in range(guessing.FREE_TRIES + 3):
        with pytest.raises(WrongCodeError):
            open_mailbox(typed=wrong, at=AT)
    assert open_mailbox(typed=code, at=AT)
    assert crowding(purpose=Purpose.OPEN, at=AT) == 0.0


def test_what_the_cache_keeps_names_no_handle():
    for _ in range(guessing.FREE_TRIES + 1):
        with suppress(ProofNeededError):
            let_try(handle="48210", proof=opening(), at=AT)
    keys = b" ".join(caches["default"]._cache.get_client().keys("*")).decode()  # type: ignore[attr-defined]
    assert {part.split(":")[2] for part in keys.split()} == {"try", "open", "proof"}
    assert "48210" not in keys
