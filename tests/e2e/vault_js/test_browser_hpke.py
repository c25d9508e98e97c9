"""HPKE over WebCrypto: the RFC's vectors, and both ways across to Python (check V15)."""

import os

import pytest
from playwright.sync_api import Page

from complaints.vault.crypto import hpke
from tests.support.vault_modules import Run

pytestmark = pytest.mark.browser

# RFC 9180, A.1.1: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, sequence 0.
RFC_A11 = {
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "sk_e": "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
    "sk_r": "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
    "enc": "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
    "pk_r": "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
    "aad": "436f756e742d30",
    "plaintext": "4265617574792069732074727574682c20747275746820626561757479",
    "ciphertext": "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
    "6d8770ac83d07bea87e13c512a",
}
ROUND_TRIPS = 200


def test_v15_browser_opens_what_the_rfc_sealed(run: Run) -> None:
    opened = run(
        """const suite = hpke.suite(hpke.AES_128_GCM);
        const pair = await hpke.importKeyPair(unhex(given.sk_r));
        const blob = unhex(given.enc + given.ciphertext);
        const plaintext = await suite.open(pair, blob, unhex(given.info), unhex(given.aad));
        return [hex(pair.publicRaw), hex(plaintext)];""",
        **RFC_A11,
    )

    assert opened == [RFC_A11["pk_r"], RFC_A11["plaintext"]]


def test_v15_browser_seals_as_the_rfc_does(run: Run) -> None:
    # The module draws its own ephemeral key and has no door for another; here the engine hands it
    # the RFC's.
    sealed = run(
        """const pair = await hpke.importKeyPair(unhex(given.sk_e));
        const algorithm = { name: "X25519" };
        const publicKey = await crypto.subtle.importKey("raw", pair.publicRaw, algorithm, true, []);
        crypto.subtle.generateKey = async () => ({ privateKey: pair.privateKey, publicKey });
        const suite = hpke.suite(hpke.AES_128_GCM);
        return hex(await suite.seal(
          unhex(given.pk_r), unhex(given.plaintext), unhex(given.info), unhex(given.aad)));""",
        **RFC_A11,
    )

    assert sealed == RFC_A11["enc"] + RFC_A11["ciphertext"]


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
