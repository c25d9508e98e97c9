"""What the cleaner says about a copy, as one line of JSON, and the suspicious reading of it."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from complaints.cleaner import limits
from complaints.cleaner.errors import FAILURES, REFUSALS, FailureError, RefusalError

ANSWER_BYTES = 256 * 1024
"""More than a hundred pages need; nothing beyond it is read."""

CONTENT_TYPES = {
    "image/jpeg": ("jpg", b"\xff\xd8\xff"),
    "application/pdf": ("pdf", b"%PDF-1."),
    "video/mp4": ("mp4", b"ftyp"),
    "audio/mp4": ("m4a", b"ftyp"),
    "text/plain": ("txt", b""),
}
"""Content type of a copy → its extension and how its bytes begin (ftyp stands at the fifth)."""

MAIN_TYPES = {
    "image": "image/jpeg",
    "pdf": "application/pdf",
    "video": "video/mp4",
    "audio": "audio/mp4",
    "text": "text/plain",
}
"""Kind → the content type of its copy."""

REMOVED = (
    "exif", "gps", "thumbnail", "maker_note", "xmp", "icc", "comment", "text_chunks", "frames",
    "trailing_data", "pictures", "docinfo", "javascript", "actions", "attachments", "forms",
    "annotations", "layers", "old_revisions", "text_layer", "tags", "location", "chapters",
    "data_streams", "subtitles", "cover_art", "other_streams", "control_characters",
    "bidi_characters", "line_ends", "unread_structure",
)  # fmt: skip
"""Categories of what was left behind; never a value."""


@dataclass(frozen=True)
class Part:
    """One stretch of the output: the copy itself, a picture of a page, a video's still.

    ``offset`` and ``length`` in bytes, ``width`` and ``height`` in pixels (of a PDF: 0). ``page`` counts
    from 1. Pictures of pages are stretches of the PDF, which holds them as they are.
    """

    part: str
    content_type: str
    offset: int
    length: int
    page: int = 0
    width: int = 0
    height: int = 0

    @property
    def extension(self) -> str:
        """Return the extension of a downloaded copy."""
        return CONTENT_TYPES[self.content_type][0]


@dataclass(frozen=True)
class Facts:
    """What a copy is. ``image_hashes`` are signed 64-bit, of the image, each page or the still."""

    kind: str
    parts: tuple[Part, ...]
    pages: int = 0
    seconds: float = 0.0
    removed: tuple[str, ...] = ()
    image_hashes: tuple[int, ...] = ()
    tools: dict[str, str] = field(default_factory=dict)

    @property
    def main(self) -> Part:
        """Return the copy itself."""
        return self.parts[0]

    def to_json(self) -> bytes:
        """Return the line that goes to whoever started the cleaner."""
        return json.dumps({"facts": asdict(self)}).encode()


def read_answer(line: bytes, *, output_bytes: int) -> Facts:
    """Read what the sandbox said.

    Raises RefusalError and FailureError as told, and FailureError("answer") for whatever makes no sense:
    unknown words, stretches outside the output, numbers out of bounds.
    """
    try:
        told = json.loads(line)
        if set(told) == {"refused"} and told["refused"] in REFUSALS:
            raise RefusalError(told["refused"])
        if set(told) == {"failed"} and told["failed"] in FAILURES:
            raise FailureError(told["failed"])
        if set(told) != {"facts"}:
            raise FailureError("answer")
        return _facts(told["facts"], output_bytes)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise FailureError("answer") from error


def _facts(told: dict[str, Any], output_bytes: int) -> Facts:
    facts = Facts(
        kind=told["kind"],
        parts=tuple(_part(part, output_bytes) for part in told["parts"]),
        pages=_number(told["pages"], limits.PDF_PAGES),
        seconds=float(_number(told["seconds"], limits.AUDIO_SECONDS + 60, kinds=(int, float))),
        removed=tuple(told["removed"]),
        image_hashes=tuple(
            _number(number, 2**63 - 1, least=-(2**63)) for number in told["image_hashes"]
        ),
        tools={_word(name): _word(version) for name, version in told["tools"].items()},
    )
    if (
        facts.main.content_type != MAIN_TYPES[facts.kind]
        or [part.part for part in facts.parts].count("main") != 1
        or facts.main.part != "main"
        or not set(facts.removed) <= set(REMOVED)
        or len(facts.image_hashes) > limits.PDF_PAGES
        or len(facts.parts) > limits.PDF_PAGES + 2
    ):
        raise FailureError("answer")
    return facts


def _part(told: dict[str, Any], output_bytes: int) -> Part:
    part = Part(
        part=told["part"],
        content_type=told["content_type"],
        offset=_number(told["offset"], output_bytes),
        length=_number(told["length"], output_bytes, least=1),
        page=_number(told["page"], limits.PDF_PAGES),
        width=_number(told["width"], limits.IMAGE_PIXELS),
        height=_number(told["height"], limits.IMAGE_PIXELS),
    )
    if (
        part.part not in {"main", "page", "poster"}
        or part.content_type not in CONTENT_TYPES
        or part.offset + part.length > output_bytes
    ):
        raise FailureError("answer")
    return part


def _number(value: Any, most: int, *, least: int = 0, kinds: tuple[type, ...] = (int,)) -> Any:
    if type(value) not in kinds or not least <= value <= most:
        raise FailureError("answer")
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise FailureError("answer")
    return value[:40]
