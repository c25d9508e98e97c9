"""Several records to one case: a report that tells of what is being handled already joins it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError
from complaints.models import (
    Allegation,
    Case,
    CaseComplaint,
    Complaint,
    Official,
    WorkAction,
    WorkEvent,
)
from complaints.selectors.clusters import offices_kept_away
from complaints.services.deadlines import local_day
from complaints.services.milestones import reach_milestone
from complaints.services.recusals import join_recusals
from complaints.states import CaseStatus, ComplaintStatus, Milestone


@transaction.atomic
def add_complaint_to_case(
    *, complaint: Complaint, case: Case, officer: User, at: datetime
) -> CaseComplaint:
    """Let a record that was just registered join a case that is being assessed (PB7 ps 25).

    Called in the transaction of the record's own decision, instead of opening a case of its own. The
    case keeps its number and its clock: the earlier one counts. Whoever must not see the record does
    not see the case from now on, and whom a reporter keeps away stays away: the strictest wish of all
    reporters counts. The people it names become allegations; somebody with the same number (NIP) is the
    same person, and the same day's acts are joined.

    DomainError (field ``into``): another office's case, one that is not assessed any more, one whose
    office the reporter keeps away. ConflictError for a record that is not registered or has a case.
    """
    held = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("office")
        .get(pk=case.pk)
    )
    if complaint.status != ComplaintStatus.REGISTERED:
        raise ConflictError(_("Laporan ini belum diregistrasi."))
    if CaseComplaint.objects.filter(complaint=complaint).exists():
        raise ConflictError(_("Laporan ini sudah menjadi bagian dari perkara lain."))
    if held.office_id != complaint.office_id or held.status != CaseStatus.REGISTERED:
        raise DomainError(
            _("Pilih perkara kantor ini yang sedang dikaji."), field="into", code="not_open"
        )
    kept = sorted({*held.excluded_offices, *offices_kept_away(complaint)})
    if held.office_id in kept:
        raise DomainError(_("Pelapor meminta kantor itu tidak melihat laporan ini."), field="into")
    held.excluded_offices = kept
    held.save(update_fields=["excluded_offices"])
    link = CaseComplaint.objects.create(case=held, complaint=complaint)
    join_recusals(subject=held, at=at)
    _add_allegations(held, complaint)
    WorkEvent.objects.create(
        case=held,
        action=WorkAction.LINK,
        actor=officer,
        at=at,
        detail={"what": "complaint", "complaint": str(complaint.public_id)},
    )
    day = local_day(at, held.office)
    reach_milestone(complaint=complaint, kind=Milestone.CASE, on=day)
    return link


def _add_allegations(case: Case, complaint: Complaint) -> None:
    on = complaint.event_on or complaint.received_on
    rows = list(case.allegations.select_related("official"))
    by_nip = {row.official.nip: row.official for row in rows if row.official.nip}
    by_day = {(row.official_id, row.event_on): row for row in rows}
    for link in complaint.official_links.select_related("official").order_by("pk"):
        official: Official = by_nip.get(link.official.nip, link.official)
        known = by_day.get((official.pk, on))
        if known is not None:
            known.acts = [*known.acts, *(act for act in complaint.acts if act not in known.acts)]
            known.save(update_fields=["acts"])
            continue
        by_day[(official.pk, on)] = Allegation.objects.create(
            case=case,
            official=official,
            acts=complaint.acts,
            event_on=on,
            place=complaint.place,
        )
