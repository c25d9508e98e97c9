"""The browser reads the vectors that Python wrote, and the RFC's (tests/vectors, check V15)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.vault_modules import Run

pytestmark = pytest.mark.browser

VECTORS = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors" / "vault_v1.json").read_text()
)
# The modules draw their own ephemeral keys and have no door for another: here the engine hands them
# the vector's.
FIXED_EPHEMERAL = """
  async function sealWith(suite, esk, pk, plaintext, info, aad) {
    const pair = await hpke.importKeyPair(unhex(esk));
    const curve = { name: "X25519" };
    const publicKey = await crypto.subtle.importKey("raw", pair.publicRaw, curve, true, []);
    const drawn = { privateKey: pair.privateKey, publicKey };
    Object.defineProperty(crypto.subtle, "generateKey", { value: async () => drawn, configurable: true });
    try {
      return hex(await suite.seal(unhex(pk), unhex(plaintext), unhex(info), unhex(aad)));
    } finally {
      delete crypto.subtle.generateKey;
    }
  }
"""


def blobs(part: Any, path: str = "") -> Iterator[Any]:
    """Yield every HPKE blob of the vectors with its keys, wherever it stands."""
    if isinstance(part, dict):
        if {"sk", "pk", "esk", "info", "plaintext", "blob"} <= part.keys():
            yield pytest.param(part, id=path)
        for name, inner in part.items():
            yield from blobs(inner, f"{path}.{name}".strip("."))


def statements() -> Iterator[Any]:
    """Yield every signed statement of the vectors."""
    for name, part in {**VECTORS["certificates"], **VECTORS["opening"]}.items():
        if isinstance(part, dict) and {"signer_pk", "message", "json"} <= part.keys():
            yield pytest.param(part, id=name)


@pytest.mark.parametrize(
    "vector", VECTORS["rfc9180"], ids=lambda vector: f"aead-{vector['aead_id']}"
)
def test_v15_rfc_9180(run: Run, vector: dict[str, Any]) -> None:
    answer = run(
        FIXED_EPHEMERAL
        + """const suite = hpke.suite(given.aead_id === 1 ? hpke.AES_128_GCM : hpke.AES_256_GCM);
        const pair = await hpke.importKeyPair(unhex(given.skRm));
        const [info, aad] = [unhex(given.info), unhex(given.aad)];
        return [
          hex(pair.publicRaw),
          hex(await suite.open(pair, unhex(given.enc + given.ct), info, aad)),
          await sealWith(suite, given.skEm, given.pkRm, given.pt, given.info, given.aad),
        ];""",
        **vector,
    )

    assert answer == [vector["pkRm"], vector["pt"], vector["enc"] + vector["ct"]]


@pytest.mark.parametrize("vector", list(blobs(VECTORS)))
def test_v15_blobs_open_and_seal_to_the_same_bytes(run: Run, vector: dict[str, Any]) -> None:
    answer = run(
        FIXED_EPHEMERAL
        + """const pair = await hpke.importKeyPair(unhex(given.sk));
        return [
          hex(pair.publicRaw),
          hex(await hpke.open(pair, unhex(given.blob), unhex(given.info))),
          await sealWith(hpke, given.esk, given.pk, given.plaintext, given.info, ""),
        ];""",
        **vector,
    )

    assert answer == [vector["pk"], vector["plaintext"], vector["blob"]]


def test_v15_contexts_canonical_json_and_padding(run: Run) -> None:
    answer = run(
        """return [
          given.ctx.map(({ fields }) => hex(sealing.ctx(...fields))),
          given.canonical_json.map(({ value }) => hex(utf8(sealing.canonical(value)))),
          await Promise.all(given.padding.map(({ length }) =>
            sealing.fingerprint(sealing.pad(new Uint8Array(length).fill(0x5a))))),
        ];""",
        **VECTORS,
    )

    assert answer == [
        [vector["bytes"] for vector in VECTORS["ctx"]],
        [vector["bytes"] for vector in VECTORS["canonical_json"]],
        [vector["sha256"] for vector in VECTORS["padding"]],
    ]


def test_v15_bindings_and_key_check_value_of_an_identity(run: Run) -> None:
    vector = VECTORS["identity"]
    answer = run(
        """const parts = ["identity", "share-a", "share-b", "recovery", "kcv"];
        const contexts = parts.map((what) => [what, hex(sealing.identityContext(what, given.blob))]);
        const kcv = await sealing.keyCheckValue(
          unhex(given.dek), sealing.identityContext("kcv", given.blob));
        const drawn = unhex(given.nonce);
        crypto.getRandomValues = (bytes) => { bytes.set(drawn); return bytes; };
        const padded = sealing.pad(utf8(sealing.canonical(given.identity)));
        const ciphertext = await sealing.aeadSeal(
          unhex(given.dek), padded, sealing.identityContext("identity", given.blob));
        return [Object.fromEntries(contexts), bytes.base64(kcv), bytes.base64(ciphertext)];""",
        **vector,
    )

    assert answer == [vector["contexts"], vector["blob"]["kcv"], vector["blob"]["ciphertext"]]


@pytest.mark.parametrize("vector", list(statements()))
def test_v15_statements_are_verified_over_the_same_bytes(run: Run, vector: dict[str, Any]) -> None:
    taken = """return sealing.verifySignature(given.signer_pk, given.json.signature, unhex(given.message))
      .then(() => "", (error) => error.code);"""

    assert run(taken, **vector) == ""
    assert run(taken, **{**vector, "message": vector["message"] + "00"}) == "bad_signature"


def test_v10_the_vectors_chain_of_keys_is_taken(run: Run) -> None:
    given = VECTORS["certificates"]
    answer = run(
        """const { root_pk: root, verifier, custodian, epoch_a, epoch_b, recovery } = given;
        await sealing.verifyEpoch(epoch_a.json, verifier.json, root, "2026-11-21", []);
        await sealing.verifyEpoch(epoch_b.json, custodian.json, root, "2026-11-21", []);
        await sealing.verifyRecovery(recovery.json, root, "2026-11-21", []);
        const revoked = await sealing.verifyRevocations(given.revocations.json, root, "2026-11-21");
        return sealing.verifyOfficer(verifier.json, root, "2026-11-21", revoked)
          .then(() => "", (error) => error.code);""",
        **given,
    )

    assert answer == "revoked"
