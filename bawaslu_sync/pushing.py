"""Sending what waits: each item once, whatever breaks in between.

Before a request leaves, its key and its exact bytes are on the disk. So a run that was killed, or an
answer that was lost, is followed by the same request, and the server answers what it answered before.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Protocol
from uuid import UUID, uuid4

from bawaslu_api import uploads
from bawaslu_api.api import Api
from bawaslu_api.errors import (
    AccessError,
    AnswerError,
    ApiError,
    LineError,
    ProblemError,
    QuotaError,
    ServerError,
)
from bawaslu_api.sealing import Trust, VaultError, seal_name_with_card_key
from bawaslu_sync.items import Item
from bawaslu_sync.queue import Queue, body_of
from bawaslu_sync.store import Store
from bawaslu_sync.words import say

IN_PROGRESS = "idempotency_key_in_progress"


class Watcher(Protocol):
    """Who hears how far it is."""

    def began(self, item: Item) -> None:
        """Hear that an item is being sent."""

    def file_at(self, item: Item, received: int) -> None:
        """Hear how many bytes of an item's file are on the server."""

    def ended(self, item: Item) -> None:
        """Hear that an item is sent, parked, or still waits."""


@dataclass
class Pushed:
    """What a run did. ``stopped_by`` is why it ended early, None when all was tried."""

    sent: int = 0
    parked: int = 0
    stopped_by: Exception | None = None


