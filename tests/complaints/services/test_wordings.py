"""Wordings: the nation's table, an office's own, what stands first, and their ends."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
)
from complaints.models import LetterStep, LetterTemplate
from complaints.models.letter_template import Approval
from complaints.selectors.wordings import national_wordings, wordings_for
from complaints.services.messages import MAX_MESSAGE
from complaints.services.wordings import (
    MAX_REFUSAL,
    approve_wording,
    end_wording,
    propose_wording,
    refuse_wording,
)
from complaints.states import Requirement
from tests.factories import AT, office, person

DAY = AT.date()


def propose(who: str = "sari", **changes: Any) -> LetterTemplate:
    fields: dict[str, Any] = {
        "title": "Minta bukti",
        "body": "Kirim fotonya.",
        "step": LetterStep.ASK_REPAIR,
        "requirements": [Requirement.EVIDENCE],
        "assigns_sender": False,
    } | changes
    return propose_wording(officer=person(who), at=AT, **fields)


def write(**changes: Any) -> LetterTemplate:
    """Return a wording that Sari proposed and Joko approved."""
    return approve_wording(wording_id=propose(**changes).pk, officer=person("joko"), at=AT)


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
        propose("dewi")
    with pytest.raises(ConflictError):
        end_wording(wording_id=row.pk, officer=person("budi"), at=AT)

    row.refresh_from_db()
    assert row.valid_until is None


def decide(row: LetterTemplate, who: str = "joko", **changes: Any) -> LetterTemplate:
    at = changes.pop("at", AT)
    return approve_wording(wording_id=row.pk, officer=person(who), at=at)


def offered(code: str = "minta-bukti", on: date = DAY) -> list[str]:
    rows = wordings_for(office=office("33"), step=LetterStep.ASK_REPAIR, on=on)
    return [row.body for row in rows if row.code == code]


@pytest.mark.django_db
def test_wording_is_offered_from_the_day_a_colleague_approved_it():
    row = propose()
    before = offered(on=DAY + timedelta(days=2))

    approved = decide(row, at=AT + timedelta(days=2))

    assert (before, offered(on=DAY + timedelta(days=2))) == ([], ["Kirim fotonya."])
    assert offered(on=DAY + timedelta(days=1)) == []
    assert (approved.decided_by, approved.valid_from) == (person("joko"), DAY + timedelta(days=2))


@pytest.mark.django_db
def test_proposer_answers_nothing_of_their_own():
    row = propose()

    with pytest.raises(NotPermittedError):
        decide(row, "sari")
    with pytest.raises(NotPermittedError):
        refuse_wording(wording_id=row.pk, officer=person("sari"), at=AT, reason="Terlalu kaku.")

    row.refresh_from_db()
    assert (row.approval, row.decided_by) == (Approval.WAITING, None)
    assert offered() == []


@pytest.mark.django_db
@pytest.mark.parametrize("approval", ["approved", "refused"])
def test_database_knows_that_it_takes_two(approval):
    row = propose()
    values = {"approval": approval, "decided_on": DAY, "valid_until": DAY}
    values["refusal"] = "Alasan." if approval == "refused" else ""

    for alone in (row.made_by, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            LetterTemplate.objects.filter(pk=row.pk).update(**values, decided_by=alone)
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterTemplate.objects.filter(pk=row.pk).update(decided_by=person("joko"))
    LetterTemplate.objects.filter(pk=row.pk).update(**values, decided_by=person("joko"))


@pytest.mark.django_db
def test_row_of_the_release_before_counts_as_approved():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO complaints_lettertemplate (office_id, code, title, body, step, requirements,"
            " assigns_sender, valid_from, made_by_id) VALUES (%s, 'minta-bukti', 'Minta bukti',"
            " 'Kirim fotonya.', 'ask_repair', '{evidence}', false, %s, %s)",
            [office("33").pk, DAY, person("sari").pk],
        )

    assert LetterTemplate.objects.get().approval == Approval.BEFORE
    assert offered() == ["Kirim fotonya."]


@pytest.mark.django_db
def test_refused_wording_says_why_and_its_name_is_free():
    row = propose()
    joko = person("joko")
    with pytest.raises(ReasonNeededError):
        refuse_wording(wording_id=row.pk, officer=joko, at=AT, reason=" ")
    with pytest.raises(DomainError):
        refuse_wording(wording_id=row.pk, officer=joko, at=AT, reason="a" * (MAX_REFUSAL + 1))

    refused = refuse_wording(wording_id=row.pk, officer=joko, at=AT, reason=" Terlalu kaku. ")
    again = propose(body="Mohon kirim fotonya.")

    assert (refused.approval, refused.refusal, refused.valid_until) == (
        "refused",
        "Terlalu kaku.",
        DAY,
    )
    decide(again)
    assert offered() == ["Mohon kirim fotonya."]


@pytest.mark.django_db
def test_what_was_decided_or_taken_back_is_not_decided_again():
    row = propose()
    decide(row)
    with pytest.raises(ConflictError):
        refuse_wording(wording_id=row.pk, officer=person("joko"), at=AT, reason="Alasan.")
    end_wording(wording_id=row.pk, officer=person("sari"), at=AT)
    taken_back = propose()
    end_wording(wording_id=taken_back.pk, officer=person("sari"), at=AT)

    with pytest.raises(ConflictError):
        decide(taken_back)

    taken_back.refresh_from_db()
    assert (taken_back.approval, taken_back.valid_until) == (Approval.WAITING, DAY)


@pytest.mark.django_db
def test_another_office_and_the_plenary_do_not_answer_but_a_chair_does():
    row = propose()
    chair = enrol_staff(
        email="ketua@contoh.id",
        name="Ketua",
        password=None,
        roles=[Role.CHAIR],
        office=office("33"),
    )

    with pytest.raises(ConflictError):
        decide(row, "budi")
    with pytest.raises(NotPermittedError):
        decide(row, "dewi")
    approve_wording(wording_id=row.pk, officer=chair, at=AT)

    assert offered() == ["Kirim fotonya."]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["refuse", "end", "approve"])
def test_of_two_at_once_one_decides(rival):
    row = propose()
    joko, sari = person("joko"), person("sari")
    nia = enrol_staff(
        email="nia@contoh.id",
        name="Nia",
        password=None,
        roles=[Role.CASE_OFFICER],
        office=office("33"),
    )
    start = Barrier(2)
    done: list[str] = []
    steps = {
        "first": lambda: approve_wording(wording_id=row.pk, officer=joko, at=AT),
        "approve": lambda: approve_wording(wording_id=row.pk, officer=nia, at=AT),
        "refuse": lambda: refuse_wording(wording_id=row.pk, officer=nia, at=AT, reason="Kaku."),
        "end": lambda: end_wording(wording_id=row.pk, officer=sari, at=AT),
    }

    def take(name: str) -> None:
        try:
            start.wait()
            steps[name]()
            done.append(name)
        except ConflictError:
            done.append(f"not {name}")
        finally:
            connections.close_all()

    threads = [Thread(target=take, args=(name,)) for name in ("first", rival)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    row.refresh_from_db()
    won = {name for name in done if not name.startswith("not ")}
    # Ending may follow an approval: it takes away what is in force as well.
    assert won in ({"first"}, {rival}) or (rival == "end" and won == {"first", "end"})
    assert (row.approval == Approval.APPROVED) == ("first" in won or won == {"approve"})
    assert row.decided_by == (joko if "first" in won else None if rival == "end" else nia)
