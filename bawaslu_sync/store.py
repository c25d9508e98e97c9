"""One SQLite file in which everything readable is sealed; what is written stays through a power cut.

The file shows how many rows there are and how large, nothing else: rows of the mirror are named by a keyed
digest. Each row is bound to its place, and the queue knows how many it has, so a row that was altered,
moved or taken out is noticed. A row set back to an older state of itself is not (ADR 0047).
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from bawaslu_sync.errors import BusyError, LockedError, UsageError
from bawaslu_sync.lockbox import Lockbox, Secret
from bawaslu_sync.words import say

FILE = "store.db"
_WAIT_S = 30.0
_TABLES = """
CREATE TABLE header (only INTEGER PRIMARY KEY CHECK (only = 1), value BLOB NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE queue (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE parts (number INTEGER, part INTEGER, sealed BLOB NOT NULL, PRIMARY KEY (number, part));
CREATE TABLE mirror (
  name TEXT PRIMARY KEY, kind TEXT NOT NULL, generation INTEGER NOT NULL, sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX mirror_kind ON mirror (kind, name);
"""


class Store:
    """An opened store. One for each process; several processes may have the same file open."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, lockbox: Lockbox) -> None:
        self.folder = folder
        self._connection = connection
        self._lockbox = lockbox

    @staticmethod
    def is_there(folder: Path) -> bool:
        """Say whether a folder holds a store."""
        return (folder / FILE).exists()

    @classmethod
    def create(cls, folder: Path, secret: Secret) -> Self:
        """Make a store that only its owner's account can read. Raises UsageError where one is."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lockbox, header = Lockbox.create(secret)
        # Complete or not there at all: it is made under another name first.
        new = folder / f"{FILE}.{os.getpid()}.new"
        new.touch(mode=0o600)
        connection = sqlite3.connect(new)
        with connection:
            connection.executescript(_TABLES)
            connection.execute("INSERT INTO header VALUES (1, ?)", [header])
        connection.close()
        try:
            os.link(new, folder / FILE)
        except FileExistsError as error:
            raise UsageError(say("Simpanan sudah ada di map ini.")) from error
        finally:
            new.unlink()
        return cls(folder, _connected(folder), lockbox)

    @classmethod
    def open(cls, folder: Path, secret: Secret) -> Self:
        """Open a store. Raises UsageError where there is none, LockedError for a wrong secret."""
        if not cls.is_there(folder):
            raise UsageError(say("Belum ada simpanan di map ini. Mulai dengan: bawaslu-sync login"))
        with refusing_damage():
            connection = _connected(folder)
            row = connection.execute("SELECT value FROM header").fetchone()
        if row is None:
            raise LockedError(say("Berkas simpanan ini rusak atau diubah."))
        return cls(folder, connection, Lockbox.open(row[0], secret))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write all of what follows or nothing, also when the power goes."""
        with refusing_damage():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Keep other runs that do ``what`` out; a killed one is out by itself. Raises BusyError."""
        lock = sqlite3.connect(self.folder / f"{what}.lock", timeout=0, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            raise BusyError(say("Proses lain sedang berjalan di simpanan ini.")) from error
        try:
            yield
        finally:
            lock.close()

    # --- settings -----------------------------------------------------------------------------------

    def get(self, name: str, default: Any = None) -> Any:
        """Return a setting."""
        rows = self._rows("SELECT sealed FROM settings WHERE name = ?", name)
        return json.loads(self._lockbox.unseal(rows[0][0], "settings", name)) if rows else default

    def put(self, name: str, value: Any) -> None:
        """Keep a setting."""
        sealed = self._lockbox.seal(json.dumps(value).encode(), "settings", name)
        self._do("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, sealed)

    # --- queue --------------------------------------------------------------------------------------

    def queue_rows(self) -> list[tuple[int, dict[str, Any]]]:
        """Return every item in order. Raises LockedError where one is missing or altered."""
        # One statement, one moment: an item may be added meanwhile.
        rows = self._rows(
            "SELECT 0 AS number, sealed FROM settings WHERE name = 'queued'"
            " UNION ALL SELECT number, sealed FROM queue ORDER BY number"
        )
        if not rows:
            return []
        (_zero, counted), *items = rows
        told = json.loads(self._lockbox.unseal(counted, "settings", "queued")) if not _zero else -1
        if [number for number, _sealed in items] != list(range(1, told + 1)):
            raise LockedError(say("Berkas simpanan ini rusak atau diubah."))
        return [(number, self._item(number, sealed)) for number, sealed in items]

    def queue_row(self, number: int) -> dict[str, Any] | None:
        """Return one item."""
        rows = self._rows("SELECT sealed FROM queue WHERE number = ?", number)
        return self._item(number, rows[0][0]) if rows else None

    def append(self, value: dict[str, Any]) -> int:
        """Put an item at the end and return its number. Inside :meth:`together`."""
        number = int(self.get("queued", 0)) + 1
        self.put("queued", number)
        self.write_item(number, value)
        return number

    def write_item(self, number: int, value: dict[str, Any]) -> None:
        """Write an item in its place."""
        sealed = self._lockbox.seal(json.dumps(value).encode(), "queue", str(number))
        self._do("INSERT OR REPLACE INTO queue VALUES (?, ?)", number, sealed)

    def write_part(self, number: int, part: int, content: bytes) -> None:
        """Keep a part of an item's file."""
        sealed = self._lockbox.seal(content, "parts", str(number), str(part))
        self._do("INSERT INTO parts VALUES (?, ?, ?)", number, part, sealed)

    def read_part(self, number: int, part: int) -> bytes:
        """Return a part of an item's file, empty past its end."""
        rows = self._rows("SELECT sealed FROM parts WHERE number = ? AND part = ?", number, part)
        return self._lockbox.unseal(rows[0][0], "parts", str(number), str(part)) if rows else b""

    def drop_parts(self, number: int) -> None:
        """Throw an item's file away."""
        self._do("DELETE FROM parts WHERE number = ?", number)

    # --- mirror -------------------------------------------------------------------------------------

    def mirror_put(self, kind: str, public_id: str, record: Any, generation: int) -> None:
        """Keep a record as it is now."""
        name = self._lockbox.tag("mirror", kind, public_id)
        told = json.dumps({"kind": kind, "id": public_id, "record": record}).encode()
        sealed = self._lockbox.seal(told, "mirror", name)
        self._do(
            "INSERT OR REPLACE INTO mirror VALUES (?, ?, ?, ?)",
            name,
            self._lockbox.tag("kind", kind),
            generation,
            sealed,
        )

    def mirror_drop(self, kind: str, public_id: str) -> None:
        """Take a record out."""
        self._do("DELETE FROM mirror WHERE name = ?", self._lockbox.tag("mirror", kind, public_id))

    def mirror_drop_before(self, generation: int) -> None:
        """Take out what a scan from the beginning did not bring any more."""
        self._do("DELETE FROM mirror WHERE generation < ?", generation)

    def mirrored(self, kind: str) -> Iterator[dict[str, Any]]:
        """Return every record of a kind, in no order that means anything."""
        tag, after = self._lockbox.tag("kind", kind), ""
        while rows := self._rows(
            "SELECT name, sealed FROM mirror WHERE kind = ? AND name > ? ORDER BY name LIMIT 200",
            tag,
            after,
        ):
            for name, sealed in rows:
                yield json.loads(self._lockbox.unseal(sealed, "mirror", name))["record"]
            after = rows[-1][0]

    def mirror_one(self, kind: str, public_id: str) -> Any:
        """Return one record, None where the mirror has none."""
        name = self._lockbox.tag("mirror", kind, public_id)
        rows = self._rows("SELECT sealed FROM mirror WHERE name = ?", name)
        if not rows:
            return None
        return json.loads(self._lockbox.unseal(rows[0][0], "mirror", name))["record"]

    def mirror_count(self, kind: str) -> int:
        """Return how many records of a kind there are."""
        tag = self._lockbox.tag("kind", kind)
        return int(self._rows("SELECT count(*) FROM mirror WHERE kind = ?", tag)[0][0])

    # --- below --------------------------------------------------------------------------------------

    def _item(self, number: int, sealed: bytes) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self._lockbox.unseal(sealed, "queue", str(number)))
        return value

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        with refusing_damage():
            return self._connection.execute(sql, values).fetchall()

    def _do(self, sql: str, *values: Any) -> None:
        with refusing_damage():
            self._connection.execute(sql, values)


def _connected(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / FILE, timeout=_WAIT_S, isolation_level=None)
    # FULL: a commit is on the disk before the network hears of it. Freed pages are overwritten.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Turn what SQLite says of a damaged file into LockedError, of a busy one into BusyError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BusyError(say("Proses lain sedang berjalan di simpanan ini.")) from error
        raise LockedError(say("Berkas simpanan ini rusak atau diubah.")) from error
    except sqlite3.DatabaseError as error:
        raise LockedError(say("Berkas simpanan ini rusak atau diubah.")) from error
