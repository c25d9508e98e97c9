"""The queue: what an office adds, looks at, mends and drops. Nothing here talks to the server."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import IO, Any
from uuid import UUID

from bawaslu_api.api import as_body
from bawaslu_api.uploads import PIECE_BYTES
from bawaslu_sync.errors import UsageError
from bawaslu_sync.items import NAMED_LANES, Item
from bawaslu_sync.store import Store
from bawaslu_sync.words import say

MOST_FILE_BYTES = 500 * 1024 * 1024


class Queue:
    """The items of one store, in the order they were added."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def items(self) -> list[Item]:
        """Return all items. Raises LockedError where the store was altered."""
        return [Item.from_json(number, told) for number, told in self._store.queue_rows()]

    def item(self, number: int) -> Item:
        """Return one item. Raises UsageError where there is none."""
        told = self._store.queue_row(number)
        if told is None:
            raise UsageError(say("Tidak ada butir {n}.", n=number))
        return Item.from_json(number, told)

    def save(self, item: Item) -> None:
        """Write an item. On the disk when this returns."""
        with self._store.together():
            self._write(item)

    def begin(self, known: Item, begun: Item) -> bool:
        """Write that a try begins, unless a person changed the item meanwhile; False then.

        From here on nobody changes it until the server answered.
        """
        with self._store.together():
            if self.item(known.number) != known:
                return False
            self._write(begun)
        return True

    def add_complaint(self, told: Any, *, at: dt.datetime) -> Item:
        """Queue what a reporter told. ``identity`` is their name and address as text, for open and sealed."""
        body, name = _complaint(told)
        return self._append(Item("complaint", at.isoformat(), body=body, name=name))

    def add_finding(self, told: Any, *, at: dt.datetime) -> Item:
        """Queue the office's own finding."""
        return self._append(Item("finding", at.isoformat(), body=dict(_object(told))))

    def add_evidence(self, file: IO[bytes], *, name: str, to: str, at: dt.datetime) -> Item:
        """Queue a file, kept sealed in the store, for item number or record id ``to``."""
        number, record = self._target(to)
        item = Item("evidence", at.isoformat(), for_item=number, for_record=record)
        with self._store.together():
            if number:
                self._expect_files(self.item(number))
            number = self._store.append(item.to_json())
            size, digest = self._keep(number, file)
            told = {"name": name, "size": size, "sha256": digest}
            item = replace(item, number=number, file=told)
            self._store.write_item(number, item.to_json())
        return item

    def edit(self, number: int, told: Any) -> Item:
        """Put other words in the place of an item's, to be sent under a new key."""

        def mended(item: Item) -> Item:
            if item.kind == "evidence":
                raise UsageError(
                    say("Berkas tidak dapat diubah; buang butir ini dan tambahkan lagi.")
                )
            if item.kind == "finding":
                return item.anew(body=dict(_object(told)))
            body, name = _complaint(told)
            if item.body.get("has_files"):
                body["has_files"] = True
            return item.anew(body=body, name=name)

        return self._changed(number, mended)

    def retry(self, number: int) -> Item:
        """Let a parked item wait again as it is."""
        return self._changed(number, lambda item: item.anew())

    def drop(self, number: int) -> Item:
        """Take an item out for good; its words and file are gone, its number stays."""
        empty: dict[str, Any] = {"body": {}, "name": None, "sent": "", "file": None}
        return self._changed(
            number,
            lambda item: replace(item, state="dropped", problem=None, place=None, **empty),
        )

    def settle_unsure(self, number: int, *, is_there: bool) -> Item:
        """Say of an item that was tried too long ago whether the server has it, as a person found out."""
        with self._store.together():
            item = self.item(number)
            if not item.is_unsure or item.state != "parked":
                raise UsageError(say("Butir {n} tidak menunggu kepastian.", n=number))
            settled = item.done({}) if is_there else item.anew()
            self._write(settled)
        return settled

    def hand_over(self, number: int) -> Item:
        """Forget a receipt that its reporter has now."""
        with self._store.together():
            item = replace(self.item(number), receipt="")
            self._write(item)
        return item

    def parts_of(self, item: Item) -> "Parts":
        """Return an item's file."""
        return Parts(self._store, item)

    def _changed(self, number: int, change: Callable[[Item], Item]) -> Item:
        """Change an item that no try has begun for. Read and written as one: a push may run beside."""
        with self._store.together():
            item = self.item(number)
            self._must_be_open(item)
            changed = change(item)
            self._write(changed)
        return changed

    def _write(self, item: Item) -> None:
        self._store.write_item(item.number, item.to_json())
        if item.state in ("sent", "dropped"):
            self._store.drop_parts(item.number)

    def _append(self, item: Item) -> Item:
        with self._store.together():
            number = self._store.append(item.to_json())
        return replace(item, number=number)

    def _keep(self, number: int, file: IO[bytes]) -> tuple[int, str]:
        size, digest = 0, hashlib.sha256()
        for part, content in enumerate(_pieces(file)):
            size += len(content)
            if size > MOST_FILE_BYTES:
                raise UsageError(say("Berkas terlalu besar."))
            digest.update(content)
            self._store.write_part(number, part, content)
        if not size:
            raise UsageError(say("Berkas kosong."))
        return size, digest.hexdigest()

    def _target(self, to: str) -> tuple[int, str]:
        if to.isdigit():
            if self.item(int(to)).kind == "evidence":
                raise UsageError(say("Berkas melekat pada laporan atau temuan."))
            return int(to), ""
        try:
            return 0, str(UUID(to))
        except ValueError as error:
            raise UsageError(say("Sebut nomor butir atau ID laporan.")) from error

    def _expect_files(self, item: Item) -> None:
        """Let a complaint say that files follow. Raises UsageError where it left without saying so."""
        if item.kind != "complaint" or item.body.get("has_files"):
            return
        if item.state == "dropped":
            raise UsageError(say("Butir {n} sudah dibuang.", n=item.number))
        if item.state == "sent":
            if (item.answer or {}).get("id") or (item.answer or {}).get("upload_token"):
                return
            raise UsageError(say("Laporan ini sudah terkirim tanpa berkas; tidak dapat ditambah."))
        if item.is_unsure:
            raise UsageError(
                say("Butir {n} mungkin sudah diterima server. Jalankan push dulu.", n=item.number)
            )
        self._store.write_item(item.number, item.with_file().to_json())

    def _must_be_open(self, item: Item) -> None:
        if item.state == "sent":
            raise UsageError(say("Butir {n} sudah terkirim.", n=item.number))
        if item.state == "dropped":
            raise UsageError(say("Butir {n} sudah dibuang.", n=item.number))
        if item.is_unsure:
            raise UsageError(
                say("Butir {n} mungkin sudah diterima server. Jalankan push dulu.", n=item.number)
            )


