"""What a copy still says of its making: author, place, device, hour.

The cleaner left nothing; it is looked at again because it leaves the house now. A copy is the cleaner's
own work (ADR 0026), so it may be read here; what cannot be read is a finding, too.
"""

import io
import re
import struct
from collections.abc import Iterator

_ALLOWED_INFO = frozenset({"/Title"})
_GPS_TAG = 0x8825
"""The tag of a picture that leads to where it was taken."""
_DEEPEST = 8
_BOXES = frozenset({b"moov", b"trak", b"mdia", b"udta", b"meta", b"ilst"})
_TOLD = frozenset({b"\xa9xyz", b"loci", b"\xa9nam", b"\xa9ART", b"\xa9day", b"\xa9mak", b"\xa9mod",
                   b"\xa9cmt", b"auth", b"cprt", b"XMP_", b"desc", b"covr"})  # fmt: skip


def told_by(content: bytes, media_type: str) -> list[str]:
    """Return the kinds of information a copy carries about its making; empty for a clean one."""
    match media_type:
        case "image/jpeg":
            return list(dict.fromkeys(_of_jpeg(content)))
        case "application/pdf":
            return list(dict.fromkeys(_of_pdf(content)))
        case "video/mp4" | "audio/mp4":
            return list(dict.fromkeys(_of_mp4(content)))
        case "text/plain":
            return []
    return ["unknown_kind"]


def _of_jpeg(content: bytes) -> Iterator[str]:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 -- start-up time

    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
            found = picture.getexif()
            told = {str(name) for name in picture.info}
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        yield "unreadable"
        return
    if found:
        yield "gps" if _GPS_TAG in found else "exif"
    yield from sorted(told & {"xmp", "comment", "photoshop", "icc_profile"})


def _of_pdf(content: bytes) -> Iterator[str]:
    import pikepdf  # noqa: PLC0415 -- start-up time

    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            if "/Info" in document.trailer:
                yield from sorted(
                    name.removeprefix("/").lower()
                    for name in map(str, document.trailer["/Info"].keys())
                    if name not in _ALLOWED_INFO
                )
            if "/Metadata" in document.Root:
                yield "xmp"
            if document.attachments:
                yield "attachments"
    except pikepdf.PdfError:
        yield "unreadable"


def _of_mp4(content: bytes) -> Iterator[str]:
    try:
        yield from _boxes(memoryview(content), 0)
    except (struct.error, ValueError):
        yield "unreadable"


_WORDS = {b"\xa9xyz": "gps", b"loci": "gps", b"\xa9day": "date", b"auth": "author"}
_HEADERS = frozenset({b"mvhd", b"tkhd", b"mdhd"})
"""Boxes that begin with when they were made and changed."""


def _boxes(data: memoryview, depth: int) -> Iterator[str]:
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1:
            (size,) = struct.unpack(">Q", data[at + 8 : at + 16])
            head = 16
        size = size or len(data) - at
        if size < head:
            raise ValueError("a box shorter than its head")
        inner = data[at + head : at + size]
        if kind in _TOLD:
            yield _WORDS.get(kind, "words")
        elif kind in _HEADERS and _is_dated(inner):
            yield "date"
        elif kind in _BOXES and depth < _DEEPEST:
            # "meta" begins with four bytes of its own
            yield from _boxes(inner[4:] if kind == b"meta" else inner, depth + 1)
        at += size


def _is_dated(header: memoryview) -> bool:
    wide = bytes(header[:1]) == b"\x01"
    return bool(re.search(rb"[^\0]", bytes(header[4 : 20 if wide else 12])))
