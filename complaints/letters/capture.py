"""Minutes of a capture of a post (berita acara tangkapan unggahan).

Built from an allow-list: the capture, the cleaned link, the officer's office and two digests. Nothing
here reads a statement, a receipt or the record's own number, so nothing of a reporter can get into the
paper; the digest of the original file never does (protection.md C).
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation

from bawaslu_cases.shared.paper_dates import long_date
from bawaslu_cases.shared.typesetter import Picture, typeset
from complaints.models import Derivative, LinkCapture

TEMPLATE = "capture-2"
"""Form and edition; kept with every paper that was made from it."""
TEMPLATE_FILE = Path(__file__).resolve().with_name(f"{TEMPLATE}.typ")
PLATFORMS = {
    "facebook": "Facebook",
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "x": "X",
    "youtube": "YouTube",
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
}
SHOWN = {
    Derivative.Part.MAIN: "Salinan aman seluruhnya",
    Derivative.Part.PAGE: "Halaman pertama salinan aman",
    Derivative.Part.POSTER: "Satu gambar dari salinan aman video",
}
"""What the picture under the minutes is."""


@dataclass(frozen=True)
class ShownCopy:
    """What of the safe copy the minutes show, never of the original: its row and its bytes."""

    row: Derivative
    jpeg: bytes


def capture_minutes(
    *, capture: LinkCapture, copy: Derivative, at: datetime, shown: ShownCopy | None = None
) -> bytes:
    """Return the minutes as PDF/A-2a. The same capture, copy and time give the same bytes.

    No query when the caller selected ``link``, ``made_by`` and ``evidence__complaint__office__region``.
    """
    picture = Picture(shown.jpeg, shown.row.width or 1, shown.row.height or 1) if shown else None
    data = minutes_data(capture=capture, copy=copy, at=at, shown=shown.row if shown else None)
    return typeset(TEMPLATE_FILE, data, at=at, picture=picture)


def minutes_data(
    *, capture: LinkCapture, copy: Derivative, at: datetime, shown: Derivative | None = None
) -> dict[str, Any]:
    """Return the allow-list as plain data: everything the minutes can say.

    ``shown`` is the copy's picture: the copy itself, a document's first page or a video's still.
    """
    evidence, link = capture.evidence, capture.link
    office = evidence.complaint.office
    zone = office.get_time_zone_display()
    day = at.astimezone(ZoneInfo(office.time_zone)).date()
    # a worker has no language of its own, and the reader's must not change an official paper
    with translation.override("id"):
        act = str(LinkCapture.Act(capture.act).label)
    return {
        "number": capture.public_id.hex[:12].upper(),
        "office": office.name,
        "place": office.region.short_name if office.region else "Jakarta",
        "day": long_date(day),
        "officer": capture.made_by.name,
        "platform": PLATFORMS.get(link.platform, "Situs web"),
        "account": capture.account,
        "url": link.clean_url,
        "act": act,
        "posted": _moment(capture.posted_on, capture.posted_time, zone),
        "captured": _moment(capture.captured_on, capture.captured_time, zone),
        "copy": {
            "sha256": bytes(copy.sha256).hex(),
            "type": copy.content_type,
            "bytes": copy.size_bytes,
            "generation": copy.generation,
        },
        "manifest_sha256": bytes(evidence.manifest_sha256).hex(),
        "picture": shown
        and {
            "what": SHOWN[Derivative.Part(shown.part)],
            "pages": copy.pages or 0,
            "sha256": bytes(shown.sha256).hex(),
        },
    }


def _moment(day: date | None, hour: time | None, zone: str) -> str:
    if day is None:
        return ""
    return f"{long_date(day)} pukul {hour:%H.%M} {zone}" if hour else long_date(day)
