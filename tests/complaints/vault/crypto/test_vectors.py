"""The package against tests/vectors/vault_v1.json, which an independent implementation made."""

import json
import re
from base64 import b64decode
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from complaints.vault.crypto import hpke
from complaints.vault.crypto.aead import aead_open
from complaints.vault.crypto.canonical import canonical_json, parse_canonical
from complaints.vault.crypto.certificates import (
    GroupEpochCertificate,
    OfficerCertificate,
    PartnerCertificate,
    RecoveryCertificate,
    RevocationList,
)
from complaints.vault.crypto.consent import Consent, consent_public_key, give_consent
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import BadSignatureError, RevokedError
from complaints.vault.crypto.padding import pad, unpad
from complaints.vault.crypto.requests import (
    Attestation,
    LegalBasis,
    UnsealRequest,
    basis_of,
    reason_with_basis,
)
from complaints.vault.crypto.sealing import (
    SealedIdentityBlob,
    desk_context,
    key_check_value,
    open_in_mailbox,
    xor,
)
from tests.complaints.vault import make_vectors, reference

VECTORS = json.loads(make_vectors.FILE.read_text(encoding="utf-8"))
DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CERTIFICATES = VECTORS["certificates"]
ROOT = bytes.fromhex(CERTIFICATES["root_pk"])


def raw(case, name):
    return bytes.fromhex(case[name])


def test_the_file_is_what_its_maker_makes():
    assert make_vectors.FILE.read_text(encoding="utf-8") == make_vectors.text()


@pytest.mark.parametrize("case", VECTORS["rfc9180"], ids=lambda case: f"aead-{case['aead_id']}")
def test_v15_rfc_vectors_hold_in_the_reference(case):
    aead = case["aead_id"]
    keys = reference.schedule(
        X25519PrivateKey.from_private_bytes(raw(case, "skEm")).exchange(
            X25519PublicKey.from_public_bytes(raw(case, "pkRm"))
        ),
        raw(case, "enc"),
        raw(case, "pkRm"),
        raw(case, "info"),
        aead,
    )
    assert {
        name: keys[name].hex() for name in ("shared_secret", "secret", "key", "base_nonce")
    } == {name: case[name] for name in ("shared_secret", "secret", "key", "base_nonce")}
    blob = reference.seal(
        raw(case, "pkRm"),
        raw(case, "pt"),
        raw(case, "info"),
        raw(case, "skEm"),
        aad=raw(case, "aad"),
        aead=aead,
    )
    assert blob.hex() == case["enc"] + case["ct"]
    opened = reference.unseal(
        raw(case, "skRm"), blob, raw(case, "info"), aad=raw(case, "aad"), aead=aead
    )
    assert opened == raw(case, "pt")


def hpke_cases(value):
    if isinstance(value, dict):
        if {"sk", "esk", "blob"} <= value.keys():
            yield value
        for inner in value.values():
            yield from hpke_cases(inner)


def test_v15_every_sealed_vector_opens_with_the_library():
    cases = list(hpke_cases(VECTORS))

    assert len(cases) == 10
    for case in cases:
        opened = hpke.unseal(raw(case, "sk"), raw(case, "blob"), info=raw(case, "info"))
        assert opened.hex() == case["plaintext"]
        assert hpke.public_key_of(raw(case, "sk")).hex() == case["pk"]


def test_v15_what_the_library_seals_the_reference_opens_and_back():
    sk = make_vectors.fixed("round trip")
    for number in range(200):
        text, info = b"\x5a" * number, ctx("test", str(number))
        assert (
            reference.unseal(sk, hpke.seal(make_vectors.pk_of(sk), text, info=info), info) == text
        )
        esk = make_vectors.fixed(f"ephemeral {number}")
        blob = reference.seal(make_vectors.pk_of(sk), text, info, esk)
        assert hpke.unseal(sk, blob, info=info) == text


@pytest.mark.parametrize("case", VECTORS["ctx"])
def test_context_bytes(case):
    assert ctx(*case["fields"]).hex() == case["bytes"]


@pytest.mark.parametrize("case", VECTORS["canonical_json"])
def test_canonical_json_bytes(case):
    assert canonical_json(case["value"]).hex() == case["bytes"]
    assert parse_canonical(bytes.fromhex(case["bytes"])) == case["value"]


@pytest.mark.parametrize("case", VECTORS["padding"])
def test_padding_bytes(case):
    data = b"\x5a" * case["length"]
    assert len(pad(data)) == case["padded_length"]
    assert sha256(pad(data)).hexdigest() == case["sha256"]
    assert unpad(pad(data)) == data


def test_identity_opens_with_both_shares():
    case = VECTORS["identity"]
    blob = SealedIdentityBlob.from_json(case["blob"])

    share_a, share_b, dek = (
        hpke.unseal(raw(case["wraps"][wrap], "sk"), getattr(blob, wrap), info=blob.context(what))
        for wrap, what in (("wrap_a", "share-a"), ("wrap_b", "share-b"), ("wrap_r", "recovery"))
    )

    assert xor(share_a, share_b) == dek
    assert blob.kcv == key_check_value(dek, blob.context("kcv"))
    opened = unpad(aead_open(dek, blob.ciphertext, aad=blob.context("identity")))
    assert parse_canonical(opened) == case["identity"]
    assert {what: blob.context(what).hex() for what in case["contexts"]} == case["contexts"]
    assert blob.to_json() == case["blob"]


