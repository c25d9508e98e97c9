"""A PPK's office over a link and a code: what it sees, what it sends, what opens nothing."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client

from bawaslu_cases.registry.models import SanctionType
from bawaslu_cases.shared.errors import NotPermittedError
from referrals.models import FollowUp, PpkPass, PpkPassUse
from referrals.services.ppk_passes import (
    MAX_FAILURES,
    VALID_FOR,
    Given,
    give_pass,
    office_account,
    open_pass,
    pass_token,
)
from tests.factories import AT, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(days=2)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def given() -> Given:
    return give_pass(follow_up=stages.recommended(), officer=person("anwar"), at=NOW)


def address(given: Given) -> str:
    return f"/jawab/{given.ppk_pass.public_id}/{given.token}/"


def opened(given: Given) -> Client:
    client = Client()
    done = client.post(address(given), {"code": f"{given.code[:4]} {given.code[4:]}"})
    assert done.status_code == 302
    return client


def uses() -> list[str]:
    return list(PpkPassUse.objects.order_by("pk").values_list("kind", flat=True))


def answer(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "sanction",
        "sanction_type": str(SanctionType.objects.get(code="TJ_12").pk),
        "decree_number": "800/123/2024",
        "decree_on_day": "8",
        "decree_on_month": "10",
        "decree_on_year": "2024",
        "proof": SimpleUploadedFile("sk.pdf", stages.pdf(), "application/pdf"),
        "name": "Contoh Sekretaris",
        "position": "Kepala BKPSDM",
    } | changes


def test_before_the_code_the_page_tells_nothing(given):
    page = Client().get(address(given))
    text = page.content.decode()
    follow_up = given.ppk_pass.follow_up
    assert page.status_code == 200
    for word in (
        "Contoh Wiratama",
        follow_up.agency.name,
        str(follow_up.referral.number),
        stages.RECOMMENDATION,
        "netral",
        given.code,
    ):
        assert word not in text
    assert "jawab" not in page.cookies
    assert "no-store" in page["Cache-Control"]


def test_an_office_answers_without_an_account(given):
    client = opened(given)
    page = client.get(address(given)).content.decode()
    assert stages.RECOMMENDATION in page
    assert "Contoh Wiratama" in page
    for word in ("pelapor", "Kajian", "14/BA"):
        assert word not in page

    wrong = client.post(address(given), answer(name="", decree_number=""))
    assert "Tulis nama Anda" in wrong.content.decode()
    assert "Kepala BKPSDM" in wrong.content.decode()
    done = client.post(address(given), answer())

    assert done.status_code == 302
    follow_up = FollowUp.objects.get()
    told = follow_up.answers.get()
    use = PpkPassUse.objects.get(kind="answered")
    assert follow_up.status == "answered"
    assert (told.decree_number, told.answered_by.email) == (
        "800/123/2024",
        "ppk-r-33.08@pass.invalid",
    )
    assert (use.answer, use.name, use.position) == (told, "Contoh Sekretaris", "Kepala BKPSDM")
    assert uses() == ["issued", "opened", "answered"]
    again = client.post(address(given), answer())
    assert again.status_code == 200
    assert follow_up.answers.count() == 1


def test_the_account_of_an_office_opens_no_door(given):
    opened(given).post(address(given), answer())
    user = office_account(given.ppk_pass.follow_up.agency)
    assert not user.has_usable_password()
    assert office_account(given.ppk_pass.follow_up.agency).pk == user.pk
    page = Client().post("/masuk/", {"login": user.email, "password": ""})
    assert page.status_code == 200


def test_five_wrong_codes_end_the_link(given):
    client = Client()
    wrong = "00000000" if given.code != "00000000" else "11111111"
    for _attempt in range(MAX_FAILURES):
        assert client.post(address(given), {"code": wrong}).status_code == 403
    assert client.get(address(given)).status_code == 410
    assert client.post(address(given), {"code": given.code}).status_code == 410
    assert uses() == ["issued", *["wrong_code"] * MAX_FAILURES, "ended"]


@pytest.mark.parametrize("wrong", ["token", "row", "late", "ended"])
def test_a_link_that_is_none_opens_nothing(given, wrong):
    place = address(given)
    client = opened(given)
    if wrong == "token":
        place = place.replace(given.token, "A" * len(given.token))
    elif wrong == "row":
        place = place.replace(str(given.ppk_pass.public_id), "00000000-0000-4000-8000-000000000000")
    elif wrong == "ended":
        give_pass(follow_up=given.ppk_pass.follow_up, officer=person("sari"), at=NOW)
    with time_machine.travel(NOW + (VALID_FOR if wrong == "late" else timedelta()), tick=False):
        page = client.get(place)
        sent = client.post(place, answer())
    assert (page.status_code, sent.status_code) == (410, 410)
    assert FollowUp.objects.get().status == "awaiting"


def test_the_open_page_ends_after_two_hours_and_with_its_button(given):
    client = opened(given)
    with time_machine.travel(NOW + timedelta(hours=2, seconds=1), tick=False):
        assert stages.RECOMMENDATION not in client.get(address(given)).content.decode()
    assert stages.RECOMMENDATION in client.get(address(given)).content.decode()
    client.post(address(given), {"do": "close"})
    assert stages.RECOMMENDATION not in client.get(address(given)).content.decode()


def test_a_cookie_is_of_one_link_alone(given):
    other = give_pass(follow_up=stages.recommended(), officer=person("anwar"), at=NOW)
    client = opened(given)
    cookie = client.cookies["jawab"]
    assert cookie["path"] == f"/jawab/{given.ppk_pass.public_id}/"
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    forged = Client()
    forged.cookies["jawab"] = cookie.value
    assert stages.RECOMMENDATION not in forged.get(address(other)).content.decode()
    forged.cookies["jawab"] = f"{other.ppk_pass.public_id.hex}:{cookie.value.partition(':')[2]}"
    assert stages.RECOMMENDATION not in forged.get(address(other)).content.decode()


def test_neither_link_nor_code_stands_in_the_database(given):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM referrals_ppkpass p")
        (row,) = cursor.fetchone()
    assert given.token not in row
    assert given.code not in row
    assert pass_token(given.ppk_pass.public_id) == given.token


def test_who_gives_a_link_and_what_is_shown_once():
    follow_up = stages.recommended()
    with pytest.raises(NotPermittedError):
        give_pass(follow_up=follow_up, officer=person("putu"), at=NOW)
    client = Client()
    client.force_login(person("anwar"))
    place = f"/kerja/tindak-lanjut/{follow_up.public_id}/akses/"
    shown = client.post(place, {"do": "give"})
    link, code = shown.context["link"], shown.context["code"]
    assert link in shown.content.decode()
    later = client.get(place).content.decode()
    assert link not in later
    assert code not in later
    assert "Akses dibuat" in later
    assert Client().get(urlsplit(link).path).status_code == 200
    client.post(place, {"do": "end"})
    assert Client().get(urlsplit(link).path).status_code == 410


def test_one_open_link_per_recommendation_in_the_database(given):
    row = PpkPass.objects.get()
    row.pk, row.public_id = None, "00000000-0000-4000-8000-000000000001"
    with pytest.raises(IntegrityError, match="one_open_pass"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_of_many_wrong_codes_at_once_five_are_looked_at():
    with time_machine.travel(NOW, tick=False):
        given = give_pass(follow_up=stages.recommended(), officer=person("anwar"), at=NOW)
    wrong = "00000000" if given.code != "00000000" else "11111111"
    start = Barrier(12)

    def guess() -> None:
        start.wait()
        open_pass(ppk_pass=PpkPass.objects.get(), code=wrong, at=NOW)
        connection.close()

    threads = [Thread(target=guess) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = PpkPass.objects.get()
    assert (row.failures, row.ended_at) == (MAX_FAILURES, NOW)
    assert sorted(uses()) == sorted(["issued", *["wrong_code"] * MAX_FAILURES, "ended"])
