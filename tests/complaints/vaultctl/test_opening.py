"""Two people open one identity; nobody else does, with anything they may have got hold of."""

import itertools
import json
import os
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from complaints.vault.crypto import hpke
from complaints.vault.crypto.aead import aead_open, aead_seal
from complaints.vault.crypto.consent import consent_public_key, give_consent
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import (
    BadSignatureError,
    ExpiredError,
    MalformedError,
    NotCertifiedError,
    OpenError,
    PurposeError,
    RevokedError,
    SplitCustodyError,
    VaultError,
)
from complaints.vault.crypto.padding import pad, unpad
from complaints.vault.crypto.requests import LegalBasis
from complaints.vault.crypto.sealing import identity_context, seal_for_desk, xor
from complaints.vaultctl.groups import open_group
from complaints.vaultctl.opening import (
    DeskWords,
    OwnRequest,
    Release,
    ask,
    attest,
    hand_over,
    open_with,
)
from complaints.vaultctl.parts import CustodianPart, DeskPart
from tests.complaints.vaultctl.world import (
    CUSTODIANS,
    DESK,
    IDENTITY,
    NOON,
    RIAU,
    TODAY,
    custodian_part,
    desk_part,
    recovery_part,
)


def everything_stored(world, blob):
    """Every byte string a dump of both databases holds for one report."""
    wraps = [wrap for epoch in world.listing.epochs for wrap in epoch.wraps.values()]
    keys = [row.enc_pk for row in world.listing.officers]
    return [blob.wrap_a, blob.wrap_b, blob.wrap_r, blob.kcv, *wraps, *keys]


def candidates(world, blob, *people):
    """Every 32-byte secret these people can open out of a whole dump, whatever its context is."""
    found = []
    contexts = [blob.context(what) for what in ("share-a", "share-b", "recovery", "identity")]
    secrets = []
    for who in people:
        keys = world.keys[who]
        secrets.append(keys.enc_secret)
        secrets += [
            open_group(keys, epoch) for epoch in world.listing.epochs if keys.officer in epoch.wraps
        ]
    for secret, stored, context in itertools.product(
        secrets, everything_stored(world, blob), contexts
    ):
        try:
            found.append(hpke.unseal(secret, stored, info=context))
        except OpenError:
            continue
    return [*found, *secrets, bytes(32)]


def opens_with_any(world, blob, *people):
    """Whether any secret, or any two joined, is the key of the ciphertext."""
    single = candidates(world, blob, *people)
    joined = [xor(one, other) for one, other in itertools.combinations(single, 2)]
    for key in [*single, *joined]:
        try:
            aead_open(key, blob.ciphertext, aad=blob.context("identity"))
        except OpenError:
            continue
        return True
    return False


@pytest.mark.long
def test_v02_verifier_alone_cannot_open(world):
    blobs = [world.seal() for _ in range(100)]
    for blob in blobs:
        assert not opens_with_any(world, blob, "vera")
    assert opens_with_any(
        world, blobs[0], "vera", "kirana"
    )  # the same search does find it with both


def test_v03_two_verifiers_of_one_desk_cannot_open(world):
    blob = world.seal()

    assert not opens_with_any(world, blob, "vera", "vito", "wira")
    own = world.ask(blob)
    with pytest.raises(SplitCustodyError):
        world.release(blob, own, who="vito")


def test_v04_custodians_cannot_open(world):
    blob = world.seal()

    assert not opens_with_any(world, blob, "kirana")
    assert not opens_with_any(world, blob, "kirana", "krisna")
    assert opens_with_any(world, blob, "krisna", "vito")


def test_v04_a_custodian_is_not_even_handed_the_ciphertext(world):
    part = custodian_part(world.seal())

    assert CustodianPart.from_json(part.to_json()) == part
    assert not {"ciphertext", "kcv", "wrap_a", "wrap_r"} & part.to_json().keys()


@pytest.mark.parametrize(
    "identity",
    [
        IDENTITY,
        {"name": "X"},
        {"name": "😀🏳️‍🌈 Ñ\u202eabc\u0000", "address": "é" * 5000},
        {"address": "Jl. Panjang " * 900, "name": ""},
    ],
)
def test_v05_verifier_and_custodian_open_byte_for_byte(world, identity):
    blob = world.seal(identity)
    own = world.ask(blob)

    opened = world.open(blob, own, world.release(blob, own))

    assert opened == identity


