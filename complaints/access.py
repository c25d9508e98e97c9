"""From an id in a URL and a person to a row: the one door for pages, feeds and exports.

What is hidden and what does not exist are the same 404. Which roles a page is for is the page's own
matter (:func:`bawaslu_cases.accounts.decorators.role_required`); which action a role carries stands in
the tables of ``states.py``. What is asked for is named to the audit log before it is looked up, so an
attempt at a record outside the scope is named too.
"""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.sight import see_as
from bawaslu_cases.audit.reads import looked_up, part_of
from complaints.models import (
    Allegation,
    Case,
    CaseDocument,
    Complaint,
    CopyOrder,
    CorrectionRequest,
    Evidence,
    EvidenceLink,
    Hearing,
    LegacyCase,
    LegacyImport,
    LinkCapture,
    Official,
    ReportedPerson,
    UnsealRequest,
)
from complaints.selectors.api_records import case_as_told, complaint_as_told
from complaints.selectors.case_file import case_file, complaint_file
from complaints.selectors.case_rows import whole_case_file
from complaints.selectors.evidence import originals_in_hand
from complaints.selectors.vault import report_files_in_hand, visible_requests
from complaints.states import Lane

T = TypeVar("T")


def _found(row: T | None) -> T:
    if row is None:
        raise Http404
    return row


def readable_complaint(*, public_id: UUID, user: User) -> Complaint:
    """Return the record with everything its page shows, or raise Http404. One query."""
    looked_up("complaint", public_id)
    return _found(complaint_file(public_id=public_id, viewer=user))


def complaint_for_client(*, public_id: UUID, user: User) -> dict[str, Any]:
    """Return a record as a client of the API is given it, or raise Http404. One query."""
    looked_up("complaint", public_id)
    return _found(complaint_as_told(public_id=public_id, user=user))


def case_for_client(*, public_id: UUID, user: User) -> dict[str, Any]:
    """Return a case as a client of the API is given it, or raise Http404. One query."""
    looked_up("case", public_id)
    return _found(case_as_told(public_id=public_id, user=user))


def complaint_of_client(*, public_id: UUID, user: User) -> Complaint:
    """Return a record that a client of the API may write about, or raise Http404. One query."""
    looked_up("complaint", public_id)
    rows = Complaint.objects.visible_to(user).filter(lane__in=(Lane.OPEN, Lane.FINDING))
    return get_object_or_404(rows.select_related("office"), public_id=public_id)


def editable_complaint(*, public_id: UUID, user: User) -> Complaint:
    """Return the bare record to act on, or raise Http404. One query."""
    looked_up("complaint", public_id)
    rows = Complaint.objects.visible_to(user).select_related("office", "region", "contest")
    return get_object_or_404(rows, public_id=public_id)


def readable_case(*, public_id: UUID, user: User) -> Case:
    """Return the case with everything its page shows, or raise Http404. One query."""
    looked_up("case", public_id)
    return _found(case_file(public_id=public_id, viewer=user))


def lacks_statement(*, public_id: UUID, user: User) -> bool:
    """Say whether this person may see the case and has not said yet that no tie keeps them away.

    One query.
    """
    rows = Case.objects.visible_to(user).filter(public_id=public_id)
    return rows.exclude(statements__user=user).exists()


def whole_case(*, public_id: UUID, user: User) -> Case:
    """Return the case with all that stands around it, for its own page, or raise Http404. One query."""
    looked_up("case", public_id)
    return _found(whole_case_file(public_id=public_id, viewer=user))


def editable_case(*, public_id: UUID, user: User) -> Case:
    """Return the bare case to act on, or raise Http404. One query."""
    looked_up("case", public_id)
    rows = Case.objects.visible_to(user).select_related("office", "contest")
    return get_object_or_404(rows, public_id=public_id)


def hearing_in_case(*, public_id: UUID, case: Case) -> Hearing:
    """Return a hearing of this case with its invitations, or raise Http404. Two queries."""
    rows = case.hearings.select_related("official").prefetch_related("invitations__invited_by")
    found = get_object_or_404(rows, public_id=public_id)
    found.case = case
    return found


def correction_in_case(*, public_id: UUID, case: Case) -> CorrectionRequest:
    """Return a request for correction of this case, or raise Http404. One query."""
    found = get_object_or_404(
        case.corrections.select_related("official", "received_by"), public_id=public_id
    )
    found.case = case
    return found


def reported_person(*, public_id: UUID, user: User) -> ReportedPerson:
    """Return somebody of the register who is named in a case of this scope, or raise Http404. One query."""
    looked_up("person", public_id)
    rows = ReportedPerson.objects.visible_to(user).select_related("agency__region")
    return get_object_or_404(rows, public_id=public_id)


