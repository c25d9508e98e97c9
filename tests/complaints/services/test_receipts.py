"""Opening a record with a code, and what it costs to guess."""

import hashlib
import random
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.core.cache import cache
from nacl.pwhash import argon2id

from complaints.errors import WrongCodeError
from complaints.models import Receipt
from complaints.receipts import CodeTypoError, ReceiptCode, format_code
from complaints.services.intake import submit_tip
from complaints.services.receipts import open_mailbox
from tests.factories import AT, facts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_tries_yet():
    cache.clear()


def submitted():
    return submit_tip(facts=facts(), at=AT)


def opened(code):
    return open_mailbox(typed="".join(code), at=AT).complaint


def guess(code, *, secret):
    return "".join(format_code(ReceiptCode("".join(code)[:5], secret)))


def test_the_code_opens_its_own_record():
    first, second = submitted(), submitted()
    assert opened(first.code) == first.complaint
    assert opened(second.code) == second.complaint


def test_the_code_gives_back_the_private_half_of_the_mailbox_key():
    first, second = submitted(), submitted()
    for record in (first, second):
        mailbox = open_mailbox(typed="".join(record.code), at=AT)
        public = X25519PrivateKey.from_private_bytes(mailbox.key).public_key().public_bytes_raw()
        assert bytes(Receipt.objects.get(complaint=record.complaint).mailbox_pk) == public
        assert mailbox.key.hex() not in repr(mailbox)
        assert repr(mailbox).endswith(", …)")


def test_two_records_may_share_a_handle():
    first, second = submitted(), submitted()
    kept = Receipt.objects.get(complaint=first.complaint)
    Receipt.objects.filter(complaint=second.complaint).update(handle=kept.handle)
    assert opened(first.code) == first.complaint


def test_r03_what_a_row_of_a_receipt_holds():
    """R03: handle, 128 bits of salt of its own, what proves the code, a public key; no digit."""
    made = [submitted() for _ in range(3)]
    codes = [each.code for each in made]
    kept = [Receipt.objects.get(complaint=each.complaint) for each in made]
    assert {field.name for field in Receipt._meta.get_fields()} == {
        *("complaint", "handle", "salt", "verifier", "mailbox_pk", "consent_pk"),
    }
    assert len({bytes(receipt.salt) for receipt in kept}) == 3
    for receipt, code in zip(kept, codes, strict=True):
        secret = "".join(code)[5:19]
        salt, verifier = bytes(receipt.salt), bytes(receipt.verifier)
        assert receipt.handle == "".join(code)[:5]
        assert (len(salt), len(verifier), len(bytes(receipt.mailbox_pk))) == (16, 32, 32)
        assert secret.encode() not in verifier + salt + bytes(receipt.mailbox_pk)
        for plain in (secret, "".join(code), salt.decode("latin-1") + secret):
            assert hashlib.sha256(plain.encode()).digest() != verifier


def test_the_pepper_is_needed(settings):
    code = submitted().code
    settings.RECEIPT_PEPPER = "b3RoZXI="
    with pytest.raises(WrongCodeError):
        open_mailbox(typed="".join(code), at=AT)


@pytest.fixture
def slow_hashes(monkeypatch):
    """Count the slow hashes that run."""
    counted: list[int] = []
    real = argon2id.kdf

    def counting(*args, **options):
        counted.append(1)
        return real(*args, **options)

    monkeypatch.setattr("complaints.receipts.derivation.argon2id.kdf", counting)
    return counted


def test_one_slow_hash_for_every_attempt_that_is_looked_at(slow_hashes):
    code = submitted().code
    slow_hashes.clear()
    stranger = "".join(
        format_code(ReceiptCode(f"{(int(code[0] + code[1][0]) + 1) % 100000:05d}", "0" * 14))
    )
    for typed in (stranger, guess(code, secret="0" * 14), "".join(code)):
        before = len(slow_hashes)
        with suppress(WrongCodeError):
            open_mailbox(typed=typed, at=AT)
        assert len(slow_hashes) - before == 1


def test_one_slow_hash_and_two_queries_when_many_records_share_a_handle(
    slow_hashes, django_assert_num_queries
):
    records = [submitted() for _ in range(12)]
    handle = "".join(records[5].code)[:5]
    Receipt.objects.update(handle=handle)
    slow_hashes.clear()
    with django_assert_num_queries(2):
        assert opened(records[5].code) == records[5].complaint
    assert len(slow_hashes) == 1
    with django_assert_num_queries(1), pytest.raises(WrongCodeError):
        open_mailbox(typed=guess(records[5].code, secret="0" * 14), at=AT)
    assert len(slow_hashes) == 2


def test_r02_a_typo_costs_no_slow_hash(slow_hashes):
    """R02 without JavaScript: of 1,000 codes with one wrong digit none is looked at."""
    code = "".join(submitted().code)
    slow_hashes.clear()
    draw = random.Random(2)
    for _trial in range(1000):
        place = draw.randrange(20)
        wrong = str((int(code[place]) + draw.randrange(1, 10)) % 10)
        with pytest.raises(CodeTypoError):
            open_mailbox(typed=code[:place] + wrong + code[place + 1 :], at=AT)
    assert slow_hashes == []
