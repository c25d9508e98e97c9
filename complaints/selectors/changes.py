"""The change feed: what changed since a place, never skipping and never telling one state twice.

A transaction writes its rows (RecordChange) under its own number. Rows are read below the number of the
oldest transaction of this database that still runs: nothing can appear there any more, whatever the
order of commits. All of one page is read in one snapshot, and of a record only the last row that
the snapshot shows is told, so the state that goes out with it is the state up to that row: a later
change writes a later row (ADR 0042).

A first sync is a scan of the records as they are, in which those that changed since it began are left
to the feed that follows from there.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.api_cursors import CursorExpiredError, CursorInvalidError
from bawaslu_cases.shared.snapshots import HORIZON_SQL, one_snapshot
from complaints.models import RecordChange, Recusal
from complaints.selectors.api_records import Values

Told = dict[str, Any]
EVERYBODY = 0


@dataclass(frozen=True)
class Source:
    """One kind of record in the feed: all of them as values, one as it leaves, and some by key.

    ``rows`` are one list or several that hold no row twice.
    """

    kind: str
    rows: Callable[[User], Values | Sequence[Values]]
    told: Callable[[Told], Told]
    by_key: Callable[[Sequence[int], User], dict[int, Told]]


@dataclass(frozen=True)
class Change:
    """One item: ``record`` is None where it left the client's sight."""

    kind: str
    id: Any
    record: Told | None


@dataclass(frozen=True)
class Feed:
    """Some changes and the place after them."""

    changes: Sequence[Change]
    place: dict[str, Any]
    has_more: bool


@dataclass(frozen=True)
class _Now:
    """The feed as the snapshot shows it: what is below ``below`` is complete, ``next`` is not begun."""

    below: int
    next: int
    epoch: str
    floor: int


def changes_since(
    *, user: User, sources: Sequence[Source], place: Mapping[str, Any] | None, limit: int
) -> Feed | None:
    """Return up to ``limit`` changes after a place, or of a scan of everything where there is none.

    None where the feed has not begun yet (no row of ChangeFeed). Raises CursorExpiredError for a place
    of before a restored backup, of below what is kept, or of another sight. Queries: one for the feed,
    one for the client's offices, one for the changes and one a kind that occurs (deadlines two); a scan
    one a kind.
    """
    with one_snapshot():
        now = _now()
        if now is None:
            return None
        sight = _sight(user, sources)
        if place is None:
            place = {"scan": 0, "after": 0, "from": now.below}
        elif place["epoch"] != now.epoch or place["sight"] != sight:
            raise CursorExpiredError
        try:
            began = int(place["from"])
            step = _scanned if "scan" in place else _fed
        except (KeyError, TypeError, ValueError) as error:
            raise CursorInvalidError from error
        if began < now.floor or began > now.next:
            raise CursorExpiredError
        feed = step(user, sources, place, limit, now)
    return Feed(feed.changes, {**feed.place, "epoch": now.epoch, "sight": sight}, feed.has_more)


def feed_place(
    *, user: User, sources: Sequence[Source], began: int | None = None
) -> dict[str, Any] | None:
    """Return the place from which on all is told that changed since a transaction, or since now.

    None where the feed has not begun yet. What :func:`changes_since` refuses for its age it refuses
    then. Two queries.
    """
    with one_snapshot():
        now = _now()
        if now is None:
            return None
        start = now.below if began is None else began
        return {"from": start, "after": 0, "epoch": now.epoch, "sight": _sight(user, sources)}


def readable_changes(user: User, kinds: Sequence[str]) -> "QuerySet[RecordChange]":
    """Return the rows of what this client could see, before or after. A filter, no query.

    The conditions of ``visible_to`` on the offices and recusals that stand in the rows.
    """
    rows = RecordChange.objects.filter(kind__in=kinds, person_id__in=[EVERYBODY, user.pk])
    ids = user.scope_office_ids
    if ids is not None:
        rows = rows.filter(office_id__in=ids)
    kept_away = Recusal.objects.filter(user=user).filter(
        Q(complaint_id=OuterRef("complaint_id")) | Q(case_id=OuterRef("case_id"))
    )
    return rows.exclude(excluded__contains=[user.office_id]).filter(
        Q(person_id=user.pk) | ~Q(Exists(kept_away))
    )


