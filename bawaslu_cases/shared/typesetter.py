"""Typst, held once per process: fonts and a folder's templates are read at the first paper and kept.

The compiler keeps state between calls, so one thread at a time uses it. What a paper says reaches it as
a file of that compilation alone: handed over in ``sys.inputs`` it would be a part of Typst's library,
and with another library nothing of the last paper holds, not even the paragraphs that every one shares.
"""

import json
import unicodedata
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from django.utils.functional import Promise

if TYPE_CHECKING:
    import typst

PDF_STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]
"""PDF/A-2a and PDF/UA-1: archival, fonts inside, tagged for screen readers."""

_lock = Lock()


@lru_cache(maxsize=8)
def _compiler(folder: Path) -> "typst.Compiler":
    import typst  # noqa: PLC0415 -- memory: a web process typesets nothing

    # Only the fonts inside the wheel: a letter looks the same on every machine.
    return typst.Compiler(root=str(folder), ignore_system_fonts=True)


def _files(
    template: Path, data: Mapping[str, Any], picture: "Picture | None" = None
) -> Any:  # a dict, of which the compiler's stubs know nothing
    """Return the files of one compilation that lie on no disk, by their names under the folder."""
    files = {
        "main": f'#include "/{template.name}"'.encode(),
        "data.json": json.dumps(_printable(data), ensure_ascii=False).encode(),
    }
    if picture is not None:
        files["picture.svg"] = picture.as_svg().encode()
    return files


@dataclass(frozen=True)
class Picture:
    """A JPEG that a paper shows, its size in pixels. The template reads it as ``/picture.svg``."""

    jpeg: bytes
    width: int
    height: int

    def as_svg(self) -> str:
        """Return the picture as text, which is all that a template takes: no file of it is written."""
        content = b64encode(self.jpeg).decode()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}">'
            f'<image width="{self.width}" height="{self.height}"'
            f' href="data:image/jpeg;base64,{content}"/></svg>'
        )


def typeset(
    template: Path, data: Mapping[str, Any], *, at: datetime, picture: Picture | None = None
) -> bytes:
    """Return the PDF of a ``.typ`` file filled with ``data``; the same input gives the same bytes.

    ``data`` travels as one JSON value, so nothing a person wrote is ever read as markup. About
    3 ms a page once the fonts are loaded. Raises typst.TypstError for a broken template, and for a
    picture that is none.
    """
    files = _files(template, data, picture)
    with _lock:
        pdf = _compiler(template.parent).compile(
            files,
            format="pdf",
            pdf_standards=[*PDF_STANDARDS],
            timestamp=int(at.astimezone(UTC).timestamp()),
        )
    if not isinstance(pdf, bytes):
        raise TypeError("a paper is one file")
    return pdf


def pictures(template: Path, data: Mapping[str, Any], *, ppi: int) -> list[bytes]:
    """Return each page of the same paper as a PNG, to be looked at before it is printed."""
    files = _files(template, data)
    with _lock:
        pages = _compiler(template.parent).compile(files, format="png", ppi=ppi)
    return [pages] if isinstance(pages, bytes) else list(pages or ())


def _printable(value: Any) -> Any:
    """Return the value with every character the archive format could not show replaced by "?"."""
    if isinstance(value, str | Promise):  # a choice's label is translated as late as possible
        text = str(value)
        if text.isascii() and text.isprintable():
            return text
        text = unicodedata.normalize("NFC", text)
        return "".join(char if _has_glyph(char) else "?" for char in text)
    if isinstance(value, Mapping):
        return {key: _printable(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(part) for part in value]
    return value


_LAST_LATIN = 0x24F
_PUNCTUATION = frozenset("‐‑–—‘’‚“”„†•…‰′″€№×→−")


def _has_glyph(char: str) -> bool:
    """Say whether the letter's font shows the character. PDF/A refuses a file with a gap in it."""
    if char in "\n\t":
        return True
    return (ord(char) <= _LAST_LATIN and unicodedata.category(char)[0] != "C") or (
        char in _PUNCTUATION
    )
