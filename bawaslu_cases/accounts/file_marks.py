"""The mark on every row of a file that staff take away: who took it, from where, when, and how many rows.

A row that turns up elsewhere says whose copy it came from. It is a cell like any other: whoever writes the
file passes it through ``shared/spreadsheets.py``, for a name may begin a formula.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office, TimeZone


def mark_head() -> str:
    """Return the head of the mark's column."""
    return _("Diunduh oleh")


def file_mark(user: User, *, at: datetime, rows: int, place: Office | None = None) -> str:
    """Return ``Sari · Bawaslu Provinsi Jawa Tengah · 2024-10-21 10:00 WIB · 31 baris``. No query.

    The minute is that of ``place``, of the person's own office where none is named, of Jakarta for those
    who have none.
    """
    own = user.office.name if user.office else ""
    if user.recipient_body is not None:
        own = user.recipient_body.short_name
    office = place or user.office
    zone = TimeZone(office.time_zone) if office else TimeZone.WIB
    when = f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone.label}"
    count = ngettext("%(count)d baris", "%(count)d baris", rows) % {"count": rows}
    return " · ".join(part for part in (user.name, own, when, count) if part)
