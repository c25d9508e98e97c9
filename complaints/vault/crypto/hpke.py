"""HPKE single shot (RFC 9180, base mode): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

The suite that browsers have natively. A blob is the encapsulated key (32), ciphertext and tag (16). The
additional data of the AEAD is empty; everything a blob belongs to is in ``info``.

``unseal`` takes a private key. On the server the only private key is the mailbox's, derived from the
receipt the reporter has just typed; officers' and groups' keys are opened by clients alone.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from complaints.vault.crypto.errors import MalformedError, OpenError

KEY_BYTES = 32
ENC_BYTES = 32
TAG_BYTES = 16
OVERHEAD_BYTES = ENC_BYTES + TAG_BYTES

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal(public_key: bytes, plaintext: bytes, *, info: bytes) -> bytes:
    """Seal to a raw public key; 48 bytes longer than the plaintext.

    Raises MalformedError for a key that is not 32 bytes or has no secret of its own (low order).
    """
    if len(public_key) != KEY_BYTES:
        raise MalformedError("an X25519 key has 32 bytes")
    try:
        return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public_key), info=info)
    except ValueError as error:
        raise MalformedError("not a usable X25519 public key") from error


def unseal(private_key: bytes, blob: bytes, *, info: bytes) -> bytes:
    """Open with a raw private key; raise OpenError when anything does not match."""
    if len(private_key) != KEY_BYTES:
        raise MalformedError("an X25519 key has 32 bytes")
    if len(blob) < OVERHEAD_BYTES:
        raise OpenError("too short to be sealed")
    try:
        return _SUITE.decrypt(blob, X25519PrivateKey.from_private_bytes(private_key), info=info)
    except (InvalidTag, ValueError) as error:
        raise OpenError("wrong key, wrong context, or altered") from error


def public_key_of(private_key: bytes) -> bytes:
    """Return the raw public half of a raw X25519 private key."""
    if len(private_key) != KEY_BYTES:
        raise MalformedError("an X25519 key has 32 bytes")
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()
