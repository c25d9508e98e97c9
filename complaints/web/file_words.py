"""What to say to a reporter about a file: why it is not taken and what to do, how far it is."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from complaints.services.file_refusals import refusal_words
from complaints.states import EvidenceStatus

Text = str | Promise


class HeldFile(TypedDict):
    """One file of a session as its page lists it. ``size`` in bytes."""

    id: str
    name: str
    size: int
    is_whole: bool


class KeptFile(TypedDict):
    """One file of a record as its reporter sees it: never its name, never who looked at it."""

    title: str
    on: date
    state: Text
    advice: Text


_STATES: Mapping[EvidenceStatus, Text] = {
    EvidenceStatus.QUEUED: _("Diterima. Salinan aman sedang dibuat."),
    EvidenceStatus.READY: _("Diterima. Salinan aman sudah dibuat untuk petugas."),
    EvidenceStatus.MANUAL: _("Diterima. Perlu diperiksa petugas secara khusus."),
    EvidenceStatus.REFUSED: _("Tidak bisa dipakai."),
    EvidenceStatus.BLOCKED: _("Berkas ini mengandung virus, jadi tidak dibuka petugas."),
    EvidenceStatus.ERASED: _("Sudah dihapus."),
}


def kept_files(complaint: Complaint) -> list[KeptFile]:
    """Return what a reporter sees of the files of their record. One query."""
    return [
        {
            "title": gettext("Berkas %(number)d") % {"number": each.number},
            "on": each.received_on,
            "state": _STATES[EvidenceStatus(each.status)],
            "advice": refusal_words(each.refusal) if each.status == EvidenceStatus.REFUSED else "",
        }
        for each in complaint.evidence.filter(added_by__isnull=True).order_by("number")
    ]


def held_files(entries: Sequence[Mapping[str, Any]]) -> list[HeldFile]:
    """Return what a page lists of the files that a session holds (services/uploads.py)."""
    return [
        {
            "id": entry["id"],
            "name": entry["name"],
            "size": entry["length"],
            "is_whole": "sha256" in entry,
        }
        for entry in entries
    ]