_NOW = f"""
SELECT {HORIZON_SQL}, pg_snapshot_xmax(pg_current_snapshot())::text::bigint, epoch, floor
FROM complaints_changefeed
"""


def _now() -> _Now | None:
    with connection.cursor() as cursor:
        cursor.execute(_NOW)
        row = cursor.fetchone()
    return None if row is None else _Now(row[0], row[1], row[2].hex, row[3])


def _sight(user: User, sources: Sequence[Source]) -> str:
    """Return what changes with the offices and kinds of a client: then it begins anew."""
    ids = user.scope_office_ids
    offices = "all" if ids is None else ",".join(map(str, ids))
    kinds = ",".join(source.kind for source in sources)
    return hashlib.sha256(f"{user.office_id} {offices} {kinds}".encode()).hexdigest()[:16]


def _scanned(
    user: User, sources: Sequence[Source], place: Mapping[str, Any], limit: int, _now: _Now
) -> Feed:
    """Return records as they are, by kind and key. What changed since the beginning comes later."""
    found: list[Change] = []
    number, after = int(place["scan"]), int(place["after"])
    while number < len(sources) and len(found) < limit:
        source, left = sources[number], limit - len(found)
        rows = source.rows(user)
        branches = [rows] if isinstance(rows, QuerySet) else rows
        later = readable_changes(user, [source.kind]).filter(
            record_id=OuterRef("pk"), tx__gte=place["from"]
        )
        read = sorted(
            (
                row
                for branch in branches
                for row in branch.filter(~Exists(later), pk__gt=after).order_by("pk")[: left + 1]
            ),
            key=lambda row: int(row["id"]),
        )
        found += [Change(source.kind, row["public_id"], source.told(row)) for row in read[:left]]
        if len(read) > left:
            after = read[left - 1]["id"]
            break
        number, after = number + 1, 0
    if number < len(sources):
        return Feed(found, {"scan": number, "after": after, "from": place["from"]}, has_more=True)
    return Feed(found, {"from": place["from"], "after": 0}, has_more=True)


def _fed(
    user: User, sources: Sequence[Source], place: Mapping[str, Any], limit: int, now: _Now
) -> Feed:
    """Return what changed after a place and is complete."""
    by_kind = {source.kind: source for source in sources}
    readable = readable_changes(user, list(by_kind))
    again = readable.filter(
        Q(tx__gt=OuterRef("tx")) | Q(id__gt=OuterRef("id")),
        record_id=OuterRef("record_id"),
        kind=OuterRef("kind"),
        tx__gte=OuterRef("tx"),
    )
    rows = list(
        # What changed again comes with its later row. Skipped here and not after the page is cut: a
        # client that is behind while some write without end would read pages with nothing in them.
        readable.filter(
            ~Exists(again),
            Q(tx__gt=place["from"]) | Q(id__gt=place["after"]),
            tx__gte=place["from"],
            tx__lt=now.below,
        )
        .order_by("tx", "id")
        .values_list("tx", "id", "kind", "record_id", "public_id")[: limit + 1]
    )
    has_more, rows = len(rows) > limit, rows[:limit]
    records = {
        kind: source.by_key([row[3] for row in rows if row[2] == kind], user)
        for kind, source in by_kind.items()
        if any(row[2] == kind for row in rows)
    }
    changes = [
        Change(kind, public_id, records[kind].get(key)) for _tx, _id, kind, key, public_id in rows
    ]
    if has_more:
        return Feed(changes, {"from": rows[-1][0], "after": rows[-1][1]}, has_more=True)
    if now.below <= place["from"]:
        return Feed(changes, {"from": place["from"], "after": place["after"]}, has_more=False)
    return Feed(changes, {"from": now.below, "after": 0}, has_more=False)
