"""What the server keeps of a code, and what comes back when it is typed."""

import hashlib
import hmac
import time
from typing import Any

import argon2.low_level
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bawaslu_cases.settings import base
from complaints.receipts import Cost, ReceiptCode, derive, new_salt

CHEAP = Cost(time_cost=1, memory_cost_kib=1024)
SALT, PEPPER = b"s" * 16, b"p" * 32
CODE = ReceiptCode("48210", "12345678901234")


def root(code: ReceiptCode = CODE, *, pepper: bytes = PEPPER, cost: Cost = CHEAP):
    return derive(code, pepper=pepper, cost=cost)


def test_the_right_secret_opens_and_only_it():
    kept = root().row(SALT).verifier
    assert len(kept) == 32
    assert root().opens(salt=SALT, verifier=kept)
    assert not root(ReceiptCode("48210", "12345678901235")).opens(salt=SALT, verifier=kept)
    assert not root().opens(salt=b"t" * 16, verifier=kept)
    assert not root().opens(salt=SALT, verifier=kept[:31])


@pytest.mark.parametrize(
    "other",
    [
        {"code": ReceiptCode("48211", "12345678901234")},
        {"code": ReceiptCode("48210", "12345678901235")},
        {"pepper": b"q" * 32},
        {"cost": Cost(time_cost=2, memory_cost_kib=1024)},
        {"cost": Cost(time_cost=1, memory_cost_kib=2048)},
    ],
    ids=["handle", "secret", "pepper", "passes", "memory"],
)
def test_every_ingredient_counts(other: dict[str, Any]):
    assert root(**other).slow != root().slow
    assert root(**other).row(SALT) != root().row(SALT)


def test_every_record_has_keys_of_its_own():
    first, second = root().row(b"1" * 16), root().row(b"2" * 16)
    assert first.verifier != second.verifier
    assert first.mailbox_private != second.mailbox_private
    assert first.mailbox_public != second.mailbox_public
    assert root().draft_key(b"1" * 16) != root().draft_key(b"2" * 16)
    assert len({first.verifier, first.mailbox_private, root().draft_key(b"1" * 16)}) == 3


def test_the_derivation_step_by_step_with_another_library():
    """The same bytes from argon2-cffi and the definitions: what is kept must open in ten years."""
    slow = argon2.low_level.hash_secret_raw(
        b"12345678901234",
        hmac.new(PEPPER, b"handle:48210", hashlib.sha256).digest()[:16],
        time_cost=1,
        memory_cost=1024,
        parallelism=1,
        hash_len=32,
        type=argon2.low_level.Type.ID,
    )

    def expanded(purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=SALT, info=purpose).derive(slow)

    row = root().row(SALT)
    assert row.verifier == hmac.new(PEPPER, expanded(b"lookup"), hashlib.sha256).digest()
    assert row.mailbox_private == expanded(b"mailbox")
    pair = X25519PrivateKey.from_private_bytes(expanded(b"mailbox"))
    assert row.mailbox_public == pair.public_key().public_bytes_raw()
    assert root().draft_key(SALT) == expanded(b"draft")
    assert row.verifier.hex() == "21f715d94f3d3044e9edb2130da68b1fa9f298b06e24f17772853dcfa7c66c2f"


def test_r04_full_cost_is_what_production_uses():
    """R04: t=3 and 64 MiB in the settings, and it takes its time: 50 ms at least."""
    assert base.RECEIPT_ARGON2 == {"time_cost": 3, "memory_cost_kib": 65536}
    began = time.perf_counter()
    slow = root(cost=Cost(**base.RECEIPT_ARGON2)).slow
    assert time.perf_counter() - began >= 0.05
    full = argon2.low_level.hash_secret_raw(
        CODE.secret.encode(),
        hmac.new(PEPPER, b"handle:48210", hashlib.sha256).digest()[:16],
        time_cost=3,
        memory_cost=65536,
        parallelism=1,
        hash_len=32,
        type=argon2.low_level.Type.ID,
    )
    assert slow == full


def test_nothing_secret_shows_itself():
    keys = root().row(SALT)
    assert repr(root()) == "Root(…)"
    assert repr(keys) == "RowKeys(…)"


def test_salts_differ_and_are_128_bit():
    salts = {new_salt() for _ in range(100)}
    assert len(salts) == 100
    assert {len(salt) for salt in salts} == {16}
