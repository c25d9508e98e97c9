"""Sealing under split custody: what the reporter says of himself opens only with both sides.

DEK = A xor B. A goes to a verification desk, B to custodians of another unit, the whole DEK to an offline
recovery key. A and B alone are each 32 random bytes: one side, however many its members, knows nothing.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from complaints.vault.crypto import aead, hpke
from complaints.vault.crypto.canonical import canonical_json, parse_canonical
from complaints.vault.crypto.cards import card_public_key
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import (
    MalformedError,
    MalformedSealError,
    SplitCustodyError,
    VaultError,
)
from complaints.vault.crypto.fields import (
    checked_code,
    checked_epoch,
    checked_id,
    exact_keys,
)
from complaints.vault.crypto.keys import GroupKey, PartnerPublicKey, RecoveryPublicKey, side_of
from complaints.vault.crypto.padding import BLOCK_BYTES, pad, unpad

ALG = "hpke-x25519-aes256gcm/v1"
LANES = frozenset({"sealed", "open"})
SHARE_BYTES = 32
KCV_BYTES = 16
WRAP_BYTES = SHARE_BYTES + hpke.OVERHEAD_BYTES
IDENTITY_BLOCKS_MAX = 16
"""64 KiB: a name of 10 kB and an address of 10 kB fit, a flood does not."""

_TEXTS = frozenset({"alg", "report", "lane", "group_a", "group_b", "recovery"})
_EPOCHS = frozenset({"epoch_a", "epoch_b"})
_BYTES = frozenset({"ciphertext", "wrap_a", "wrap_b", "wrap_r", "kcv"})


@dataclass(frozen=True)
class SealedIdentityBlob:
    """One sealed identity with everything that opens it, each part useless without two key holders.

    ``epoch_a`` and ``epoch_b`` are those of the sealing and are bound into every part; a share moved to
    a later epoch keeps them.
    """

    report: str
    lane: str
    group_a: str
    epoch_a: int
    group_b: str
    epoch_b: int
    recovery: str
    ciphertext: bytes
    wrap_a: bytes
    wrap_b: bytes
    wrap_r: bytes
    kcv: bytes
    alg: str = ALG

    def context(self, what: str) -> bytes:
        """Return the binding of one part: identity, share-a, share-b, recovery or kcv."""
        return identity_context(
            what,
            report=self.report,
            lane=self.lane,
            group_a=self.group_a,
            epoch_a=self.epoch_a,
            group_b=self.group_b,
            epoch_b=self.epoch_b,
        )

    def to_json(self) -> dict[str, Any]:
        """Return JSON values; byte strings as standard base64."""
        return {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name, value in vars(self).items()
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json` and check its shape; raise MalformedSealError."""
        try:
            value = exact_keys(value, _TEXTS | _EPOCHS | _BYTES)
        except MalformedError as error:
            raise MalformedSealError("not a sealed identity") from error
        if not all(isinstance(value[name], str) for name in _TEXTS):
            raise MalformedSealError("not a sealed identity")
        parts: dict[str, Any] = {
            name: _bytes_of(part) if name in _BYTES else part for name, part in value.items()
        }
        blob = cls(**parts)
        check_shape(blob)
        return blob


def identity_context(
    what: str, *, report: str, lane: str, group_a: str, epoch_a: int, group_b: str, epoch_b: int
) -> bytes:
    """Return ctx(what, report, lane, group A, its epoch, group B, its epoch)."""
    return ctx(what, report, lane, group_a, str(epoch_a), group_b, str(epoch_b))


def seal_identity(
    identity: Mapping[str, str],
    *,
    report: str,
    lane: str,
    group_a: GroupKey,
    group_b: GroupKey,
    recovery: RecoveryPublicKey,
) -> SealedIdentityBlob:
    """Seal an identity as :func:`seal_with_card_key` does, for whom no card will be shown."""
    return seal_with_card_key(
        identity, report=report, lane=lane, group_a=group_a, group_b=group_b, recovery=recovery
    )[0]


def seal_with_card_key(
    identity: Mapping[str, str],
    *,
    report: str,
    lane: str,
    group_a: GroupKey,
    group_b: GroupKey,
    recovery: RecoveryPublicKey,
) -> tuple[SealedIdentityBlob, bytes]:
    """Seal an identity to a desk and to custodians of another unit; return also its card's public key.

    ``report`` is the complaint's public id as 32 hex digits, ``lane`` is "sealed" or "open". Takes about
    a third of a millisecond. Raises SplitCustodyError when the two groups are not two sides of two
    units, MalformedError when the identity is not text or too long.
    """
    if group_a.side != "a" or group_b.side != "b" or group_a.unit == group_b.unit:
        raise SplitCustodyError("a desk and custodians of another unit are needed")
    if not all(isinstance(value, str) for value in identity.values()):
        raise MalformedError("an identity is text under named fields")
    padded = pad(canonical_json(dict(identity)))
    if len(padded) > IDENTITY_BLOCKS_MAX * BLOCK_BYTES:
        raise MalformedError("the identity is too long")
    dek, share_a = os.urandom(SHARE_BYTES), os.urandom(SHARE_BYTES)

    def bound(what: str) -> bytes:
        return identity_context(
            what,
            report=report,
            lane=lane,
            group_a=group_a.group,
            epoch_a=group_a.epoch,
            group_b=group_b.group,
            epoch_b=group_b.epoch,
        )

    blob = SealedIdentityBlob(
        report=report,
        lane=lane,
        group_a=group_a.group,
        epoch_a=group_a.epoch,
        group_b=group_b.group,
        epoch_b=group_b.epoch,
        recovery=recovery.recovery,
        ciphertext=aead.aead_seal(dek, padded, aad=bound("identity")),
        wrap_a=hpke.seal(group_a.public_key, share_a, info=bound("share-a")),
        wrap_b=hpke.seal(group_b.public_key, xor(dek, share_a), info=bound("share-b")),
        wrap_r=hpke.seal(recovery.public_key, dek, info=bound("recovery")),
        kcv=key_check_value(dek, bound("kcv")),
    )
    check_shape(blob)
    return blob, card_public_key(dek, report=report)


