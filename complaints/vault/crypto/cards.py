"""A picture of the reporter's identity card, sealed so that whoever opens the identity opens it too.

The identity's key (DEK) gives a key pair of its own; its public half is all that lies with the report. So a
counter anywhere can add the card without a key of the desk, and nothing has to be released, moved to a
later epoch or erased but the identity (docs/vault-format.md, 13).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from complaints.vault.crypto import hpke
from complaints.vault.crypto.canonical import canonical_json, parse_canonical
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import MalformedError
from complaints.vault.crypto.fields import checked_id, exact_keys, instant_of, instant_text
from complaints.vault.crypto.padding import LEAST_BYTES, LENGTH_BYTES, padme

IMAGE_TYPES = frozenset({"image/jpeg", "image/png"})
IMAGE_BYTES_MAX = 5 * 1024 * 1024
OFFICE_CHARACTERS_MAX = 200


@dataclass(frozen=True, repr=False)
class IdentityCard:
    """A card as a counter scanned it, and who at which office did so, when. The repr hides it.

    ``officer`` is a public id as 32 hex digits, ``office`` its name. ``is_of_bearer`` is what the officer
    said of the person who stood there: that the picture on the card is theirs.
    """

    content_type: str
    image: bytes
    officer: str
    office: str
    scanned_at: datetime
    is_of_bearer: bool

    def __repr__(self) -> str:
        return "IdentityCard(…)"

    def packed(self) -> bytes:
        """Return length and bytes of what is said, length and bytes of the picture, and zeros.

        Filled up after Padmé, at least 4 KiB, so that a picture's size does not tell which card it is.
        Raises MalformedError for another kind of picture or one that is too large.
        """
        if self.content_type not in IMAGE_TYPES or not 0 < len(self.image) <= IMAGE_BYTES_MAX:
            raise MalformedError("a card is a picture of a few megabytes")
        said = canonical_json(
            {
                "content_type": self.content_type,
                "officer": checked_id(self.officer),
                "office": self.office[:OFFICE_CHARACTERS_MAX],
                "scanned_at": instant_text(self.scanned_at),
                "is_of_bearer": self.is_of_bearer,
            }
        )
        filled = b"".join(part for whole in (said, self.image) for part in (_length(whole), whole))
        return filled + bytes(padme(max(len(filled), LEAST_BYTES)) - len(filled))

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        """Read :meth:`packed`; raise MalformedError for anything else."""
        said, rest = _part(packed)
        image, _zeros = _part(rest)
        told: Any = exact_keys(
            parse_canonical(said),
            frozenset({"content_type", "officer", "office", "scanned_at", "is_of_bearer"}),
        )
        if not isinstance(told["office"], str) or not isinstance(told["is_of_bearer"], bool):
            raise MalformedError("not a card")
        card = cls(
            content_type=told["content_type"],
            image=image,
            officer=checked_id(told["officer"]),
            office=told["office"],
            scanned_at=instant_of(told["scanned_at"]),
            is_of_bearer=told["is_of_bearer"],
        )
        if card.packed() != packed:
            raise MalformedError("not a card")
        return card


def card_secret(dek: bytes, *, report: str) -> bytes:
    """Return the private key that an open identity gives for its card (32 bytes)."""
    info = ctx("card-key", checked_id(report))
    return HKDF(algorithm=SHA256(), length=hpke.KEY_BYTES, salt=None, info=info).derive(dek)


def card_public_key(dek: bytes, *, report: str) -> bytes:
    """Return the public key that lies with the report (32 bytes); for whoever seals the identity."""
    return hpke.public_key_of(card_secret(dek, report=report))


def card_context(*, report: str) -> bytes:
    """Return what a card is bound to."""
    return ctx("identity-card", checked_id(report))


def seal_card(card: IdentityCard, *, report: str, public_key: bytes) -> bytes:
    """Seal a card to the key that lies with its report. Raises MalformedError."""
    return hpke.seal(public_key, card.packed(), info=card_context(report=report))


def _length(whole: bytes) -> bytes:
    return len(whole).to_bytes(LENGTH_BYTES, "big")


def _part(packed: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(packed[:LENGTH_BYTES], "big")
    whole = packed[LENGTH_BYTES : LENGTH_BYTES + length]
    if len(packed) < LENGTH_BYTES or len(whole) != length:
        raise MalformedError("not a card")
    return whole, packed[LENGTH_BYTES + length :]
