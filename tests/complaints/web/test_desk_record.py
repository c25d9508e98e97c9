"""One record: what is opened for whom, the checklist, the steps, and the officer who came too late."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache

from complaints.models import Case, Complaint, ComplaintEvent
from complaints.services.checklist import tick_requirement
from complaints.services.intake import ReportedPerson
from complaints.services.triage import propose
from complaints.states import ComplaintAction, ComplaintStatus, Lane, requirements_of
from tests.factories import AT, STORY, case, checked, finding, person, proposed_tip, tip, traced_tip

LINK = "https://contoh.invalid/unggahan/4821"


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


def url(row: Complaint, tail: str = "") -> str:
    return f"/kerja/laporan/{row.public_id}/{tail}"


@pytest.mark.django_db
def test_page_shows_facts_words_and_links_that_cannot_be_followed(client):
    row = tip(links=(LINK,), witness="Ibu Contoh, tetangga")
    client.force_login(person("sari"))

    page = client.get(url(row)).content.decode()

    assert STORY in page
    assert "Contoh Wiratama" in page
    assert "1970••••••••••1904" in page
    assert "197001012000011904" not in page
    assert "Ibu Contoh, tetangga" in page
    assert f"<code>{LINK}</code>" in page
    assert f'href="{LINK}"' not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "status"), [("dewi", 200), ("rudi", 404), ("budi", 404), ("anwar", 403), ("agus", 403)]
)
def test_page_is_for_the_scope_and_the_roles(client, who, status):
    row = tip()
    client.force_login(person(who))

    response = client.get(url(row))

    assert response.status_code == status
    assert (STORY in response.content.decode()) == (status == 200)


@pytest.mark.django_db
def test_altered_statement_is_never_shown_as_empty(client):
    row = tip()
    row.statement.sealed = bytes(row.statement.sealed)[:-1] + b"x"
    row.statement.save()
    client.force_login(person("sari"))
    client.raise_request_exception = False

    assert client.get(url(row)).status_code == 500


def checklist(response) -> dict[str, tuple[str, str]]:
    groups = response.context["page"].checklist
    return {
        item["code"]: (item["state"], item["hint"]) for group in groups for item in group["items"]
    }


@pytest.mark.django_db
def test_answers_are_suggested_with_reasons(client):
    row = tip(people=[ReportedPerson(position="Camat")], place="", known_on=None, story="x" * 30)
    client.force_login(person("sari"))

    response = client.get(url(row))

    assert checklist(response) == {
        "reported_party": ("open", "suggested-no"),
        "in_time": ("open", ""),
        "time_place": ("open", "suggested-no"),
        "description": ("open", "suggested-no"),
        "evidence": ("open", "suggested-no"),
    }
    page = response.content.decode()
    assert "Disebut: jabatan" in page
    assert "Tanggal tahu tidak diisi" in page
    assert "Tempat tidak diisi" in page


@pytest.mark.django_db
def test_complete_report_suggests_every_answer_and_the_rule(client):
    row = tip(links=(LINK,))
    client.force_login(person("sari"))

    response = client.get(url(row))

    system, suggested = ("met", "system"), ("open", "suggested-yes")
    assert checklist(response) == {
        "reported_party": system,
        "in_time": system,
        "time_place": suggested,
        "description": suggested,
        "evidence": suggested,
    }
    assert response.context["page"].open_requirements == 3
    assert response.context["page"].rule.verdict.startswith("Disiplin, ")


@pytest.mark.django_db
def test_one_tick_is_one_post_and_toggles(client):
    row = tip()
    client.force_login(person("sari"))

    for value, state in (("evidence:1", "met"), ("evidence:0", "unmet"), ("evidence:1", "met")):
        answer = client.post(url(row, "syarat/"), {"tick": value})
        assert answer.headers["Location"] == f"{url(row)}#syarat-evidence"
        assert checklist(client.get(url(row)))["evidence"] == (state, "")
    check = row.checks.get()
    assert (check.requirement, check.is_met, check.checked_by) == ("evidence", True, person("sari"))


@pytest.mark.django_db
def test_all_suggested_answers_are_taken_with_one_key(client):
    row = tip(links=(LINK,))
    client.force_login(person("sari"))
    suggested = client.get(url(row)).context["page"].suggested

    client.post(url(row, "syarat/"), {"tick": ",".join(f"{code}:1" for code in suggested)})

    assert set(row.checks.values_list("requirement", "is_met")) == {
        ("time_place", True),
        ("description", True),
        ("evidence", True),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "tick", "status"),
    [
        ("dewi", "evidence:1", 403),
        ("rudi", "evidence:1", 404),
        ("sari", "nonsense:1", 404),
        ("sari", "evidence:2", 404),
    ],
)
def test_ticks_are_refused(client, who, tick, status):
    row = tip()
    client.force_login(person(who))

    assert client.post(url(row, "syarat/"), {"tick": tick}).status_code == status
    assert not row.checks.exists()


@pytest.mark.django_db
def test_checklist_is_closed_after_the_proposal(client):
    row = proposed_tip()
    client.force_login(person("sari"))

    answer = client.post(url(row, "syarat/"), {"tick": "evidence:0"}, follow=True)

    assert "Syarat hanya diperiksa sebelum diusulkan." in answer.content.decode()
    assert row.checks.get(requirement="evidence").is_met


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "make", "labels"),
    [
        ("sari", tip, ["Usulkan penelusuran", "Usulkan tidak ditelusuri"]),
        ("dewi", tip, []),
        ("sari", proposed_tip, []),
        ("joko", tip, ["Usulkan penelusuran", "Usulkan tidak ditelusuri"]),
        (
            "dewi",
            proposed_tip,
            ["Kembalikan ke petugas", "Setujui penelusuran", "Putuskan tidak ditelusuri"],
        ),
        ("sari", traced_tip, ["Catat sebagai temuan", "Akhiri penelusuran"]),
        ("sari", finding, ["Registrasi temuan", "Batalkan temuan"]),
        ("dewi", finding, []),
    ],
)
def test_buttons_are_those_of_the_table_for_the_role(client, who, make, labels):
    row = make()
    client.force_login(person(who))

    decision = client.get(url(row)).context["decision"]

    shown = [decision["main"], *decision["others"]] if decision["main"] else []
    assert [button["label"] for button in shown] == labels


@pytest.mark.django_db
def test_proposal_moves_the_record_and_opens_the_next(client):
    first, second = checked(tip(), person("sari")), tip()
    client.force_login(person("sari"))

    answer = client.post(
        url(first, "tindakan/propose_tracing/"),
        {"seen": "received", "back": "v=open", "then": str(second.public_id)},
    )

    assert answer.headers["Location"] == f"/kerja/antrean/?v=open&c={second.public_id}"
    first.refresh_from_db()
    assert first.status == ComplaintStatus.PROPOSED


@pytest.mark.django_db
def test_proposal_waits_for_every_requirement(client):
    row = tip()
    for requirement in requirements_of(Lane.TIP)[:-1]:
        tick_requirement(
            complaint=row, requirement=requirement, is_met=True, officer=person("sari"), at=AT
        )
    client.force_login(person("sari"))

    answer = client.post(url(row, "tindakan/propose_tracing/"), {"seen": "received"})

    assert "1 syarat lagi belum diperiksa." in answer.content.decode()
    row.refresh_from_db()
    assert row.status == ComplaintStatus.RECEIVED


@pytest.mark.django_db
def test_step_that_needs_a_reason_asks_for_it(client):
    row = checked(tip(), person("sari"))
    client.force_login(person("sari"))
    page = client.get(url(row, "tindakan/propose_archive/")).content.decode()
    assert 'name="reason"' in page

    refused = client.post(url(row, "tindakan/propose_archive/"), {"seen": "received"})
    taken = client.post(
        url(row, "tindakan/propose_archive/"), {"seen": "received", "reason": "Bukan ASN."}
    )

    assert "Tulis alasannya." in refused.content.decode()
    assert taken.headers["Location"] == url(row)
    event = ComplaintEvent.objects.filter(complaint=row).latest("pk")
    assert (event.action, event.reason) == (ComplaintAction.PROPOSE_ARCHIVE, "Bukan ASN.")


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["approve_tracing", "confirm", "nonsense", "create"])
def test_steps_with_a_page_of_their_own_are_not_taken_here(client, action):
    row = proposed_tip()
    client.force_login(person("joko"))

    assert client.post(url(row, f"tindakan/{action}/"), {"seen": "proposed"}).status_code == 404


@pytest.mark.django_db
def test_step_of_another_lane_does_not_exist(client):
    row = tip()
    client.force_login(person("sari"))

    assert client.get(url(row, "tindakan/register/")).status_code == 404


@pytest.mark.django_db
def test_role_without_the_step_is_refused(client):
    row = finding()
    client.force_login(person("dewi"))

    assert client.post(url(row, "tindakan/register/"), {"seen": "recorded"}).status_code == 403
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_officer_who_comes_too_late_is_told_who_was_faster_and_keeps_the_text(client):
    row = checked(tip(), person("sari"))
    client.force_login(person("sari"))
    propose(complaint=row, action=ComplaintAction.PROPOSE_TRACING, officer=person("joko"), at=AT)

    answer = client.post(
        url(row, "tindakan/propose_archive/"),
        {"seen": "received", "reason": "Laporan ganda, sudah ditangani."},
    )

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Baru diubah oleh Joko pada 7 Okt, 10.00. Muat ulang halaman." in page
    assert "Laporan ganda, sudah ditangani." in page
    assert ComplaintEvent.objects.filter(complaint=row).count() == 2


@pytest.mark.django_db
def test_register_button_opens_the_case(client):
    row = finding()
    client.force_login(person("sari"))

    answer = client.post(url(row, "tindakan/register/"), {"seen": "recorded"})

    opened = Case.objects.get()
    assert answer.headers["Location"] == f"/kerja/perkara/{opened.public_id}/"
    assert f"/kerja/perkara/{opened.public_id}/" in client.get(url(row)).content.decode()


@pytest.mark.django_db
def test_history_tells_the_day_of_a_reporter_and_the_hour_of_staff(client):
    row = checked(tip(), person("sari"))
    propose(complaint=row, action=ComplaintAction.PROPOSE_TRACING, officer=person("sari"), at=AT)
    client.force_login(person("sari"))

    history = client.get(url(row)).context["page"].history

    assert [(entry["title"], entry["when"], entry["note"]) for entry in history] == [
        ("Penelusuran diusulkan", "Senin 7 Okt 2024, 10.00", "Sari"),
        ("Masuk", "Senin 7 Okt 2024", "Pelapor"),
    ]


@pytest.mark.django_db
def test_back_leads_nowhere_but_the_queue(client):
    row = tip()
    client.force_login(person("sari"))

    answer = client.post(
        url(row, "syarat/"), {"tick": "evidence:1", "back": "https://jahat.invalid/?v=open&v=open"}
    )

    assert answer.headers["Location"].startswith(f"/kerja/antrean/?v=open&c={row.public_id}#")


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_record_costs_the_same_for_one_person_and_for_three(
    client, django_assert_num_queries, count
):
    people = [ReportedPerson(name=f"Contoh {number}", position="Lurah") for number in range(count)]
    row = checked(tip(people=people), person("sari"))
    client.force_login(person("sari"))

    with django_assert_num_queries(15):  # four of them look for records of the same event
        assert client.get(url(row)).status_code == 200


@pytest.mark.django_db
def test_case_link_stands_on_the_tip_it_came_from(client):
    found = case()
    row = found.complaints.get()
    client.force_login(person("sari"))

    assert client.get(url(row)).context["record"].case_public_id == found.public_id
