"""Sign-in, scope, roles, and the second factor."""

import pytest
from django.db import IntegrityError

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.registry.models import Agency
from complaints.models import Complaint
from tests.factories import PASSWORD, finding, office, person, tip

pytestmark = pytest.mark.django_db


def test_scope_is_the_own_office_and_its_children(django_assert_num_queries):
    sari, rudi, ratna = person("sari"), person("rudi"), person("ratna")

    own, below, elsewhere = office("33").pk, office("33.08").pk, office("51").pk

    assert ratna.scope_office_ids is None
    assert rudi.scope_office_ids == (below,)
    with django_assert_num_queries(1):
        scope = set(sari.scope_office_ids or ())
        assert sari.scope_office_ids is not None
    assert len(scope) == 36  # Jawa Tengah: itself, 29 kabupaten, 6 kota
    assert {own, below} <= scope
    assert elsewhere not in scope
    assert person("tono").scope_office_ids == ()
    assert person("anwar").scope_office_ids == ()


def test_visible_to_every_level():
    at_province, at_regency = tip(), finding(officer="rudi")

    def seen(key: str) -> set[int]:
        return set(Complaint.objects.visible_to(person(key)).values_list("pk", flat=True))

    assert seen("ratna") == {at_province.pk, at_regency.pk}
    assert seen("sari") == {at_province.pk, at_regency.pk}
    # A kabupaten never sees a tip, not even one about its own kabupaten.
    assert seen("rudi") == {at_regency.pk}
    assert seen("budi") == set()
    assert seen("anwar") == set()
    assert seen("putu") == set()
    assert seen("tono") == set()


def test_person_belongs_to_one_kind_of_unit():
    with pytest.raises(IntegrityError):
        enrol_staff(
            email="dua@contoh.id",
            name="Dua Kantor",
            password=PASSWORD,
            roles=[Role.PPK_STAFF],
            office=office("33"),
            agency=Agency.objects.get(code="R-33.08"),
        )


@pytest.mark.parametrize(
    ("key", "page"), [("sari", "/kerja/"), ("anwar", "/penelaah/"), ("putu", "/instansi/")]
)
def test_sign_in_leads_each_kind_of_staff_home(client, key, page):
    user = person(key)

    answer = client.post("/masuk/", {"login": user.email.upper(), "password": PASSWORD})

    assert answer.status_code == 302
    assert answer["Location"] == page


def test_wrong_password_and_unknown_person_get_the_same_answer(client):
    person("sari")

    wrong = client.post("/masuk/", {"login": "sari@contoh.id", "password": "salah"})
    unknown = client.post("/masuk/", {"login": "siapa@contoh.id", "password": "salah"})

    assert wrong.status_code == unknown.status_code == 200
    assert list(wrong.context["form"].non_field_errors()) == list(
        unknown.context["form"].non_field_errors()
    )


def test_nobody_signs_up(client):
    answer = client.post(
        "/akun/signup/", {"email": "baru@contoh.id", "password1": PASSWORD}, follow=True
    )

    assert answer.status_code == 200
    assert not type(person("sari")).objects.filter(email="baru@contoh.id").exists()


def test_second_factor_is_demanded_in_production(client, settings):
    settings.MFA_REQUIRED = True
    client.force_login(person("sari"))

    answer = client.get("/kerja/")

    assert answer.status_code == 302
    assert answer["Location"] == "/akun/2fa/"


def test_second_factor_is_not_demanded_of_a_reporter(client, settings):
    settings.MFA_REQUIRED = True

    assert client.get("/f/").status_code == 200


def test_sign_in_page_speaks_indonesian_and_offers_no_reset(client):
    page = client.get("/masuk/").content.decode()
    assert ">Surel</label>" in page
    assert ">Kata sandi</label>" in page
    assert "placeholder" not in page
    assert "Forgot" not in page
    assert "/password/reset/" not in page


def test_wrong_password_is_told_in_the_words_of_this_house(client):
    person("sari")
    answer = client.post("/masuk/", {"login": "sari@contoh.id", "password": "salah"})
    assert "Surel atau kata sandi salah" in answer.content.decode()
    answer = client.post("/masuk/", {"login": "sari", "password": ""})
    page = answer.content.decode()
    assert "Tulis alamat surel yang lengkap" in page
    assert "Tulis kata sandi" in page


@pytest.mark.parametrize("path", ["password/reset/", "confirm-email/", "login/code/confirm/"])
def test_what_is_not_offered_is_not_there(client, path):
    assert client.get(f"/akun/{path}").status_code == 404


@pytest.mark.parametrize("path", ["reauthenticate/", "password/change/"])
def test_password_pages_label_their_fields_without_placeholders(client, path):
    client.post("/masuk/", {"login": person("budi").email, "password": PASSWORD})
    page = client.get(f"/akun/{path}").content.decode()
    assert ">Kata sandi" in page
    assert "placeholder" not in page
