"""Files that reporters bring: each with words and a name of its own, in two lanes and both ways in."""

import codecs
import hashlib
import re
import socket
import subprocess
import sys
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from complaints.receipts import VISIT_DIGITS
from tests.canary import places
from tests.canary.forms import DIGIT_MARK, Canary, fresh_digits, fresh_word
from tests.canary.journeys import Journeys, answers_of
from tests.canary.stack import Stack
from tests.canary.visitor import digits_in
from tests.support import evidence_files

READY_SECONDS = 180
SHARED_MEMORY = Path("/dev/shm")
BUILDERS: dict[str, Any] = {
    "card": lambda _folder: evidence_files.jpeg(),
    "photo": lambda _folder: evidence_files.jpeg(),
    "pdf": lambda _folder: evidence_files.pdf(1),
    "video": lambda folder: evidence_files.video(folder, seconds=1),
    "audio": lambda folder: evidence_files.audio(folder, "m4a"),
}
ENDINGS = {"card": "jpg", "photo": "jpg", "pdf": "pdf", "video": "mp4", "audio": "m4a"}


def fresh_words() -> dict[str, str]:
    """Return words to hide in one file; each word of them holds a mark of this run."""
    here = ("name", "device", "title", "comment", "hidden")
    words = {name: f"{fresh_word()} {fresh_word()}" for name in here}
    place = f"-06.{DIGIT_MARK}{fresh_digits(4)}+110.{DIGIT_MARK}{fresh_digits(4)}/"
    return words | {"place": place}


@dataclass(frozen=True, repr=False)
class File:
    """One file as its owner's device has it."""

    name: str
    words: dict[str, str]
    content: bytes

    @classmethod
    def made(cls, kind: str, folder: Path) -> Self:
        """Build a small one that is full of fresh words."""
        words = fresh_words()
        with patch.dict(evidence_files.WORDS, words):
            content = BUILDERS[kind](folder)
        return cls(f"{fresh_word()} {fresh_word()}.{ENDINGS[kind]}", words, content)

    @property
    def texts(self) -> dict[str, str]:
        return self.words | {"file name": self.name}

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.content).digest()


@dataclass
class Brought:
    """What two reporters bring: some before sending and some from the mailbox."""

    files: dict[str, File]
    journeys: Journeys
    people: dict[str, Canary] = field(default_factory=dict)

    def tip(self) -> None:
        """A photo with the form and a voice in pieces; a video in pieces from the mailbox."""
        self._report("tip", in_form=("tip photo",), in_pieces=("tip audio",))
        visitor, _page = self.journeys.open_mailbox("tip")
        visitor.post("/s/isi", {"do": "go:files"})
        self._in_pieces(visitor, "tip video")

    def sealed(self) -> None:
        """A document in pieces; a photo with the form from the mailbox."""
        self._report("sealed", in_form=(), in_pieces=("sealed pdf",))
        visitor, _page = self.journeys.open_mailbox("sealed")
        visitor.post("/s/isi", {"do": "go:files"})
        photo = self.files["sealed photo"]
        fields = {"page": "files", "do": "add"}
        page = visitor.post_files("/s/isi", fields, {photo.name: photo.content})
        assert "Berkas 2 · " in " ".join(page.text.split()), page.text[:3000]

    def card(self, email: str, password: str) -> None:
        """The sealed report's reporter shows a card at a counter, which has no script."""
        visitor, _page = self.journeys.open_mailbox("sealed")
        code = digits_in(visitor.post("/s/isi", {"do": "visit"}))
        assert len(code) == VISIT_DIGITS
        counter, card = self.journeys.officer(email, password), self.files["sealed card"]
        counter.post("/kerja/loket/", {"do": "check", "code": code})
        fields = {"do": "scan", "code": code, "is_of_bearer": "yes"}
        files = {card.name: card.content}
        kept = counter.post_files("/kerja/loket/", fields, files, field="card")
        assert "Kode itu tidak berlaku lagi" in kept.text, kept.text[:3000]

    def _report(self, lane: str, *, in_form: tuple[str, ...], in_pieces: tuple[str, ...]) -> None:
        journeys, canary = self.journeys, Canary()
        self.people[lane] = canary
        changes = answers_of(canary, journeys.decoy, lane)
        visitor = journeys.visitor()
        page = visitor.walk(changes, to="links")
        for label in in_pieces:
            self._in_pieces(visitor, label)
        files = {self.files[label].name: self.files[label].content for label in in_form}
        fields = {"step": "links", "do": "next", **visitor.answers("links", changes)}
        page = visitor.post_files("/f/", fields, files)
        page = visitor.walk(changes, page)
        for label in (*in_form, *in_pieces):
            assert self.files[label].name in page.text, "its owner reads what the file is called"
        journeys.told.codes[lane] = visitor.press_send()
        visitor.post("/f/", {"do": "kept"})
        journeys.remember(lane)

    def _in_pieces(self, visitor: Any, label: str) -> None:
        visitor.bring_in_pieces(self.files[label].name, self.files[label].content)


class Watch:
    """Notes, while it is open, what is gone soon: tasks on their way, processes, temporary files."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._stop = threading.Event()
        self._seen: dict[str, set[bytes]] = {"Valkey": set(), "process": set(), "temporary": set()}
        self._threads = [
            threading.Thread(target=watcher, daemon=True)
            for watcher in (self._valkey, self._processes, self._temporary)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _valkey(self) -> None:
        heard = b""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self._stack.valkey_socket))
            line.settimeout(0.5)
            line.sendall(b"MONITOR\r\n")
            while not self._stop.is_set():
                try:
                    heard += line.recv(1 << 20)
                except TimeoutError:
                    continue
        for written in heard.split(b"\r\n"):
            # What is no letter is written as \x00; here it is the byte again.
            command: bytes = codecs.escape_decode(written)[0]
            self._seen["Valkey"] |= {command, *task_bodies(command)}

    def _processes(self) -> None:
        own = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)", *self.control_words]
        )
        try:
            while not self._stop.wait(0.05):
                found = places.processes([*places.family(self._stack.pid), own.pid])
                self._seen["process"] |= {content for _place, content in found}
        finally:
            own.kill()
            own.wait()

    def _temporary(self) -> None:
        while not self._stop.wait(0.05):
            try:
                found = places.files_below(self._stack.temp)
                self._seen["temporary"] |= {content for _place, content in found}
            except OSError:
                continue  # gone while it was looked at

    control_words: tuple[str, ...] = ()

    def pieces(self, place: str) -> places.Pieces:
        """Yield all that was seen of one kind."""
        yield place, b"\n".join(self._seen[place])

    def seen(self, place: str) -> set[bytes]:
        """Return all that was seen of one kind: of Valkey every command, bodies of tasks unpacked too."""
        return self._seen[place]


def task_bodies(command: bytes) -> list[bytes]:
    """Return the bodies of Celery's messages in one command, out of their base64."""
    return [b64decode(body) for body in re.findall(rb'"body": "([A-Za-z0-9+/]+=*)"', command)]
