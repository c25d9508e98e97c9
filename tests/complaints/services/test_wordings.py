"""Wordings: the nation's table, an office's own, what stands first, and their ends."""

from datetime import timedelta
from typing import Any

import pytest

from bawaslu_cases.shared.errors import ConflictError, NotPermittedError
from complaints.models import LetterStep
from complaints.selectors.wordings import national_wordings, wordings_for
from complaints.services.messages import MAX_MESSAGE
from complaints.services.wordings import end_wording, write_wording
from complaints.states import Requirement
from tests.factories import AT, office, person

DAY = AT.date()


def write(who: str = "sari", **changes):
    fields: dict[str, Any] = {
        "title": "Minta bukti",
        "body": "Kirim fotonya.",
        "step": LetterStep.ASK_REPAIR,
        "requirements": [Requirement.EVIDENCE],
        "assigns_sender": False,
    } | changes
    return write_wording(officer=person(who), at=AT, **fields)


def test_national_wordings_are_plain_and_in_force():
    rows = national_wordings()

    assert len(rows) == len({row.code for row in rows}) == 15
    for row in rows:
        assert row.is_in_force(DAY), row.code
        assert 0 < len(row.body) <= MAX_MESSAGE
        assert bool(row.requirements) == (row.step is LetterStep.ASK_REPAIR), row.code
        sentences = [part for part in row.body.replace("?", ".").split(".") if part.strip()]
        assert max(len(part.split()) for part in sentences) <= 20, row.code


@pytest.mark.parametrize("item", list(Requirement))
def test_everything_that_can_be_repaired_has_its_wording(item):
    asked = {code for row in national_wordings() for code in row.requirements}

    assert (item in asked) == (item is not Requirement.IN_TIME)


@pytest.mark.django_db
def test_what_asks_for_just_what_is_missing_stands_first():
    place = office("33")

    rows = wordings_for(office=place, step=LetterStep.ASK_REPAIR, on=DAY, unmet=["evidence"])

    assert [row.code for row in rows[:2]] == ["lengkapi-bukti", "lengkapi-semua"]


@pytest.mark.django_db
def test_own_wording_stands_in_for_the_nations_in_its_office_alone():
    write(title="Lengkapi bukti")

    own = wordings_for(office=office("33"), step=LetterStep.ASK_REPAIR, on=DAY)
    others = wordings_for(office=office("51"), step=LetterStep.ASK_REPAIR, on=DAY)

    assert [row.body for row in own if row.code == "lengkapi-bukti"] == ["Kirim fotonya."]
    assert not any(row.is_own for row in others)
    assert len(own) == len(others)


@pytest.mark.django_db
def test_one_of_a_name_is_in_force_and_ends_for_good():
    row = write()
    with pytest.raises(ConflictError):
        write()

    end_wording(wording_id=row.pk, officer=person("joko"), at=AT + timedelta(days=2))
    with pytest.raises(ConflictError):
        end_wording(wording_id=row.pk, officer=person("sari"), at=AT)
    write()

    rows = wordings_for(office=office("33"), step=LetterStep.ASK_REPAIR, on=DAY)
    assert sum(row.is_own for row in rows) == 2
    later = wordings_for(
        office=office("33"), step=LetterStep.ASK_REPAIR, on=DAY + timedelta(days=2)
    )
    assert sum(row.is_own for row in later) == 1


@pytest.mark.django_db
def test_neither_the_plenary_nor_another_office_writes_or_ends():
    row = write()

    with pytest.raises(NotPermittedError):
        write("dewi")
    with pytest.raises(ConflictError):
        end_wording(wording_id=row.pk, officer=person("budi"), at=AT)

    row.refresh_from_db()
    assert row.valid_until is None
