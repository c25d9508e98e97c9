"""The end of evidence: erased by its term or by order, its keys before its bytes.

What lies in the storage is unreadable without its key, so deleting the keys erases it everywhere, in
every copy of the storage. The keys lie in the database ``default``: its backups hold them until they are
too old themselves, and the audit log says from which day none does.
"""

import logging
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import ConflictError
from bawaslu_cases.shared.transitions import advance
from complaints.models import CaptureMinutes, CleanerJob, CopyOrder, DerivativeFile, Evidence
from complaints.rules.retention import ErasureReason, kept_days
from complaints.selectors.evidence_retention import evidence_past_its_term, links_past_their_term
from complaints.services.evidence import EVIDENCE_MACHINE
from complaints.services.link_retention import erase_link, erase_minutes
from complaints.services.match_keys import refresh_keys
from complaints.states import EvidenceAction

logger = logging.getLogger(__name__)


@transaction.atomic
def erase_evidence(*, evidence: Evidence, why: ErasureReason, at: datetime) -> date:
    """Erase a file, its manifest and every copy made of it; what remains are facts and history.

    Returns the day from which no backup holds its keys. They go with this transaction, the objects after
    it: should that fail, what stays is unreadable and the sweep takes it. Raises ConflictError when it
    was erased already, AuditUnavailableError when the log cannot be written; nothing is erased then.
    """
    row = Evidence.objects.select_for_update().get(pk=evidence.pk)
    files = DerivativeFile.objects.filter(derivative__evidence=row)
    orders = CopyOrder.objects.filter(copy__evidence=row)
    lying = files.values_list("object_name", flat=True)
    drawn = orders.values_list("object_name", flat=True)
    names = [name for name in (row.object_name, *lying, *drawn) if name]
    complete_on = at.date() + timedelta(days=settings.DATABASE_BACKUPS_KEPT_DAYS)
    CleanerJob.objects.filter(evidence=row).delete()
    files.delete()
    erase_minutes(CaptureMinutes.objects.filter(capture__evidence=row))  # they show the copy
    orders.delete()
    advance(
        row=row,
        machine=EVIDENCE_MACHINE,
        action=EvidenceAction.ERASE,
        actor=None,
        at=at,
        reason=why,
        also={"wrap": None, "manifest": None, "object_name": "", "image_hashes": []},
    )
    refresh_keys(complaint=row.complaint)  # of its pictures nothing comparable remains
    record(
        actor=f"{SYSTEM}:evidence",
        action="evidence.erase",
        subject=f"evidence:{row.public_id.hex}",
        detail={"why": why.value, "copies": len(names), "complete_on": complete_on.isoformat()},
    )
    transaction.on_commit(lambda: object_storage.delete(names), robust=True)
    return complete_on


def erase_past_terms(*, at: datetime) -> int:
    """Erase files and links that outlived the terms of ``EVIDENCE_KEPT_DAYS``; return how many.

    Twice is harmless.
    """
    count, terms = 0, kept_days(settings.EVIDENCE_KEPT_DAYS)
    for link in links_past_their_term(terms, at=at).select_related("complaint"):
        try:
            erase_link(link=link, why=ErasureReason.TERM, at=at)
        except ConflictError:
            continue  # another process was faster
        count += 1
    for evidence in evidence_past_its_term(terms, at=at):
        try:
            erase_evidence(evidence=evidence, why=ErasureReason.TERM, at=at)
        except ConflictError:
            continue  # another process was faster
        count += 1
    if count:
        logger.info("evidence.erased count=%d", count)
    return count