class Pusher:
    """One run over the queue, oldest first. Hold ``store.alone("push")`` around it."""

    def __init__(
        self, api: Api, store: Store, watcher: Watcher, *, clock: Callable[[], dt.datetime]
    ) -> None:
        self._api = api
        self._store = store
        self._queue = Queue(store)
        self._watcher = watcher
        self._clock = clock

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Pushed:
        """Send what waits until it is done, the line fails or the server wants rest.

        One item that the line or the server fails at does not hold up the others; the next failure does
        end the run, as does whatever holds for all.
        """
        done = Pushed()
        failures = 0
        for known in self._queue.items():
            # Fresh from the disk: it may have been mended, or its complaint sent, since the run began.
            item = self._queue.item(known.number)
            if item.state != "waiting" or not may_go_on():
                continue
            try:
                item = self._push(item)
            except ApiError as error:
                done.stopped_by = error
                self._watcher.ended(item)
                failures += 1
                if failures >= _FAILURES or _holds_for_all(error):
                    return done
                continue
            failures = 0
            done.sent += item.state == "sent"
            done.parked += item.state == "parked"
            self._watcher.ended(item)
        return done

    def _push(self, item: Item) -> Item:
        self._watcher.began(item)
        if item.is_past_asking(self._clock()):
            return self._park(item, "unsure", say(_UNSURE), keeps_try=True)
        try:
            if item.kind == "evidence":
                return self._push_file(item)
            return self._push_words(item)
        except (AccessError, QuotaError, ServerError):
            raise
        except ProblemError as problem:
            if problem.code == IN_PROGRESS:  # another machine's, or our own cut off just now
                raise LineError(problem.code) from problem
            return self._refused(item, problem)
        except VaultError as error:
            # Nothing was sent: the keys are not vouched for, or the name cannot be sealed.
            return self._park(item, f"vault_{error.code}", say(_KEYS))

    def _push_words(self, item: Item) -> Item:
        path = "complaints" if item.kind == "complaint" else "findings"
        if not item.tried_at:
            body = self._sealed(item) if item.name else body_of(item)
            begun = replace(item, sent=body, tried_at=self._clock().isoformat())
            if not self._queue.begin(item, begun):
                return self._again(item)
            item = begun
        told = self._api.write(path, item.sent.encode(), key=item.key).json()
        if not isinstance(told, dict):
            raise AnswerError("an answer of an unknown shape")
        receipt = str(told.get("receipt", ""))
        kept = {name: value for name, value in told.items() if name != "receipt"}
        item = item.done(kept, receipt=receipt)
        self._queue.save(item)
        return item

    def _sealed(self, item: Item) -> str:
        """Return the body with the name sealed to today's keys, checked to the root pinned at login."""
        told = self._store.get("trust")
        if told is None:
            raise VaultError("no root is pinned")
        body = item.body
        keys = self._api.sealing_keys(
            trust=Trust.from_json(told),
            region=str(body.get("region", "")),
            lane=str(body.get("lane", "")),
            keep_from=body.get("keep_from", ()),
        )
        with self._store.together():
            self._store.put("trust", keys.trust.to_json())
        sealed, card_key = seal_name_with_card_key(
            item.name or {}, report=uuid4(), lane=str(body["lane"]), keys=keys
        )
        return body_of(item, identity=sealed, card_key=card_key)

    def _push_file(self, item: Item) -> Item:
        record, token = item.for_record, ""
        if item.for_item:
            first = self._queue.item(item.for_item)
            if first.state == "dropped":
                return self._park(item, "target_dropped", say("Laporannya sudah dibuang."))
            if first.state != "sent":
                return item  # waits for its complaint
            answer = first.answer or {}
            token, record = str(answer.get("upload_token") or ""), str(answer.get("id") or "")
        if not token and not record:
            return self._park(item, "no_door", say("Laporan ini tidak menerima berkas."))
        file = item.file or {}
        length = int(file["size"])
        if item.place is None:
            if not item.tried_at:
                begun = replace(item, tried_at=self._clock().isoformat())
                if not self._queue.begin(item, begun):
                    return self._again(item)
                item = begun
            place = self._api.announce_file(
                name=str(file["name"]),
                length=length,
                complaint=None if token else record,
                token=token,
                key=item.key,
            )
            item = replace(item, place={"id": str(place.id), "token": place.token})
            self._queue.save(item)
        at = item.place or {}
        uploads.send_rest(
            self._api.line,
            uploads.Place(UUID(at["id"]), at["token"]),
            self._queue.parts_of(item),
            length=length,
            told=lambda received: self._watcher.file_at(item, received),
        )
        item = item.done({"id": at["id"], "sha256": file["sha256"]})
        self._queue.save(item)
        return item

    def _again(self, item: Item) -> Item:
        """Go on with an item as a person changed it just now."""
        fresh = self._queue.item(item.number)
        return self._push(fresh) if fresh.state == "waiting" else fresh

    def _refused(self, item: Item, problem: ProblemError) -> Item:
        fresh = self._queue.item(item.number)
        if "identity" in problem.errors and fresh.name and not item.problem:
            # The desk's key changed since it was sealed: sealed once more, under another key.
            again = replace(fresh.anew(), problem={"code": "sealed_again"})
            self._queue.save(again)
            return self._push(again)
        parked = fresh.refused(
            {
                "status": problem.status,
                "code": problem.code,
                "detail": problem.detail or problem.title,
                "errors": problem.errors,
            }
        )
        self._queue.save(parked)
        return parked

    def _park(self, item: Item, code: str, detail: str, *, keeps_try: bool = False) -> Item:
        problem = {"status": 0, "code": code, "detail": detail, "errors": {}}
        kept = replace(item, state="parked", problem=problem)
        parked = kept if keeps_try else item.refused(problem)
        self._queue.save(parked)
        return parked


def _holds_for_all(error: ApiError) -> bool:
    """Say whether the next item would fail the same way: who we are, how often we may ask."""
    if isinstance(error, AccessError):
        return error.status == HTTPStatus.UNAUTHORIZED
    return isinstance(error, QuotaError)


_FAILURES = 2
_UNSURE = (
    "Pengiriman terakhir terputus lebih dari 13 hari lalu; server mungkin sudah menerimanya. "
    "Periksa di meja, lalu: queue settle."
)
_KEYS = "Kunci untuk mengunci nama tidak dapat dipastikan. Periksa trust.json, lalu: queue retry."
