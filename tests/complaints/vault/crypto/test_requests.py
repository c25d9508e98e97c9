"""Requests and attestations as JSON, their purposes and reasons."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from complaints.vault.crypto.certificates import OfficerCertificate
from complaints.vault.crypto.errors import MalformedError, NotCertifiedError, PurposeError
from complaints.vault.crypto.fields import instant_of, instant_text
from complaints.vault.crypto.keys import check_signature
from complaints.vault.crypto.requests import (
    PURPOSES,
    Attestation,
    LegalBasis,
    UnsealRequest,
    check_purpose,
    reason_with_basis,
)
from tests.complaints.vault import make_vectors

VECTORS = json.loads(make_vectors.FILE.read_text(encoding="utf-8"))
REQUEST = VECTORS["opening"]["request"]["json"]
ATTESTATION = VECTORS["opening"]["attestation"]["json"]
BASIS = LegalBasis("Penetapan 12/2026", bytes(32))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"report": None},
        {"purpose": 7},
        {"reason": None},
        {"verifier": "A" * 32},
        {"epk": "00" * 31},
        {"expires": "2026-11-21T15:00:00+00:00"},
        {"expires": "2026-11-21T15:00Z"},
        {"expires": "2026-11-21 15:00:00"},
        {"expires": 1},
        {"signature": "zz"},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_malformed_request_is_refused(change):
    UnsealRequest.from_json(REQUEST)
    with pytest.raises(MalformedError):
        UnsealRequest.from_json(REQUEST | change)


@pytest.mark.parametrize(
    "change",
    [
        {"result": {}},
        {"result": []},
        {"result": {"name_present": 1}},
        {"result": {"name_present": "yes"}},
        {"result": {"rich": True}},
        {"ciphertext_sha256": "00"},
        {"attested_on": "21-11-2026"},
    ],
    ids=str,
)
def test_a_malformed_attestation_is_refused(change):
    Attestation.from_json(ATTESTATION)
    with pytest.raises(MalformedError):
        Attestation.from_json(ATTESTATION | change)


@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_every_purpose_can_be_asked_for_with_a_basis(purpose):
    check_purpose(purpose, reason_with_basis("Perlu.", BASIS))


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [
        ("curiosity", "Ingin tahu"),
        ("leak_check", ""),
        ("leak_check", " \n\t"),
        ("leak_check", "x" * 2001),
        ("court_order", "Perintah pengadilan"),
        ("court_order", "dasar: x sha256:" + "0" * 64 + "\n"),
        ("lpsk_handover", " dasar: Persetujuan sha256:" + "0" * 64 + "\n"),
        ("lpsk_handover", "dasar: Persetujuan sha256:" + "0" * 63 + "\n"),
    ],
)
def test_v25_purposes_without_reason_or_basis_are_refused(purpose, reason):
    with pytest.raises(PurposeError):
        check_purpose(purpose, reason)


@pytest.mark.parametrize("reference", ["ab", "x" * 201, "dua\nbaris", ""])
def test_a_basis_is_cited_on_one_line(reference):
    with pytest.raises(MalformedError):
        reason_with_basis("Perlu.", LegalBasis(reference, bytes(32)))


def test_a_request_under_another_officers_certificate_is_refused():
    request = UnsealRequest.from_json(REQUEST)
    root = bytes.fromhex(VECTORS["certificates"]["root_pk"])
    custodian = OfficerCertificate.from_json(VECTORS["certificates"]["custodian"]["json"])
    with pytest.raises(NotCertifiedError):
        request.verify(root, datetime(2026, 11, 21, 12, tzinfo=UTC), verifier=custodian)


def test_an_instant_is_written_in_utc_with_whole_seconds():
    jakarta = timezone(timedelta(hours=7))
    instant = datetime(2026, 11, 21, 22, 0, 0, 999_999, tzinfo=jakarta)
    assert instant_text(instant) == "2026-11-21T15:00:00Z"
    assert instant_of("2026-11-21T15:00:00Z") == datetime(2026, 11, 21, 15, tzinfo=UTC)
    with pytest.raises(MalformedError):
        instant_text(datetime(2026, 11, 21))
    with pytest.raises(MalformedError):
        instant_of("2026-1-2T3:4:5Z")


def test_a_key_of_another_length_signs_nothing():
    with pytest.raises(MalformedError):
        check_signature(bytes(31), bytes(64), b"")


def test_days_are_judged_in_utc():
    assert Attestation.from_json(ATTESTATION).attested_on == date(2026, 11, 21)
