"""Signed checkpoints in a folder outside the database: what the log was, whoever rewrites it later."""

import fcntl
import itertools
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.utils import timezone
from redis.exceptions import RedisError

from bawaslu_cases.audit import notes
from bawaslu_cases.audit.chain import FIRST_PREV
from bawaslu_cases.audit.merkle import Accumulator
from bawaslu_cases.audit.notes import Checkpoint, NoteError
from bawaslu_cases.shared.databases import AUDIT

logger = logging.getLogger(__name__)

BATCH: Final = 5000
LATE: Final = timedelta(minutes=30)
"""Three missed rounds: the signer has stopped."""
MISSED: Final = timedelta(minutes=21)
"""Two missed rounds and a little: the watch tells then, ``audit_verify`` a round later."""
REFUSED: Final = "audit-checkpoint-refused"
"""Where the signer leaves word of a log that it did not sign; kept for an hour."""
KEY_FILE: Final = "verifier.key"
STATE_FILE: Final = "state.json"
WATCH_FILE: Final = "watch"
NOTE_SIZED: Final = " " * 4096
"""As large as a note and its state: an empty file fits on a full disk."""
PATTERN: Final = "checkpoint-*.txt"
SETTLED_NS: Final = 1_000_000_000


class CheckpointRefusedError(Exception):
    """The log is not what the last checkpoint says it was; nothing is signed over that."""


@dataclass(slots=True)
class _State:
    """What the signer remembers between rounds: a cache, checked against the last signed note."""

    tree: Accumulator
    last: bytes


def folder() -> Path:
    """Return where checkpoints are kept."""
    return Path(settings.AUDIT_CHECKPOINT_DIR)


def write_checkpoint(*, at: datetime | None = None) -> Checkpoint | None:
    """Verify the new entries, sign the whole and write the note; None while the log is empty.

    A log that did not grow is signed anew with the time, so that silence of the signer shows. One
    query for each 5,000 new entries. Two at once wait for each other. Raises CheckpointRefusedError
    when an entry does not fit, and NoteError without a key.
    """
    key = notes.private_key(settings.AUDIT_SIGNING_KEY)
    place = folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o750)
    with _alone(place):
        state = _grown(_remembered(place, latest_checkpoint()))
        if not state.tree.size:
            return None
        made = Checkpoint(
            settings.AUDIT_ORIGIN, state.tree.size, state.tree.root(), at or timezone.now()
        )
        _write(place / KEY_FILE, notes.verifier_key(made.origin, key.public_key()) + "\n")
        _write(place / f"checkpoint-{made.size:012d}.txt", notes.sign(made, key))
        _write(place / STATE_FILE, _dumped(state))
        return made


def _grown(state: _State) -> _State:
    """Add the entries after the remembered ones. Raises CheckpointRefusedError."""
    known = state.tree.size
    # The last known entry is read again: a log cut below it, or rewritten, ends here.
    leaves = _leaves(max(known - 1, 0))
    if known:
        seq, _prev, digest, intact = next(leaves, (0, b"", b"", False))
        if (seq, digest, intact) != (known, state.last, True):
            raise CheckpointRefusedError(f"entry {known} is not the one that was signed")
    for seq, prev, digest, intact in leaves:
        if seq != state.tree.size + 1 or prev != state.last or not intact:
            raise CheckpointRefusedError(f"entry {seq} does not follow")
        state.tree.add(digest)
        state.last = digest
    return state


