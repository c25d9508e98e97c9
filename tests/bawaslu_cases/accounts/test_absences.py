"""Who is away and who stands in: what is refused, what the database itself refuses, the day edges."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from bawaslu_cases.accounts.models import Absence, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import deputies_for
from bawaslu_cases.accounts.services import end_absence, enrol_staff, enter_absence
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from tests.factories import AT, office, person

MON, TUE, FRI = date(2024, 10, 7), date(2024, 10, 8), date(2024, 10, 11)


def second(key: str = "nia", **changes: Any) -> User:
    plain: dict[str, Any] = {
        "email": f"{key}@contoh.id",
        "name": key.title(),
        "password": None,
        "roles": [Role.INTAKE_OFFICER, Role.CASE_OFFICER],
        "office": office("33"),
    }
    return enrol_staff(**(plain | changes))


def away(first_on: date = TUE, last_on: date = FRI, **changes: Any) -> Absence:
    plain: dict[str, Any] = {"person": person("sari"), "officer": person("sari"), "at": AT}
    plain |= {"first_on": first_on, "last_on": last_on, **changes}
    if "deputy" not in plain:
        plain["deputy"] = second()
    return enter_absence(**plain)


@pytest.mark.django_db
def test_days_are_inclusive_and_ordered():
    row = away(MON, MON)

    assert list(Absence.objects.on(MON)) == [row]
    assert not Absence.objects.on(TUE).exists()
    for first, last, field in ((TUE, MON, "last_on"), (date(2024, 10, 6), FRI, "first_on")):
        with pytest.raises(DomainError) as refused:
            away(first, last, deputy=row.deputy)
        assert refused.value.field == field
    with pytest.raises(DomainError, match="satu tahun"):
        away(TUE, date(2025, 12, 1), deputy=row.deputy)


@pytest.mark.django_db
def test_today_is_the_day_of_the_office():
    """At 16.30 UTC it is still Monday in Java and Tuesday already in Bali."""
    evening = datetime(2024, 10, 7, 16, 30, tzinfo=UTC)
    assert away(MON, MON, at=evening).first_on == MON
    putri = second("putri", office=office("51"))
    with pytest.raises(DomainError, match="Paling awal hari ini"):
        enter_absence(
            person=person("budi"),
            deputy=putri,
            first_on=MON,
            last_on=TUE,
            officer=person("budi"),
            at=evening,
        )


@pytest.mark.django_db
def test_only_oneself_or_a_chair_above_enters():
    nia = second()
    away(officer=person("joko"), deputy=nia)
    for key in ("dewi", "lina", "agus", "budi"):
        with pytest.raises(NotPermittedError):
            away(date(2024, 11, 1), date(2024, 11, 2), officer=person(key), deputy=nia)
    away(date(2024, 11, 1), date(2024, 11, 2), officer=person("ratna"), deputy=nia)
    with pytest.raises(NotPermittedError):  # nothing is given to a member of the plenary
        away(person=person("dewi"), officer=person("dewi"), deputy=nia)


@pytest.mark.django_db
def test_a_deputy_is_there_of_the_office_and_of_the_roles():
    nia = second()
    case_only = second("citra", roles=[Role.CASE_OFFICER])
    gone = second("gani")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    gone.refresh_from_db()

    assert deputies_for(person("sari")) == [nia]
    for deputy in (person("sari"), person("rudi"), person("dewi"), case_only, gone):
        with pytest.raises(DomainError) as refused:
            away(deputy=deputy)
        assert refused.value.field == "deputy"
    # Citra holds less than Sari, Sari holds what Citra does.
    away(person=case_only, officer=case_only, deputy=person("sari"))


@pytest.mark.django_db
def test_nobody_stands_in_while_away():
    nia = second()
    away(person=nia, officer=nia, deputy=person("sari"))
    with pytest.raises(DomainError) as refused:
        away(FRI, date(2024, 10, 14), deputy=nia)
    assert refused.value.code == "stands_in" or refused.value.field == "deputy"
    citra = second("citra")
    with pytest.raises(DomainError) as refused:
        away(FRI, FRI, deputy=citra)
    assert refused.value.code == "stands_in"
    with pytest.raises(DomainError) as refused:
        away(FRI, FRI, person=citra, officer=citra, deputy=nia)
    assert refused.value.field == "deputy"
    away(date(2024, 10, 12), date(2024, 10, 14), deputy=nia)  # the day after


@pytest.mark.django_db
def test_an_overlap_is_refused_by_the_database_too():
    row = away()
    with pytest.raises(DomainError) as refused:
        away(FRI, FRI, deputy=row.deputy)
    assert refused.value.code == "overlaps"
    with pytest.raises(IntegrityError, match="absence_one_at_a_time"), transaction.atomic():
        Absence.objects.create(
            user=row.user,
            deputy=row.deputy,
            first_on=FRI,
            last_on=FRI,
            entered_by=row.user,
            made_at=AT,
        )
    away(date(2024, 10, 12), date(2024, 10, 12), deputy=row.deputy)
    end_absence(absence=row, officer=person("sari"), at=AT)
    away(FRI, FRI, deputy=row.deputy)  # what was called off stands in nobody's way


@pytest.mark.django_db
def test_it_ends_early_or_is_called_off():
    running, ahead = away(MON, FRI), away(date(2024, 11, 1), date(2024, 11, 2), deputy=second("c"))
    wednesday = datetime(2024, 10, 9, 3, 0, tzinfo=UTC)
    with pytest.raises(NotPermittedError):
        end_absence(absence=running, officer=person("budi"), at=wednesday)

    end_absence(absence=running, officer=person("sari"), at=wednesday)
    end_absence(absence=ahead, officer=person("joko"), at=wednesday)

    assert (running.last_on, running.cancelled_at) == (TUE, None)
    assert ahead.cancelled_at == wednesday
    for row in (running, ahead):
        with pytest.raises(DomainError, match="sudah berakhir"):
            end_absence(absence=row, officer=person("sari"), at=wednesday)


@pytest.fixture
def threads_may_write(transactional_db: None) -> Iterator[None]:
    yield
    connections.close_all()


@pytest.mark.usefixtures("threads_may_write")
def test_two_who_name_each_other_at_once_are_not_both_away():
    nia, sari, start = second(), person("sari"), Barrier(2)
    refused: list[str] = []

    def enter(who: User, deputy: User) -> None:
        start.wait()
        try:
            away(person=who, officer=who, deputy=deputy)
        except DomainError as error:
            refused.append(str(error.field))
        finally:
            connections.close_all()

    both = [Thread(target=enter, args=pair) for pair in ((sari, nia), (nia, sari))]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert Absence.objects.count() == 1
    assert refused == ["deputy"]
