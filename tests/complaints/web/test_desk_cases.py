"""Cases: the list, the page, what is completed, and two officers at once."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from complaints.models import Case
from complaints.services.cases import complete_official, write_assessment
from complaints.states import CaseStatus
from tests.factories import AT, STORY, assessed_case, case, decided_case, person


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


def url(found: Case, tail: str = "") -> str:
    return f"/kerja/perkara/{found.public_id}/{tail}"


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_for_three(client, django_assert_num_queries, count):
    for _number in range(count):
        case()
    client.force_login(person("sari"))

    with django_assert_num_queries(5):
        assert client.get("/kerja/perkara/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_for_one_person_and_for_three(client, django_assert_num_queries, count):
    from complaints.services.intake import ReportedPerson

    people = [ReportedPerson(name=f"Contoh {number}", position="Lurah") for number in range(count)]
    found = case(people=people)
    client.force_login(person("sari"))

    with django_assert_num_queries(9):
        response = client.get(url(found))
    assert len(response.context["page"].allegations) == count


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"case", "assessed", "decided"}),
        ("view=registered", {"case"}),
        ("view=assessed", {"assessed"}),
        ("view=decided", {"decided"}),
        ("view=overdue", set()),
        ("view=ended", set()),
    ],
)
def test_views_of_the_list(client, query, names):
    rows = {"case": case(), "assessed": assessed_case(), "decided": decided_case()}
    client.force_login(person("sari"))

    response = client.get(f"/kerja/perkara/?{query}")

    assert {row["number"] for row in response.context["rows"]} == {
        rows[name].register_number for name in names
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [("dewi", 200), ("budi", 404), ("anwar", 403)])
def test_page_is_for_the_scope_and_the_roles(client, who, status):
    found = case()
    client.force_login(person(who))

    assert client.get(url(found)).status_code == status


@pytest.mark.django_db
def test_page_shows_the_file_and_never_the_statement(client):
    found = case()
    client.force_login(person("sari"))

    response = client.get(url(found))

    page = response.content.decode()
    assert found.register_number in page
    assert "Bupati Magelang" in page
    assert STORY not in page
    assert [stage["state"] for stage in response.context["page"].stages] == [
        "done",
        "done",
        "now",
        "next",
        "next",
        "next",
        "next",
    ]


@pytest.mark.django_db
def test_assessment_is_saved_then_laid_before_the_plenary(client):
    found = case()
    client.force_login(person("sari"))
    texts = {"summary": "Ringkasan.", "assessment": "Kajian.", "seen": found.digest}

    saved = client.post(url(found, "kajian/"), texts | {"go": "save"})
    found.refresh_from_db()
    submitted = client.post(
        url(found, "kajian/"), texts | {"go": "submit", "seen": found.digest}, follow=True
    )

    assert saved.headers["Location"] == url(found)
    assert "Kajian diajukan ke pleno." in submitted.content.decode()
    found.refresh_from_db()
    assert (found.status, found.summary) == (CaseStatus.ASSESSED, "Ringkasan.")


@pytest.mark.django_db
def test_half_written_assessment_is_saved_but_not_submitted(client):
    found = case()
    client.force_login(person("sari"))

    answer = client.post(
        url(found, "kajian/"),
        {"summary": "Ringkasan.", "assessment": "", "seen": found.digest, "go": "submit"},
    )

    assert "Tulis ringkasan netral dan kajian lebih dulu." in answer.content.decode()
    found.refresh_from_db()
    assert found.status == CaseStatus.REGISTERED


@pytest.mark.django_db
def test_second_writer_is_told_and_keeps_the_text(client):
    found = case()
    client.force_login(person("sari"))
    seen = found.digest
    write_assessment(case=found, summary="Dari Joko.", assessment="", officer=person("joko"))

    answer = client.post(
        url(found, "kajian/"),
        {"summary": "Dari Sari.", "assessment": "", "seen": seen, "go": "save"},
    )

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Baru diubah oleh orang lain. Muat ulang halaman." in page
    assert "Dari Sari." in page
    found.refresh_from_db()
    assert found.summary == "Dari Joko."


def official_data(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Contoh Wiratama",
        "nip": "197001012000011904",
        "grade": "III/d",
        "position": "Camat",
        "unit": "Kecamatan Tirta Jaya",
        "unit_kind": "DISTRICT",
        "agency": "R-33.08",
        "account": "",
        "employment": "PNS",
        **changes,
    }


@pytest.mark.django_db
def test_official_is_completed_and_found_by_the_new_words(client):
    found = case()
    official = found.allegations.get().official
    client.force_login(person("sari"))
    path = url(found, f"orang/{official.public_id}/")
    seen = client.get(path).context["form"]["seen"].value()

    client.post(path, official_data(name="Nama Lengkap Contoh", seen=seen))

    official.refresh_from_db()
    assert (official.name, official.grade) == ("Nama Lengkap Contoh", "III/d")
    hits = client.get("/kerja/antrean/?q=lengkap").context["rows"]
    assert [row["reference"] for row in hits] == [found.complaints.get().reference]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"name": "", "position": "", "account": ""},
            "Tulis nama, jabatan, atau nama akun orang yang dilaporkan",
        ),
        ({"nip": "1" * 19}, "NIP paling banyak 18 angka"),
    ],
)
def test_official_without_anything_is_refused(client, changes, message):
    found = case()
    official = found.allegations.get().official
    client.force_login(person("sari"))

    answer = client.post(url(found, f"orang/{official.public_id}/"), official_data(**changes))

    assert message in answer.content.decode()
    official.refresh_from_db()
    assert official.name == "Contoh Wiratama"


@pytest.mark.django_db
def test_second_completion_of_one_official_is_told(client):
    found = case()
    official = found.allegations.get().official
    client.force_login(person("sari"))
    path = url(found, f"orang/{official.public_id}/")
    seen = client.get(path).context["form"]["seen"].value()
    complete_official(case=found, official=official, officer=person("joko"), grade="IV/a")

    answer = client.post(path, official_data(name="Nama dari Sari", seen=seen))

    assert answer.status_code == 409
    assert "Nama dari Sari" in answer.content.decode()
    official.refresh_from_db()
    assert (official.name, official.grade) == ("Contoh Wiratama", "IV/a")


@pytest.mark.django_db
def test_allegation_is_corrected_while_assessed_and_only_completed_later(client):
    found, decided = case(), decided_case()
    client.force_login(person("sari"))
    data = {
        "acts": ["POST_SUPPORT"],
        "event_on": "2024-10-04",
        "place": "Facebook",
        "description": "Mengunggah dukungan.",
    }

    for each in (found, decided):
        row = each.allegations.get()
        client.post(url(each, f"dugaan/{row.public_id}/"), data | {"seen": row.digest})

    row = found.allegations.get()
    assert (row.acts, row.place) == (["POST_SUPPORT"], "Facebook")
    assert decided.allegations.get().acts == ["PRESSURE_OTHERS"]

    row = decided.allegations.get()
    same = data | {"acts": row.acts, "event_on": f"{row.event_on}", "seen": row.digest}
    client.post(url(decided, f"dugaan/{row.public_id}/"), same)
    assert decided.allegations.get().place == "Facebook"


@pytest.mark.django_db
def test_further_day_of_the_same_person_is_added_once(client):
    found = case()
    official = found.allegations.get().official
    client.force_login(person("sari"))
    data = {
        "official": str(official.public_id),
        "acts": ["POST_SUPPORT"],
        "event_on": "2024-10-04",
        "place": "",
        "description": "",
    }

    client.post(url(found, "dugaan/baru/"), data)
    again = client.post(url(found, "dugaan/baru/"), data)

    assert found.allegations.count() == 2
    assert "Sudah ada dugaan terhadap orang ini pada tanggal itu." in again.content.decode()


@pytest.mark.django_db
def test_strangers_and_the_plenary_write_nothing(client):
    found = case()
    allegation = found.allegations.get()
    tails = [
        "kajian/",
        f"orang/{allegation.official.public_id}/",
        f"dugaan/{allegation.public_id}/",
        "dugaan/baru/",
    ]

    for who, status in (("budi", 404), ("dewi", 403), ("anwar", 403)):
        client.force_login(person(who))
        for tail in tails:
            assert client.post(url(found, tail), official_data()).status_code == status
    before = allegation.official.digest
    allegation.official.refresh_from_db()
    assert (allegation.official.name, allegation.official.digest) == ("Contoh Wiratama", before)


@pytest.mark.django_db
def test_decided_case_leads_to_its_referral(client):
    found, registered = decided_case(), case()
    client.force_login(person("sari"))

    assert client.get(url(found)).context["referral_url"] == (
        f"/kerja/rujukan/perkara/{found.public_id}/"
    )
    assert client.get(url(registered)).context["referral_url"] == ""
