"""From the code to what the server keeps: one slow hash per handle, then cheap keys per record.

    root     = Argon2id(secret, salt = HMAC(pepper, "handle:" + handle)[:16])
    verifier = HMAC(pepper, HKDF(root, salt = the record's, "lookup"))
    mailbox  = X25519 private key from HKDF(root, salt = the record's, "mailbox")
    draft    = HKDF(root, salt = the record's, "draft"), the key of a draft that was put aside

Many records share one of the 100,000 handles, so the slow hash may not depend on the record: one
attempt costs one Argon2id whether one candidate or fifty stand behind its handle. Every record still
has a salt of its own (OWASP ASVS 5 V6.5.2 asks it for secrets under 112 bits), and the slow salt cannot
be known without the pepper, which lives outside the database. docs/adr/0011-one-slow-hash-per-try.md.
"""

import hmac
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.pwhash import argon2id

from complaints.receipts.code import ReceiptCode

SALT_BYTES = 16
HASH_BYTES = 32
KEY_BYTES = 32


@dataclass(frozen=True)
class Cost:
    """Argon2id cost: passes and KiB of memory, one lane."""

    time_cost: int
    memory_cost_kib: int


@dataclass(frozen=True, repr=False)
class RowKeys:
    """What a code is worth for one record: what proves it and the pair of its mailbox.

    ``mailbox_private`` is never stored; it exists again whenever the code is typed. The repr hides all.
    """

    verifier: bytes
    mailbox_private: bytes
    mailbox_public: bytes

    def __repr__(self) -> str:
        return "RowKeys(…)"


@dataclass(frozen=True, repr=False)
class Root:
    """The slow hash of a code under its handle; cheap to ask for any number of records."""

    slow: bytes
    pepper: bytes

    def __repr__(self) -> str:
        return "Root(…)"

    def verifier(self, salt: bytes) -> bytes:
        """Return the 32 bytes that the record with ``salt`` keeps. About 10 µs."""
        return hmac.digest(self.pepper, self._expanded(salt, b"lookup"), "sha256")

    def opens(self, *, salt: bytes, verifier: bytes) -> bool:
        """Say whether this code is the one behind a record, in constant time."""
        return hmac.compare_digest(self.verifier(salt), verifier)

    def row(self, salt: bytes) -> RowKeys:
        """Return verifier and mailbox keys for the record with ``salt``. About 100 µs."""
        private = X25519PrivateKey.from_private_bytes(self._expanded(salt, b"mailbox"))
        return RowKeys(
            verifier=self.verifier(salt),
            mailbox_private=private.private_bytes_raw(),
            mailbox_public=private.public_key().public_bytes_raw(),
        )

    def draft_key(self, salt: bytes) -> bytes:
        """Return the key of the put-aside draft with ``salt``."""
        return self._expanded(salt, b"draft")

    def _expanded(self, salt: bytes, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=purpose).derive(self.slow)


def new_salt() -> bytes:
    """Return a fresh salt for one record."""
    return secrets.token_bytes(SALT_BYTES)


def derive(code: ReceiptCode, *, pepper: bytes, cost: Cost) -> Root:
    """Run the slow hash of a code: about 75 ms and 64 MiB at full cost, whatever stands behind it.

    libsodium's Argon2id, which picks the processor's widest instructions when it starts and lets
    other threads run: half the time of the portable build in argon2-cffi for the same 32 bytes.
    """
    slow = argon2id.kdf(
        HASH_BYTES,
        code.secret.encode(),
        hmac.digest(pepper, b"handle:" + code.handle.encode(), "sha256")[: argon2id.SALTBYTES],
        opslimit=cost.time_cost,
        memlimit=cost.memory_cost_kib * 1024,
    )
    return Root(slow, pepper)