def official_in_case(*, public_id: UUID, case: Case) -> Official:
    """Return an official of this case, or raise Http404. One query."""
    named = case.allegations.values("official_id")
    rows = Official.objects.filter(pk__in=named).select_related("agency")
    return get_object_or_404(rows, public_id=public_id)


def allegation_in_case(*, public_id: UUID, case: Case) -> Allegation:
    """Return an allegation of this case, or raise Http404. One query."""
    return get_object_or_404(case.allegations.select_related("official"), public_id=public_id)


def verifiable_report(*, public_id: UUID, user: User) -> Complaint:
    """Return a report that the verifier has in hand at their desk, or raise Http404. One query."""
    looked_up("complaint", public_id)
    return get_object_or_404(report_files_in_hand(user), public_id=public_id)


def record_at_an_address(*, person_id: UUID, public_id: UUID) -> tuple[User, Complaint]:
    """Return whom a signed address was made for and the record it names, or raise Http404.

    Two queries. Whoever was suspended or lost sight of the record meanwhile gets nothing.
    """
    people = User.objects.select_related("office")
    user = get_object_or_404(people, public_id=person_id, is_active=True)
    see_as(user)
    return user, get_object_or_404(Complaint.objects.visible_to(user), public_id=public_id)


def original_in_hand(*, evidence_id: UUID, user: User) -> Evidence:
    """Return evidence of a record in the verifier's hand, sealed to their desk, or raise Http404.

    One query. Stands in the audit log under its record.
    """
    looked_up("evidence", evidence_id)
    found = get_object_or_404(originals_in_hand(user), public_id=evidence_id)
    part_of("complaint", found.complaint.public_id)
    return found


def unseal_request(*, request_id: UUID, user: User) -> UnsealRequest:
    """Return a request of the verifier's own or of the custodian's group, or raise Http404.

    Two queries. Stands in the audit log under its report.
    """
    looked_up("unseal", request_id)
    found = get_object_or_404(visible_requests(user), pk=request_id)
    part_of("complaint", found.complaint.public_id)
    return found


def link_in_record(*, public_id: UUID, complaint: Complaint) -> EvidenceLink:
    """Return a link of this record, or raise Http404. One query."""
    row = get_object_or_404(complaint.links.all(), public_id=public_id)
    row.complaint = complaint
    return row


def capture_at_link(*, public_id: UUID, link: EvidenceLink) -> LinkCapture:
    """Return a capture of this link with its file and minutes, or raise Http404. One query."""
    rows = link.captures.select_related("evidence", "minutes")
    return get_object_or_404(rows, public_id=public_id)


def own_copy_order(*, order_id: UUID, complaint: Complaint, user: User, at: datetime) -> CopyOrder:
    """Return what this person ordered of a copy of this record, or raise Http404. One query."""
    rows = CopyOrder.objects.filter(
        officer=user, copy__evidence__complaint=complaint, expires_at__gt=at
    )
    return get_object_or_404(rows.select_related("copy__evidence"), pk=order_id)


def readable_document(*, public_id: UUID, user: User) -> CaseDocument:
    """Return a paper of a record or case that the person may see, or raise Http404. One query.

    Stands in the audit log under its record or case.
    """
    looked_up("document", public_id)
    rows = CaseDocument.objects.filter(
        Q(complaint__in=Complaint.objects.visible_to(user).values("pk"))
        | Q(case__in=Case.objects.visible_to(user).values("pk"))
    ).select_related(
        "complaint__office__region",
        "complaint__contest",
        "case__office__region",
        "case__contest",
        "made_by",
        "signed_off_by",
        "replaces",
        "replaced_by",
    )
    found = get_object_or_404(rows, public_id=public_id)
    if found.case is not None:
        part_of("case", found.case.public_id)
    elif found.complaint is not None:
        part_of("complaint", found.complaint.public_id)
    return found


def own_import(*, public_id: UUID, user: User) -> LegacyImport:
    """Return an import of the person's own office, or raise Http404. One query."""
    looked_up("import", public_id)
    rows = LegacyImport.objects.visible_to(user).select_related("office__region", "officer")
    return get_object_or_404(rows, public_id=public_id)


def readable_legacy(*, public_id: UUID, user: User) -> LegacyCase:
    """Return a legacy case of the person's scope, or raise Http404. One query."""
    looked_up("legacy", public_id)
    rows = LegacyCase.objects.visible_to(user).select_related(
        "office__region", "region", "agency", "finding"
    )
    return get_object_or_404(rows, public_id=public_id)


def own_legacy(*, public_id: UUID, user: User) -> LegacyCase:
    """Return a legacy case of the person's own office, or raise Http404. One query."""
    found = readable_legacy(public_id=public_id, user=user)
    if found.office_id != user.office_id:
        raise Http404
    return found
