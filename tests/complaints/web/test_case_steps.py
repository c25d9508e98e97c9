"""A case's tabs and steps as officers and the plenary meet them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from complaints.models import (
    Case,
    CaseLink,
    ComplaintMilestone,
    CorrectionRequest,
    Deadline,
    Hearing,
    InternalNote,
    OfficeChange,
    PlenaryDecision,
    RequirementCheck,
)
from complaints.services.intake import ReportedPerson
from complaints.services.people import record_person
from complaints.services.reports import propose_report
from complaints.states import (
    CaseStatus,
    ComplaintAction,
    CorrectionStatus,
    HearingStatus,
    Lane,
    requirements_of,
)
from tests.factories import (
    AT,
    STORY,
    case,
    decided_case,
    office,
    person,
    plenary_of,
    report,
)
from tests.support.case_world import case_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moment() -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(AT, tick=True) as traveller:
        yield traveller


def url(found: Case, tail: str = "") -> str:
    return f"/kerja/perkara/{found.public_id}/{tail}"


@pytest.mark.parametrize("tab", ["", "bukti", "orang", "dokumen", "kegiatan", "tidak-ada"])
@pytest.mark.parametrize("count", [1, 4])
def test_every_tab_costs_at_most_twelve_queries(client, django_assert_max_num_queries, tab, count):
    people = [ReportedPerson(name=f"Contoh {number}", position="Lurah") for number in range(count)]
    found = case(people=people)
    client.force_login(person("sari"))

    with django_assert_max_num_queries(12):
        response = client.get(url(found), {"t": tab})

    assert response.status_code == 200
    assert STORY not in response.content.decode()


@pytest.mark.parametrize("tab", ["orang", "kegiatan"])
def test_tabs_cost_the_same_for_one_person_and_for_four(client, tab):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    client.force_login(person("sari"))
    for number in (1, 4):
        people = [ReportedPerson(name=f"Contoh {each}", position="Lurah") for each in range(number)]
        found = case(people=people)
        with CaptureQueriesContext(connection) as asked:
            client.get(url(found), {"t": tab})
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_allegation_tells_day_phase_and_rule(client):
    found = case()
    client.force_login(person("sari"))

    page = client.get(url(found))

    (row,) = page.context["page"].allegations
    assert row["rule"]["stage"] == "Sesudah penetapan calon"
    assert row["rule"]["lines"][0]["label"].startswith("Perbuatan: ")
    assert "Dari tanggal ke aturan, baris demi baris" in page.content.decode()


@pytest.mark.usefixtures("vault_keys")
def test_timeline_gathers_every_history_and_says_who_sees_it(client):
    world = case_world(AT)
    client.force_login(person("dewi"))

    timeline = client.get(url(world.main), {"t": "kegiatan"}).context["timeline"]

    (day,) = timeline.days
    told = {(entry.actor, entry.text) for entry in day.entries}
    assert told >= {
        ("Sari", "mengundang saksi Saksi Contoh untuk klarifikasi"),
        ("Sari", "mengaitkan perkara lain"),
        ("Sari", "menulis catatan internal"),
        ("Sari", "· Penanganan diperpanjang"),
        ("Sari", "membuka perkara"),
    }
    assert not any(entry.told for entry in day.entries)
    machine = {entry.text for entry in day.machine}
    assert "tenggat Penanganan tidak berlaku lagi" in machine
    keys = [entry.key for entry in (*day.entries, *day.machine)]
    assert len(keys) == len(set(keys)) == timeline.total


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [("catatan", {"catatan"}), ("klarifikasi", {"klarifikasi"}), ("tugas", {"tugas"})],
)
@pytest.mark.usefixtures("vault_keys")
def test_timeline_is_narrowed(client, asked, kinds):
    world = case_world(AT)
    client.force_login(person("sari"))

    timeline = client.get(url(world.main), {"t": "kegiatan", "saring": asked}).context["timeline"]

    assert {entry.kind for day in timeline.days for entry in (*day.entries, *day.machine)} == kinds


@pytest.mark.usefixtures("vault_keys")
def test_what_a_reporter_is_told_carries_the_eye_and_no_hour(client):
    from complaints.models import CaseComplaint

    found, told = case(), report()
    CaseComplaint.objects.create(case=found, complaint=told)
    client.force_login(person("sari"))

    timeline = client.get(url(found), {"t": "kegiatan", "saring": "pelapor"}).context["timeline"]

    entries = [entry for day in timeline.days for entry in day.entries]
    assert ComplaintMilestone.objects.filter(complaint=told).count() == 1
    assert [(entry.text, entry.hour) for entry in entries if entry.told] == [
        ("melihat di halamannya: Diterima", "")
    ]
    assert {entry.hour for entry in entries} == {""}


def test_longer_time_is_a_second_bar(client):
    found = case()
    client.force_login(person("sari"))

    before = client.get(url(found)).context["page"]
    answer = client.post(url(found, "perpanjang/"), {"reason": "Keterangan ahli."})
    after = client.get(url(found)).context["page"]
    again = client.post(url(found, "perpanjang/"), {"reason": "Lagi."})

    assert answer.headers["Location"] == url(found)
    assert (before.may_extend, after.may_extend) == (True, False)
    assert [(bar.clock.name, bool(bar.ended)) for bar in after.bars] == [
        ("Penanganan", True),
        ("Penanganan dengan keterangan tambahan", False),
    ]
    assert all(bar.days for bar in after.bars)
    assert again.status_code == 409
    assert Deadline.objects.filter(case=found, status="open").count() == 1


def test_note_is_kept_apart_and_empty_ones_are_refused(client):
    found = case()
    client.force_login(person("dewi"))

    done = client.post(url(found, "catatan/"), {"text": "Cek lagi tempatnya."})
    empty = client.post(url(found, "catatan/"), {"text": " "})

    assert done.headers["Location"] == url(found) + "?t=kegiatan"
    assert "Tulis catatannya" in empty.content.decode()
    assert InternalNote.objects.get(case=found).author == person("dewi")


def test_case_is_linked_and_parted(client):
    one, other = case(), case()
    client.force_login(person("sari"))

    client.post(url(one, "kaitan/"), {"reference": other.reference, "kind": "split_from"})
    shown = [client.get(url(each)).context["page"].links[0] for each in (one, other)]
    link = CaseLink.objects.get()
    parted = client.post(url(other, f"kaitan/{link.pk}/"))
    twice = client.post(url(other, f"kaitan/{link.pk}/"))

    assert [(row["kind"], row["reference"]) for row in shown] == [
        ("Dipisah dari", other.reference),
        ("Dipisah menjadi", one.reference),
    ]
    assert parted.headers["Location"] == url(other)
    assert twice.status_code == 409
    assert client.get(url(one)).context["page"].links == []


def test_link_to_a_case_of_another_scope_shows_nothing_of_it(client):
    own, above = case(officer="rudi"), case()
    CaseLink.objects.create(
        case=above, other=own, kind="related", made_by=person("sari"), made_at=AT
    )
    client.force_login(person("rudi"))

    page = client.get(url(own))

    assert page.context["page"].links == []
    assert above.reference not in page.content.decode()


def invitation(**changes: Any) -> dict[str, Any]:
    return {
        "capacity": "witness",
        "person": "Saksi Contoh",
        "official": "",
        "place_kind": "office",
        "place": "Ruang rapat",
        "session_at": "2024-10-10T09:00",
        **changes,
    }


def test_hearing_from_invitation_to_a_refused_signature(client, moment):
    found = case()
    client.force_login(person("sari"))

    made = client.post(url(found, "klarifikasi/"), invitation())
    page = made.headers["Location"]
    moment.shift(timedelta(days=4))
    client.force_login(person("sari"))
    record = {
        "action": "hear",
        "hear-held_at": "2024-10-10T09:05",
        "hear-record": "Tanya: … Jawab: …",
        "hear-signed": "no",
    }
    silent = client.post(page, record)
    kept = client.post(page, record | {"hear-refusal": "Tidak bersedia."})
    late = client.post(page, record)

    assert "Tulis mengapa tidak ditandatangani" in silent.content.decode()
    assert kept.headers["Location"] == page
    hearing = Hearing.objects.get()
    assert (hearing.status, hearing.signed, hearing.refusal) == (
        HearingStatus.HEARD,
        False,
        "Tidak bersedia.",
    )
    # 09.05 in Semarang.
    assert hearing.held_at is not None
    assert hearing.held_at.isoformat() == "2024-10-10T02:05:00+00:00"
    assert late.status_code == 409
    assert hearing.events.count() == 2


def test_second_invitation_only_after_the_first_then_absence(client, moment):
    found = case()
    client.force_login(person("sari"))
    page = client.post(url(found, "klarifikasi/"), invitation()).headers["Location"]
    again = {
        "action": "invite_again",
        "invite_again-place_kind": "online",
        "invite_again-place": "Tautan rapat",
        "invite_again-session_at": "2024-10-15T09:00",
    }

    early = client.post(page, again)
    moment.shift(timedelta(days=4))
    client.force_login(person("sari"))
    client.post(page, again)
    moment.shift(timedelta(days=6))
    client.force_login(person("sari"))
    gone = client.post(page, {"action": "note_absence"})

    assert "Undangan pertama belum lewat." in early.content.decode()
    assert gone.headers["Location"] == page
    hearing = Hearing.objects.get()
    assert (hearing.status, hearing.invitations.count()) == (HearingStatus.ABSENT, 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"session_at": "2024-10-07T15:00"}, "Undangan harus sampai paling lambat satu hari"),
        ({"session_at": "besok"}, "Tulis tanggal dan jam"),
        ({"person": ""}, "Tulis nama yang diundang"),
        ({"capacity": "reported"}, "Pilih terlapor dalam perkara ini"),
    ],
)
def test_invitation_that_does_not_hold_is_refused_in_words(client, changes, message):
    found = case()
    client.force_login(person("sari"))

    answer = client.post(url(found, "klarifikasi/"), invitation(**changes))

    assert message in answer.content.decode()
    assert not Hearing.objects.exists()


def minutes(place: Any, outcome: str, **changes: Any) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "minutes_number": "12/BA/X/2024",
        "decided_on": "2024-10-07",
        "present": [str(member.public_id) for member in plenary_of(place)],
        "reason": "",
        **changes,
    }


def test_correction_is_received_and_examined(client):
    found = decided_case()
    client.force_login(person("sari"))
    client.post(
        url(found, "koreksi/"),
        {
            "requester": "reporter",
            "official": "",
            "points": "Tempat kejadian.",
            "asked": "Periksa lagi.",
            "filed_on": "2024-10-07",
        },
    )
    asked = CorrectionRequest.objects.get()
    client.force_login(person("dewi"))
    agenda = client.get("/kerja/pleno/").context["groups"]

    answer = client.post(
        url(found, f"koreksi/{asked.public_id}/"),
        minutes(found.office, "grant", seen="filed", reason="Tempatnya keliru."),
    )

    assert [group["title"] for group in agenda] == ["Permintaan koreksi"]
    assert answer.headers["Location"] == "/kerja/pleno/"
    asked.refresh_from_db()
    found.refresh_from_db()
    assert (asked.status, found.status) == (CorrectionStatus.GRANTED, CaseStatus.ASSESSED)
    assert PlenaryDecision.objects.get(correction=asked).members_present == 3


@pytest.mark.usefixtures("vault_keys")
def test_report_is_taken_over_from_above_only(client):
    told = report(lane=Lane.OPEN)
    path = f"/kerja/pleno/ambil-alih/{told.public_id}/langsung/"
    client.force_login(person("lina"))
    assert client.get(path).status_code == 404
    client.force_login(person("dewi"))
    data = minutes(office("33"), "take_over", seen="received", reason="Sarana belum ada.")

    groundless = client.post(path, data)
    client.post(path, data | {"takeover_ground": "no_facilities"})

    assert "Pilih alasan pengambilalihan" in groundless.content.decode()
    told.refresh_from_db()
    assert told.office == office("33")
    assert OfficeChange.objects.get(complaint=told).taken


@pytest.mark.usefixtures("vault_keys")
def test_request_from_below_is_answered_by_the_level_above(client):
    world = case_world(AT)
    path = f"/kerja/pleno/ambil-alih/{world.below.public_id}/"
    client.force_login(person("dewi"))

    page = client.get(path)
    stale = client.post(
        path, minutes(office("33"), "accept_takeover", seen="takeover", reason="Ya.")
    )

    assert "Sarana belum ada." in page.content.decode()
    assert client.get(f"/kerja/pleno/ambil-alih/{world.free.public_id}/").status_code == 404
    # The record does not stand where it could be answered: nothing happens, and it is told.
    assert stale.status_code == 409
    assert not OfficeChange.objects.get(complaint=world.below).taken


def test_official_is_recognised_and_let_go(client):
    first, second = case(), case()
    known = record_person(
        case=first, official=first.allegations.get().official, officer=person("sari"), at=AT
    )
    row = second.allegations.get().official
    path = url(second, f"orang/{row.public_id}/kenali/")
    client.force_login(person("sari"))

    shown = client.get(url(second), {"t": "orang"})
    client.post(path, {"go": "confirm", "person": str(known.public_id)})
    stale = client.post(path, {"go": "confirm", "person": str(known.public_id)})
    page = client.get(f"/kerja/orang/{known.public_id}/")
    strange = client.post(path, {"go": "confirm", "person": "bukan-nomor", "seen": ""})

    assert [each.suggested[0] for each in shown.context["officials"]] == [known]
    row.refresh_from_db()
    assert row.person == known
    assert stale.status_code == 409
    assert [line["case"] for line in page.context["page"].cases] == [second, first]
    assert "Bupati Magelang" in page.content.decode()
    assert strange.status_code == 404


def test_person_outside_the_scope_does_not_exist(client):
    found = case()
    known = record_person(
        case=found, official=found.allegations.get().official, officer=person("sari"), at=AT
    )
    client.force_login(person("budi"))

    assert client.get(f"/kerja/orang/{known.public_id}/").status_code == 404


@pytest.mark.usefixtures("vault_keys")
def test_plenary_joins_a_report_to_a_case_that_is_being_assessed(client):
    found, elsewhere = case(), case(officer="budi")
    told = report()
    for item in requirements_of(told.lane):
        RequirementCheck.objects.create(
            complaint=told,
            requirement=item,
            is_met=True,
            checked_at=AT,
            checked_by=person("vera"),
        )
    propose_report(
        complaint=told, action=ComplaintAction.PROPOSE_REGISTER, officer=person("sari"), at=AT
    )
    client.force_login(person("dewi"))
    path = f"/kerja/pleno/laporan/{told.public_id}/"
    data = minutes(told.office, "approve_register", seen="proposed")

    offered = dict(client.get(path).context["form"].fields["into"].choices)
    strange = client.post(path, data | {"into": str(elsewhere.public_id)})
    client.post(path, data | {"into": str(found.public_id)})

    assert set(offered) == {"", str(found.public_id)}
    assert strange.status_code == 200
    assert list(told.cases.all()) == [found]
    assert Case.objects.count() == 2
    shown = client.get(url(found)).context["page"].complaints
    assert [row["reference"] for row in shown][-1] == told.reference


def test_request_that_is_not_meant_any_more_is_withdrawn_once(client):
    found = decided_case()
    client.force_login(person("sari"))
    client.post(
        url(found, "koreksi/"),
        {
            "requester": "reporter",
            "official": "",
            "points": "Tempat kejadian.",
            "asked": "Periksa lagi.",
            "filed_on": "2024-10-07",
        },
    )
    path = url(found, f"koreksi/{CorrectionRequest.objects.get().public_id}/cabut/")

    offered = path in client.get(url(found)).content.decode()
    done, twice = client.post(path), client.post(path)

    assert offered
    assert done.headers["Location"] == url(found)
    assert twice.status_code == 409
    assert CorrectionRequest.objects.get().status == CorrectionStatus.WITHDRAWN
    assert path not in client.get(url(found)).content.decode()
