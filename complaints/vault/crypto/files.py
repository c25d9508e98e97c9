"""The keys of sealed files: who may open one, and what its manifest says.

A file has one random key. It is sealed to the verification desk, like the words of a sealed report, and
for as long as the cleaner works on it to the cleaner. The manifest (what was received, chain of custody
from there) is sealed under a key of its own that the file's key gives.
"""

import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from complaints.vault.crypto import hpke
from complaints.vault.crypto.aead import aead_open, aead_seal
from complaints.vault.crypto.canonical import canonical_json, parse_canonical
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import SplitCustodyError
from complaints.vault.crypto.keys import GroupKey
from complaints.vault.crypto.padding import pad, unpad
from complaints.vault.crypto.streams import KEY_BYTES


def new_file_key() -> bytes:
    """Return a fresh key for one file."""
    return os.urandom(KEY_BYTES)


def desk_file_context(*, object_id: str, group: str, epoch: int) -> bytes:
    """Return what a file's key for a desk is bound to."""
    return ctx("file-key", object_id, group, str(epoch))


def cleaner_context(*, object_id: str) -> bytes:
    """Return what a file's key for the cleaner is bound to."""
    return ctx("file-key-cleaner", object_id)


def seal_key_for_desk(key: bytes, *, object_id: str, group_a: GroupKey) -> bytes:
    """Seal a file's key to a verification desk (80 bytes)."""
    if group_a.side != "a":
        raise SplitCustodyError("files go to a desk")
    info = desk_file_context(object_id=object_id, group=group_a.group, epoch=group_a.epoch)
    return hpke.seal(group_a.public_key, key, info=info)


def seal_key_for_cleaner(key: bytes, *, object_id: str, public_key: bytes) -> bytes:
    """Seal a file's key to the cleaner (80 bytes)."""
    return hpke.seal(public_key, key, info=cleaner_context(object_id=object_id))


def open_key_as_cleaner(wrap: bytes, *, object_id: str, private_key: bytes) -> bytes:
    """Open a file's key as the cleaner; raise OpenError when it is not for this file or this key."""
    return hpke.unseal(private_key, wrap, info=cleaner_context(object_id=object_id))


def seal_manifest(manifest: Mapping[str, Any], *, key: bytes, object_id: str) -> bytes:
    """Seal a manifest under its file's key. Raises MalformedError for what canonical JSON is not."""
    return aead_seal(
        _manifest_key(key, object_id),
        pad(canonical_json(manifest)),
        aad=ctx("file-manifest", object_id),
    )


def open_manifest(sealed: bytes, *, key: bytes, object_id: str) -> Any:
    """Open a manifest; raise OpenError or MalformedError."""
    return parse_canonical(
        unpad(aead_open(_manifest_key(key, object_id), sealed, aad=ctx("file-manifest", object_id)))
    )


def _manifest_key(key: bytes, object_id: str) -> bytes:
    info = ctx("file-manifest-key", object_id)
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)
