"""A group's epochs: making one, letting somebody in, leaving somebody out, moving shares along."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from complaints.vault.crypto import hpke
from complaints.vault.crypto.certificates import (
    GroupEpochCertificate,
    OfficerCertificate,
)
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import MalformedError, NotCertifiedError, SplitCustodyError
from complaints.vault.crypto.fields import checked_epoch
from complaints.vault.crypto.keys import SIGNATURE_BYTES, GroupKey, side_of
from complaints.vaultctl.keys import OfficerKeys
from complaints.vaultctl.parts import CustodianPart, DeskPart
from complaints.vaultctl.trust import Directory, GroupEpoch

P = TypeVar("P", DeskPart, CustodianPart)


def wrap_context(group: str, epoch: int, officer: str) -> bytes:
    """Return the binding of a group's secret to one member and epoch."""
    return ctx("group-wrap", group, str(epoch), officer)


def open_group(keys: OfficerKeys, epoch: GroupEpoch) -> bytes:
    """Return the secret of an epoch; raise NotCertifiedError when it is not wrapped to this officer."""
    wrap = epoch.wraps.get(keys.officer)
    if wrap is None:
        raise NotCertifiedError("not a member of this epoch")
    named = epoch.certificate
    info = wrap_context(named.group, named.epoch, keys.officer)
    secret = hpke.unseal(keys.enc_secret, wrap, info=info)
    if hpke.public_key_of(secret) != named.pk:
        raise MalformedError("the wrapped secret is not this epoch's")
    return secret


def create_epoch(
    keys: OfficerKeys,
    *,
    me: OfficerCertificate,
    members: Sequence[OfficerCertificate],
    epoch: int,
    not_after: date,
) -> GroupEpoch:
    """Make a new key for my group and wrap it to its members. The secret is not kept."""
    if {member.group for member in members} != {me.group}:
        raise SplitCustodyError("an epoch is for the members of one group")
    if me.officer not in {member.officer for member in members}:
        raise NotCertifiedError("whoever makes an epoch is a member of it")
    secret = os.urandom(hpke.KEY_BYTES)
    unsigned = GroupEpochCertificate(
        group=me.group,
        side=side_of(me.group),
        unit=me.unit,
        epoch=checked_epoch(epoch),
        pk=hpke.public_key_of(secret),
        signed_by=me.officer,
        not_after=not_after,
        signature=bytes(SIGNATURE_BYTES),
    )
    certificate = replace(unsigned, signature=keys.sign(unsigned.message()))
    return GroupEpoch(
        certificate, {member.officer: _wrap(secret, certificate, member) for member in members}
    )


def let_in(
    keys: OfficerKeys, *, epochs: Sequence[GroupEpoch], newcomer: OfficerCertificate
) -> list[tuple[int, bytes]]:
    """Return (epoch, wrap) of every epoch of the newcomer's group that I can open.

    The caller has verified the newcomer's certificate through the directory.
    """
    return [
        (epoch.certificate.epoch, _wrap(open_group(keys, epoch), epoch.certificate, newcomer))
        for epoch in epochs
        if epoch.certificate.group == newcomer.group and keys.officer in epoch.wraps
    ]


def move_share(keys: OfficerKeys, *, part: P, directory: Directory, to: GroupKey) -> P:
    """Move my side's share to a later epoch of its own group; its binding stays that of the sealing."""
    binding = part.binding
    if isinstance(part, DeskPart):
        group, now, wrap, info = (
            binding.group_a,
            part.held_a,
            part.wrap_a,
            binding.context("share-a"),
        )
    else:
        group, now, wrap, info = (
            binding.group_b,
            part.held_b,
            part.wrap_b,
            binding.context("share-b"),
        )
    if to.group != group:
        raise SplitCustodyError("a share stays with its own group")
    if to.epoch <= now:
        raise MalformedError("a share moves to a later epoch")
    share = hpke.unseal(open_group(keys, directory.epoch(group, now)), wrap, info=info)
    moved = hpke.seal(to.public_key, share, info=info)
    if isinstance(part, DeskPart):
        return replace(part, wrap_a=moved, held_a=to.epoch)
    return replace(part, wrap_b=moved, held_b=to.epoch)


def _wrap(secret: bytes, certificate: GroupEpochCertificate, member: OfficerCertificate) -> bytes:
    info = wrap_context(certificate.group, certificate.epoch, member.officer)
    return hpke.seal(member.enc_pk, secret, info=info)
