"""Public keys to which things are sealed, and the two sides of custody.

Which side a group is on follows from its code, which the root certifies with each officer: whoever is
certified for a desk can never vouch for a custodians' key.
"""

from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from complaints.vault.crypto.errors import (
    BadSignatureError,
    MalformedError,
    SplitCustodyError,
)

Side = Literal["a", "b"]
_SIDES: dict[str, Side] = {"desk-": "a", "custodians-": "b"}
SIGNATURE_BYTES = 64


@dataclass(frozen=True)
class GroupKey:
    """A custody group's public key of one epoch, as a verified certificate gives it."""

    group: str
    side: Side
    unit: str
    epoch: int
    public_key: bytes


@dataclass(frozen=True)
class RecoveryPublicKey:
    """The public half of an offline recovery key."""

    recovery: str
    public_key: bytes


@dataclass(frozen=True)
class PartnerPublicKey:
    """The public key of another institution, such as LPSK."""

    partner: str
    public_key: bytes


def side_of(group: str) -> Side:
    """Return "a" for a verification desk, "b" for custodians; raise SplitCustodyError for neither."""
    for prefix, side in _SIDES.items():
        if group.startswith(prefix) and len(group) > len(prefix):
            return side
    raise SplitCustodyError("the group is neither a desk nor custodians")


def check_signature(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Raise BadSignatureError unless ``signature`` is Ed25519 by ``public_key`` over ``message``."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature as error:
        raise BadSignatureError("not signed by this key") from error
    except ValueError as error:
        raise MalformedError("not an Ed25519 public key") from error
