"""The ladder over many open follow-ups: one day on which every rung is due, and the same day again.

``python -m bench.ladder N`` runs as the owner and makes N follow-ups that owe an answer, over every office
(for a database that is thrown away; the registry must be loaded). It prints one JSON object per measure:

    .venv/bin/python -m bawaslu_cases.embedded.throwaway sh -c "
        .venv/bin/python manage.py migrate -v0 && .venv/bin/python manage.py load_registry -v0 &&
        DJANGO_SETTINGS_MODULE=bawaslu_cases.settings.dev .venv/bin/python -m bench.ladder 20000"
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import django

django.setup()

from django.db import connection  # noqa: E402 -- after setup

from bawaslu_cases.registry.models import (  # noqa: E402 -- after setup
    Agency,
    Holiday,
    Office,
    RecipientBody,
)
from complaints.models import Case, Official  # noqa: E402 -- after setup
from referrals.models import (  # noqa: E402 -- after setup
    EscalationStep,
    FollowUp,
    Ladder,
    Referral,
)
from referrals.services.escalation import escalate, reckon_ladders  # noqa: E402 -- after setup

SATURDAY = 5


def main() -> None:
    """Open what is missing, give everyone a ladder, take a rung of each, and take none again."""
    now = datetime.now(UTC)
    _open(int(sys.argv[1]), now)
    _tell("reckon_ladders", 1, reckon_ladders)
    at = _working_noon(now)
    _tell("escalate_dry", 1, lambda: escalate(at=at, is_dry=True).total())
    for run in (1, 2):
        _tell("escalate", run, lambda: escalate(at=at).total())
    print(
        json.dumps(
            {
                "measure": "ladder_rows",
                "ladders": Ladder.objects.count(),
                "steps": EscalationStep.objects.count(),
            }
        )
    )


def _open(wanted: int, now: datetime) -> None:
    """Make follow-ups whose PPKs are a month late, spread over all offices."""
    body = RecipientBody.objects.get(code="BKN")
    agencies = list(Agency.objects.order_by("pk")[:600])
    places = [_referral(office, body, now) for office in Office.objects.order_by("pk")]
    officials = Official.objects.bulk_create(
        [Official(name=f"Contoh {number}") for number in range(wanted)], batch_size=2000
    )
    FollowUp.objects.bulk_create(
        [
            FollowUp(
                referral=places[number % len(places)],
                office_id=places[number % len(places)].office_id,
                official=official,
                agency=agencies[number % len(agencies)],
                ppk_title="Bupati",
                recommended_class="SEVERE",
                recommended_on=now.date() - timedelta(days=60),
                status="awaiting",
                status_at=now,
                due_at=now - timedelta(days=30 + number % 20),
            )
            for number, official in enumerate(officials)
        ],
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _referral(office: Office, body: RecipientBody, now: datetime) -> Referral:
    case = Case.objects.create(
        reference=f"P-{office.pk}",
        status="referred",
        status_at=now,
        office=office,
        title="Perkara",
        registered_on=now.date(),
    )
    return Referral.objects.create(
        case=case,
        office=office,
        recipient=body,
        number=str(case.public_id),
        status="recommended",
        status_at=now,
        summary="Ringkasan.",
    )


def _working_noon(now: datetime) -> datetime:
    """Return 05.00 UTC of the next day that is worked everywhere."""
    known = set(Holiday.objects.values_list("date", flat=True))
    day = now
    while day.weekday() >= SATURDAY or day.date() in known:
        day += timedelta(days=1)
    return day.replace(hour=5, minute=0)


def _tell(measure: str, run: int, work: Callable[[], int]) -> None:
    began = time.perf_counter()
    changed = work()
    seconds = round(time.perf_counter() - began, 2)
    print(json.dumps({"measure": measure, "run": run, "changed": changed, "seconds": seconds}))


if __name__ == "__main__":
    main()
