"""Hearing people: two invitations, a record, a signature or why not (PB7 ps 28-33)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Case, Hearing, Invitation
from complaints.services import hearings
from complaints.services.cases import extend_handling
from tests.factories import AT, assessed_case, case, person

pytestmark = pytest.mark.django_db
SESSION = AT + timedelta(days=2)


def invited(found: Case, **changes: Any) -> Hearing:
    fields: dict[str, Any] = {
        "capacity": "reported",
        "official": found.allegations.get().official,
        "place_kind": "office",
        "place": "Kantor Bawaslu",
        "session_at": SESSION,
        "officer": person("sari"),
        "at": AT,
        **changes,
    }
    return hearings.invite(case=found, **fields)


def heard(hearing: Hearing, **changes: Any) -> Hearing:
    fields: dict[str, Any] = {
        "held_at": SESSION,
        "record": "1. Sehat. 2. Bersedia.",
        "signed": True,
        "officer": person("sari"),
        "at": SESSION + timedelta(hours=2),
        **changes,
    }
    return hearings.hear(hearing=hearing, **fields)


def again(hearing: Hearing, at: datetime, **changes: Any) -> Invitation:
    fields: dict[str, Any] = {
        "place_kind": "online",
        "place": "https://rapat.contoh.invalid/1",
        "session_at": at + timedelta(days=2),
        "officer": person("sari"),
        **changes,
    }
    return hearings.invite_again(hearing=hearing, at=at, **fields)


def test_invited_heard_and_signed():
    hearing = invited(case())
    hearings.note_delivered(
        invitation=hearing.invitations.get(), on=AT.date(), officer=person("sari")
    )

    heard(hearing, under_oath=True)

    hearing.refresh_from_db()
    assert (hearing.status, hearing.signed, hearing.under_oath) == ("heard", True, True)
    assert [event.action for event in hearing.events.all()] == ["create", "hear"]
    assert hearing.invitations.get().delivered_on == AT.date()


def test_delivery_is_noted_once_and_not_before_sending():
    invitation = invited(case()).invitations.get()
    sari = person("sari")

    with pytest.raises(DomainError):
        hearings.note_delivered(
            invitation=invitation, on=AT.date() - timedelta(days=1), officer=sari
        )
    hearings.note_delivered(invitation=invitation, on=AT.date(), officer=sari)
    with pytest.raises(ConflictError):
        hearings.note_delivered(invitation=invitation, on=AT.date(), officer=sari)


def test_refusal_to_sign_is_noted_with_its_reason():
    hearing = invited(case())

    with pytest.raises(DomainError) as refusal:
        heard(hearing, signed=False)
    assert refusal.value.field == "refusal"

    heard(hearing, signed=False, refusal="Menolak tanpa penasihat hukum.")
    assert hearing.refusal == "Menolak tanpa penasihat hukum."


def test_absence_needs_two_invitations():
    hearing = invited(case())
    sari = person("sari")

    with pytest.raises(ConflictError):
        hearings.note_absence(hearing=hearing, officer=sari, at=SESSION + timedelta(hours=1))
    with pytest.raises(DomainError):
        again(hearing, AT)
    second = again(hearing, SESSION + timedelta(hours=1))
    with pytest.raises(DomainError):
        hearings.note_absence(hearing=hearing, officer=sari, at=SESSION + timedelta(hours=2))
    hearings.note_absence(
        hearing=hearing, officer=sari, at=second.session_at + timedelta(minutes=1)
    )

    hearing.refresh_from_db()
    assert hearing.status == "absent"
    assert [row.number for row in hearing.invitations.all()] == [1, 2]
    with pytest.raises(ConflictError):
        heard(hearing, at=second.session_at + timedelta(days=1))


def test_invitation_reaches_a_day_before():
    found = case()

    with pytest.raises(DomainError) as refusal:
        invited(found, session_at=AT + timedelta(hours=4))

    assert refusal.value.field == "session_at"
    assert not Hearing.objects.exists()
    # Pilkada counts calendar days: the day after is early enough.
    assert hearings.first_session_day(case=found, sent_on=AT.date()) == date(2024, 10, 8)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"official": None}, "official"),
        ({"capacity": "witness", "official": None, "person": " "}, "person"),
        ({"place": ""}, "place"),
        ({"place_kind": "moon"}, "place_kind"),
    ],
)
def test_incomplete_invitations_are_told_what_is_missing(changes, field):
    found = case()

    with pytest.raises(DomainError) as refusal:
        invited(found, **changes)

    assert refusal.value.field == field
    assert not Invitation.objects.exists()


def test_nobody_is_heard_once_the_plenary_has_the_case():
    with pytest.raises(DomainError) as refusal:
        invited(assessed_case())

    assert refusal.value.code == "too_late"


def test_recipient_invites_nobody():
    with pytest.raises(NotPermittedError):
        invited(case(), officer=person("anwar"))


def test_invitation_is_called_off_with_a_reason():
    hearing = invited(case())

    with pytest.raises(DomainError):
        hearings.cancel(hearing=hearing, officer=person("sari"), at=AT, reason=" ")
    hearing.refresh_from_db()
    hearings.cancel(hearing=hearing, officer=person("sari"), at=AT, reason="Sakit.")

    assert hearing.status == "cancelled"


def test_longer_time_counts_from_the_registration_and_once():
    found = case()

    longer = extend_handling(
        case=found, officer=person("sari"), at=AT, reason="Saksi baru diketahui."
    )

    # Pilkada: 5 calendar days in all, from Monday 7 October.
    assert (longer.kind, longer.due_on) == ("handling_extended", date(2024, 10, 12))
    assert list(found.deadlines.order_by("pk").values_list("kind", "status")) == [
        ("handling", "cancelled"),
        ("handling_extended", "open"),
    ]
    with pytest.raises(ConflictError):
        extend_handling(case=found, officer=person("sari"), at=AT, reason="Lagi.")


def test_time_that_is_over_is_not_lengthened():
    found = case()

    with pytest.raises(DomainError) as refusal:
        extend_handling(
            case=found, officer=person("sari"), at=AT + timedelta(days=30), reason="Terlambat."
        )

    assert refusal.value.code == "too_late"
    assert found.events.filter(action="extend").count() == 0
