"""The packet as files: a manifest that names each, one signature over it, one archive, closed by age."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referrals.errors import PacketError
from referrals.packets.canonical import canonical, digest
from referrals.packets.signing import check_signature

FORMAT = "bawaslu-packet/1"
RECORD, LETTER, MANIFEST, SIGNATURE = "data.json", "surat.pdf", "manifest.json", "manifest.sig"
LARGEST_BYTES = 64 * 1024 * 1024
"""Of one packet; what says it unpacks to more is not opened."""
_DAY = (1980, 1, 1, 0, 0, 0)
"""An archive carries a time for each file; every one of ours carries the format's first."""


@dataclass(frozen=True)
class PacketFile:
    """One file of a packet, by the name it has there."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest, hex."""
        return digest(self.content)


@dataclass(frozen=True)
class OutgoingPacket:
    """One version of one referral, whole: what a gateway hands over.

    ``record_json`` is canonical JSON (``docs/referral-record.schema.json``), ``letter_pdf`` the letter
    with its data sheets, ``attachments`` the approved copies. ``sha256`` (hex) is the manifest's, which
    names every file with its digest; ``signature`` (64 bytes, Ed25519) covers the manifest.
    ``file_name`` tells nothing but the public id and the version.
    """

    number: str
    version: int
    record_json: bytes
    letter_pdf: bytes
    attachments: tuple[PacketFile, ...]
    manifest: bytes
    sha256: str
    signature: bytes
    signed_by: str
    file_name: str

    @property
    def files(self) -> tuple[PacketFile, ...]:
        """Everything the manifest names, in its order."""
        return packet_files(self.record_json, self.letter_pdf, self.attachments)

    def archive(self) -> bytes:
        """Return the packet as one ZIP file; the same packet gives the same bytes."""
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
            for name, content in (
                (MANIFEST, self.manifest),
                (SIGNATURE, self.signature),
                *((file.name, file.content) for file in self.files),
            ):
                entry = zipfile.ZipInfo(name, _DAY)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content)
        return made.getvalue()

    def closed_for(self, age_keys: Sequence[str]) -> bytes:
        """Return the archive closed with age for these public keys (``age1…``).

        Raises PacketError without a key, and for what is no age key.
        """
        import pyrage  # type: ignore[import-untyped]  # noqa: PLC0415 -- a web process closes nothing

        if not age_keys:
            raise PacketError("a packet leaves the product only closed for somebody")
        try:
            recipients = [pyrage.x25519.Recipient.from_str(key) for key in age_keys]
        except pyrage.RecipientError as error:
            raise PacketError("not an age key") from error
        return bytes(pyrage.encrypt(self.archive(), recipients))


def packet_files(
    record: bytes, letter: bytes, attachments: Sequence[PacketFile]
) -> tuple[PacketFile, ...]:
    """Return all files of a packet in their order."""
    return (
        PacketFile(RECORD, "application/json", record),
        PacketFile(LETTER, "application/pdf", letter),
        *attachments,
    )


def manifest_of(*, number: str, version: int, files: Sequence[PacketFile]) -> bytes:
    """Return the manifest: format, number, version, and each file's name, type, size and digest."""
    return canonical(
        {
            "format": FORMAT,
            "number": number,
            "version": version,
            "files": [
                {
                    "name": file.name,
                    "media_type": file.media_type,
                    "size_bytes": len(file.content),
                    "sha256": file.sha256,
                }
                for file in files
            ],
        }
    )


@dataclass(frozen=True)
class VerifiedPacket:
    """What a packet turned out to be, after every digest and the signature were found right."""

    number: str
    version: int
    sha256: str
    files: Mapping[str, bytes]


def verified(archive: bytes, *, public_key: str) -> VerifiedPacket:
    """Check an opened packet against the sender's key (64 hex signs). Raises PacketError."""
    found = _unpacked(archive)
    manifest, signature = found.pop(MANIFEST, b""), found.pop(SIGNATURE, b"")
    check_signature(manifest, signature, public_key)
    told = json.loads(manifest)  # signed by us: it has the shape that we give it
    named = {str(row["name"]): row for row in told["files"]}
    if told["format"] != FORMAT or set(named) != set(found):
        raise PacketError("other files than the manifest names")
    for name, content in found.items():
        _check_file(name, content, named[name])
    return VerifiedPacket(told["number"], told["version"], digest(manifest), found)


def _check_file(name: str, content: bytes, row: Mapping[str, Any]) -> None:
    if digest(content) != row["sha256"] or len(content) != row["size_bytes"]:
        raise PacketError(f"{name} is not the file that was signed")


def _unpacked(archive: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = opened.infolist()
            if sum(entry.file_size for entry in entries) > LARGEST_BYTES:
                raise PacketError("larger than a packet can be")
            if len({entry.filename for entry in entries}) != len(entries):
                raise PacketError("two files of one name")
            return {entry.filename: opened.read(entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise PacketError("not a packet") from error
