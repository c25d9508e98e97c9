"""The card under an identity's own key: the norm's bytes, what opens it, what its size tells (V15, V18)."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from complaints.vault.crypto import hpke
from complaints.vault.crypto.cards import (
    IMAGE_BYTES_MAX,
    IdentityCard,
    card_context,
    card_public_key,
    card_secret,
    seal_card,
)
from complaints.vault.crypto.errors import MalformedError, OpenError
from complaints.vault.crypto.fields import instant_of
from complaints.vault.crypto.padding import padme
from complaints.vault.crypto.sealing import seal_with_card_key, xor
from tests.complaints.vault.crypto.test_sealing import (
    CUSTODIANS,
    DESK,
    RECOVERY,
    REPORT,
    shares_of,
)
from tests.complaints.vault.crypto.test_vectors import VECTORS, raw
from tests.complaints.vault.make_vectors import REPORT as VECTOR_REPORT

JPEG = b"\xff\xd8\xff" + b"kartu" * 2000
DEK = os.urandom(32)
CARD = IdentityCard(
    content_type="image/jpeg",
    image=JPEG,
    officer="ab" * 16,
    office="Bawaslu Kota Uji 😀",
    scanned_at=datetime(2026, 11, 21, 8, 30, tzinfo=UTC),
    is_of_bearer=True,
)


def opened(sealed: bytes, *, dek: bytes = DEK, report: str = REPORT) -> IdentityCard:
    secret = card_secret(dek, report=report)
    return IdentityCard.unpacked(hpke.unseal(secret, sealed, info=card_context(report=report)))


def test_v15_a_card_is_the_bytes_of_the_norm():
    case = VECTORS["card"]
    dek, said = raw(case, "dek"), case["said"]
    card = IdentityCard(
        content_type=said["content_type"],
        image=raw(case, "image"),
        officer=said["officer"],
        office=said["office"],
        scanned_at=instant_of(said["scanned_at"]),
        is_of_bearer=said["is_of_bearer"],
    )

    assert card_secret(dek, report=VECTOR_REPORT) == raw(case["sealed"], "sk")
    assert card_public_key(dek, report=VECTOR_REPORT) == raw(case["sealed"], "pk")
    assert card_context(report=VECTOR_REPORT) == raw(case["sealed"], "info")
    assert card.packed() == raw(case["sealed"], "plaintext")
    assert opened(raw(case["sealed"], "blob"), dek=dek, report=VECTOR_REPORT) == card


def test_who_joins_both_shares_opens_the_card_and_either_side_alone_does_not():
    blob, key = seal_with_card_key(
        {"name": "Uji"},
        report=REPORT,
        lane="sealed",
        group_a=DESK,
        group_b=CUSTODIANS,
        recovery=RECOVERY,
    )
    sealed = seal_card(CARD, report=REPORT, public_key=key)
    share_a, share_b = shares_of(blob)

    assert opened(sealed, dek=xor(share_a, share_b)) == CARD
    for alone in (share_a, share_b):
        with pytest.raises(OpenError):
            opened(sealed, dek=alone)


def test_a_card_opens_for_its_own_report_alone():
    sealed = seal_card(CARD, report=REPORT, public_key=card_public_key(DEK, report=REPORT))
    other = "cd" * 16
    moved = hpke.seal(
        card_public_key(DEK, report=REPORT), CARD.packed(), info=card_context(report=other)
    )

    for blob, report in ((sealed, other), (moved, REPORT), (sealed[:-1] + b"x", REPORT)):
        with pytest.raises(OpenError):
            opened(blob, report=report)


def test_v18_the_size_is_padmes_and_no_card_is_under_four_kilobytes():
    sizes = {
        len(replace(CARD, image=b"\xff\xd8\xff" + os.urandom(length)).packed())
        for length in range(300_000, 304_000, 100)
    }

    assert sizes == {padme(300_500), padme(304_000)}
    assert len(replace(CARD, image=b"\xff\xd8\xff").packed()) == 4096


@pytest.mark.parametrize(
    "changes",
    [
        {"content_type": "image/svg+xml"},
        {"content_type": "application/pdf"},
        {"image": b""},
        {"image": b"\xff\xd8\xff" + bytes(IMAGE_BYTES_MAX)},
        {"officer": "siapa"},
        {"scanned_at": datetime(2026, 11, 21, 8, 30)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_no_card_is_not_packed(changes):
    with pytest.raises(MalformedError):
        replace(CARD, **changes).packed()


def test_what_is_not_the_one_packing_is_refused():
    packed = CARD.packed()
    altered = [
        b"",
        packed[:-1],
        packed + bytes(4096),
        packed[:-1] + b"\x01",
        packed.replace(b'"is_of_bearer":true', b'"is_of_bearer": 1'),
        packed.replace(b"image/jpeg", b"image/webp"),
        b"\xff\xff\xff\xff" + packed[4:],
    ]
    assert altered[4] != packed
    for one in altered:
        with pytest.raises(MalformedError):
            IdentityCard.unpacked(one)


def test_a_repr_shows_nothing():
    assert repr(CARD) == "IdentityCard(…)"
