"""Which kind a file claims to be by its first bytes. Only a decode proves it (check E09)."""

import codecs
import re
from dataclasses import dataclass

import filetype

from complaints.cleaner.errors import RefusalError

HEAD_BYTES = 8192


@dataclass(frozen=True)
class Format:
    """One accepted format: its kind and the one decoder that may look at it."""

    kind: str
    decoder: str


ACCEPTED = {
    "jpg": Format("image", "JPEG"),
    "png": Format("image", "PNG"),
    "apng": Format("image", "PNG"),
    "webp": Format("image", "WEBP"),
    "heic": Format("image", "HEIF"),
    "pdf": Format("pdf", ""),
    "iso": Format("video", "mov"),
    "webm": Format("video", "matroska"),
    "mkv": Format("video", "matroska"),
    "mp3": Format("audio", "mp3"),
    "ogg": Format("audio", "ogg"),
    "amr": Format("audio", "amr"),
}
"""Name of a format → how it is read. Whether ISO media or Matroska hold a picture is seen inside."""

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}
PICTURE_BRANDS = {b"avif", b"avis", b"crx ", b"jxl "}
REFUSED = {
    "picture": {"gif", "bmp", "tif", "psd", "ico", "jxr", "jpx", "avif", "cr2", "xcf", "dwg"},
    "office": {
        "doc", "docx", "odt", "xls", "xlsx", "ods", "ppt", "pptx", "odp", "rtf", "epub", "ps",
    },
    "archive": {
        "zip", "tar", "rar", "gz", "bz2", "7z", "cab", "xz", "zst", "lz", "lz4", "lzo", "Z", "br",
    },
    "program": {"exe", "elf", "swf", "crx", "deb", "rpm", "ar", "nes", "wasm"},
}  # fmt: skip
"""Refusal code → names of formats, as the library calls them."""


def claimed_format(head: bytes) -> Format | None:
    """Return what the first bytes claim, None where they may be text. Raises RefusalError."""
    if not head:
        raise RefusalError("empty")
    if looks_like_text(head):
        return None  # before the library: it takes a letter that begins with BM for a picture
    name = _name(head)
    if name is None:
        return None
    if name in ACCEPTED:
        return ACCEPTED[name]
    raise RefusalError(next((code for code, names in REFUSED.items() if name in names), "unknown"))


def looks_like_text(head: bytes) -> bool:
    """Return whether these bytes are UTF-8 without control characters, cut anywhere."""
    if head.startswith(b"%PDF-") or re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _name(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        # The library wants exact lengths of this box, phones write many.
        length = int.from_bytes(head[:4], "big")
        brands = {head[8:12], *re.findall(rb"(?s).{4}", head[16 : min(length, 256)])}
        if head[8:12] in PICTURE_BRANDS:
            return "avif"
        return "heic" if head[8:12] in HEIC_BRANDS and brands & HEIC_BRANDS else "iso"
    if head[4:8] in {b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return "iso"  # an old MOV begins without naming itself
    found = filetype.guess(bytearray(head))
    return str(found.extension) if found else None
