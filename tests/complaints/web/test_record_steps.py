"""Steps of a record at its page: what stands first, hands, notes, sleep, second thoughts, presence."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from bawaslu_cases.audit.models import AuditEvent
from complaints.models import Complaint, RequirementCheck
from complaints.services.presence import SITTING, STAY
from complaints.services.reports import answer_repair, ask_repair, propose_report
from complaints.states import ComplaintAction, ComplaintStatus, Lane, Requirement
from tests.factories import AT, checked, office, person, report, tip
from tests.support.evidence import cleaned_evidence, photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]
LINK = "https://www.facebook.com/akun.contoh/posts/10158123456789012"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def url(row: Complaint, tail: str = "") -> str:
    return f"/kerja/laporan/{row.public_id}/{tail}"


def attested(*, unmet: Requirement | None = None, **changes) -> Complaint:
    """Return a report of the open lane that a verifier attested and nobody else looked at."""
    row = report(lane=Lane.OPEN, **changes)
    Complaint.objects.filter(pk=row.pk).update(office=office("33"))
    row.refresh_from_db()
    RequirementCheck.objects.create(
        complaint=row, requirement="reporter", is_met=True, checked_at=AT, checked_by=person("vera")
    )
    for item in (Requirement.TIME_PLACE, Requirement.DESCRIPTION, Requirement.EVIDENCE):
        RequirementCheck.objects.create(
            complaint=row, requirement=item, is_met=item is not unmet, checked_at=AT
        )
    return row


def buttons(response) -> list[tuple[str, str]]:
    decision = response.context["decision"]
    return [(str(each["label"]), each["key"]) for each in (decision["main"], *decision["others"])]


def test_complete_report_is_forwarded_by_default(client):
    row = attested()
    client.force_login(person("sari"))

    page = client.get(url(row))

    assert buttons(page) == [
        ("Usulkan diteruskan", "R"),
        ("Usulkan diregistrasi", "D"),
        ("Minta dilengkapi", "M"),
        ("Usulkan dilimpahkan", "L"),
        ("Usulkan diambil alih", "N"),
        ("Usulkan tidak diregistrasi", "T"),
        ("Usulkan jadi informasi awal", "W"),
    ]
    assert page.context["decision"]["note"] == ""


def test_what_is_missing_makes_asking_the_first_button(client):
    row = attested(unmet=Requirement.TIME_PLACE)
    client.force_login(person("sari"))

    page = client.get(url(row))

    assert buttons(page)[0] == ("Minta dilengkapi", "M")
    assert page.context["decision"]["note"] == "1 syarat belum terpenuhi"


def test_letters_press_one_control_each(client):
    row = attested()
    client.force_login(person("joko"))

    page = client.get(url(row)).content.decode()

    for letter in "rdmlntwiascbg":
        assert page.count(f'data-key="{letter}"') == 1, letter


def test_proposal_to_forward_writes_down_what_the_system_proved(client):
    row = attested()
    client.force_login(person("sari"))

    answer = client.post(url(row, "tindakan/propose_forward/"), {"seen": "received"}, follow=True)

    row.refresh_from_db()
    assert row.status == ComplaintStatus.PROPOSED
    assert "Penerusan diusulkan ke pleno." in answer.content.decode()
    assert set(row.checks.filter(note__contains="dalam 7 hari").values_list("requirement")) == {
        ("in_time",)
    }


def test_refusal_names_its_ground_in_the_laws_words(client):
    row = attested()
    client.force_login(person("sari"))
    step = url(row, "tindakan/propose_refusal/")

    refused = client.post(step, {"seen": "received", "reason": "Sudah diputus."})
    client.post(step, {"seen": "received", "ground": "settled", "reason": "Sudah diputus."})

    assert "Pilih dasarnya" in refused.content.decode()
    assert row.events.latest("pk").reason == "Sudah diselesaikan. Sudah diputus."


def test_report_may_be_proposed_as_a_tip(client):
    row = attested()
    client.force_login(person("sari"))
    step = url(row, "tindakan/propose_refusal/")
    page = client.get(f"{step}?as=tip")
    sent = {"seen": "received", "as": "tip", "reason": page.context["form"]["reason"].value()}

    refused = client.post(step, sent)
    RequirementCheck.objects.create(
        complaint=row, requirement="in_time", is_met=False, checked_at=AT
    )
    client.post(step, sent)

    assert "memenuhi semua syarat materiel" in refused.content.decode()
    assert refused.context["form"]["reason"].value() == sent["reason"]
    assert "ps 24 ayat (8)" in row.events.latest("pk").reason


def test_ground_that_the_record_contradicts_is_said_beforehand_and_refused(client):
    row = attested(unmet=Requirement.TIME_PLACE)
    client.force_login(person("sari"))
    step = url(row, "tindakan/propose_refusal/")
    notes = client.get(step).context["form"].fields["ground"].widget.notes
    RequirementCheck.objects.create(
        complaint=row, requirement="in_time", is_met=True, checked_at=AT
    )
    RequirementCheck.objects.create(
        complaint=row, requirement="reported_party", is_met=True, checked_at=AT
    )

    refused = client.post(
        step, {"seen": "received", "ground": "incomplete", "reason": "Tempat tidak disebut."}
    )

    assert set(notes) == {"incomplete", "late", "withdrawn"}
    assert refused.context["form"].has_error("ground")
    assert "Minta dilengkapi dahulu" in refused.content.decode()
    assert "Tempat tidak disebut." in refused.content.decode()
    row.refresh_from_db()
    assert row.status == ComplaintStatus.RECEIVED


def test_second_request_is_not_offered_and_not_taken(client):
    row = attested(unmet=Requirement.TIME_PLACE)
    client.force_login(person("sari"))
    page = url(row, "lengkapi/")
    first = client.get(page)
    ask_repair(complaint=row, requirements=[Requirement.TIME_PLACE], officer=person("sari"), at=AT)
    answer_repair(complaint=row, at=AT)

    seen, shown = client.get(page), client.get(url(row))
    stale = client.post(
        page,
        {"seen": "received", "requirements": ["time_place"], "text": "Mohon lengkapi tempatnya."},
    )

    assert "Kirim permintaan" in first.content.decode()
    assert "sudah mendapat satu kesempatan" in seen.content.decode()
    assert "Kirim permintaan" not in seen.content.decode()
    assert "Minta dilengkapi" not in {label for label, _key in buttons(shown)}
    assert buttons(shown)[0] == ("Usulkan tidak diregistrasi", "T")
    assert "kesempatan melengkapi sudah terpakai" in shown.context["decision"]["note"]
    assert "Mohon lengkapi tempatnya." in stale.content.decode()
    assert "sudah mendapat satu kesempatan" in stale.content.decode()
    assert row.repair_requests.count() == 1
    assert not row.messages.exists()


def test_delegation_offers_only_offices_right_below(client):
    row = attested()
    client.force_login(person("sari"))
    step = url(row, "tindakan/propose_delegation/")
    offered = {value for value, _label in client.get(step).context["form"].fields["office"].choices}

    foreign = client.post(
        step, {"seen": "received", "office": str(office("51").pk), "reason": "Alasan"}
    )
    client.post(step, {"seen": "received", "office": str(office("33.08").pk), "reason": "Alasan"})

    assert str(office("33.08").pk) in offered
    assert str(office("51").pk) not in offered
    assert foreign.context["form"].has_error("office")
    assert row.office_changes.get().target == office("33.08")


def test_sealed_report_offers_no_delegation(client):
    row = report(lane=Lane.SEALED)
    client.force_login(person("sari"))

    assert "L" not in {key for _label, key in buttons(client.get(url(row)))}


def test_takeover_needs_one_of_the_laws_grounds(client):
    row = attested()
    client.force_login(person("sari"))
    step = url(row, "tindakan/propose_takeover/")

    refused = client.post(step, {"seen": "received", "reason": "Alasan"})
    client.post(step, {"seen": "received", "ground": "crosses_regions", "reason": "Alasan"})

    assert refused.context["form"].has_error("ground")
    assert row.office_changes.get().ground == "crosses_regions"


def test_conflict_shows_both_what_was_seen_and_what_is(client):
    row = attested()
    client.force_login(person("sari"))
    propose_report(
        complaint=row, action=ComplaintAction.PROPOSE_FORWARD, officer=person("joko"), at=AT
    )

    answer = client.post(
        url(row, "tindakan/propose_refusal/"),
        {"seen": "received", "ground": "late", "reason": "Kata-kata saya."},
    )

    page = answer.content.decode()
    assert answer.status_code == 409
    assert (answer.context["seen_status"], answer.context["now_status"]) == (
        "Diterima",
        "Menunggu pleno",
    )
    assert "Kata-kata saya." in page


def test_tick_on_a_stale_page_is_a_conflict_with_both_answers(client):
    row = tip()
    client.force_login(person("sari"))
    client.post(url(row, "syarat/"), {"tick": "description:0:open"})

    answer = client.post(url(row, "syarat/"), {"tick": "description:1:open"})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Syarat ini baru diperiksa orang lain." in page
    assert "Isian Anda: Uraian kejadian, terpenuhi." in page
    assert not row.checks.get().is_met


def test_evidence_is_ticked_only_after_the_pane_showed_it_all(client):
    row = tip(links=(LINK,))
    cleaned_evidence(row, photo(), at=AT)
    client.force_login(person("sari"))

    first = client.get(url(row))
    early = client.post(url(row, "syarat/"), {"tick": "evidence:1:open"}, follow=True)
    second = client.get(url(row, "?b=2"))
    client.post(url(row, "syarat/"), {"tick": "evidence:1:open"})

    assert (first.context["evidence"]["total"], first.context["evidence"]["unseen"]) == (2, 1)
    assert "1 bukti belum dibuka." in early.content.decode()
    assert second.context["evidence"]["unseen"] == 0
    assert row.checks.get().is_met


def test_record_is_taken_with_one_press_and_given_to_somebody(client):
    row = tip()
    sari, joko = person("sari"), person("joko")
    client.force_login(sari)
    take = client.get(url(row)).context["take"]

    client.post(take["href"], {"to": take["to"], "seen": take["seen"]})
    row.refresh_from_db()
    assert row.assignee == sari

    stale = client.post(url(row, "petugas/"), {"to": str(joko.public_id), "seen": ""})
    assert stale.status_code == 409
    client.post(url(row, "petugas/"), {"to": str(joko.public_id), "seen": str(sari.pk)})
    row.refresh_from_db()
    assert row.assignee == joko
    assert "Dipegang Joko" in client.get(url(row)).content.decode()


def test_nobody_of_another_office_is_offered(client):
    row = tip()
    outsider = person("budi")
    client.force_login(person("sari"))

    answer = client.post(url(row, "petugas/"), {"to": str(outsider.public_id), "seen": ""})

    assert answer.context["form"].has_error("to")
    row.refresh_from_db()
    assert row.assignee is None


def test_record_sleeps_until_a_day(client):
    row = tip()
    client.force_login(person("sari"))
    day = AT.date() + timedelta(days=1)

    past = client.post(url(row, "tunda/"), {"until": AT.date().isoformat(), "seen": ""})
    client.post(url(row, "tunda/"), {"until": day.isoformat(), "seen": ""})

    assert past.context["form"].errors["until"] == ["Pilih hari sesudah hari ini"]
    row.refresh_from_db()
    assert row.snoozed_until == day


def test_note_is_for_officers_alone(client):
    row = tip()
    client.force_login(person("sari"))

    client.post(url(row, "catatan/"), {"text": "Periksa juga akun keduanya."})

    page = client.get(url(row)).content.decode()
    assert "Periksa juga akun keduanya." in page
    assert "Hanya petugas" in page
    assert row.notes.get().author == person("sari")
    assert not row.messages.exists()


def test_plenary_writes_no_note_at_the_desk(client):
    row = tip()
    client.force_login(person("dewi"))

    assert client.post(url(row, "catatan/"), {"text": "x"}).status_code == 403


def test_last_step_is_taken_back_from_the_next_record(client):
    row, following = checked(tip(), person("sari")), tip()
    client.force_login(person("sari"))
    with time_machine.travel(AT + timedelta(minutes=1), tick=False):
        answer = client.post(
            url(row, "tindakan/propose_tracing/"),
            {"seen": "received", "back": "v=open", "then": str(following.public_id)},
            follow=True,
        )
        toast = answer.context["toast"]
        assert toast["reference"] == row.reference
        told = f"Penelusuran diusulkan ke pleno. Berikutnya: {following.title}"
        assert told in answer.content.decode()

        client.post(toast["href"], {"seen": toast["seen"], "back": "v=open"})

        row.refresh_from_db()
        assert row.status == ComplaintStatus.RECEIVED
        again = client.post(toast["href"], {"seen": toast["seen"]})
    assert again.status_code == 409


def test_who_else_is_here_is_told_until_they_leave(client, clock):
    row = tip()
    for who, told in (
        ("sari", ""),
        ("joko", "Sari juga membuka laporan ini."),
        ("sari", "Joko juga membuka laporan ini."),
    ):
        client.force_login(person(who))
        assert client.post(url(row, "hadir/")).json() == {"text": told}

    clock.shift(STAY)

    assert client.post(url(row, "hadir/")).json() == {"text": ""}


def test_presence_is_no_door_to_another_office(client):
    row = tip()
    client.force_login(person("budi"))

    assert client.post(url(row, "hadir/")).status_code == 404


def test_presence_key_tells_nothing(client):
    row = tip()
    client.force_login(person("sari"))

    client.post(url(row, "hadir/"))

    held = cache._cache.get_client()  # type: ignore[attr-defined]
    keys = [key.decode() for key in held.scan_iter("*presence*")]
    lives = sorted(held.ttl(key) for key in keys)
    assert len(lives) == 2
    assert lives[0] <= STAY.total_seconds() < lives[1] <= SITTING.total_seconds()
    for key in keys:
        for told in (row.public_id.hex, row.reference, person("sari").public_id.hex):
            assert told not in key


def test_signs_of_one_sitting_are_one_entry_in_the_log(client, clock):
    row, other = tip(), tip()

    def entries() -> list[str]:
        return list(
            AuditEvent.objects.filter(action="page.desk:presence")
            .order_by("pk")
            .values_list("subject", flat=True)
        )

    for who, record in (("sari", row), ("sari", row), ("joko", row), ("sari", other)):
        client.force_login(person(who))
        assert client.post(url(record, "hadir/")).status_code == 200

    one, another = (f"complaint:{each.public_id.hex}" for each in (row, other))
    assert entries() == [one, one, another]
    # Somebody who may not open it leaves an entry each time.
    client.force_login(person("budi"))
    for _time in range(2):
        assert client.post(url(row, "hadir/")).status_code == 404
    assert entries() == [one, one, another, one, one]
    cache.clear()  # half an hour later
    client.force_login(person("sari"))
    client.post(url(row, "hadir/"))
    assert entries()[-1:] == [one]
    assert len(entries()) == 6


def test_alike_records_are_a_page_whose_first_is_marked(client):
    row, other = tip(), tip()
    client.force_login(person("sari"))

    page = client.get(url(row, "mirip/")).content.decode()

    assert page.count("data-first") == 1
    assert f'href="{url(row, f"mirip/{other.public_id}/")}" data-first' in page


def test_wording_fills_the_form_shows_the_readers_view_and_takes_the_record(client):
    row = attested(unmet=Requirement.EVIDENCE)
    client.force_login(person("sari"))
    repair = url(row, "lengkapi/")
    first = client.get(repair).context["wordings"][0]
    assert (first["code"], first["key"]) == ("lengkapi-bukti", "1")

    page = client.get(repair + first["href"])
    form = page.context["form"]
    words = form["text"].value()
    sent = client.post(
        repair,
        {"text": words, "requirements": ["evidence"], "seen": "received", "t": first["code"]},
    )

    assert form["requirements"].value() == ["evidence"]
    assert page.context["preview"] == words
    assert "Dilihat pelapor" in page.content.decode()
    assert sent.headers["Location"] == url(row)
    row.refresh_from_db()
    assert (row.status, row.assignee) == (ComplaintStatus.AWAITING, person("sari"))
    assert row.repair_requests.get().requirements == ["evidence"]


def test_preview_sends_nothing(client):
    row = attested(unmet=Requirement.EVIDENCE)
    client.force_login(person("sari"))

    page = client.post(
        url(row, "lengkapi/"),
        {"text": "Kirim fotonya.", "requirements": ["evidence"], "preview": "1", "seen": "x"},
    )

    assert page.context["preview"] == "Kirim fotonya."
    assert not row.messages.exists()
    row.refresh_from_db()
    assert row.status == ComplaintStatus.RECEIVED


def test_macro_that_cannot_take_the_record_sends_nothing(client):
    row = attested(unmet=Requirement.EVIDENCE)
    client.force_login(person("sari"))
    repair = url(row, "lengkapi/")
    sent = {"text": "x", "requirements": ["evidence"], "seen": "proposed", "t": "lengkapi-bukti"}

    assert client.post(repair, sent).status_code == 409
    assert not row.messages.exists()
    assert not row.work_events.exists()


def test_office_writes_and_ends_its_own_wordings(client):
    client.force_login(person("sari"))
    told = {"title": "Tanya desa", "step": "message", "body": "Di desa mana?"}

    client.post("/kerja/kalimat/", told)
    again = client.post("/kerja/kalimat/", told)
    ((own, may_decide),) = client.get("/kerja/kalimat/").context["own"]
    alone = client.post(f"/kerja/kalimat/{own.pk}/putusan/", {"do": "approve"})
    client.post(f"/kerja/kalimat/{own.pk}/akhiri/")

    assert again.context["form"].has_error("title")
    assert (own.title, may_decide) == ("Tanya desa", False)
    assert "bukan pengusulnya" in alone.content.decode()
    own.refresh_from_db()
    assert (own.approval, own.valid_until) == ("waiting", AT.date())


def test_colleague_answers_a_proposed_wording_and_loses_nothing_typed(client):
    client.force_login(person("sari"))
    client.post("/kerja/kalimat/", {"title": "Tanya desa", "step": "message", "body": "Di mana?"})
    client.force_login(person("joko"))
    page = client.get("/kerja/kalimat/")
    ((own, may_decide),) = page.context["own"]
    answer = f"/kerja/kalimat/{own.pk}/putusan/"

    empty = client.post(answer, {"do": "refuse", "reason": "  "})
    long = client.post(answer, {"do": "refuse", "reason": "k" * 301})
    nothing = client.post(answer, {"do": "maybe"})
    taken = client.post(answer, {"do": "approve"}, follow=True)
    stale = client.post(answer, {"do": "refuse", "reason": "Terlalu kaku."})

    assert may_decide
    assert "Menunggu rekan" in page.content.decode()
    assert "Tulis alasannya." in empty.content.decode()
    assert "k" * 301 in long.content.decode()
    assert nothing.status_code == 404
    assert "Kalimat disetujui dan dapat dipakai sekarang." in taken.content.decode()
    assert "disetujui Joko" in taken.content.decode()
    assert stale.status_code == 409
    assert "sudah diputus atau ditarik" in stale.content.decode()
    assert "Terlalu kaku." in stale.content.decode()


def test_refusal_of_a_wording_is_told_and_only_approved_ones_are_offered(client):
    row = attested()
    client.force_login(person("sari"))
    client.post("/kerja/kalimat/", {"title": "Tanya desa", "step": "message", "body": "Di mana?"})
    letters = url(row, "surat/")
    waiting = client.get(letters).content.decode()
    ((own, _may),) = client.get("/kerja/kalimat/").context["own"]
    client.force_login(person("joko"))
    client.post(f"/kerja/kalimat/{own.pk}/putusan/", {"do": "refuse", "reason": "Kurang jelas."})
    client.force_login(person("sari"))

    page = client.get("/kerja/kalimat/").content.decode()

    assert "Tanya desa" not in waiting
    assert "Tanya desa" not in client.get(letters).content.decode()
    assert "tidak disetujui Joko" in page
    assert "Kurang jelas." in page