def test_the_worked_example_of_the_norm_is_the_vector():
    norm = Path(__file__).resolve().parents[4] / "docs" / "vault-format.md"
    example = norm.read_text(encoding="utf-8").partition("### Worked example")[2]
    example = example.partition("\n## ")[0]
    lines = [line for line in example.splitlines() if line.startswith("    ")]
    digits = "".join(re.sub(r'".*"', "", line).replace(" ", "") for line in lines)

    assert digits == VECTORS["identity"]["contexts"]["share-a"]
    assert f"these {len(digits) // 2} bytes" in example


def test_certificates_verify_and_spell_the_same_bytes():
    verifier = OfficerCertificate.from_json(CERTIFICATES["verifier"]["json"])
    custodian = OfficerCertificate.from_json(CERTIFICATES["custodian"]["json"])
    epoch_a = GroupEpochCertificate.from_json(CERTIFICATES["epoch_a"]["json"])
    epoch_b = GroupEpochCertificate.from_json(CERTIFICATES["epoch_b"]["json"])
    recovery = RecoveryCertificate.from_json(CERTIFICATES["recovery"]["json"])
    partner = PartnerCertificate.from_json(CERTIFICATES["partner"]["json"])
    revocations = RevocationList.from_json(CERTIFICATES["revocations"]["json"])

    verifier.verify(ROOT, DAY)
    custodian.verify(ROOT, DAY)
    group_a = epoch_a.verify(ROOT, DAY, signer=verifier)
    group_b = epoch_b.verify(ROOT, DAY, signer=custodian)
    named = [recovery.verify(ROOT, DAY).recovery, partner.verify(ROOT, DAY).partner]
    revoked = revocations.verify(ROOT, DAY)

    assert (group_a.side, group_a.group, group_a.epoch) == ("a", "desk-aceh", 3)
    assert (group_b.side, group_b.group, group_b.epoch) == ("b", "custodians-ri", 7)
    assert named == ["r-2026", "lpsk"]
    with pytest.raises(RevokedError):
        verifier.verify(ROOT, DAY, revoked=revoked)
    for name, statement in (
        ("verifier", verifier),
        ("custodian", custodian),
        ("epoch_a", epoch_a),
        ("epoch_b", epoch_b),
        ("recovery", recovery),
        ("partner", partner),
        ("revocations", revocations),
    ):
        assert statement.message().hex() == CERTIFICATES[name]["message"]
        assert statement.fingerprint() == CERTIFICATES[name]["fingerprint"]
        assert statement.to_json() == CERTIFICATES[name]["json"]


def test_request_release_and_attestation():
    case = VECTORS["opening"]
    verifier = OfficerCertificate.from_json(CERTIFICATES["verifier"]["json"])
    blob = SealedIdentityBlob.from_json(VECTORS["identity"]["blob"])
    request = UnsealRequest.from_json(case["request"]["json"])
    attestation = Attestation.from_json(case["attestation"]["json"])

    request.verify(ROOT, NOON, verifier=verifier)
    attestation.verify(ROOT, DAY, verifier=verifier, blob=blob)

    assert request.message().hex() == case["request"]["message"]
    assert request.to_json() == case["request"]["json"]
    assert request.release_context().hex() == case["release"]["info"]
    assert attestation.message().hex() == case["attestation"]["message"]
    assert attestation.to_json() == case["attestation"]["json"]


def test_legal_basis_is_the_first_line():
    case = VECTORS["opening"]["basis"]
    basis = LegalBasis(case["reference"], raw(case, "document_sha256"))

    assert reason_with_basis("Perintah tertulis.", basis) == case["reason"]
    assert basis_of(case["reason"]) == basis


def test_words_for_the_desk_and_for_the_reporter():
    case = VECTORS["words"]

    info = desk_context(report=make_vectors.REPORT, kind="statement", group="desk-aceh", epoch=3)
    assert info.hex() == case["desk"]["info"]
    assert unpad(raw(case["desk"], "plaintext")).decode() == case["desk"]["text"]
    mailbox = case["mailbox"]
    opened = open_in_mailbox(
        raw(mailbox, "sk"),
        raw(mailbox, "blob"),
        report=make_vectors.REPORT,
        message_id=mailbox["message_id"],
    )
    assert opened == mailbox["message"]


def test_consent_is_signed_by_the_key_of_the_receipt():
    case = VECTORS["words"]["consent"]
    lpsk = PartnerCertificate.from_json(CERTIFICATES["partner"]["json"]).verify(ROOT, DAY)

    consent = give_consent(
        raw(case, "mailbox_sk"), report=make_vectors.REPORT, partner=lpsk, on=DAY
    )

    assert consent.message().hex() == case["message"]
    assert consent.signature.hex() == case["signature"]
    public = consent_public_key(raw(case, "mailbox_sk"), report=make_vectors.REPORT)
    assert public.hex() == case["consent_pk"]
    consent.verify(public, report=make_vectors.REPORT, partner=lpsk)
    with pytest.raises(BadSignatureError):
        consent.verify(public, report=make_vectors.REQUEST, partner=lpsk)
    later = Consent(consent.report, consent.partner, consent.partner_pk, NOON.date(), bytes(64))
    with pytest.raises(BadSignatureError):
        later.verify(public, report=make_vectors.REPORT, partner=lpsk)


def test_ciphertext_of_the_identity_is_one_block():
    assert len(b64decode(VECTORS["identity"]["blob"]["ciphertext"])) == 12 + 4096 + 16
