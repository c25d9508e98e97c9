"""Where a copy is written: one descriptor in memory, its parts one after the other."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from complaints.cleaner.errors import FailureError
from complaints.cleaner.facts import Facts, Part

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Copy:
    """What a maker of copies hands back; the cleaner adds the versions of its tools."""

    kind: str
    parts: tuple[Part, ...]
    pages: int = 0
    seconds: float = 0.0
    removed: Collection[str] = ()
    image_hashes: tuple[int, ...] = ()
    tools: dict[str, str] = field(default_factory=dict)

    def facts(self) -> Facts:
        """Return the same as facts, with the categories in order."""
        return Facts(
            kind=self.kind,
            parts=self.parts,
            pages=self.pages,
            seconds=self.seconds,
            removed=tuple(sorted(self.removed)),
            image_hashes=self.image_hashes,
            tools=self.tools,
        )


class Output:
    """Appends parts to a file and knows where each begins."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def add(
        self, content: bytes, part: str, content_type: str, *, width: int = 0, height: int = 0
    ) -> Part:
        """Write a part. Raises FailureError where the whole grows beyond its limit."""
        offset = self.stream.tell()
        try:
            self.stream.write(content or b"\n")  # an empty copy would look like a lost one
        except OSError as error:
            raise FailureError("output") from error
        length = self.stream.tell() - offset
        return Part(part, content_type, offset, length, width=width, height=height)

    def add_file(self, path: str, part: str, content_type: str) -> Part:
        """Move a file of the sandbox's own memory to the output."""
        offset = self.stream.tell()
        try:
            with Path(path).open("rb") as source:
                Path(path).unlink()
                while chunk := source.read(CHUNK_BYTES):
                    self.stream.write(chunk)
        except OSError as error:
            raise FailureError("output") from error
        return Part(part, content_type, offset, self.stream.tell() - offset)
