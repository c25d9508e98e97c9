"""Outbox handler: render the numbered letter and promise it to every destination.

Each runs inside the transaction that marks its message done, so numbers, letters, deliveries and
transitions happen exactly once however often a worker dies.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, UUIDField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from bawaslu_cases.registry.models import RecipientKind
from bawaslu_cases.shared import numbering, official_numbers
from bawaslu_cases.shared.joined import joined
from bawaslu_cases.shared.new_rows import written_together
from bawaslu_cases.shared.official_numbers import OutcomeCode
from bawaslu_cases.shared.outbox.topics import PermanentError
from bawaslu_cases.shared.prepared import Prepared
from complaints.services.cases import election_code, number_series
from complaints.services.corrections import open_correction_window
from complaints.services.deadlines import local_day
from referrals.errors import DraftChangedError
from referrals.models import Dispatch, Letter, Referral, ReferralAttachment
from referrals.packets.outgoing import LETTER_PURPOSE
from referrals.packets.record import attached_copies
from referrals.services.dispatches import open_dispatches
from referrals.services.packets import make_packet
from referrals.services.transitions import move_referral
from referrals.states import ReferralAction, ReferralStatus

ISSUE = "referral.issue"
__all__ = ["ISSUE", "LETTER_PURPOSE", "issue_referral", "outbox_subject"]


def outbox_subject(referral: Referral) -> str:
    """Return what a message says of a referral: public id and version, never anything else."""
    return f"{referral.public_id}:{referral.version}"


def _has(rows: type[Letter | ReferralAttachment | Dispatch]) -> Exists:
    return Exists(rows.objects.filter(referral=OuterRef("pk")))


# What most referrals have none of is asked for together, and read only where there is some.
_ISSUED = Prepared(
    lambda public_id: (
        Referral.objects.select_related("case__office__region", "case__contest", "recipient")
        .filter(public_id=Cast(Value(public_id), UUIDField()))
        .annotate(
            has_letters=_has(Letter), has_copies=_has(ReferralAttachment), has_ways=_has(Dispatch)
        )
    )
)


def _referral_of(subject_id: str) -> tuple[Referral, int]:
    public_id, _, version = subject_id.partition(":")
    (referral,) = _ISSUED.rows(public_id=str(UUID(public_id)))
    return referral, int(version)


@joined
def issue_referral(
    *,
    subject_id: str,
    destination: str,  # noqa: ARG001 -- outbox contract
    at: datetime | None = None,
) -> None:
    """Draw the number, render and seal the letter, and promise its delivery. Twice is harmless.

    ``at`` is the moment of the letter; the outbox leaves it out and it is now.
    """
    referral, version = _referral_of(subject_id)
    if referral.version != version or referral.status != ReferralStatus.APPROVED:
        return
    at = at or timezone.now()
    known = vars(referral)
    with written_together(told=[Dispatch]):
        try:
            number = make_packet(
                referral=referral,
                draw=lambda: referral.number or _number(referral, at),
                at=at,
                copies=attached_copies(referral) if known["has_copies"] else (),
            )
        except DraftChangedError as error:
            # nobody approved this, and trying again does not change it
            raise PermanentError("the draft is not the approved one") from error
        referral.number = number
        move_referral(
            referral=referral,
            action=ReferralAction.ISSUE,
            actor=None,
            at=at,
            also={"number": number},
        )
        if not known["has_letters"]:
            # A later version is the same recommendation: its days for a correction do not begin anew.
            open_correction_window(case=referral.case, on=local_day(at, referral.case.office))
        open_dispatches(referral=referral, at=at, is_first=not known["has_ways"])


def _number(referral: Referral, at: datetime) -> str:
    case = referral.case
    day = local_day(at, case.office)
    is_crime = referral.recipient.kind == RecipientKind.CRIME_CHECK
    kind = OutcomeCode.CRIME if is_crime else OutcomeCode.OTHER_LAW
    return official_numbers.recommendation_number(
        sequence=numbering.next_number(series=number_series(kind, case, day.year)),
        kind=kind,
        source=case.source,
        election=election_code(case),
        level=case.office.level_code,
        region=case.office.number_region,
        on=day,
    )
