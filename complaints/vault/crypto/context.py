"""What a ciphertext or signature belongs to, as bytes that no other tuple of fields gives."""

from complaints.vault.crypto.errors import MalformedError

VERSION = b"bawaslu-vault/v1"
FIELD_BYTES_MAX = 0xFFFF


def ctx(*fields: str | bytes) -> bytes:
    """Return VERSION, then each field behind its length in two bytes, big-endian.

    Injective: two different tuples never give the same bytes. Text becomes UTF-8. Raises
    MalformedError for a field over 65,535 bytes or text that is not valid Unicode.
    """
    parts = [VERSION]
    for field in fields:
        try:
            raw = field.encode() if isinstance(field, str) else bytes(field)
        except UnicodeEncodeError as error:
            raise MalformedError("a context field is not valid Unicode") from error
        if len(raw) > FIELD_BYTES_MAX:
            raise MalformedError("a context field is too long")
        parts += [len(raw).to_bytes(2, "big"), raw]
    return b"".join(parts)
