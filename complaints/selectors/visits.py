"""Whether a reporter still has to show their card, until when, and the code for it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import TimeLimit
from bawaslu_cases.shared.working_days import Unit, count_days
from complaints.deadlines import DEFAULT_REGIME, IDENTITY_CARD
from complaints.models import Complaint, RequirementCheck, SealedIdentity
from complaints.receipts import format_visit_code, visit_code
from complaints.states import REPORT_LANES, UNDER_REVIEW, Requirement


@dataclass(frozen=True, repr=False)
class Visit:
    """What a reporter is told. ``code`` is () without one; ``shown_on`` is None until a card is there.

    ``due_on`` is None where no law says a day. The repr hides the code.
    """

    due_on: date | None
    may_draw: bool
    code: tuple[str, ...]
    good_until: date | None
    shown_on: date | None

    def __repr__(self) -> str:
        return "Visit(…)"


def visit_of(complaint: Complaint, *, mailbox_key: bytes, today: date) -> Visit | None:
    """Return it, or None where no card is asked for: without a name, or once the name was checked.

    One query for a report whose name is being checked, and those of the registry where they are not
    remembered.
    """
    if complaint.lane not in REPORT_LANES or complaint.status not in UNDER_REVIEW:
        return None
    checked = RequirementCheck.objects.filter(
        complaint=OuterRef("complaint"), requirement=Requirement.REPORTER, is_met=True
    )
    found = (
        SealedIdentity.objects.filter(~Exists(checked), complaint=complaint)
        .values(
            "card_key",
            "complaint__visit_code__serial",
            "complaint__visit_code__expires_on",
            "complaint__identity_card__received_on",
        )
        .first()
    )
    if found is None:
        return None
    serial, until = (
        found["complaint__visit_code__serial"],
        found["complaint__visit_code__expires_on"],
    )
    is_good = until is not None and until >= today
    report = complaint.public_id.hex
    return Visit(
        due_on=_due_on(complaint),
        may_draw=found["card_key"] is not None,
        code=format_visit_code(visit_code(mailbox_key, report=report, serial=serial))
        if is_good
        else (),
        good_until=until if is_good else None,
        shown_on=found["complaint__identity_card__received_on"],
    )


def _due_on(complaint: Complaint) -> date | None:
    """Return the last day for showing the card (PB7 ps 12 huruf c); Pilkada's rules name none we know."""
    regime = complaint.contest.regime if complaint.contest else DEFAULT_REGIME
    try:
        limit = registry.time_limit(code=IDENTITY_CARD, regime=regime, on=complaint.received_on)
    except TimeLimit.DoesNotExist:
        return None
    return count_days(
        start=complaint.received_on,
        days=limit.value,
        unit=Unit(limit.unit),
        calendar=registry.calendar_at_hand(office=complaint.office),
    ).due_on