class Parts:
    """The bytes of an item's file, wherever they are asked for."""

    def __init__(self, store: Store, item: Item) -> None:
        self._store = store
        self._number = item.number

    def read_at(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset``, fewer at the end."""
        found = b""
        while len(found) < size:
            part, skipped = divmod(offset + len(found), PIECE_BYTES)
            content = self._store.read_part(self._number, part)[skipped:]
            if not content:
                break
            found += content[: size - len(found)]
        return found


def read_json(text: str) -> Any:
    """Return what a file says. Raises UsageError for what is no JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(say("Berkas ini bukan JSON.")) from error


def body_of(item: Item, **more: Any) -> str:
    """Return the body of an item as it goes out."""
    return as_body(item.body | more).decode()


def _complaint(told: Any) -> tuple[dict[str, Any], dict[str, str] | None]:
    body = dict(_object(told))
    name = body.pop("identity", None)
    if (body.get("lane") in NAMED_LANES) != (name is not None):
        raise UsageError(
            say("Jalur open dan sealed memerlukan identity (name, address); jalur tip tidak.")
        )
    if name is not None and not (
        isinstance(name, dict) and name and all(isinstance(each, str) for each in name.values())
    ):
        raise UsageError(say("identity adalah teks dengan nama, misalnya name dan address."))
    return body, name


def _object(told: Any) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise UsageError(say("Isi berkas harus satu objek JSON."))
    return told


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield pieces of exactly PIECE_BYTES, the last one shorter; a pipe gives less at a time."""
    while True:
        content = b""
        while len(content) < PIECE_BYTES and (more := file.read(PIECE_BYTES - len(content))):
            content += more
        if not content:
            return
        yield content
