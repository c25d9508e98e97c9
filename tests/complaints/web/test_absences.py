"""An officer is away: no new work, a deputy sees what is in hand, and it comes back by itself."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import dateformat, timezone

from bawaslu_cases.accounts.models import Absence, RoleGrant, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff, enter_absence
from bawaslu_cases.audit.models import AuditEvent
from complaints.models import Case, Complaint, Recusal, Reminder
from complaints.selectors.desk import CaseView, case_row, cases_page, queue_row
from complaints.selectors.filters import Asker
from complaints.selectors.queue import QueueQuery, View, queue_page
from complaints.services.reminders import remind
from complaints.services.routing import next_officer, route_waiting
from tests.factories import AT, case, office, person, tip

pytestmark = pytest.mark.django_db
MON, TUE = date(2024, 10, 7), date(2024, 10, 8)
LAST_MINUTE = datetime(2024, 10, 8, 16, 59, tzinfo=UTC)
"""23.59 WIB on Tuesday; a minute later it is Wednesday there."""


@pytest.fixture
def nia() -> User:
    return enrol_staff(
        email="nia@contoh.id",
        name="Nia",
        password=None,
        roles=[Role.INTAKE_OFFICER, Role.CASE_OFFICER],
        office=office("33"),
    )


def sari_is_away(deputy: User, first_on: date = MON, last_on: date = TUE) -> Absence:
    sari = person("sari")
    return enter_absence(
        person=sari, deputy=deputy, first_on=first_on, last_on=last_on, officer=sari, at=AT
    )


def mine(user: User, at: datetime) -> list[str]:
    page = queue_page(
        query=QueueQuery(view=View.MINE), asker=Asker(User.objects.get(pk=user.pk), at), cursor=None
    )
    return [queue_row(row, at=at).extra for row in page.rows]


def test_new_work_passes_by_whoever_is_away_until_the_day_after(nia):
    row, sari = tip(), person("sari")
    User.objects.filter(pk=nia.pk).update(is_active=False)
    assert next_officer(row, at=AT) == sari
    User.objects.filter(pk=nia.pk).update(is_active=True)
    sari_is_away(nia)
    Complaint.objects.filter(pk=tip(AT + timedelta(days=1)).pk).update(assignee=nia)

    # Nia has one in hand and Sari none, yet Sari is away through Tuesday by Java's clock.
    assert next_officer(row, at=AT) == nia
    assert next_officer(row, at=LAST_MINUTE) == nia
    assert next_officer(row, at=LAST_MINUTE + timedelta(minutes=1)) == sari
    User.objects.filter(pk=nia.pk).update(is_active=False)
    assert next_officer(row, at=AT) is None  # nobody is there: it waits, and goes nowhere else
    assert route_waiting(at=AT) == 0
    assert route_waiting(at=LAST_MINUTE + timedelta(minutes=1)) == 1
    row.refresh_from_db()
    assert row.assignee == sari


def test_what_is_in_hand_shows_at_the_deputys_and_comes_back_by_itself(nia):
    hers, own, hidden = tip(), tip(), tip()
    Complaint.objects.filter(pk__in=[hers.pk, hidden.pk]).update(assignee=person("sari"))
    Complaint.objects.filter(pk=own.pk).update(assignee=nia)
    Recusal.objects.create(user=nia, complaint=hidden, reason="relative", since=AT)
    assert mine(nia, AT) == ["Nia"]

    sari_is_away(nia)

    assert sorted(mine(nia, AT)) == ["Nia", "untuk Sari sampai 8 Okt"]
    assert sorted(mine(nia, LAST_MINUTE)) == ["Nia", "untuk Sari sampai 8 Okt"]
    assert mine(nia, LAST_MINUTE + timedelta(minutes=1)) == ["Nia"]
    assert mine(person("sari"), AT) == ["Sari", "Sari"]
    assert mine(person("joko"), AT) == []
    assert set(Complaint.objects.values_list("assignee__name", flat=True)) == {"Sari", "Nia"}


def test_cases_in_hand_show_at_the_deputys_too(nia):
    found = case()
    Case.objects.filter(pk=found.pk).update(assignee=person("sari"))

    def lines(at: datetime) -> list[str]:
        page = cases_page(user=nia, view=CaseView.MINE, cursor=None, at=at)
        return [case_row(row, at=at)["status"] for row in page.rows]

    assert lines(AT) == []
    sari_is_away(nia)
    assert lines(AT) == ["Dikaji · untuk Sari sampai 8 Okt"]
    Recusal.objects.create(user=nia, case=found, reason="relative", since=AT)
    assert lines(AT) == []


def test_reminders_go_to_the_deputy_as_well_but_never_of_what_they_must_not_see(nia):
    row, morning = tip(), datetime(2024, 10, 9, 1, 0, tzinfo=UTC)
    Complaint.objects.filter(pk=row.pk).update(assignee=person("sari"))
    absence = sari_is_away(nia, last_on=date(2024, 10, 9))

    def heard(at: datetime) -> set[str]:
        remind(at=at)
        day = timezone.localdate(at)
        return set(Reminder.objects.filter(on=day).values_list("user__name", flat=True))

    assert heard(morning) == {"Sari", "Nia"}
    assert heard(morning + timedelta(days=1)) == {"Sari"}
    Absence.objects.filter(pk=absence.pk).update(last_on=date(2024, 10, 12))
    Recusal.objects.create(user=nia, complaint=row, reason="relative", since=AT)
    assert heard(morning + timedelta(days=2)) == {"Sari"}


def test_the_page_enters_ends_and_is_logged(client, nia):
    sari, page, today = person("sari"), reverse("desk:absences"), timezone.localdate()
    client.force_login(sari)
    fields = {"first_on": today, "last_on": today + timedelta(days=3), "deputy": nia.public_id}

    lacking = client.post(page, fields | {"deputy": ""})
    assert client.post(page, fields).status_code == 302
    again = client.post(page, fields)

    assert "Pilih penggantinya." in lacking.content.decode()
    assert "sudah termasuk ketidakhadiran lain" in again.content.decode()
    row = Absence.objects.get()
    client.force_login(nia)
    assert "Anda menggantikan Sari" in client.get(reverse("desk:today")).content.decode()
    assert client.post(page, {"end": row.pk}).status_code == 404
    assert client.get(page, {"siapa": sari.public_id}).status_code == 404
    client.force_login(person("joko"))
    assert client.get(page, {"siapa": person("budi").public_id}).status_code == 404
    assert "Digantikan Nia" in client.get(page).content.decode()
    assert "tidak hadir sampai" in client.get(reverse("desk:workload")).content.decode()
    client.post(page, {"end": row.pk})

    row.refresh_from_db()
    assert row.cancelled_at is not None
    logged = AuditEvent.objects.filter(action__startswith="staff.absence").order_by("seq")
    assert list(logged.values_list("action", "actor", "subject")) == [
        ("staff.absence", sari.public_id.hex, f"person:{sari.public_id}"),
        ("staff.absence_end", person("joko").public_id.hex, f"person:{sari.public_id}"),
    ]


def test_a_chair_enters_for_somebody_and_the_form_to_assign_says_who_is_away(client, nia):
    row, today = tip(), timezone.localdate()
    client.force_login(person("joko"))
    page = f"{reverse('desk:absences')}?siapa={person('sari').public_id}"

    shown = client.get(page).content.decode()
    client.post(page, {"first_on": today, "last_on": today, "deputy": nia.public_id})

    assert "Catat untuk Sari" in shown
    assert Absence.objects.get().entered_by == person("joko")
    assign = client.get(reverse("desk:assign", args=[row.public_id])).content.decode()
    assert "Sari (tidak hadir sampai" in assign


def test_a_deputy_who_left_sees_nothing_more_and_the_page_says_so(client, nia):
    row = tip()
    Complaint.objects.filter(pk=row.pk).update(assignee=person("sari"))
    today = timezone.localdate()
    enter_absence(
        person=person("sari"),
        deputy=nia,
        first_on=today,
        last_on=today,
        officer=person("sari"),
        at=timezone.now(),
    )
    assert mine(nia, timezone.now()) == [f"untuk Sari sampai {dateformat.format(today, 'j M')}"]

    def told() -> str:
        client.force_login(person("joko"))
        return str(client.get(reverse("desk:absences")).content.decode())

    warning = "tidak dapat menggantikan lagi"
    assert warning not in told()
    for change, back in (
        ({"office": None}, {"office": office("33")}),
        ({"office": office("33.08")}, {"office": office("33")}),
        ({"is_active": False}, {"is_active": True}),
    ):
        User.objects.filter(pk=nia.pk).update(**change)
        assert mine(nia, timezone.now()) == []
        assert warning in told()
        User.objects.filter(pk=nia.pk).update(**back)
    nia.role_grants.all().delete()
    RoleGrant.objects.create(user=nia, role=Role.PLENARY_MEMBER)
    assert mine(nia, timezone.now()) == []
    assert warning in told()
    assert next_officer(row, at=timezone.now()) is None  # Sari is away all the same


def test_a_list_of_thirty_costs_what_a_list_of_one_costs(nia, django_assert_num_queries):
    sari_is_away(nia)
    rows = [tip().pk for _ in range(3)]
    Complaint.objects.filter(pk__in=rows).update(assignee=person("sari"))
    asker = Asker(User.objects.select_related("office").get(pk=nia.pk), AT)
    assert asker.user.scope_office_ids
    with django_assert_num_queries(1):
        page = queue_page(query=QueueQuery(view=View.MINE), asker=asker, cursor=None)
    assert len(page.rows) == 3


def test_the_record_names_who_stands_in_for_whoever_has_it(client, nia):
    row, sari, joko = tip(), person("sari"), person("joko")
    Complaint.objects.filter(pk=row.pk).update(assignee=sari)
    today = timezone.localdate()
    last = today + timedelta(days=3)
    page = reverse("desk:record", args=[row.public_id])
    client.force_login(joko)

    def told() -> str:
        text = client.get(page).content.decode()
        return str(text.partition("Dipegang Sari")[2].partition("</p>")[0])

    assert told() == ""
    absence = enter_absence(
        person=sari, deputy=nia, first_on=today, last_on=last, officer=sari, at=timezone.now()
    )
    until = dateformat.format(last, "j M")
    assert told() == f" · tidak hadir sampai {until}, digantikan Nia"

    # a deputy who keeps away from the record is not said to have it, and neither is one who is shut out
    recusal = Recusal.objects.create(user=nia, complaint=row, reason="relative", since=AT)
    assert told() == f" · tidak hadir sampai {until}, tanpa pengganti"
    Recusal.objects.filter(pk=recusal.pk).delete()
    User.objects.filter(pk=nia.pk).update(is_active=False)
    assert told() == f" · tidak hadir sampai {until}, tanpa pengganti"
    Absence.objects.filter(pk=absence.pk).update(cancelled_at=timezone.now())
    assert told() == ""
