"""One account through the pages: opened by one administrator, given rights by two, felt at once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bawaslu_cases.accounts.models import Invitation, StaffChange, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff, propose_roles
from bawaslu_cases.audit.models import AuditEvent
from complaints.models import Case, Complaint, Recusal, WorkEvent
from complaints.services.staff_changes import approve_change_of_staff
from tests.factories import AT, PASSWORD, case, office, person, tip

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def second() -> User:
    return enrol_staff(
        email="kedua@contoh.id", name="Kedua", password=None, roles=[Role.ADMINISTRATOR]
    )


def page_of(user: User) -> str:
    return reverse("desk:staff_person", args=[user.public_id])


def propose(client: Client, user: User, step: str, **fields: Any) -> StaffChange:
    prefix = {"roles": "roles", "unit": "unit", "home_agency": "home"}[step]
    data = {f"{prefix}-{name}": value for name, value in ({"reason": "SK 1"} | fields).items()}
    answer = client.post(page_of(user), data | {"do": step})
    assert answer.status_code == 302, answer.context["form"].errors
    return StaffChange.objects.latest("pk")


def settle(client: Client, change: StaffChange, do: str, **more: str) -> Any:
    page = reverse("desk:staff_change", args=[change.public_id])
    return client.post(page, {"do": do, **more})


def test_a19_a_new_colleague_from_the_invitation_to_the_first_page(second):
    first, other = signed_in(person("agus")), signed_in(second)
    fields = {
        "name": "Nia Baru",
        "email": "nia@contoh.id",
        "kind": "office",
        "unit": office("33").name,
    }
    wrong = first.post(reverse("desk:staff_new"), fields | {"unit": "Kantor Entah"})
    assert "Pilih unit dari daftar" in wrong.content.decode()

    answer = first.post(reverse("desk:staff_new"), fields)

    nia = User.objects.get(email="nia@contoh.id")
    assert answer["Location"] == page_of(nia)
    # No mail leaves here: whoever invited hands the link over, and nobody else sees it.
    link = first.get(page_of(nia)).context["link"]
    assert other.get(page_of(nia)).context["link"] == ""
    hers = Client()
    hers.post(link, {"password": PASSWORD, "again": PASSWORD})
    hers.post("/masuk/", {"login": "nia@contoh.id", "password": PASSWORD})
    assert hers.get(reverse("desk:queue")).status_code == 403
    change = propose(first, nia, "roles", roles=["case_officer"])
    assert hers.get(reverse("desk:queue")).status_code == 403
    own = settle(first, change, "approve")
    assert "orang kedua" in own.content.decode()
    assert "Nia Baru" in other.get(reverse("desk:staff")).content.decode()
    assert settle(other, change, "approve").status_code == 302
    assert hers.get(reverse("desk:queue")).status_code == 200
    assert settle(other, change, "approve").status_code == 409
    again = first.post(page_of(nia), {"do": "invite"}, follow=True)
    assert "sudah dipakai" in again.content.decode()
    assert Invitation.objects.count() == 1
    told = AuditEvent.objects.filter(action__startswith="staff.").order_by("seq")
    agus, kedua = person("agus").public_id.hex, second.public_id.hex
    assert list(told.values_list("action", "actor")) == [
        ("staff.invite", agus),
        ("staff.propose", agus),
        ("staff.approve", agus),
        ("staff.approve", kedua),
        ("staff.approve", kedua),
    ]
    assert {row.subject for row in told} == {f"person:{nia.public_id}"}


def test_a18_a_role_that_goes_in_mid_session_is_gone_at_the_next_request(second):
    row, sari = tip(), person("sari")
    Complaint.objects.filter(pk=row.pk).update(assignee=sari)
    hers = signed_in(sari)
    page = reverse("desk:record", args=[row.public_id])
    assert hers.get(page).status_code == 200
    change = propose(signed_in(person("agus")), sari, "roles", roles=["plenary_member"])
    assert hers.get(page).status_code == 200

    settle(signed_in(second), change, "approve")

    assert hers.get(page).status_code == 200  # a member of the plenary reads it
    note = hers.post(reverse("desk:note", args=[row.public_id]), {"text": "Catatan"})
    assert note.status_code == 403
    assert hers.post(reverse("desk:absences")).status_code == 403
    # What she had in hand is nobody's now, by nobody's hand.
    row.refresh_from_db()
    assert row.assignee is None
    event = WorkEvent.objects.get(complaint=row)
    assert (event.action, event.actor) == ("release", None)
    assert event.detail == {"from": sari.pk, "to": None, "by": "staff_change"}


def test_another_unit_is_another_view_and_leaves_the_work_behind(second):
    kept, found, sari = tip(), case(), person("sari")
    Complaint.objects.filter(pk=kept.pk).update(assignee=sari)
    Case.objects.filter(pk=found.pk).update(assignee=sari)
    hers = signed_in(sari)
    change = propose(
        signed_in(person("agus")), sari, "unit", kind="office", unit=office("51").name.upper()
    )
    shown = signed_in(second).get(reverse("desk:staff_change", args=[change.public_id]))
    assert shown.context["lines"] == [("Unit", office("33").name, office("51").name)]

    settle(signed_in(second), change, "approve")

    assert hers.get(reverse("desk:record", args=[kept.public_id])).status_code == 404
    assert hers.get(reverse("desk:case", args=[found.public_id])).status_code == 404
    assert not Complaint.objects.filter(assignee=sari).exists()
    assert not Case.objects.filter(assignee=sari).exists()


def test_a_home_agency_keeps_away_from_its_people(second):
    row, sari = tip(), person("sari")
    hers = signed_in(sari)
    change = propose(
        signed_in(person("agus")), sari, "home_agency", agency="Pemerintah Kabupaten Magelang"
    )
    assert hers.get(reverse("desk:record", args=[row.public_id])).status_code == 200

    settle(signed_in(second), change, "approve")

    assert Recusal.objects.get(complaint=row).reason == "home_agency"
    assert hers.get(reverse("desk:record", args=[row.public_id])).status_code == 404
    gone = propose(signed_in(person("agus")), sari, "home_agency", agency="")
    settle(signed_in(second), gone, "approve")
    assert User.objects.get(pk=sari.pk).home_agency is None
    assert Recusal.objects.filter(complaint=row).exists()  # what was kept away stays so


def test_what_is_refused_is_told_beside_the_field(second):
    first, vera = signed_in(person("agus")), person("vera")

    both = first.post(
        page_of(vera),
        {"do": "roles", "roles-roles": ["verifier", "custodian"], "roles-reason": "SK"},
    )
    silent = first.post(page_of(vera), {"do": "roles", "roles-roles": [], "roles-reason": ""})
    own = first.post(
        page_of(person("agus")),
        {"do": "roles", "roles-roles": ["administrator", "chair"], "roles-reason": "SK"},
    )

    assert "tidak boleh dipegang satu orang" in both.content.decode()
    assert "Tulis alasannya." in silent.content.decode()
    assert "Akun sendiri tidak dapat diubah" in own.content.decode()
    assert not StaffChange.objects.exists()
    assert first.post(page_of(vera), {"do": "apa"}).status_code == 404
    change = propose(first, vera, "roles", roles=[])
    refused = settle(signed_in(second), change, "reject")
    assert "Tulis alasannya." in refused.content.decode()
    assert settle(first, change, "withdraw").status_code == 302
    change.refresh_from_db()
    assert change.status == "withdrawn"


def test_nothing_is_kept_when_the_log_is_down(monkeypatch, second):
    from bawaslu_cases.audit.errors import AuditUnavailableError

    def down(**_entry: Any) -> int:
        raise AuditUnavailableError

    first = signed_in(person("agus"))
    change = propose(first, person("dewi"), "roles", roles=["chair"])
    monkeypatch.setattr("complaints.web.staff_person.audit.record", down)

    answers = [
        settle(signed_in(second), change, "approve"),
        first.post(
            page_of(person("sari")), {"do": "roles", "roles-roles": [], "roles-reason": "SK"}
        ),
    ]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert StaffChange.objects.count() == 1
    change.refresh_from_db()
    assert change.status == "proposed"


def test_what_stays_within_sight_stays_in_hand(second):
    row, sari = tip(), person("sari")
    Complaint.objects.filter(pk=row.pk).update(assignee=sari)
    change = propose_roles(
        person=sari, roles=["case_officer"], proposer=person("agus"), reason="SK", at=AT
    )
    assert approve_change_of_staff(change=change, approver=second, at=AT) == 0
    row.refresh_from_db()
    assert row.assignee == sari


def test_f15_whoever_refuses_too_late_reads_their_own_reason(second):
    first, other = signed_in(person("agus")), signed_in(second)
    change = propose(first, person("budi"), "roles", roles=[Role.CHAIR.value])
    settle(first, change, "withdraw")

    late = settle(other, change, "reject", reason="SK itu sudah dicabut.")

    assert late.status_code == 409
    told = late.content.decode()
    assert "Yang Anda tulis, belum disimpan" in told
    assert "SK itu sudah dicabut." in told
