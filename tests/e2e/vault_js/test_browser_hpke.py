"""HPKE over WebCrypto: both ways across to Python, and what it refuses (check V15)."""

import os

import pytest
from playwright.sync_api import Page

from complaints.vault.crypto import hpke
from tests.support.vault_modules import Run

pytestmark = pytest.mark.browser

ROUND_TRIPS = 200


def test_v15_python_opens_200_blobs_of_the_browser(run: Run) -> None:
    cases = [
        {"sk": os.urandom(32), "plaintext": os.urandom(size * 7 % 500), "info": os.urandom(size)}
        for size in range(ROUND_TRIPS)
    ]
    blobs = run(
        """return Promise.all(given.cases.map(async ({ pk, plaintext, info }) =>
          hex(await hpke.seal(unhex(pk), unhex(plaintext), unhex(info)))));""",
        cases=[
            {
                "pk": hpke.public_key_of(case["sk"]).hex(),
                "plaintext": case["plaintext"].hex(),
                "info": case["info"].hex(),
            }
            for case in cases
        ],
    )

    assert [
        hpke.unseal(case["sk"], bytes.fromhex(blob), info=case["info"])
        for case, blob in zip(cases, blobs, strict=True)
    ] == [case["plaintext"] for case in cases]


def test_v15_browser_opens_200_blobs_of_python(run: Run) -> None:
    plaintexts = [os.urandom(size * 7 % 500) for size in range(ROUND_TRIPS)]
    cases = []
    for size, plaintext in enumerate(plaintexts):
        private, info = os.urandom(32), os.urandom(size)
        blob = hpke.seal(hpke.public_key_of(private), plaintext, info=info)
        cases.append({"sk": private.hex(), "blob": blob.hex(), "info": info.hex()})
    opened = run(
        """return Promise.all(given.cases.map(async ({ sk, blob, info }) =>
          hex(await hpke.open(await hpke.importKeyPair(unhex(sk)), unhex(blob), unhex(info)))));""",
        cases=cases,
    )

    assert opened == [plaintext.hex() for plaintext in plaintexts]


def test_v12_browser_refuses_every_flipped_bit(run: Run) -> None:
    private = os.urandom(32)
    blob = hpke.seal(hpke.public_key_of(private), b"rahasia", info=b"konteks")
    refused = run(
        """const pair = await hpke.importKeyPair(unhex(given.sk));
        const outcomes = [];
        for (let bit = 0; bit < 8 * given.blob.length / 2; bit += 1) {
          const blob = unhex(given.blob);
          blob[bit >> 3] ^= 1 << (bit & 7);
          outcomes.push(await hpke.open(pair, blob, utf8("konteks")).then(hex, () => null));
        }
        return outcomes;""",
        sk=private.hex(),
        blob=blob.hex(),
    )

    # X25519 masks the top bit of a public key: flipping it gives the same point, and the key
    # schedule still binds the bytes as sent, so that bit is refused too.
    assert refused == [None] * (8 * len(blob))


@pytest.mark.parametrize("size", [0, 31, 47])
def test_browser_refuses_what_is_too_short(run: Run, size: int) -> None:
    message = run(
        """const pair = await hpke.importKeyPair(unhex("01".repeat(32)));
        return hpke.open(pair, new Uint8Array(given.size), utf8("x")).then(hex, (error) => error.code);""",
        size=size,
    )

    assert message == "does_not_open"


def test_browser_refuses_a_public_key_of_low_order(run: Run) -> None:
    outcome = run(
        """return hpke.seal(new Uint8Array(32), utf8("x"), utf8("y")).then(hex, () => "refused");"""
    )

    assert outcome == "refused"


def test_unlocked_keys_cannot_be_read_back(run: Run, blank: Page) -> None:
    flags = run(
        """const pair = await hpke.importKeyPair(unhex("01".repeat(32)));
        const signing = await hpke.importSigningKey(unhex("02".repeat(32)));
        return [pair.privateKey.extractable, signing.extractable];"""
    )

    assert flags == [False, False]
