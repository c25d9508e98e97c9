"""What the officers of the vault see: reports waiting, requests, and a name that is none."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from bawaslu_cases.accounts.models import User
from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.registry.models import Office
from complaints.models import (
    Complaint,
    HandoverConsent,
    IdentityCard,
    RequirementCheck,
    ShareRelease,
    UnsealRequest,
    VerificationTurn,
)
from complaints.models.complaint import ComplaintQuerySet
from complaints.selectors.case_file import complaint_files
from complaints.selectors.desk import listed
from complaints.states import (
    UNDER_REVIEW,
    Requirement,
    UnsealStatus,
)

_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
_LENGTH = 4
LIST_LENGTH = 100
_RUNNING = [UnsealStatus.PENDING, UnsealStatus.RELEASED]


def identity_card(complaint: Complaint) -> IdentityCard | None:
    """Return where the card lies that this report's reporter showed, or None. One query."""
    return IdentityCard.objects.filter(complaint=complaint).first()


def pseudonym(public_id: UUID) -> str:
    """Return what a file calls a report's reporter: "P-" and four characters. No query.

    The same every time and on every page; made of the record's random id alone, so that it says
    nothing of the person. Two reporters in 600,000 share one.
    """
    number = int.from_bytes(hashlib.sha256(b"reporter-pseudonym" + public_id.bytes).digest())
    letters = []
    for _place in range(_LENGTH):
        number, index = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[index])
    return "P-" + "".join(letters)


def desk_code(office: Office) -> str:
    """Return the code of an office's verification desk."""
    return f"desk-{office.path.replace('.', '-')}"


def desk_path(code: str) -> str:
    """Return the path of the office whose verification desk has this code."""
    return code.removeprefix("desk-").replace("-", ".")


def turns_of(user: User, *, group: str) -> QuerySet[VerificationTurn]:
    """Return what a verifier has in hand at a desk; a filter, no query."""
    return VerificationTurn.objects.filter(group=group, verifier=user)


def has_turn(user: User, complaint: Complaint, *, group: str) -> bool:
    """Say whether a verifier has a record in hand at a desk. One query."""
    return turns_of(user, group=group).filter(complaint=complaint).exists()


def reports_in_hand(user: User) -> ComplaintQuerySet:
    """Return the reports whose identity is sealed to the verifier's desk and that they have in hand.

    A filter, no query (check A12).
    """
    return _in_hand(Complaint.objects.all(), user)


def report_files_in_hand(user: User) -> ComplaintQuerySet:
    """Return the same with everything a page shows of them; a filter, no query."""
    return _in_hand(complaint_files(), user).select_related("identity")


def _in_hand(rows: ComplaintQuerySet, user: User) -> ComplaintQuerySet:
    if user.office is None:
        return rows.none()
    desk = desk_code(user.office)
    turns = turns_of(user, group=desk).filter(complaint=OuterRef("pk"))
    return rows.visible_to(user).filter(Exists(turns), identity__group_a=desk)


def waiting_reports(user: User) -> Sequence[Any]:
    """Return what a verifier has in hand whose reporter nobody has attested to, by deadline. One query."""
    own = UnsealRequest.objects.filter(complaint=OuterRef("pk")).order_by("-created_at")
    rows = listed(reports_in_hand(user).filter(status__in=UNDER_REVIEW)).annotate(
        asked=Subquery(own.values("status")[:1]),
        has_card=Exists(IdentityCard.objects.filter(complaint=OuterRef("pk"))),
        attested=Exists(
            RequirementCheck.objects.filter(
                complaint=OuterRef("pk"), requirement=Requirement.REPORTER
            )
        ),
    )
    return list(rows.filter(attested=False).order_by("due_at", "pk")[:LIST_LENGTH])


def own_requests(user: User) -> Sequence[UnsealRequest]:
    """Return a verifier's requests, the newest first; none of what he lost or was recused from. One query."""
    rows = (
        UnsealRequest.objects.filter(_still_theirs(), verifier=user)
        .exclude(complaint__recusals__user=user)
        .select_related("complaint__office")
    )
    return list(rows.order_by("-created_at", "pk")[:LIST_LENGTH])


def requests_of(complaint: Complaint) -> Sequence[UnsealRequest]:
    """Return every request about a report, the newest first. One query."""
    rows = complaint.unseal_requests.select_related("verifier", "custodian")
    return list(rows.order_by("-created_at", "pk"))


def visible_requests(user: User) -> QuerySet[UnsealRequest]:
    """Return the requests an officer of the vault may look at; a filter.

    A verifier sees his own, while he has the report in hand; a custodian all whose share B is sealed to his
    group. Nobody sees one of a report that he was recused from. One query for a custodian's certificate.
    """
    rows = UnsealRequest.objects.select_related(
        "complaint__office", "verifier__office", "custodian"
    ).exclude(complaint__recusals__user=user)
    # What somebody asked who had to stand back since is void: nobody decides on it.
    rows = rows.exclude(complaint__recusals__user=F("verifier"))
    certificate = keyring.certificate_of(user.public_id)
    if certificate is None or certificate.group.side == "a":
        return rows.filter(_still_theirs(), verifier=user)
    rows = rows.filter(complaint__identity__group_b=certificate.group_id)
    # Nor on what its asker could not open any more.
    return rows.filter(~Q(status__in=_RUNNING) | _still_theirs())


def _still_theirs() -> Q:
    """Return the condition that whoever asked has the report in hand; no query."""
    turns = VerificationTurn.objects.filter(
        complaint=OuterRef("complaint"), verifier=OuterRef("verifier")
    )
    return Q(Exists(turns))


def pending_requests(user: User, *, at: datetime) -> Sequence[UnsealRequest]:
    """Return what a custodian has to decide on, what ends first on top. Two queries."""
    rows = visible_requests(user).filter(status=UnsealStatus.PENDING, expires_at__gt=at)
    return list(rows.order_by("expires_at", "pk")[:LIST_LENGTH])


def decided_requests(user: User) -> Sequence[UnsealRequest]:
    """Return what a custodian decided lately; none of what he was recused from. One query."""
    rows = (
        UnsealRequest.objects.filter(custodian=user)
        .exclude(complaint__recusals__user=user)
        .select_related("complaint")
    )
    return list(rows.order_by("-status_at", "pk")[:20])


def has_share(request: UnsealRequest) -> bool:
    """Say whether a released share waits to be fetched. One query."""
    return ShareRelease.objects.filter(request=request).exists()


def given_consent(complaint: Complaint) -> tuple[bytes, bytes] | None:
    """Return a reporter's consent to a hand-over (canonical JSON) and the key that verifies it.

    One query; None without one.
    """
    row = (
        HandoverConsent.objects.filter(complaint=complaint)
        .values_list("document", "complaint__receipt__consent_pk")
        .first()
    )
    if row is None or row[1] is None:
        return None
    return bytes(row[0]), bytes(row[1])