def signed_notes(place: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of every note in a folder, by size."""
    for path in sorted(place.glob(PATTERN)):
        yield path.name, path.read_text(encoding="utf-8")


def latest_checkpoint() -> Checkpoint | None:
    """Return the newest note, or None. Raises NoteError when it is not signed by the folder's key."""
    place = folder()
    paths = sorted(place.glob(PATTERN))
    if not paths:
        return None
    key = notes.parse_verifier_key((place / KEY_FILE).read_text(encoding="ascii"))
    return notes.verify(paths[-1].read_text(encoding="utf-8"), key)


class _Newest:
    """The newest note as this process last read it, and what the folder was like then."""

    place = Path()
    changed = 0
    text = ""


def newest_note() -> str:
    """Return the text of the newest note, "" without one; not verified here. One look at the folder.

    Read anew whenever the folder changed, so no process shows an older one than another did before.
    """
    place = folder()
    try:
        changed = place.stat().st_mtime_ns
    except OSError:
        return ""
    if (place, changed) != (_Newest.place, _Newest.changed):
        names = [entry.name for entry in os.scandir(place) if fnmatch(entry.name, PATTERN)]
        text = (place / max(names)).read_text(encoding="utf-8") if names else ""
        # A change within the clock's own step would go unseen: such a look is not remembered.
        is_settled = time.time_ns() - changed > SETTLED_NS
        _Newest.place, _Newest.changed = place, changed if is_settled else 0
        _Newest.text = text
    return _Newest.text


def is_late(newest: Checkpoint | None, *, at: datetime) -> bool:
    """Say whether the signer has missed three rounds. A quiet log is signed all the same."""
    return newest is None or at - newest.at > LATE


def signer_trouble(*, at: datetime) -> str:
    """Return "" or why the log is not signed: ``no_key``, ``folder``, ``forged``, ``refused`` or ``late``.

    Tries what the signer needs and signs nothing: its key is read and a file written to its folder. One
    query where there is no note at all: an empty log needs none.
    """
    place = folder()
    try:
        notes.private_key(settings.AUDIT_SIGNING_KEY)
        place.mkdir(parents=True, exist_ok=True, mode=0o750)
        _write(place / WATCH_FILE, NOTE_SIZED)
    except NoteError:
        return "no_key"
    except OSError:
        return "folder"
    try:
        newest = latest_checkpoint()
    except (NoteError, OSError, ValueError):
        return "forged"
    if _was_refused():
        return "refused"
    is_missed = at - newest.at > MISSED if newest else next(_leaves(0), None) is not None
    return "late" if is_missed else ""


def _was_refused() -> bool:
    try:
        return cache.get(REFUSED) is not None
    except (RedisError, OSError):
        return False


def _leaves(after: int) -> Iterator[tuple[int, bytes, bytes, bool]]:
    while True:
        with connections[AUDIT].cursor() as cursor:
            cursor.execute("SELECT * FROM audit_leaves(%s, %s)", [after, BATCH])
            rows = cursor.fetchall()
        for seq, prev, digest, intact in rows:
            yield seq, bytes(prev), bytes(digest), intact
            after = seq
        if len(rows) < BATCH:
            return


def _remembered(place: Path, newest: Checkpoint | None) -> _State:
    """Return the signer's memory when the last note confirms it; else read the log anew up to there."""
    if newest is None:
        return _State(Accumulator(), FIRST_PREV)
    try:
        kept = json.loads((place / STATE_FILE).read_text(encoding="ascii"))
        peaks = [bytes.fromhex(peak) for peak in kept["peaks"]]
        state = _State(Accumulator(int(kept["size"]), peaks), bytes.fromhex(kept["last"]))
    except (OSError, ValueError, KeyError, TypeError):
        return _read_anew(newest)
    if (state.tree.size, state.tree.root()) == (newest.size, newest.root):
        return state
    return _read_anew(newest)


def _read_anew(newest: Checkpoint) -> _State:
    state = _State(Accumulator(), FIRST_PREV)
    for seq, prev, digest, intact in itertools.islice(_leaves(0), newest.size):
        if seq != state.tree.size + 1 or prev != state.last or not intact:
            raise CheckpointRefusedError(f"entry {seq} does not follow")
        state.tree.add(digest)
        state.last = digest
    if (state.tree.size, state.tree.root()) != (newest.size, newest.root):
        raise CheckpointRefusedError("the log is not what the last checkpoint says")
    return state


def _dumped(state: _State) -> str:
    peaks = [peak.hex() for peak in state.tree.peaks]
    return json.dumps({"size": state.tree.size, "last": state.last.hex(), "peaks": peaks})


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    with (place / ".lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, text: str) -> None:
    """Write aside, make durable, rename: a kill leaves the old file or the new one."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
