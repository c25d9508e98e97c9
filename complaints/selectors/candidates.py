"""Which records may tell of the same event as this one: found by keys, ranked by all that is known.

Whoever asks gets what they could open anyway, and no hint of anything else: no count, no "somewhere".
That a report exists at another desk is what its reporter may have kept from this one (ADR 0025).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from bawaslu_cases.accounts.models import User
from complaints.matching.keys import keys_of
from complaints.matching.records import Record
from complaints.matching.scoring import Match, Verdict, compare
from complaints.models import ClusterMember, Complaint
from complaints.models.complaint import ComplaintQuerySet
from complaints.selectors.clusters import Standing, standing_of
from complaints.selectors.filters import Asker
from complaints.selectors.kept import kept_rows, key_among
from complaints.selectors.match_records import match_record, match_rows

ROWS_A_KEY = 40
"""Rows read of one key, before and after the day each: what bounds the cost of a key of thousands."""

MET = 400
RANKED = 50
"""Records compared by all their facts."""

OPENED = 30
"""Of these, the ones whose words are opened in memory too: those most alike by their facts."""

_MEETINGS = f"""
    SELECT met.complaint_id, sum(asked.worth) AS worth, min(abs(met.near_on - %(on)s)) AS days
    FROM unnest(%(keys)s::bigint[], %(worths)s::float8[]) AS asked(key, worth)
    CROSS JOIN LATERAL (
        (SELECT complaint_id, near_on FROM complaints_matchkey
         WHERE key = asked.key AND near_on >= %(on)s
         ORDER BY near_on LIMIT {ROWS_A_KEY})
        UNION ALL
        (SELECT complaint_id, near_on FROM complaints_matchkey
         WHERE key = asked.key AND near_on < %(on)s
         ORDER BY near_on DESC LIMIT {ROWS_A_KEY})
    ) AS met
    WHERE met.complaint_id <> %(own)s
    GROUP BY met.complaint_id
    ORDER BY worth DESC, days
    LIMIT {MET}
"""


@dataclass(frozen=True)
class Candidate:
    """A record that may tell of the same event, and how it compares."""

    complaint: Complaint
    match: Match


def candidates(
    *, complaint: Complaint, viewer: User, limit: int = 3, standing: Standing | None = None
) -> Sequence[Candidate]:
    """Return the likeliest records of the same event that the viewer may open, the best first.

    Six queries, four with the record's ``standing`` at hand. What was dismissed, joined or related already
    is left out; of a cluster its lead stands for all. Raises NotPermittedError for somebody who may not
    read the record.
    """
    own = _own(complaint, viewer)
    facts, record = match_record(own), match_record(own, viewer=viewer)
    known = standing or standing_of(complaint)
    nearest = [pk for pk in _nearest(own, facts, viewer) if pk not in known.settled]
    rows = [
        (compare(facts, match_record(row)).score, row) for row in _visible(nearest, viewer=viewer)
    ]
    rows.sort(key=lambda pair: (-pair[0], pair[1].pk))
    found = [
        Candidate(row, compare(record, match_record(row, viewer=viewer)))
        for _score, row in rows[:OPENED]
    ]
    found = [each for each in found if each.match.verdict != Verdict.NONE]
    found.sort(key=lambda each: (-each.match.score, each.complaint.pk))
    return _one_a_cluster(found)[:limit]


def _own(complaint: Complaint, viewer: User) -> Any:
    """Return the record as :func:`match_rows` reads it. One query."""

    def build(_asker: Asker, pk: int) -> ComplaintQuerySet:
        return match_rows().filter(pk=pk)

    return kept_rows("match", build, Asker(viewer, timezone.now()), pk=complaint.pk)[0]


def _visible(keys: Sequence[int], *, viewer: User) -> Sequence[Any]:
    """Return those of the records that the viewer may open, with their cluster's lead. One query."""

    def build(asker: Asker, keys: Sequence[int]) -> ComplaintQuerySet:
        lead = ClusterMember.objects.filter(complaint=OuterRef("pk")).values("lead")
        rows = match_rows().visible_to(asker.user).filter(key_among(keys))
        return rows.annotate(cluster_lead=Subquery(lead))

    if not keys:
        return []
    return kept_rows("match many", build, Asker(viewer, timezone.now()), keys=list(keys))


def _nearest(own: Any, record: Record, viewer: User) -> Sequence[int]:
    """Return the keys of the records that share most with this one. Two queries."""
    worths = keys_of(record)
    with connection.cursor() as cursor:
        cursor.execute(
            _MEETINGS,
            {
                "keys": list(worths),
                "worths": list(worths.values()),
                "on": own.event_on or own.received_on,
                "own": own.pk,
            },
        )
        met = {pk: worth for pk, worth, _days in cursor.fetchall()}

    def build(asker: Asker, keys: Sequence[int], text: str) -> ComplaintQuerySet:
        rows = Complaint.objects.visible_to(asker.user).filter(key_among(keys))
        return rows.only("pk").annotate(alike=TrigramSimilarity("search_text", text))

    if not met:
        return []
    text = " ".join((own.title, own.place, *(person.name for person in record.people)))
    asker = Asker(viewer, timezone.now())
    seen: list[Any] = kept_rows("match alike", build, asker, keys=list(met), text=text)
    ranked = sorted(seen, key=lambda row: (-(met[row.pk] + 2 * row.alike), row.pk))
    return [row.pk for row in ranked[:RANKED]]


def _one_a_cluster(found: list[Candidate]) -> list[Candidate]:
    """Keep the best of each cluster. No query."""
    kept: dict[int, Candidate] = {}
    for each in found:
        row: Any = each.complaint
        kept.setdefault(row.cluster_lead or row.pk, each)
    return list(kept.values())


def compared(one: Complaint, other: Complaint, *, viewer: User) -> Match:
    """Return how two records compare, for somebody who may read both. One query."""
    rows = {row.pk: row for row in match_rows().filter(pk__in=[one.pk, other.pk])}
    return compare(
        match_record(rows[one.pk], viewer=viewer), match_record(rows[other.pk], viewer=viewer)
    )
