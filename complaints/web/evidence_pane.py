"""The pane "Bukti" of a record: one file or link at a time, and what its office has not opened yet."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit.reads import remark
from complaints.models import Complaint, EvidenceLink
from complaints.selectors.evidence import EvidenceItem, evidence_items
from complaints.selectors.links import label_of
from complaints.selectors.viewings import viewed_keys
from complaints.services.viewings import note_viewing
from complaints.states import EvidenceStatus
from complaints.web.evidence import copy_address

Thing = EvidenceItem | EvidenceLink


def evidence_pane(
    complaint: Any, user: User, *, shown: str, here: str, at: datetime
) -> dict[str, Any]:
    """Return one file or link of a record with its neighbours, and note that it was looked at.

    ``shown`` counts from 1, anything else is the first; ``here`` is the query string to come back with.
    What cannot be seen in the pane (a video, a sound, a text, a file without copy) is noted only by its
    own page. At most five queries, none for a record without evidence.
    """
    things: list[Thing] = []
    if complaint.evidence_count:
        items = evidence_items(complaint)
        things += [item for item in items if item.evidence.status != EvidenceStatus.ERASED]
    if complaint.link_rows:
        things += list(complaint.links.all())
    if not things:
        return {"total": 0}
    number = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 4 else 1  # noqa: PLR2004 -- digits
    number = number if 1 <= number <= len(things) else 1
    thing = things[number - 1]
    if isinstance(thing, EvidenceItem):
        remark(evidence=thing.evidence.public_id)
        if thing.pictures:
            note_viewing(thing=thing.evidence, viewer=user, at=at)
    else:
        note_viewing(thing=thing, viewer=user, at=at)
    seen = viewed_keys(complaint)
    return {
        "total": len(things),
        "number": number,
        "tabs": [
            {
                "number": at_number,
                "label": _label(each),
                "href": _href(here, at_number),
                "is_open": at_number == number,
                "is_seen": _key(each) in seen,
            }
            for at_number, each in enumerate(things, start=1)
        ],
        "before": _href(here, number - 1) if number > 1 else "",
        "after": _href(here, number + 1) if number < len(things) else "",
        "unseen": sum(_key(each) not in seen for each in things),
        **_shown(thing, complaint, user),
    }


def _key(thing: Thing) -> tuple[str, int]:
    if isinstance(thing, EvidenceItem):
        return ("file", thing.evidence.pk)
    return ("link", thing.pk)


def _label(thing: Thing) -> str:
    if isinstance(thing, EvidenceItem):
        return str(thing.evidence.get_kind_display() or _("Berkas"))
    return str(label_of(thing.platform, thing.kind))


def _href(here: str, number: int) -> str:
    return f"?{here}&b={number}#bukti" if here else f"?b={number}#bukti"


def _shown(thing: Thing, complaint: Complaint, user: User) -> dict[str, Any]:
    if isinstance(thing, EvidenceLink):
        return {
            "link": thing,
            "page_url": reverse("desk:link", args=[complaint.public_id, thing.public_id]),
        }
    return {
        "item": thing,
        "pictures": [
            {"address": copy_address(copy, complaint, user), "copy": copy}
            for copy in thing.pictures
        ],
        "page_url": reverse(
            "desk:evidence_item", args=[complaint.public_id, thing.evidence.number]
        ),
    }
