"""What a client believes of the server's lists: only what ends at the pinned root."""

import os
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from complaints.vault.crypto import hpke
from complaints.vault.crypto.certificates import (
    GroupEpochCertificate,
    OfficerCertificate,
    RecoveryCertificate,
    RevocationList,
)
from complaints.vault.crypto.errors import (
    BadSignatureError,
    ExpiredError,
    MalformedError,
    NotCertifiedError,
    RevokedError,
    SplitCustodyError,
    VaultError,
)
from complaints.vaultctl.keys import new_officer_keys
from complaints.vaultctl.root import certify_officer, key_request, revoke
from complaints.vaultctl.trust import Directory, GroupEpoch, Listing, Trust
from tests.complaints.vaultctl.world import CUSTODIANS, DESK, NOON, RIAU, TODAY, UNTIL


def evil_epoch(world, by, **changes):
    """An epoch certificate as somebody other than a member's client would write it."""
    certificate = world.directory().epoch(DESK, 1).certificate
    certificate = replace(certificate, pk=hpke.public_key_of(os.urandom(32)), **changes)
    return replace(certificate, signature=by.sign(certificate.message()))


def put_epoch(world, certificate):
    others = [row for row in world.listing.epochs if row.certificate.group != DESK]
    world.with_lists(epochs=(*others, GroupEpoch(certificate, {})))


def test_a_sound_listing_has_no_problems_and_comes_back_from_json(world):
    assert world.directory().problems() == []
    assert Listing.from_json(world.listing.to_json()) == world.listing
    assert Trust.from_json(world.trust.to_json()) == world.trust


def test_v09_an_officer_inserted_with_random_bytes_is_refused_and_reported(world):
    stranger = new_officer_keys(uuid.uuid4().hex)
    row = OfficerCertificate(
        officer=stranger.officer,
        unit="bawaslu-aceh",
        group=DESK,
        enc_pk=stranger.enc_pk,
        sig_pk=stranger.sig_pk,
        not_after=UNTIL,
        signature=os.urandom(64),
    )
    epochs = [
        replace(epoch, wraps={**epoch.wraps, stranger.officer: os.urandom(80)})
        if epoch.certificate.group == DESK
        else epoch
        for epoch in world.listing.epochs
    ]
    world.with_lists(officers=(*world.listing.officers, row), epochs=tuple(epochs))

    assert world.directory().problems() == [
        f"officer {stranger.officer}: bad_signature",
        f"epoch {DESK}/1: wrapped to {stranger.officer}, who is no certified member",
    ]
    with pytest.raises(BadSignatureError):
        world.directory().officer(stranger.officer)
    assert stranger.officer not in {row.officer for row in world.directory().members(DESK)}


def test_v09_a_stranger_who_signs_himself_in_gets_no_release(world):
    blob = world.seal()
    stranger = new_officer_keys(uuid.uuid4().hex)
    own_root = os.urandom(32)
    row = certify_officer(
        own_root,
        key_request(stranger),
        unit="bawaslu-aceh",
        group=DESK,
        today=TODAY,
        not_after=UNTIL,
    )
    world.keys["stranger"] = stranger
    world.with_lists(officers=(*world.listing.officers, row))

    own = world.ask(blob, who="stranger")
    with pytest.raises(BadSignatureError):
        world.release(blob, own)


def test_v10_a_group_key_replaced_in_the_database_is_refused_and_reported(world):
    epoch = world.directory().epoch(DESK, 1)
    swapped = replace(epoch.certificate, pk=hpke.public_key_of(os.urandom(32)))
    put_epoch(world, swapped)

    with pytest.raises(BadSignatureError):
        world.directory().group_key(DESK, 1)
    assert world.directory().problems() == [f"epoch {DESK}/1: bad_signature"]


def test_v10_an_epoch_signed_by_nobody_certified_is_refused(world):
    stranger = new_officer_keys(uuid.uuid4().hex)
    put_epoch(world, evil_epoch(world, stranger, signed_by=stranger.officer))

    with pytest.raises(NotCertifiedError):
        world.directory().group_key(DESK, 1)
    assert world.directory().problems() == [f"epoch {DESK}/1: not_certified"]