def test_v05_every_pair_of_the_two_sides_opens(world):
    for verifier, custodian in itertools.product(("vera", "vito", "wira"), ("kirana", "krisna")):
        blob = world.seal(lane="open")
        own = world.ask(blob, who=verifier)
        released = world.release(blob, own, who=custodian)
        assert world.open(blob, own, released, who=verifier) == IDENTITY


def test_v08_a_swapped_request_key_is_refused(world):
    blob = world.seal()
    own = world.ask(blob)
    mine = hpke.public_key_of(os.urandom(32))

    swapped = replace(own, request=replace(own.request, epk=mine))

    with pytest.raises(BadSignatureError):
        world.release(blob, swapped)


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "leak_check"},
        {"reason": "lain"},
        {"id": "0" * 32},
        {"report": "0" * 32},
        {"expires": NOON + timedelta(hours=3)},
        {"signature": bytes(64)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_v08_nothing_in_a_signed_request_can_be_changed(world, change):
    blob = world.seal()
    own = world.ask(blob)

    changed = replace(own, request=replace(own.request, **change))

    with pytest.raises(BadSignatureError):
        world.release(blob, changed)


def test_v12_random_bit_flips_never_give_another_plaintext(world):
    blob = world.seal({"name": "Uji"})
    own = world.ask(blob)
    released = world.release(blob, own)
    chance = random.Random(12)
    parts = ("ciphertext", "wrap_a", "wrap_b", "wrap_r", "kcv")
    whoever_opens = {
        "wrap_b": lambda bad: world.release(bad, own),
        "wrap_r": lambda bad: hpke.unseal(
            world.recovery_secret, bad.wrap_r, info=bad.context("recovery")
        ),
    } | {
        name: lambda bad: world.open(bad, own, released) for name in ("ciphertext", "wrap_a", "kcv")
    }
    refused = 0
    for _ in range(200):
        name = chance.choice(parts)
        raw = bytearray(getattr(blob, name))
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        bad = replace(blob, **{name: bytes(raw)})
        with pytest.raises(OpenError):
            whoever_opens[name](bad)
        refused += 1
    assert refused == 200
    assert world.open(blob, own, released) == {"name": "Uji"}


def test_v12_a_flipped_release_or_member_wrap_is_refused(world):
    blob = world.seal()
    own = world.ask(blob)
    released = world.release(blob, own)
    for place in range(0, len(released.sealed), 7):
        raw = bytearray(released.sealed)
        raw[place] ^= 0x10
        with pytest.raises(OpenError):
            world.open(blob, own, replace(released, sealed=bytes(raw)))
    epoch = world.listing.epochs[0]
    for place in range(0, 80, 7):
        wrap = bytearray(epoch.wraps[world.keys["vera"].officer])
        wrap[place] ^= 0x10
        bad = replace(epoch, wraps={world.keys["vera"].officer: bytes(wrap)})
        with pytest.raises(OpenError):
            open_group(world.keys["vera"], bad)


def test_v13_a_release_serves_one_request_only(world):
    blob, other = world.seal(), world.seal()
    own = world.ask(blob)
    released = world.release(blob, own)

    second = world.ask(blob)
    with pytest.raises(OpenError):
        world.open(blob, second, released)
    with pytest.raises(OpenError):  # relabelled as the second's
        world.open(blob, second, replace(released, request=second.request.id))
    with pytest.raises(SplitCustodyError):  # for another report
        world.open(other, own, released)
    keys = world.keys["vera"]
    moved = replace(own.request, purpose="leak_check")
    signed = replace(moved, signature=keys.sign(moved.message()))
    with pytest.raises(OpenError):  # the verifier signs another purpose over the same key
        world.open(blob, OwnRequest(signed, own.key_sealed), released)
    moved = replace(own.request, report=other.report)
    signed = replace(moved, signature=keys.sign(moved.message()))
    with pytest.raises(OpenError):
        world.open(other, OwnRequest(signed, own.key_sealed), released)


def test_v14_an_expired_release_opens_nothing(world):
    blob = world.seal()
    own = world.ask(blob)
    released = world.release(blob, own)
    after = own.request.expires + timedelta(seconds=1)

    with pytest.raises(ExpiredError):
        world.open(blob, own, released, at=after)
    renewed = ask(
        world.keys["vera"], report=blob.report, purpose="correction", reason="lagi", at=after
    )
    with pytest.raises(OpenError):
        world.open(blob, renewed, replace(released, request=renewed.request.id), at=after)


def test_v14_time_cannot_be_written_over(world):
    blob = world.seal()
    own = world.ask(blob, lifetime=timedelta(hours=1))
    released = world.release(blob, own, at=NOON + timedelta(minutes=30))
    longer = replace(own.request, expires=NOON + timedelta(hours=8))
    signed = replace(longer, signature=world.keys["vera"].sign(longer.message()))

    with pytest.raises(OpenError):
        world.open(blob, OwnRequest(signed, own.key_sealed), released)


def test_an_expired_or_far_request_is_not_released(world):
    blob = world.seal()
    own = world.ask(blob)
    with pytest.raises(ExpiredError):
        world.release(blob, own, at=own.request.expires)
    far = replace(own.request, expires=NOON + timedelta(hours=9))
    signed = replace(far, signature=world.keys["vera"].sign(far.message()))
    with pytest.raises(ExpiredError):
        world.release(blob, replace(own, request=signed), at=NOON)


def test_a_request_of_a_quarter_of_an_hour_of_skew_is_refused_ten_minutes_are_not(world):
    blob = world.seal()
    own = world.ask(blob)
    assert world.release(blob, own, at=NOON - timedelta(minutes=10)).request == own.request.id
    with pytest.raises(ExpiredError):
        world.release(blob, own, at=NOON - timedelta(minutes=15))


def test_wrong_groups_and_same_unit_are_refused(world):
    blob = world.seal()
    with pytest.raises(SplitCustodyError):  # a verifier of another desk
        world.release(blob, world.ask(blob, who="rini"))
    with pytest.raises(SplitCustodyError):  # a custodian asks
        world.release(blob, world.ask(blob, who="kirana"))
    with pytest.raises(SplitCustodyError):  # a verifier releases
        world.release(blob, world.ask(blob), who="vito")
    world.enrol("cousin", CUSTODIANS, unit="bawaslu-aceh")
    with pytest.raises(SplitCustodyError):
        world.release(blob, world.ask(blob), who="cousin")


def test_the_verifiers_client_refuses_a_custodian_of_its_own_unit(world):
    blob = world.seal()
    own = world.ask(blob)
    released = world.release(blob, own)
    world.enrol("cousin", CUSTODIANS, unit="bawaslu-aceh")

    with pytest.raises(SplitCustodyError):
        world.open(blob, own, replace(released, custodian=world.keys["cousin"].officer))


def test_revoked_and_expired_officers_get_nothing(world):
    blob = world.seal()
    own = world.ask(blob)
    with pytest.raises(ExpiredError):
        world.release(blob, own, at=NOON + timedelta(days=365))
    world.revoked("vera")
    with pytest.raises(RevokedError):
        world.release(blob, own)


def test_an_uncertified_verifier_gets_nothing(world):
    blob = world.seal()
    own = world.ask(blob)
    world.with_lists(
        officers=tuple(row for row in world.listing.officers if row.officer != own.request.verifier)
    )
    with pytest.raises(NotCertifiedError):
        world.release(blob, own)


BINDINGS = {
    "report": "0" * 32,
    "lane": "open",
    "group_a": RIAU,
    "epoch_a": 2,
    "group_b": "custodians-other",
    "epoch_b": 2,
}


@pytest.mark.parametrize("name", BINDINGS)
def test_every_part_moved_to_another_context_is_refused(world, name):
    blob = world.seal()
    moved = replace(blob, **{name: BINDINGS[name]})
    dek = hpke.unseal(world.recovery_secret, blob.wrap_r, info=blob.context("recovery"))
    desk, custodians = (
        open_group(world.keys[who], world.directory().epoch(group, 1))
        for who, group in (("vera", DESK), ("kirana", CUSTODIANS))
    )

    for secret, wrap, what in (
        (desk, blob.wrap_a, "share-a"),
        (custodians, blob.wrap_b, "share-b"),
        (world.recovery_secret, blob.wrap_r, "recovery"),
    ):
        hpke.unseal(secret, wrap, info=blob.context(what))
        with pytest.raises(OpenError):
            hpke.unseal(secret, wrap, info=moved.context(what))
    aead_open(dek, blob.ciphertext, aad=blob.context("identity"))
    with pytest.raises(OpenError):
        aead_open(dek, blob.ciphertext, aad=moved.context("identity"))
    with pytest.raises(OpenError):
        open_with(recovery_part(moved), dek)


@pytest.mark.parametrize("name", BINDINGS)
def test_a_case_moved_to_another_context_opens_for_nobody(world, name):
    blob = world.seal()
    own = world.ask(blob)
    released = world.release(blob, own)
    moved = replace(blob, **{name: BINDINGS[name]})

    with pytest.raises(VaultError):
        world.open(moved, own, released)
    with pytest.raises(VaultError):
        world.release(moved, own)


def test_parts_of_two_reports_do_not_mix(world):
    one, two = world.seal(), world.seal()
    own = world.ask(one)
    released = world.release(one, own)
    part = desk_part(one)
    for name in ("ciphertext", "kcv", "wrap_a"):
        mixed = replace(part, **{name: getattr(desk_part(two), name)})
        with pytest.raises(OpenError):
            world.open(one, own, released, part=mixed)
    swapped = replace(custodian_part(one), wrap_b=two.wrap_b)
    with pytest.raises(OpenError):
        world.release(one, own, part=swapped)


def test_v25_court_order_needs_its_basis_and_both_units(world):
    blob = world.seal()
    with pytest.raises(PurposeError):
        world.ask(blob, purpose="court_order")
    basis = LegalBasis("Penetapan 12/Pid/2026/PN Bna", bytes(32))
    own = world.ask(blob, purpose="court_order", basis=basis)

    with pytest.raises(SplitCustodyError):
        world.release(blob, own, who="vito")
    assert world.open(blob, own, world.release(blob, own)) == IDENTITY


def test_v25_a_signed_request_without_basis_is_not_released(world):
    blob = world.seal()
    own = world.ask(blob)
    bare = replace(own.request, purpose="court_order")
    signed = replace(bare, signature=world.keys["vera"].sign(bare.message()))

    with pytest.raises(PurposeError):
        world.release(blob, replace(own, request=signed))


def test_v29_lpsk_hand_over_needs_the_reporters_consent(world):
    blob = world.seal()
    mailbox = os.urandom(32)
    lpsk = world.directory().partner("lpsk")
    public = consent_public_key(mailbox, report=blob.report)
    consent = give_consent(mailbox, report=blob.report, partner=lpsk, on=TODAY)
    forged = give_consent(os.urandom(32), report=blob.report, partner=lpsk, on=TODAY)
    with pytest.raises(PurposeError):
        world.ask(blob, purpose="lpsk_handover")
    basis = LegalBasis("Persetujuan pelapor", consent.digest())
    own = world.ask(blob, purpose="lpsk_handover", basis=basis)
    identity = world.open(blob, own, world.release(blob, own))

    def parcel(given=consent, request=own.request):
        return hand_over(identity, request=request, consent=given, consent_pk=public, partner=lpsk)

    with pytest.raises(BadSignatureError):
        parcel(forged)
    with pytest.raises(PurposeError):
        parcel(request=world.ask(blob).request)
    cited = world.ask(blob, purpose="lpsk_handover", basis=LegalBasis("Lain", bytes(32)))
    with pytest.raises(PurposeError):
        parcel(request=cited.request)
    info = ctx("partner-parcel", blob.report, "lpsk")
    opened = unpad(hpke.unseal(world.lpsk_secret, parcel(), info=info))
    assert json.loads(opened) == IDENTITY
    for other in (world.keys["vera"].enc_secret, world.recovery_secret):
        with pytest.raises(OpenError):
            hpke.unseal(other, parcel(), info=info)


def test_an_attestation_is_about_this_ciphertext_and_verifier(world):
    blob, other = world.seal(), world.seal()
    own = world.ask(blob)
    found = {"name_present": True, "signature_matches": None, "adult_citizen": False}

    signed = attest(
        world.keys["vera"], part=desk_part(blob), request=own.request, result=found, at=NOON
    )

    root, vera = world.trust.root_pk, world.certificate("vera")
    signed.verify(root, TODAY, verifier=vera, blob=blob)
    assert signed.result == found
    with pytest.raises(MalformedError):
        signed.verify(root, TODAY, verifier=vera, blob=other)
    with pytest.raises(NotCertifiedError):
        signed.verify(root, TODAY, verifier=world.certificate("vito"), blob=blob)
    better = replace(signed, result={"name_present": True, "adult_citizen": True})
    with pytest.raises(BadSignatureError):
        better.verify(root, TODAY, verifier=vera, blob=blob)


@pytest.mark.parametrize("result", [{}, {"unknown": True}])
def test_an_attestation_of_nothing_known_is_refused(world, result):
    blob = world.seal()
    with pytest.raises(MalformedError):
        attest(
            world.keys["vera"],
            part=desk_part(blob),
            request=world.ask(blob).request,
            result=result,
            at=NOON,
        )


def test_only_the_one_who_asked_attests(world):
    blob = world.seal()
    with pytest.raises(SplitCustodyError):
        attest(
            world.keys["vito"],
            part=desk_part(blob),
            request=world.ask(blob).request,
            result={"name_present": True},
            at=NOON,
        )


def desk_words(world, text="Camat mengajak memilih. 😀"):
    desk = world.directory().group_key(DESK, 1)
    report = "1" * 32
    blob = seal_for_desk(text, report=report, kind="statement", group_a=desk)
    return DeskWords(report=report, kind="statement", group=DESK, epoch=1, blob=blob)


def test_the_desk_reads_its_words_and_nobody_else_does(world):
    words = DeskWords.from_json(desk_words(world).to_json())

    assert words.read(world.keys["vito"], world.directory()) == "Camat mengajak memilih. 😀"
    for stranger in ("rini", "kirana"):
        with pytest.raises(NotCertifiedError):
            words.read(world.keys[stranger], world.directory())


@pytest.mark.parametrize(
    "change", [{"report": "2" * 32}, {"kind": "message:" + "0" * 32}], ids=["report", "kind"]
)
def test_words_moved_elsewhere_do_not_open(world, change):
    with pytest.raises(OpenError):
        replace(desk_words(world), **change).read(world.keys["vera"], world.directory())


def test_words_move_with_the_desk_to_a_later_epoch(world):
    words = desk_words(world)
    world.epoch(DESK, 2, by="vera", without="wira")
    later = words.moved(
        world.keys["vera"], world.directory(), to=world.directory().group_key(DESK, 2)
    )

    assert later.epoch == 2
    assert later.read(world.keys["vito"], world.directory()) == "Camat mengajak memilih. 😀"
    with pytest.raises(NotCertifiedError):
        later.read(world.keys["wira"], world.directory())
    with pytest.raises(SplitCustodyError):
        words.moved(world.keys["vera"], world.directory(), to=world.directory().group_key(RIAU, 1))


def test_what_is_opened_must_be_an_identity(world):
    """A browser that seals something else gives the verifier a refusal, not a crash."""
    blob = world.seal()
    dek = hpke.unseal(world.recovery_secret, blob.wrap_r, info=blob.context("recovery"))
    for content in (b"[1]", b'{"name":1}', b"{ }", b"\xff", b""):
        ciphertext = aead_seal(dek, pad(content), aad=blob.context("identity"))
        with pytest.raises(MalformedError):
            open_with(replace(recovery_part(blob), ciphertext=ciphertext), dek)


def test_json_of_parts_requests_and_releases_comes_back_the_same(world):
    blob = world.seal()
    own = world.ask(blob)
    released = world.release(blob, own)

    assert DeskPart.from_json(desk_part(blob).to_json()) == desk_part(blob)
    assert OwnRequest.from_json(own.to_json()) == own
    assert Release.from_json(released.to_json()) == released
    assert identity_context(
        "kcv",
        report=blob.report,
        lane=blob.lane,
        group_a=blob.group_a,
        epoch_a=1,
        group_b=blob.group_b,
        epoch_b=1,
    ) == blob.context("kcv")
    assert "enc_secret" not in repr(world.keys["vera"])
