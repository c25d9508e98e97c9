"""An officer's private keys while they are unlocked, and making new ones."""

import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from complaints.vault.crypto.hpke import public_key_of

SEED_BYTES = 32


@dataclass(frozen=True, repr=False)
class OfficerKeys:
    """Both secrets of one officer. Lives in the client's memory alone; the repr shows nothing."""

    officer: str
    enc_secret: bytes
    sig_seed: bytes

    def __repr__(self) -> str:
        return "OfficerKeys(…)"

    @property
    def enc_pk(self) -> bytes:
        """The X25519 public key to which others wrap for this officer."""
        return public_key_of(self.enc_secret)

    @property
    def sig_pk(self) -> bytes:
        """The Ed25519 public key that checks this officer's signatures."""
        return signing_public_key(self.sig_seed)

    def sign(self, message: bytes) -> bytes:
        """Sign as this officer."""
        return sign(self.sig_seed, message)


def new_officer_keys(officer: str) -> OfficerKeys:
    """Make both keys of an officer."""
    return OfficerKeys(officer, os.urandom(SEED_BYTES), os.urandom(SEED_BYTES))


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the Ed25519 signature by the key with this seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def signing_public_key(seed: bytes) -> bytes:
    """Return the Ed25519 public key of a seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