@pytest.mark.parametrize("who", ["rini", "kirana"])
def test_v10_an_officer_of_another_group_cannot_vouch_for_a_desks_key(world, who):
    keys = world.keys[who]
    put_epoch(world, evil_epoch(world, keys, signed_by=keys.officer))

    with pytest.raises(NotCertifiedError):
        world.directory().group_key(DESK, 1)


def test_v10_a_desk_cannot_make_itself_the_other_side(world):
    keys = world.keys["vera"]
    put_epoch(world, evil_epoch(world, keys, side="b"))
    with pytest.raises(NotCertifiedError):
        world.directory().group_key(DESK, 1)
    put_epoch(world, evil_epoch(world, keys, unit="inspektorat"))
    with pytest.raises(NotCertifiedError):
        world.directory().group_key(DESK, 1)


def test_an_epoch_is_not_sealed_to_after_its_last_day_but_still_opens(world):
    blob = world.seal()
    own = world.ask(blob)
    after = NOON + timedelta(days=(UNTIL - TODAY).days + 1)
    with pytest.raises(ExpiredError):
        Directory.open(world.listing, world.trust, after)  # the revocation list ends that day too
    made = world.epoch(DESK, 2, by="vera")
    ended = replace(made.certificate, not_after=TODAY - timedelta(days=1))
    ended = replace(ended, signature=world.keys["vera"].sign(ended.message()))
    world.with_lists(epochs=(*world.listing.epochs[:-1], GroupEpoch(ended, made.wraps)))
    with pytest.raises(ExpiredError):
        world.directory().group_key(DESK, 2)
    assert world.directory().problems() == []
    assert world.open(blob, own, world.release(blob, own))["nik"]


def test_an_epoch_of_a_revoked_signer_is_never_sealed_to_again(world):
    world.revoked("vera")
    with pytest.raises(RevokedError):
        world.directory().group_key(DESK, 1)


def test_who_made_an_epoch_may_leave_the_lists_once_a_newer_one_stands(world):
    vera = world.keys["vera"].officer
    listed = world.listing.officers
    others = tuple(row for row in listed if row.officer != vera)
    world.with_lists(officers=others)
    without_wraps = f"wrapped to {vera}, who is no certified member"
    assert world.directory().problems() == [
        f"epoch {DESK}/1: not_certified",
        f"epoch {DESK}/1: {without_wraps}",
    ]

    world.with_lists(officers=listed)
    world.epoch(DESK, 2, by="vito", without="vera")
    world.with_lists(officers=others)
    assert world.directory().problems() == [f"epoch {DESK}/1: {without_wraps}"]


def test_an_older_revocation_list_is_refused(world):
    old = world.listing
    world.revoked("vera")
    newest = replace(world.trust, least_serial=world.listing.revocations.serial)

    with pytest.raises(ExpiredError):
        Directory.open(old, newest, NOON)
    assert Directory.open(world.listing, newest, NOON).revoked


def test_a_forged_revocation_list_is_refused(world):
    empty = revoke(os.urandom(32), serial=9, earlier=(), fingerprints=(), not_after=UNTIL)
    world.with_lists(revocations=empty)
    with pytest.raises(BadSignatureError):
        world.directory()


def test_certificates_end_after_their_last_day(world):
    vera = world.certificate("vera")
    vera.verify(world.trust.root_pk, UNTIL)
    with pytest.raises(ExpiredError):
        vera.verify(world.trust.root_pk, UNTIL + timedelta(days=1))


def test_the_newest_of_an_officers_certificates_counts(world):
    keys = world.keys["vera"]
    renewed = certify_officer(
        world.root_seed,
        key_request(keys),
        unit="bawaslu-aceh",
        group=DESK,
        today=TODAY,
        not_after=UNTIL + timedelta(days=30),
    )
    world.with_lists(officers=(renewed, *world.listing.officers))
    assert world.directory().officer(keys.officer) == renewed


def test_a_certificate_lasts_at_most_180_days(world):
    for last in (TODAY + timedelta(days=181), TODAY - timedelta(days=1)):
        with pytest.raises(ExpiredError):
            certify_officer(
                world.root_seed,
                key_request(world.keys["vera"]),
                unit="bawaslu-aceh",
                group=DESK,
                today=TODAY,
                not_after=last,
            )


