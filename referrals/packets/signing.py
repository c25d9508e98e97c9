"""The signature of a packet: Ed25519 over its manifest, by a key that signs nothing else."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from referrals.errors import NoSigningKeyError, PacketError


def sign(manifest: bytes) -> tuple[bytes, str]:
    """Return the signature and the public key as hex. Raises NoSigningKeyError without a key."""
    key = _private_key(settings.PACKET_SIGNING_KEY)
    return key.sign(manifest), key.public_key().public_bytes_raw().hex()


def check_signature(manifest: bytes, signature: bytes, public_key: str) -> None:
    """Raise PacketError unless the key (64 hex signs) signed the manifest."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(signature, manifest)
    except (InvalidSignature, ValueError) as error:
        raise PacketError("the signature is not of this key") from error


def public_key() -> str:
    """Return the public half as 64 hex signs. Raises NoSigningKeyError without a key."""
    return _private_key(settings.PACKET_SIGNING_KEY).public_key().public_bytes_raw().hex()


def _private_key(text: str) -> Ed25519PrivateKey:
    if not text:
        raise NoSigningKeyError
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as error:
        raise NoSigningKeyError from error
