"""Keeping the keys by which a record is found up to date with its facts."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from bawaslu_cases.shared.new_rows import write_new
from complaints.links import LinkRefusedError, read_link
from complaints.matching.keys import keys_of
from complaints.matching.records import Record
from complaints.models import Complaint, MatchKey
from complaints.selectors.match_records import (
    POST_KINDS,
    match_record,
    match_rows,
    new_match_record,
)


def keep_keys(*, complaint: Complaint, officials: Sequence[Any], links: Iterable[str]) -> None:
    """Write the keys of a record that is just being taken in. One query.

    In the same transaction and not through the outbox: a promise carries the hour, and the hour of a
    report is nobody's business.
    """
    record = new_match_record(complaint, officials=officials, posts=post_keys(links))
    write_new(*_rows(complaint, record))


@transaction.atomic
def refresh_keys(*, complaint: Complaint) -> None:
    """Bring the keys in line with the facts as they stand now. Two queries, or up to four.

    Safe to call twice or at once. Callers: whoever changes an official, adds a link or learns a
    picture's hash.
    """
    row = match_rows().get(pk=complaint.pk)
    wanted = {(each.key, each.near_on): each for each in _rows(row, match_record(row))}
    held = {(each.key, each.near_on): each for each in MatchKey.objects.filter(complaint=row)}
    gone = [key for key, _on in held.keys() - wanted.keys()]
    if gone:
        MatchKey.objects.filter(complaint=row, key__in=gone).delete()
    missing = [wanted[each] for each in wanted if each not in held or each[0] in gone]
    if missing:
        MatchKey.objects.bulk_create(missing, ignore_conflicts=True)


def post_keys(links: Iterable[str]) -> list[str]:
    """Return the canonical keys of links that name a post; what cannot be read names none."""
    found = []
    for text in links:
        try:
            link = read_link(text)
        except LinkRefusedError:
            continue
        if link.key and link.is_fact and link.kind in POST_KINDS:
            found.append(link.key)
    return found


def _rows(complaint: Complaint, record: Record) -> list[MatchKey]:
    near_on = complaint.event_on or complaint.received_on
    return [
        MatchKey(key=key, near_on=near_on, complaint=complaint) for key in sorted(keys_of(record))
    ]
