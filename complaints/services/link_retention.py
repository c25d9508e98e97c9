"""The end of links, captures and their minutes, with the evidence of the same record.

What goes: the address and its key, the account and the post's time, the minutes' file. What remains is
that there was a link of a platform, who captured it and when. Minutes lie under the server's keyring and
have no key of their own: a backup of their folder holds them until it is too old itself.
"""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.errors import ConflictError
from complaints.models import CaptureMinutes, EvidenceLink, LinkCapture
from complaints.rules.retention import ErasureReason
from complaints.services.match_keys import refresh_keys


@transaction.atomic
def erase_link(*, link: EvidenceLink, why: ErasureReason, at: datetime) -> None:
    """Erase what a link names, what was captured there and the minutes of it.

    The minutes' files go after the commit. Raises ConflictError when it was erased already,
    AuditUnavailableError when the log cannot be written; nothing is erased then.
    """
    row = EvidenceLink.objects.select_for_update().get(pk=link.pk)
    if row.erased_on is not None:
        raise ConflictError(_("Tautan ini sudah dihapus."))
    captures = LinkCapture.objects.filter(link=row)
    count = erase_minutes(CaptureMinutes.objects.filter(capture__link=row))
    captures.exclude(account="").update(account="", posted_on=None, posted_time=None)
    row.key, row.clean_url, row.erased_on = "", "", timezone.localdate(at)
    row.save(update_fields=["key", "clean_url", "erased_on"])
    refresh_keys(complaint=row.complaint)
    record(
        actor=f"{SYSTEM}:evidence",
        action="link.erase",
        subject=f"complaint:{row.complaint.public_id.hex}",
        detail={"why": why.value, "link": row.public_id.hex, "minutes": count},
    )


def erase_minutes(rows: QuerySet[CaptureMinutes]) -> int:
    """Forget where minutes lie, and remove their files once that is committed; return how many."""
    names = [name for name in rows.values_list("storage_name", flat=True) if name]
    rows.filter(storage_name__in=names).update(storage_name="")
    for name in names:
        transaction.on_commit(partial(sealed_files.remove, name), robust=True)
    return len(names)
