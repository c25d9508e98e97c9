"""Sealed originals of evidence: the desk's own computer opens what no server process can."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from complaints.vault.crypto import hpke
from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.errors import MalformedError, OpenError, SplitCustodyError
from complaints.vault.crypto.fields import (
    bytes_of_hex,
    checked_code,
    checked_epoch,
    checked_id,
    exact_keys,
)
from complaints.vault.crypto.files import desk_file_context, open_manifest, seal_key_for_desk
from complaints.vault.crypto.keys import GroupKey
from complaints.vault.crypto.streams import open_stream
from complaints.vaultctl.groups import open_group
from complaints.vaultctl.keys import OfficerKeys
from complaints.vaultctl.parts import base64_of, unbase64
from complaints.vaultctl.trust import Directory

READ_BYTES = 256 * 1024


@dataclass(frozen=True)
class OriginalFile:
    """A file's key as it is sealed to a desk's epoch, and its sealed manifest."""

    object: str
    group: str
    epoch: int
    wrap: bytes
    manifest: bytes
    manifest_sha256: bytes

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read what the server hands out; raise MalformedError."""
        value = exact_keys(value, frozenset(cls.__annotations__))
        return cls(
            object=checked_id(value["object"]),
            group=checked_code(value["group"]),
            epoch=checked_epoch(value["epoch"]),
            wrap=unbase64(value["wrap"]),
            manifest=unbase64(value["manifest"]),
            manifest_sha256=bytes_of_hex(value["manifest_sha256"], 32),
        )

    def key(self, keys: OfficerKeys, directory: Directory) -> bytes:
        """Return the file's key; raise OpenError when anything does not match."""
        secret = open_group(keys, directory.epoch(self.group, self.epoch))
        info = desk_file_context(object_id=self.object, group=self.group, epoch=self.epoch)
        return hpke.unseal(secret, self.wrap, info=info)

    def moved(self, keys: OfficerKeys, directory: Directory, *, to: GroupKey) -> Self:
        """Return the same key sealed anew to a later epoch of the same desk.

        The manifest is opened first, so that a key which is not this file's is never moved.
        """
        if to.group != self.group:
            raise SplitCustodyError("a file stays with its own desk")
        if to.epoch <= self.epoch:
            raise MalformedError("a key moves to a later epoch")
        key = self.key(keys, directory)
        self.opened_manifest(key)
        wrap = seal_key_for_desk(key, object_id=self.object, group_a=to)
        return replace(self, epoch=to.epoch, wrap=wrap)

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            **vars(self),
            "wrap": base64_of(self.wrap),
            "manifest": base64_of(self.manifest),
            "manifest_sha256": self.manifest_sha256.hex(),
        }

    def opened_manifest(self, key: bytes) -> dict[str, Any]:
        """Return the manifest; raise OpenError when it is not the one whose digest stands in the log."""
        manifest: dict[str, Any] = open_manifest(self.manifest, key=key, object_id=self.object)
        if not hmac.compare_digest(sha256(canonical_json(manifest)).digest(), self.manifest_sha256):
            raise OpenError("the manifest is not the one that was entered in the log")
        return manifest

    def write(self, sealed: Path, out: Path, *, key: bytes) -> dict[str, Any]:
        """Open the object into a new file for the owner alone and return the manifest.

        Raises OpenError and leaves no file when the object was altered or is not what was received.
        """
        manifest = self.opened_manifest(key)
        digest, size = sha256(), 0
        try:
            with out.open("xb") as file:
                out.chmod(0o600)
                for piece in open_stream(_blocks(sealed), key=key, object_id=self.object):
                    digest.update(piece)
                    size += len(piece)
                    file.write(piece)
            _check_received(manifest, digest.hexdigest(), size)
        except FileExistsError as error:
            raise MalformedError("there is a file of that name already") from error
        except Exception:
            out.unlink(missing_ok=True)
            raise
        return manifest


def _check_received(manifest: dict[str, Any], digest: str, size: int) -> None:
    if (digest, size) != (manifest["sha256"], manifest["size"]):
        raise OpenError("the file is not the one that was received")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(READ_BYTES):
            yield block
