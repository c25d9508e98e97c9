"""How much may come: files and bytes of one report, of one session, of a day.

What is refused here is new files alone; those on their way and whatever is not a file go on. No address
is counted: the product keeps none, and a carrier puts a whole town behind one (protection.md C). The day's
sum lies in the cache with nothing beside it; while the cache is down nothing is counted, and the reserve
of the disk is the limit that remains.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.object_storage import StorageFullError
from complaints.cleaner.limits import LARGEST_BYTES
from complaints.errors import UploadRefusedError
from complaints.models import Complaint
from complaints.selectors.evidence_storage import VOLUME_SECONDS, daily_volume, volume_key
from complaints.services.proof_of_work import CACHE_ERRORS

MIB = 1024 * 1024
MAX_FILES = 10
"""Files of one report, whenever they come (protection.md C)."""
MAX_REPORT_BYTES = 300 * MIB
MAX_OPEN = 3
"""Files of one session that may be on their way at once."""
MAX_SESSION_BYTES = 1024 * MIB
"""Most that one session may send while it lives: what a report holds three times over, taken back or not."""


def room_for(
    files: Sequence[Mapping[str, Any]],
    length: int,
    complaint: Complaint | None,
    *,
    is_exact: bool,
    by: int | None = None,
) -> int:
    """Return how many bytes to keep free for a file. Raises UploadRefusedError.

    ``by`` is who brings it, None for the reporter: each has room of their own.
    """
    if length <= 0:
        raise UploadRefusedError(_("Berkas ini kosong."), code="empty")
    count, size = len(files), sum(entry["length"] for entry in files)
    if complaint is not None:
        kept = _kept_sizes(complaint, by)
        count, size = count + len(kept), size + sum(kept)
    if count >= MAX_FILES:
        raise _too_many()
    room = max(MAX_REPORT_BYTES - size, 0)
    if not is_exact:
        length = min(length, room, LARGEST_BYTES)
    if length > LARGEST_BYTES:
        raise UploadRefusedError(
            _("Satu berkas paling besar %(size)d MB.") % {"size": LARGEST_BYTES // MIB},
            code="too_large",
        )
    if length > room or not room:
        raise _too_much()
    if sum("sha256" not in entry for entry in files) >= MAX_OPEN:
        raise UploadRefusedError(
            _("Tunggu sampai berkas sebelumnya selesai dikirim."), code="too_many_open"
        )
    return length


def check_full(complaint: Complaint, entry: Mapping[str, Any], *, by: int | None = None) -> None:
    """Raise UploadRefusedError where a record has no room for one file more, or for this one."""
    kept = _kept_sizes(complaint, by)
    if len(kept) >= MAX_FILES:
        raise _too_many()
    if sum(kept) + entry["length"] > MAX_REPORT_BYTES:
        raise _too_much()


def check_session(*, brought: int, more: int) -> None:
    """Raise UploadRefusedError when a session sent too much already, files that were taken back too."""
    if brought >= MAX_SESSION_BYTES or brought + more > MAX_SESSION_BYTES:
        raise UploadRefusedError(
            _("Sudah terlalu banyak berkas yang dikirim sekaligus. Kirim tautannya saja."),
            code="session_full",
        )


def note_volume(*, size: int, at: datetime) -> None:
    """Add what has come to the day's sum."""
    key = volume_key(timezone.localdate(at))
    try:
        cache.add(key, 0, VOLUME_SECONDS)
        cache.incr(key, size)
    except ValueError:  # expired between the two lines
        return
    except CACHE_ERRORS:
        return


def check_volume(*, at: datetime) -> None:
    """Raise StorageFullError when the day brought as much as is taken in a day."""
    if daily_volume(at=at) >= settings.UPLOADS_DAILY_BYTES:
        raise StorageFullError


def _kept_sizes(complaint: Complaint, by: int | None) -> list[int]:
    """Return the bytes of each file that one person brought, as sealed: a little more than they had."""
    own = {"added_by": by} if by is not None else {"added_by__isnull": True}
    brought = complaint.evidence.filter(**own)
    return list(brought.values_list("sealed_bytes", flat=True))


def _too_many() -> UploadRefusedError:
    return UploadRefusedError(
        _("Paling banyak %(count)d berkas untuk satu laporan.") % {"count": MAX_FILES},
        code="too_many_files",
    )


def _too_much() -> UploadRefusedError:
    return UploadRefusedError(
        _("Semua berkas bersama paling besar %(size)d MB.") % {"size": MAX_REPORT_BYTES // MIB},
        code="report_full",
    )
