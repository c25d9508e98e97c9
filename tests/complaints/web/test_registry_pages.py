"""The pages of reference data: proposed by one administrator, settled by another."""

import pytest
from django.test import Client

from bawaslu_cases.accounts.models import RoleGrant, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import (
    CalendarVersion,
    Holiday,
    RegistryChange,
    TimeLimit,
    ViolationRule,
)
from tests.factories import person

pytestmark = pytest.mark.django_db

HOLIDAY = {
    "date": "2031-03-19",
    "category": "NATIONAL",
    "name": "Libur contoh",
    "region": "",
    "reason": "SKB diubah",
    "source": "SKB 3 Menteri",
}


def signed_in(user):
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="bawaslu_cases.accounts.backends.PasswordBackend")
    return client


def second_person():
    user = User.objects.create(email="kedua@contoh.test", name="Kedua")
    RoleGrant.objects.create(user=user, role=Role.ADMINISTRATOR)
    return user


def test_two_administrators_add_a_holiday():
    first, second = signed_in(person("agus")), signed_in(second_person())
    versions = CalendarVersion.objects.count()

    answer = first.post("/kerja/acuan/usul/holiday_added/", HOLIDAY)

    change = RegistryChange.objects.get()
    page = f"/kerja/acuan/{change.public_id}/"
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = first.get(page).content.decode()
    assert "Libur contoh" in shown
    assert 'value="approve"' not in shown
    own = first.post(page, {"do": "approve"})
    assert "orang kedua" in own.content.decode()
    assert not Holiday.objects.filter(name="Libur contoh").exists()
    assert second.post(page, {"do": "approve"}).status_code == 302
    assert Holiday.objects.filter(name="Libur contoh").count() == 1
    assert CalendarVersion.objects.count() == versions + 1
    assert second.post(page, {"do": "approve"}).status_code == 409
    assert Holiday.objects.filter(name="Libur contoh").count() == 1


def test_refusing_needs_a_reason_and_taking_back_its_proposer():
    first, second = signed_in(person("agus")), signed_in(second_person())
    first.post("/kerja/acuan/usul/holiday_added/", HOLIDAY)
    change = RegistryChange.objects.get()
    page = f"/kerja/acuan/{change.public_id}/"

    assert "Tulis alasannya." in second.post(page, {"do": "reject"}).content.decode()
    second.post(page, {"do": "withdraw"})
    change.refresh_from_db()
    assert change.status == "proposed"
    assert first.post(page, {"do": "withdraw"}).status_code == 302
    change.refresh_from_db()
    assert change.status == "withdrawn"


def test_f15_whoever_refuses_too_late_reads_their_own_reason():
    first, second = signed_in(person("agus")), signed_in(second_person())
    first.post("/kerja/acuan/usul/holiday_added/", HOLIDAY)
    page = f"/kerja/acuan/{RegistryChange.objects.get().public_id}/"
    first.post(page, {"do": "withdraw"})

    late = second.post(page, {"do": "reject", "reason": "SKB itu sudah dicabut."})

    assert late.status_code == 409
    told = late.content.decode()
    assert "Yang Anda tulis, belum disimpan" in told
    assert "SKB itu sudah dicabut." in told


def test_a_wrong_field_is_told_and_nothing_is_kept():
    client = signed_in(person("agus"))

    answer = client.post("/kerja/acuan/usul/holiday_added/", HOLIDAY | {"category": "LOCAL"})

    assert "Tulis kode wilayah yang ada" in answer.content.decode()
    assert not RegistryChange.objects.exists()


def test_a_limit_shows_what_stands_beside_what_is_proposed():
    client = signed_in(person("agus"))
    held = TimeLimit.objects.get(code="handling", regime="PEMILU", valid_to__isnull=True)
    fields = {
        "value": "99",
        "unit": "WORKING_DAY",
        "legal_basis": "Perbawaslu contoh",
        "confidence": "GAP",
        "valid_from": "2031-01-01",
        "reason": "Aturan baru",
        "source": "Perbawaslu contoh",
    }

    answer = client.post(f"/kerja/acuan/usul/time_limit/?baris={held.pk}", fields)

    rows = client.get(answer["Location"]).context["rows"]
    assert (rows[0]["before"], rows[0]["after"]) == (str(held.value), "99")
    assert client.get("/kerja/acuan/usul/time_limit/?baris=0").status_code == 404
    assert client.get("/kerja/acuan/usul/apa/").status_code == 404


def test_the_list_names_what_waits():
    client = signed_in(person("agus"))
    client.post("/kerja/acuan/usul/holiday_added/", HOLIDAY)

    page = client.get("/kerja/acuan/")

    assert [change.reason for change in page.context["waiting"]] == ["SKB diubah"]
    assert page.status_code == 200


def test_a_rule_is_proposed_from_what_stands_and_shows_what_it_does():
    first, second = signed_in(person("agus")), signed_in(second_person())
    held = ViolationRule.objects.get(code="DS-02", valid_to__isnull=True)
    page = f"/kerja/acuan/usul/violation_rule/?baris={held.pk}"

    blank = first.get(page).content.decode()
    answer = first.post(
        page,
        {
            "title_id": held.title_id,
            "title_en": held.title_en,
            "legal_bases": "SKB contoh",
            "sanction_class": "SEVERE",
            "applies_to": ["PNS"],
            "criminal_overlap": "",
            "confidence": "GAP",
            "note": "",
            "valid_from": "2031-01-01",
            "reason": "SKB baru",
            "source": "SKB contoh",
        },
    )

    assert held.legal_bases[0] in blank
    assert 'name="valid_from" value' not in blank
    shown = second.get(answer["Location"]).content.decode()
    assert "Peristiwa mulai 1 Januari 2031 memakai versi baru." in shown
    assert second.post(answer["Location"], {"do": "approve"}).status_code == 302
    assert ViolationRule.objects.get(code="DS-02", valid_to__isnull=True).sanction_class == "SEVERE"
    assert first.get("/kerja/acuan/usul/phase_added/").status_code == 200
