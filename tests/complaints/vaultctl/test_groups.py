"""Epochs, joining, leaving and moving shares."""

import os
from dataclasses import replace

import pytest

from complaints.vault.crypto.errors import (
    MalformedError,
    NotCertifiedError,
    OpenError,
    SplitCustodyError,
)
from complaints.vault.crypto.hpke import seal, unseal
from complaints.vaultctl.groups import (
    create_epoch,
    let_in,
    move_share,
    open_group,
    wrap_context,
)
from tests.complaints.vaultctl.world import (
    CUSTODIANS,
    DESK,
    IDENTITY,
    RIAU,
    UNTIL,
    custodian_part,
    desk_part,
)


def test_v22_whoever_left_cannot_open_what_was_moved_on(world):
    blob = world.seal()
    gone = world.keys["wira"]
    kept_copy = world.directory().epoch(DESK, 1)  # what he may have taken home
    world.revoked("wira")
    world.epoch(DESK, 2, by="vera", without="wira")
    directory = world.directory()
    moved = move_share(
        world.keys["vera"],
        part=desk_part(blob),
        directory=directory,
        to=directory.group_key(DESK, 2),
    )
    world.with_lists(
        epochs=tuple(
            replace(
                epoch,
                wraps={who: wrap for who, wrap in epoch.wraps.items() if who != gone.officer},
            )
            for epoch in world.listing.epochs
        )
    )

    with pytest.raises(NotCertifiedError):
        open_group(gone, world.directory().epoch(DESK, 2))
    with pytest.raises(OpenError):
        unseal(open_group(gone, kept_copy), moved.wrap_a, info=blob.context("share-a"))
    own = world.ask(blob)
    assert world.open(blob, own, world.release(blob, own), part=moved) == IDENTITY
    later = world.seal(epochs=(2, 1))
    own = world.ask(later, who="vito")
    assert world.open(later, own, world.release(later, own), who="vito") == IDENTITY


def test_v22_both_sides_move_and_the_binding_stays(world):
    blob = world.seal()
    world.epoch(DESK, 2, by="vito")
    world.epoch(CUSTODIANS, 5, by="krisna")
    directory = world.directory()
    desk = move_share(
        world.keys["vera"],
        part=desk_part(blob),
        directory=directory,
        to=directory.group_key(DESK, 2),
    )
    custodians = move_share(
        world.keys["kirana"],
        part=custodian_part(blob),
        directory=directory,
        to=directory.group_key(CUSTODIANS, 5),
    )

    own = world.ask(blob)
    released = world.release(blob, own, who="krisna", part=custodians)

    assert world.open(blob, own, released, part=desk) == IDENTITY
    assert (desk.binding.epoch_a, desk.held_a) == (1, 2)
    assert (custodians.binding.epoch_b, custodians.held_b) == (1, 5)
    with pytest.raises(OpenError):  # the old key, the new wrap
        world.open(blob, own, released, part=replace(desk, held_a=1))


def test_a_share_moves_only_forward_and_only_within_its_group(world):
    blob = world.seal()
    directory = world.directory()
    keys = world.keys["vera"]
    with pytest.raises(SplitCustodyError):
        move_share(keys, part=desk_part(blob), directory=directory, to=directory.group_key(RIAU, 1))
    with pytest.raises(SplitCustodyError):
        move_share(
            keys, part=custodian_part(blob), directory=directory, to=directory.group_key(DESK, 1)
        )
    with pytest.raises(MalformedError):
        move_share(keys, part=desk_part(blob), directory=directory, to=directory.group_key(DESK, 1))


def test_v23_a_newcomer_opens_with_a_custodian(world):
    blob = world.seal()
    world.epoch(DESK, 2, by="vera")
    before = world.listing
    newcomer = world.enrol("nanda", DESK)
    with pytest.raises(NotCertifiedError):
        open_group(newcomer, world.directory().epoch(DESK, 1))

    wraps = let_in(
        world.keys["vito"],
        epochs=world.directory().listing.epochs,
        newcomer=world.certificate("nanda"),
    )

    assert [epoch for epoch, _ in wraps] == [1, 2]  # the desk's live epochs, no other row
    given = dict(wraps)
    world.with_lists(
        epochs=tuple(
            replace(
                epoch,
                wraps={**epoch.wraps, newcomer.officer: given[epoch.certificate.epoch]},
            )
            if epoch.certificate.group == DESK
            else epoch
            for epoch in before.epochs
        )
    )
    own = world.ask(blob, who="nanda")
    assert world.open(blob, own, world.release(blob, own), who="nanda") == IDENTITY
    assert world.directory().problems() == []


def test_v23_nobody_is_let_into_another_group(world):
    world.enrol("nanda", DESK)
    for sponsor in ("rini", "kirana"):
        assert (
            let_in(
                world.keys[sponsor],
                epochs=world.listing.epochs,
                newcomer=world.certificate("nanda"),
            )
            == []
        )


def test_a_wrap_moved_to_another_group_epoch_or_officer_is_refused(world):
    epoch = world.directory().epoch(DESK, 1)
    vera = world.keys["vera"]
    wrap = epoch.wraps[vera.officer]
    unseal(vera.enc_secret, wrap, info=wrap_context(DESK, 1, vera.officer))
    for group, number, officer in (
        (RIAU, 1, vera.officer),
        (DESK, 2, vera.officer),
        (DESK, 1, world.keys["vito"].officer),
    ):
        with pytest.raises(OpenError):
            unseal(vera.enc_secret, wrap, info=wrap_context(group, number, officer))


def test_a_secret_that_is_not_the_epochs_is_refused(world):
    """A server may replace a member's wrap by one it made; the client sees it is another key."""
    vera = world.keys["vera"]
    epoch = world.directory().epoch(DESK, 1)
    other = seal(vera.enc_pk, os.urandom(32), info=wrap_context(DESK, 1, vera.officer))
    with pytest.raises(MalformedError):
        open_group(vera, replace(epoch, wraps={vera.officer: other}))


def test_an_epoch_is_for_the_members_of_one_group(world):
    vera = world.certificate("vera")
    terms = {"me": vera, "epoch": 2, "not_after": UNTIL}
    with pytest.raises(SplitCustodyError):
        create_epoch(world.keys["vera"], members=[vera, world.certificate("kirana")], **terms)
    with pytest.raises(NotCertifiedError):
        create_epoch(world.keys["vera"], members=[world.certificate("vito")], **terms)
    with pytest.raises(SplitCustodyError):
        create_epoch(world.keys["vera"], members=[], **terms)
