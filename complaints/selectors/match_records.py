"""A stored record as the matching library takes it: facts from their tables, words opened in memory."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from bawaslu_cases.accounts.models import User
from complaints.links import Kind
from complaints.matching.records import Person, Precision, Record
from complaints.matching.words import Reading, read_words
from complaints.models import Complaint, ComplaintOfficial, Evidence, EvidenceLink
from complaints.models.complaint import ComplaintQuerySet
from complaints.selectors.case_file import opened_statement

POST_KINDS = frozenset(
    {
        Kind.POST,
        Kind.PHOTO,
        Kind.VIDEO,
        Kind.MEDIA,
        Kind.STORY,
        Kind.HIGHLIGHT,
        Kind.STATUS,
        Kind.MESSAGE,
        Kind.GROUP,
        Kind.GROUP_ID,
        Kind.ALBUM,
        Kind.EVENT,
        Kind.PAGE,
    }
)
"""What two reports can both have seen. An account or a hashtag names no event."""

_PERSON = ("name", "nip", "position", "unit", "account")


def match_rows() -> ComplaintQuerySet:
    """Return records with all that is compared. One query when read."""
    return (
        Complaint.objects.select_related("office", "region", "statement")
        .defer("search_text", "search")
        .annotate(
            person_rows=ArraySubquery(
                ComplaintOfficial.objects.filter(complaint=OuterRef("pk"))
                .order_by("pk")
                .values(
                    data=JSONObject(
                        agency="official__agency__code",
                        agency_text="official__agency_text",
                        **{name: f"official__{name}" for name in _PERSON},
                    )
                )
            ),
            post_rows=ArraySubquery(
                EvidenceLink.objects.filter(complaint=OuterRef("pk"), kind__in=POST_KINDS)
                .exclude(key="")
                .values("key")
            ),
            image_rows=ArraySubquery(
                Evidence.objects.filter(complaint=OuterRef("pk"))
                .exclude(image_hashes=[])
                .values(data=JSONObject(hashes="image_hashes"))
            ),
        )
    )


def match_record(row: Any, *, viewer: User | None = None) -> Record:
    """Return a row of :func:`match_rows` as it is compared. No query.

    With a ``viewer`` the words are opened for this one comparison, as far as that person may read them
    (NotPermittedError else): the reporter's own, or the verifier's summary where those are sealed to the
    desk. Without one nothing but structured facts is used.
    """
    return Record(
        people=tuple(
            Person(
                agency=person["agency"] or person["agency_text"].strip().lower(),
                **{name: person[name] for name in _PERSON},
            )
            for person in row.person_rows
        ),
        images=tuple(number for image in row.image_rows for number in image["hashes"]),
        reading=Reading() if viewer is None else _reading(row, viewer),
        **_facts(row, row.post_rows),
    )


def new_match_record(
    complaint: Complaint, *, officials: Sequence[Any], posts: Sequence[str]
) -> Record:
    """Return a record that is just being written, from what is at hand. No query."""
    return Record(
        people=tuple(
            Person(
                agency=person.agency.code if person.agency else person.agency_text.strip().lower(),
                **{name: getattr(person, name) for name in _PERSON},
            )
            for person in officials
        ),
        **_facts(complaint, posts),
    )


def _facts(complaint: Complaint, posts: Sequence[str]) -> dict[str, Any]:
    code = complaint.region.code
    return {
        "region": code if "." in code else "",
        "province": code[:2],
        "event_on": complaint.event_on,
        "precision": Precision(complaint.event_precision),
        "received_on": complaint.received_on,
        "acts": frozenset(complaint.acts),
        "platform": complaint.platform,
        "place": complaint.place,
        "posts": frozenset(posts),
    }


def _reading(row: Complaint, viewer: User) -> Reading:
    words = opened_statement(complaint=row, viewer=viewer)
    text = row.summary if words.is_sealed else f"{words.story} {words.other_act}"
    return read_words(text, leave_out=(row.region.name, row.region.short_name))
