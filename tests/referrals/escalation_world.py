"""Follow-ups at the end of their days, many at once, and the clock of the ladder."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from django.db import connection

from bawaslu_cases.registry.models import Agency, Office, RecipientBody
from bawaslu_cases.shared.working_days import due_at
from complaints.models import Case, Official
from referrals.models import EscalationStep, FollowUp, Ladder, Referral
from referrals.services.escalation import escalate, letter_subject
from referrals.services.escalation_letters import set_escalation_letter
from tests.factories import office
from tests.referrals import stages

HOURS = time(5)
"""05.00 UTC lies in the same day in WIB, WITA and WIT."""


def noon(day: date) -> datetime:
    return datetime.combine(day, HOURS, tzinfo=UTC)


def late() -> tuple[FollowUp, date]:
    """Return a follow-up and the last day of its PPK."""
    follow_up = stages.recommended()
    return follow_up, follow_up.deadlines.get().due_on


def escalated(follow_up: FollowUp) -> EscalationStep:
    """Take the first rung on the first working day after the PPK's last one, with its letter."""
    ladder = Ladder.objects.get(follow_up=follow_up)
    assert ladder.next_on is not None
    escalate(at=noon(ladder.next_on))
    step = EscalationStep.objects.get(follow_up=follow_up)
    set_escalation_letter(subject_id=letter_subject(step), destination="")
    return step


def many(days: Sequence[tuple[str, date]]) -> list[FollowUp]:
    """Return one open follow-up for each region and last day, without any ladder yet."""
    agency = Agency.objects.get(code="R-33.08")
    places = {region: _referral(office(region)) for region, _day in days}
    officials = Official.objects.bulk_create(
        [Official(name=f"Contoh {number}", agency=agency) for number, _ in enumerate(days)]
    )
    made = FollowUp.objects.bulk_create(
        [
            FollowUp(
                referral=places[region],
                office_id=places[region].office_id,
                official=official,
                agency=agency,
                ppk_title="Bupati Magelang",
                recommended_class="SEVERE",
                recommended_on=date(2024, 12, 2),
                status="awaiting",
                status_at=noon(date(2024, 12, 2)),
                due_at=due_at(day, places[region].case.office.time_zone),
            )
            for (region, day), official in zip(days, officials, strict=True)
        ]
    )
    # A database learns of thousands of rows by itself within a minute, but not inside a transaction:
    # without this one look at 5,000 took from a second to ten minutes, by the plan it fell upon.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE referrals_followup, complaints_official")
    return made


def _referral(place: Office) -> Referral:
    at = noon(date(2024, 12, 2))
    case = Case.objects.create(
        reference=f"P-{place.pk}",
        status="referred",
        status_at=at,
        office=place,
        title="Perkara contoh",
        registered_on=at.date(),
    )
    return Referral.objects.create(
        case=case,
        office=place,
        recipient=RecipientBody.objects.get(code="BKN"),
        number=f"{case.public_id}",
        status="recommended",
        status_at=at,
        summary="Ringkasan.",
    )