def check_shape(blob: SealedIdentityBlob) -> None:
    """Raise MalformedSealError unless every part has its exact size and a known name.

    All that a server can say of a sealing made in a browser: whether it opens, only a client learns.
    """
    if blob.alg != ALG:
        raise MalformedSealError("unknown algorithm")
    if blob.lane not in LANES:
        raise MalformedSealError("a lane is sealed or open")
    try:
        checked_id(blob.report)
        checked_epoch(blob.epoch_a)
        checked_epoch(blob.epoch_b)
        checked_code(blob.recovery)
        sides = side_of(checked_code(blob.group_a)), side_of(checked_code(blob.group_b))
    except VaultError as error:
        raise MalformedSealError(str(error)) from error
    if sides != ("a", "b"):
        raise MalformedSealError("the groups are on the wrong sides")
    sizes = {"wrap_a": WRAP_BYTES, "wrap_b": WRAP_BYTES, "wrap_r": WRAP_BYTES, "kcv": KCV_BYTES}
    for name, size in sizes.items():
        part = getattr(blob, name)
        if not isinstance(part, bytes) or len(part) != size:
            raise MalformedSealError(f"{name} has the wrong size")
    blocks, rest = divmod(len(blob.ciphertext) - aead.OVERHEAD_BYTES, BLOCK_BYTES)
    if not isinstance(blob.ciphertext, bytes) or rest or not 1 <= blocks <= IDENTITY_BLOCKS_MAX:
        raise MalformedSealError("the ciphertext has the wrong size")


def key_check_value(dek: bytes, context: bytes) -> bytes:
    """Return 16 bytes that tell whether two shares gave this DEK, before anything is opened with it."""
    return hmac.digest(dek, context, sha256)[:KCV_BYTES]


def xor(left: bytes, right: bytes) -> bytes:
    """Join or split shares of equal length."""
    return bytes(one ^ other for one, other in zip(left, right, strict=True))


def desk_context(*, report: str, kind: str, group: str, epoch: int) -> bytes:
    """Return the binding of words for the desk."""
    return ctx("desk-words", report, kind, group, str(epoch))


def seal_for_desk(text: str, *, report: str, kind: str, group_a: GroupKey) -> bytes:
    """Seal words that the desk reads and no custodian is asked for.

    ``kind`` says which words: "statement", or "message:" and the message's id, so that two cannot change
    places.
    """
    if group_a.side != "a":
        raise SplitCustodyError("words for the desk go to a desk")
    info = desk_context(
        report=checked_id(report), kind=kind, group=group_a.group, epoch=group_a.epoch
    )
    return hpke.seal(group_a.public_key, pad(_utf8(text)), info=info)


def mailbox_context(*, report: str, message: str) -> bytes:
    """Return the binding of a message to the reporter."""
    return ctx("mailbox", report, message)


def seal_for_mailbox(
    message: Mapping[str, Any], *, report: str, message_id: str, mailbox_pk: bytes
) -> bytes:
    """Seal an officer's message to the key that only the receipt gives."""
    info = mailbox_context(report=checked_id(report), message=checked_id(message_id))
    return hpke.seal(mailbox_pk, pad(canonical_json(dict(message))), info=info)


def open_in_mailbox(
    private_key: bytes, blob: bytes, *, report: str, message_id: str
) -> dict[str, Any]:
    """Open :func:`seal_for_mailbox` with the key derived from the receipt.

    Raises OpenError when anything does not match, MalformedError when the opened words are no message.
    """
    info = mailbox_context(report=report, message=message_id)
    message = parse_canonical(unpad(hpke.unseal(private_key, blob, info=info)))
    if not isinstance(message, dict):
        raise MalformedError("not a message")
    return message


def seal_for_partner(parcel: Mapping[str, Any], *, report: str, partner: PartnerPublicKey) -> bytes:
    """Seal a hand-over to another institution's own key."""
    info = ctx("partner-parcel", checked_id(report), partner.partner)
    return hpke.seal(partner.public_key, pad(canonical_json(dict(parcel))), info=info)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise MalformedError("text is not valid Unicode") from error


def _bytes_of(text: Any) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise MalformedSealError("a part is not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise MalformedSealError("a part is not the one base64 of its bytes")
    return raw
