"""The calls, one method each. Writes take a key of their own: made once, the same at every try."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from bawaslu_api import uploads
from bawaslu_api.credentials import Credential
from bawaslu_api.records import (
    BatchResult,
    Call,
    Case,
    ChangePage,
    Complaint,
    Deadline,
    Finding,
    FollowUp,
    Me,
    Proposal,
    Referral,
    Relayed,
    Upload,
    batch_result,
    change_page,
    record_of,
)
from bawaslu_api.sealing import SealingKeys, Trust, verified_keys
from bawaslu_api.transport import Answer, Line

RecordT = TypeVar("RecordT")
_MOST_KEPT = 1000


class Api:
    """One office's client at one server.

    >>> api = Api("https://kasus.contoh.go.id", Secret("client-id", "bcs_…"))

    Everything raises what :mod:`bawaslu_api.errors` lists. Records read by id are kept with their ETag:
    read again, an unchanged one costs no body. Safe to share between threads.
    """

    def __init__(self, url: str, credential: Credential, **line: Any) -> None:
        """``line`` are further fields of :class:`bawaslu_api.transport.Line`."""
        self.line = Line(url, credential, **line)
        self._kept: dict[str, tuple[str, Any]] = {}

    def close(self) -> None:
        """Close connections, forget token and kept records."""
        self.line.close()
        self._kept.clear()

    # --- reading ------------------------------------------------------------------------------------

    def me(self) -> Me:
        """Return who this client is to the server."""
        return record_of(Me, self.line.send("GET", "me").json())

    def calls(self, **query: Any) -> Iterator[Call]:
        """Return the client's own call log, newest first."""
        return self.pages("calls", Call, **query)

    def complaints(self, **query: Any) -> Iterator[Complaint]:
        """Return reports of lane open and findings. Filters: docs/api.md."""
        return self.pages("complaints", Complaint, **query)

    def complaint(self, public_id: UUID | str) -> Complaint:
        """Return one record with its ETag."""
        return self.one(f"complaints/{public_id}", Complaint)

    def cases(self, **query: Any) -> Iterator[Case]:
        """Return cases."""
        return self.pages("cases", Case, **query)

    def case(self, public_id: UUID | str) -> Case:
        """Return one case with its ETag."""
        return self.one(f"cases/{public_id}", Case)

    def deadlines(self, **query: Any) -> Iterator[Deadline]:
        """Return running time limits, the next first."""
        return self.pages("deadlines", Deadline, **query)

    def referrals(self, **query: Any) -> Iterator[Referral]:
        """Return referrals."""
        return self.pages("referrals", Referral, **query)

    def referral(self, public_id: UUID | str) -> Referral:
        """Return one referral with its ETag."""
        return self.one(f"referrals/{public_id}", Referral)

    def follow_ups(self, **query: Any) -> Iterator[FollowUp]:
        """Return follow-ups."""
        return self.pages("follow-ups", FollowUp, **query)

    def proposal(self, public_id: UUID | str) -> Proposal:
        """Return what became of a proposal."""
        return self.one(f"proposals/{public_id}", Proposal)

    def pages(self, path: str, kind: type[RecordT], **query: Any) -> Iterator[RecordT]:
        """Return every item of a list, fetching page by page as it is read."""
        for item in self.items(path, **query):
            yield record_of(kind, item)

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Return every item of a list as JSON; for lists without a record of their own (registry)."""
        cursor: str | None = None
        while True:
            told = self.line.send("GET", path, query={**query, "cursor": cursor}).json()
            yield from told["items"]
            cursor = told.get("next")
            if not cursor:
                return

    def one(self, path: str, kind: type[RecordT]) -> RecordT:
        """Return one record; unchanged since the last time, from memory (304)."""
        etag, kept = self._kept.get(path, ("", None))
        headers = {"If-None-Match": etag} if etag else {}
        answer = self.line.send("GET", path, headers=headers)
        if answer.status == HTTPStatus.NOT_MODIFIED and isinstance(kept, kind):
            return kept
        tag = answer.headers.get("ETag", "")
        more = {"etag": tag} if "etag" in getattr(kind, "__dataclass_fields__", {}) else {}
        record = record_of(kind, answer.json(), **more)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[path] = (tag, record)
        return record

    def changes(self, since: str = "", *, kind: str = "", limit: int = 200) -> Iterator[ChangePage]:
        """Return page after page of what changed since a cursor, of everything without one.

        Ends when there is no more for now. Keep each page's cursor with what the page made: then
        nothing is missed or taken twice, wherever it breaks off. A cursor is bound to its ``kind``.
        Raises GoneError for one from before what the server keeps.
        """
        while True:
            query = {"since": since or None, "limit": limit, "kind": kind or None}
            page = change_page(self.line.send("GET", "changes", query=query).json())
            yield page
            if not page.has_more:
                return
            since = page.cursor

    # --- writing ------------------------------------------------------------------------------------

    def create_complaint(self, complaint: Mapping[str, Any], *, key: str = "") -> Relayed:
        """Send on what a reporter told the office."""
        answer = self.write("complaints", complaint, key=key)
        return record_of(Relayed, answer.json(), is_replay=answer.is_replay)

    def create_finding(self, finding: Mapping[str, Any], *, key: str = "") -> Finding:
        """Send the office's own finding."""
        answer = self.write("findings", finding, key=key)
        return record_of(Finding, answer.json(), is_replay=answer.is_replay)

    def create_complaints(
        self, complaints: Iterable[tuple[str, Mapping[str, Any]]], *, key: str = ""
    ) -> list[BatchResult]:
        """Send up to 100 complaints, each under a key of its own. One that is refused stops no other."""
        items = [{"key": each, "complaint": dict(told)} for each, told in complaints]
        answer = self.write("complaints/batch", {"items": items}, key=key)
        return [batch_result(each) for each in answer.json()["items"]]

    def propose(
        self,
        complaint: Complaint,
        *,
        action: str,
        reason: str,
        requirements: Mapping[str, bool] | None = None,
        key: str = "",
    ) -> Proposal:
        """Suggest a step to the desk. Raises StaleError where the record moved since it was read."""
        answer = self.write(
            f"complaints/{complaint.id}/proposals",
            {"action": action, "reason": reason, "requirements": dict(requirements or {})},
            key=key,
            headers={"If-Match": complaint.etag},
        )
        return record_of(Proposal, answer.json())

    def write(
        self,
        path: str,
        told: Mapping[str, Any] | bytes,
        *,
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST once. ``key`` is what makes it once: give the one of before to repeat an older call.

        ``told`` as bytes is sent as it is: the server compares bytes when a key comes again.
        """
        body = told if isinstance(told, bytes) else as_body(told)
        named = {"Content-Type": "application/json", "Idempotency-Key": key or uuid4().hex}
        return self.line.send("POST", path, body=body, headers=named | dict(headers or {}))

    # --- names and files ----------------------------------------------------------------------------

    def sealing_keys(
        self, *, trust: Trust, region: str, lane: str, keep_from: Sequence[str] = ()
    ) -> SealingKeys:
        """Return the keys for a name of a report from there, checked to the pinned root."""
        query = {"region": region, "lane": lane, "keep_from": list(keep_from) or None}
        return verified_keys(self.line.send("GET", "vault/keys", query=query).json(), trust)

    def upload(
        self,
        file: Path | bytes,
        *,
        complaint: UUID | str | None = None,
        token: str = "",
        name: str = "",
        key: str = "",
    ) -> Upload:
        """Bring a file to a record (``complaint``), or with the ``upload_token`` of one just sent.

        Survives any number of breaks; given the same ``key`` again, it goes on where it was.
        """
        content = file if isinstance(file, bytes) else file.read_bytes()
        called = name or (file.name if isinstance(file, Path) else "berkas")
        place = self.announce_file(
            name=called, length=len(content), complaint=complaint, token=token, key=key
        )
        uploads.send_rest(self.line, place, uploads.Bytes(content), length=len(content))
        return Upload(place.id, len(content), len(content), is_whole=True)

    def announce_file(
        self,
        *,
        name: str,
        length: int,
        complaint: UUID | str | None = None,
        token: str = "",
        key: str = "",
    ) -> uploads.Place:
        """Announce a file of ``length`` bytes; :func:`bawaslu_api.uploads.send_rest` brings it."""
        path = f"complaints/{complaint}/uploads" if complaint else "uploads"
        return uploads.announce(
            self.line, path, name=name, length=length, key=key or uuid4().hex, token=token
        )


def as_body(told: Mapping[str, Any]) -> bytes:
    """Return the one spelling of a body that this client sends."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
