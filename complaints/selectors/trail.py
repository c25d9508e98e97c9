"""From the ids in the audit log to names an auditor can read, and back."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import Case, CaseComplaint, Complaint

CHOICES_SHOWN = 8
LOG = "the audit log is the country's, and so are the numbers of the files that it names"


def find_officers(text: str) -> list[User]:
    """Return whom an e-mail address or a part of a name means, at most eight. One query."""
    wanted = Q(email__iexact=text) | Q(name__icontains=text)
    return list(
        User.objects.filter(wanted).select_related("office").order_by("name")[:CHOICES_SHOWN]
    )


@beyond(LOG)
def find_file(text: str) -> str:
    """Return the log's subject of a case or a record named by its number, or "". Two queries."""
    case = Case.objects.filter(reference__iexact=text).first()
    if case is not None:
        return f"case:{case.public_id.hex}"
    record = Complaint.objects.filter(reference__iexact=text).first()
    return f"complaint:{record.public_id.hex}" if record is not None else ""


@beyond(LOG)
def subjects_of_file(subject: str) -> tuple[str, ...]:
    """Return everything that belongs to the file a subject names: its case and all records of that.

    Attempts that were refused before anything was looked up stand as ``record:<id>``. Two queries.
    """
    kind, _, digits = subject.partition(":")
    public_id = UUID(digits)
    links = CaseComplaint.objects.all()
    case_id = (
        public_id
        if kind == "case"
        else links.filter(complaint__public_id=public_id)
        .values_list("case__public_id", flat=True)
        .first()
    )
    found = [] if case_id is None else [("case", case_id)]
    records = links.filter(case__public_id=case_id).order_by("pk") if case_id else links.none()
    found += [("complaint", key) for key in records.values_list("complaint__public_id", flat=True)]
    if (kind, public_id) not in found:
        found.append((kind, public_id))
    return tuple(
        name
        for each, key in found
        for name in dict.fromkeys((f"{each}:{key.hex}", f"record:{key.hex}"))
    )


def officer_names(actors: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return name and unit of the people among the log's actors, by actor. One query."""
    ids = [UUID(actor) for actor in set(actors) if is_public_id(actor)]
    rows = User.everyone.filter(public_id__in=ids).select_related(
        "office", "recipient_body", "agency"
    )
    return {
        user.public_id.hex: (user.name, unit.name if unit else "")
        for user in rows
        for unit in (user.office or user.recipient_body or user.agency,)
    }


@beyond(LOG)
def subject_names(subjects: Iterable[str]) -> dict[str, str]:
    """Return the official numbers of the files among the log's subjects, by subject. Two queries."""
    wanted: dict[str, list[UUID]] = {"case": [], "complaint": []}
    for subject in set(subjects):
        kind, _, digits = subject.partition(":")
        if kind in wanted and is_public_id(digits):
            wanted[kind].append(UUID(digits))
    cases = Case.objects.filter(public_id__in=wanted["case"])
    records = Complaint.objects.filter(public_id__in=wanted["complaint"])
    return {
        f"case:{key.hex}": number for key, number in cases.values_list("public_id", "reference")
    } | {
        f"complaint:{key.hex}": number
        for key, number in records.values_list("public_id", "reference")
    }


def is_public_id(text: str) -> bool:
    """Say whether a text is an id as the log writes it."""
    return len(text) == 32 and set(text) <= set("0123456789abcdef")  # noqa: PLR2004 -- 16 bytes
