"""Opening a record with a code, and what it costs to guess."""

import hashlib
from contextlib import suppress

import argon2.low_level
import pytest
from django.core.cache import cache

from complaints.errors import TooManyTriesError, WrongCodeError
from complaints.models import Receipt
from complaints.receipts import CodeTypoError, ReceiptCode, format_code
from complaints.services import guessing
from complaints.services.intake import submit_tip
from complaints.services.receipts import open_mailbox
from tests.factories import AT, facts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_tries_yet():
    cache.clear()


def submitted():
    return submit_tip(facts=facts(), at=AT)


def guess(code, *, secret):
    return "".join(format_code(ReceiptCode("".join(code)[:5], secret)))


def test_the_code_opens_its_own_record():
    first, second = submitted(), submitted()
    assert open_mailbox(typed="".join(first.code), at=AT) == first.complaint
    assert open_mailbox(typed="".join(second.code), at=AT) == second.complaint


def test_two_records_may_share_a_handle():
    first, second = submitted(), submitted()
    kept = Receipt.objects.get(complaint=first.complaint)
    Receipt.objects.filter(complaint=second.complaint).update(handle=kept.handle)
    assert open_mailbox(typed="".join(first.code), at=AT) == first.complaint


def test_every_receipt_has_its_own_salt_and_keeps_no_digit():
    codes = [submitted().code for _ in range(3)]
    kept = list(Receipt.objects.order_by("pk"))
    assert len({bytes(receipt.salt) for receipt in kept}) == 3
    for receipt, code in zip(kept, codes, strict=True):
        secret = "".join(code)[5:19]
        assert receipt.handle == "".join(code)[:5]
        assert secret.encode() not in bytes(receipt.verifier) + bytes(receipt.salt)
        assert hashlib.sha256(secret.encode()).digest() != bytes(receipt.verifier)


def test_the_pepper_is_needed(settings):
    code = submitted().code
    settings.RECEIPT_PEPPER = "b3RoZXI="
    with pytest.raises(WrongCodeError):
        open_mailbox(typed="".join(code), at=AT)


def test_one_slow_hash_for_every_attempt_that_is_looked_at(monkeypatch):
    counted: list[int] = []
    real = argon2.low_level.hash_secret_raw

    def counting(*args, **options):
        counted.append(1)
        return real(*args, **options)

    monkeypatch.setattr("complaints.receipts.derivation.hash_secret_raw", counting)
    code = submitted().code
    counted.clear()
    stranger = "".join(
        format_code(ReceiptCode(f"{(int(code[0] + code[1][0]) + 1) % 100000:05d}", "0" * 14))
    )
    for typed in (stranger, guess(code, secret="0" * 14), "".join(code)):
        before = len(counted)
        with suppress(WrongCodeError):
            open_mailbox(typed=typed, at=AT)
        assert len(counted) - before == 1
    with pytest.raises(CodeTypoError):
        open_mailbox(typed="1" * 20, at=AT)
    assert len(counted) == 3


def test_tries_are_counted_per_handle():
    first, second = submitted(), submitted()
    wrong = guess(first.code, secret="0" * 14)
    for _try in range(guessing.FREE_TRIES + 1):
        with pytest.raises(WrongCodeError):
            open_mailbox(typed=wrong, at=AT)
    with pytest.raises(TooManyTriesError) as refused:
        open_mailbox(typed=wrong, at=AT)
    assert refused.value.seconds == 60
    assert open_mailbox(typed="".join(second.code), at=AT) == second.complaint


def test_without_a_cache_the_slow_hash_is_the_brake(settings):
    code = submitted().code
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    for _try in range(guessing.FREE_TRIES + 3):
        with pytest.raises(WrongCodeError):
            open_mailbox(typed=guess(code, secret="0" * 14), at=AT)
    assert open_mailbox(typed="".join(code), at=AT)
