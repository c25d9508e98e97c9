"""Which records may tell of the same event as this one: found by keys, ranked by all that is known.

Whoever asks gets what they could open anyway, and no hint of anything else: no count, no "somewhere".
That a report exists at another desk is what its reporter may have kept from this one (ADR 0025).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from bawaslu_cases.accounts.models import User
from complaints.matching.keys import keys_of
from complaints.matching.records import Record
from complaints.matching.scoring import Match, Verdict, compare
from complaints.models import ClusterMember, Complaint, Likeness
from complaints.models.complaint import ComplaintQuerySet
from complaints.selectors.filters import Asker
from complaints.selectors.kept import kept_rows
from complaints.selectors.match_records import match_record, match_rows
from complaints.states import LikenessStatus

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


def candidates(*, complaint: Complaint, viewer: User, limit: int = 3) -> Sequence[Candidate]:
    """Return the likeliest records of the same event that the viewer may open, the best first.

    Seven queries. What was dismissed, joined or related already is left out; of a cluster its lead stands
    for all. Raises NotPermittedError for somebody who may not read the record.
    """
    own = _own(complaint, viewer)
    facts, record = match_record(own), match_record(own, viewer=viewer)
    settled = _settled(complaint)
    rows = [
        (compare(facts, match_record(row)).score, row)
        for row in match_rows().visible_to(viewer).filter(pk__in=_nearest(own, facts, viewer))
        if row.pk not in settled
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
    text = " ".join((own.title, own.place, *(person.name for person in record.people)))
    seen = (
        Complaint.objects.visible_to(viewer)
        .filter(pk__in=list(met))
        .annotate(alike=TrigramSimilarity("search_text", text))
        .values_list("pk", "alike")
    )
    ranked = sorted(seen, key=lambda row: (-(met[row[0]] + 2 * row[1]), row[0]))
    return [pk for pk, _alike in ranked[:RANKED]]


def _settled(complaint: Complaint) -> set[int]:
    """Return the keys of records that somebody compared with this one already. Two queries."""
    pairs = Likeness.objects.filter(Q(first=complaint) | Q(second=complaint)).exclude(
        status=LikenessStatus.OPEN
    )
    joined = ClusterMember.objects.filter(
        Q(lead=complaint)
        | Q(lead__in=ClusterMember.objects.filter(complaint=complaint).values("lead"))
    )
    rows = (*pairs.values_list("first_id", "second_id"), *joined.values_list("complaint", "lead"))
    return {pk for row in rows for pk in row} - {complaint.pk}


def _one_a_cluster(found: list[Candidate]) -> list[Candidate]:
    """Keep the best of each cluster. One query."""
    ids = [each.complaint.pk for each in found]
    leads = dict(ClusterMember.objects.filter(complaint__in=ids).values_list("complaint", "lead"))
    kept: dict[int, Candidate] = {}
    for each in found:
        kept.setdefault(leads.get(each.complaint.pk, each.complaint.pk), each)
    return list(kept.values())


def compared(one: Complaint, other: Complaint, *, viewer: User) -> Match:
    """Return how two records compare, for somebody who may read both. One query."""
    rows = {row.pk: row for row in match_rows().filter(pk__in=[one.pk, other.pk])}
    return compare(
        match_record(rows[one.pk], viewer=viewer), match_record(rows[other.pk], viewer=viewer)
    )