def test_the_root_certifies_no_third_side_and_no_borrowed_key(world):
    request = key_request(world.keys["vera"])
    terms: dict[str, Any] = {"unit": "x", "today": TODAY, "not_after": UNTIL}
    with pytest.raises(SplitCustodyError):
        certify_officer(world.root_seed, request, group="auditors", **terms)
    borrowed = replace(request, officer="f" * 32)
    with pytest.raises(BadSignatureError):
        certify_officer(world.root_seed, borrowed, group=DESK, **terms)


def test_unknown_names_are_refused(world):
    directory = world.directory()
    for look_up in (
        lambda: directory.officer("0" * 32),
        lambda: directory.group_key(DESK, 99),
        lambda: directory.recovery("r-1999"),
        lambda: directory.partner("ojk"),
    ):
        with pytest.raises(NotCertifiedError):
            look_up()
    assert directory.recovery("r-2026").public_key == world.recovery.public_key
    assert directory.partner("lpsk").public_key == hpke.public_key_of(world.lpsk_secret)


def test_a_recovery_key_swapped_in_the_database_is_refused_and_reported(world):
    swapped = replace(world.listing.recovery[0], pk=hpke.public_key_of(os.urandom(32)))
    world.with_lists(recovery=(swapped,))
    with pytest.raises(BadSignatureError):
        world.directory().recovery("r-2026")
    assert world.directory().problems() == ["recovery r-2026: bad_signature"]


OFFICER = {
    "officer": "1" * 32,
    "unit": "bawaslu-aceh",
    "group": "desk-aceh",
    "enc_pk": "00" * 32,
    "sig_pk": "00" * 32,
    "not_after": "2027-03-31",
    "signature": "00" * 64,
}


@pytest.mark.parametrize(
    "change",
    [
        {"officer": "1" * 31},
        {"officer": "A" * 32},
        {"officer": None},
        {"unit": ""},
        {"unit": "a b"},
        {"group": "auditors"},
        {"enc_pk": "00" * 31},
        {"enc_pk": "0g" * 32},
        {"sig_pk": "AA" * 32},
        {"not_after": "2027-3-31"},
        {"not_after": "20270331"},
        {"not_after": None},
        {"signature": "00" * 63},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_malformed_officer_certificate_is_refused(change):
    OfficerCertificate.from_json(OFFICER)
    with pytest.raises(VaultError):
        OfficerCertificate.from_json(OFFICER | change)


EPOCH = {
    "group": "desk-aceh",
    "side": "a",
    "unit": "bawaslu-aceh",
    "epoch": 1,
    "pk": "00" * 32,
    "signed_by": "1" * 32,
    "not_after": "2027-03-31",
    "signature": "00" * 64,
}


@pytest.mark.parametrize(
    "change",
    [{"side": "c"}, {"epoch": 0}, {"epoch": "1"}, {"epoch": True}, {"epoch": 10**6}, {"pk": ""}],
    ids=str,
)
def test_a_malformed_epoch_is_refused(change):
    GroupEpochCertificate.from_json(EPOCH)
    with pytest.raises(MalformedError):
        GroupEpochCertificate.from_json(EPOCH | change)


@pytest.mark.parametrize(
    "revoked", [["b" * 64, "a" * 64], ["a" * 64, "a" * 64], ["a" * 63], ["A" * 64], "aa", [1]]
)
def test_a_malformed_revocation_list_is_refused(revoked):
    value = {"serial": 1, "revoked": revoked, "not_after": "2027-03-31", "signature": "00" * 64}
    with pytest.raises(MalformedError):
        RevocationList.from_json(value)


def test_a_malformed_listing_or_trust_is_refused(world):
    with pytest.raises(MalformedError):
        Listing.from_json(world.listing.to_json() | {"officers": {}})
    with pytest.raises(MalformedError):
        GroupEpoch.from_json({"certificate": EPOCH, "wraps": []})
    with pytest.raises(MalformedError):
        Trust.from_json({"root_pk": "00" * 32, "least_serial": "1"})
    with pytest.raises(MalformedError):
        RecoveryCertificate.from_json({"partner": "x"})


def test_a_sealing_uses_verified_keys_only(world):
    assert {world.directory().group_key(code, 1).side for code in (DESK, RIAU)} == {"a"}
    assert world.directory().group_key(CUSTODIANS, 1).side == "b"
