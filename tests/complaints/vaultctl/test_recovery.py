"""The break-glass ceremony: which shares open, and for whom."""

import itertools

import pytest

from complaints.vault.crypto.errors import OpenError
from complaints.vault.crypto.keys import RecoveryPublicKey
from complaints.vaultctl.recovery import (
    QuorumError,
    break_glass,
    new_recovery_key,
    read_break_glass,
)
from tests.complaints.vaultctl.world import IDENTITY, recovery_part


@pytest.fixture(scope="module")
def quorum():
    return new_recovery_key()


@pytest.fixture
def sealed(world, quorum):
    world.recovery = RecoveryPublicKey("r-2026", quorum[0])
    return world.seal()


def test_v26_two_of_each_group_open_a_report_for_one_officer(world, quorum, sealed):
    leadership, outside = quorum[1]
    vera = world.certificate("vera")

    for pairs in itertools.product(
        itertools.combinations(leadership, 2), itertools.combinations(outside, 2)
    ):
        shares = [share for pair in pairs for share in pair]
        result = break_glass(shares, part=recovery_part(sealed), to=vera)
        opened = read_break_glass(world.keys["vera"], result, report=sealed.report)
        assert opened == IDENTITY
        with pytest.raises(OpenError):
            read_break_glass(world.keys["vito"], result, report=sealed.report)
        with pytest.raises(OpenError):
            read_break_glass(world.keys["vera"], result, report="0" * 32)


def test_v26_every_smaller_subset_fails(world, quorum, sealed):
    leadership, outside = quorum[1]
    vera = world.certificate("vera")
    tried = 0
    for ours, theirs in itertools.product(range(4), range(4)):
        if ours >= 2 and theirs >= 2:
            continue
        shares = [*leadership[:ours], *outside[:theirs]]
        with pytest.raises(QuorumError):
            break_glass(shares, part=recovery_part(sealed), to=vera)
        tried += 1
    assert tried == 12


def test_all_six_shares_are_as_good_as_four(world, quorum, sealed):
    shares = [share for group in quorum[1] for share in group]
    result = break_glass(shares, part=recovery_part(sealed), to=world.certificate("vera"))
    assert read_break_glass(world.keys["vera"], result, report=sealed.report) == IDENTITY


def test_v26_shares_of_another_key_and_mistyped_shares_fail(world, quorum, sealed):
    other = new_recovery_key()[1]
    part, vera = recovery_part(sealed), world.certificate("vera")
    with pytest.raises(QuorumError):
        break_glass([*quorum[1][0][:2], *other[1][:2]], part=part, to=vera)
    with pytest.raises(OpenError):
        break_glass([*other[0][:2], *other[1][:2]], part=part, to=vera)
    typo = " ".join(reversed(quorum[1][0][0].split()))
    for bad in (typo, "", "not words of the list"):
        with pytest.raises(QuorumError):
            break_glass([bad, *quorum[1][0][1:], *quorum[1][1]], part=part, to=vera)
