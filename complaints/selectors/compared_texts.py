"""What others read, or are about to read, of a report: a verifier compares it with the name (check K05).

The server knows no name, so it only hands the texts to the client that has it open
(``static/js/vault/comparing.mjs``, ``vaultctl attest``). What lies above this app, such as a draft of a
referral, is added by :func:`also_compared` at start-up.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import Complaint, Official

Source = Callable[[Complaint], Iterator[tuple[str, str]]]
_sources: list[Source] = []


def also_compared(source: Source) -> None:
    """Let ``source`` add places and texts of a report."""
    if source not in _sources:
        _sources.append(source)


def compared_texts(complaint: Complaint) -> dict[str, Any]:
    """Return the texts by place, and the phrases that may stand there all the same.

    Names of the accused, of their agencies and of the region are given by the matter: that a reporter
    shares one says nothing. Three queries, and those of each source.
    """
    texts = [(_("Ringkasan untuk petugas lain"), complaint.summary)]
    with beyond("drafts that tell of a report lie with its case, in whatever office"):
        for source in _sources:
            texts += source(complaint)
    officials = Official.objects.filter(
        pk__in=complaint.official_links.values("official")
    ).select_related("agency")
    known = {complaint.region.name, complaint.region.short_name, complaint.office.name}
    for each in officials:
        known |= {each.name, each.unit, each.agency_text, each.agency.name if each.agency else ""}
    return {
        "texts": [{"place": str(place), "text": text} for place, text in texts if text.strip()],
        "known": sorted(phrase for phrase in known if phrase),
    }
