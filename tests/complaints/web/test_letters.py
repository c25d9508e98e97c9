"""The desk writes to reporters it cannot name, and asks them to complete a report."""

import json
from base64 import b64decode
from datetime import timedelta

import pytest
import time_machine

from complaints.models import Message, RequirementCheck
from complaints.selectors.messages import messages_for_reporter
from complaints.services.checkins import Safety, ask_lpsk, check_in
from complaints.services.intake import submit_complaint
from complaints.services.receipts import prepare_receipt
from complaints.states import ComplaintStatus, Lane, Requirement
from tests.complaints.web.walk import errors, text
from tests.factories import AT, facts, finding, person, report, tip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]


@pytest.fixture
def desk(client):
    client.force_login(person("sari"))
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        yield client


def letters(complaint):
    return f"/kerja/laporan/{complaint.public_id}/surat/"


def repair(complaint):
    return f"/kerja/laporan/{complaint.public_id}/lengkapi/"


def test_desk_writes_and_only_the_receipt_reads(desk):
    prepared = prepare_receipt()
    complaint = submit_complaint(facts=facts(), lane=Lane.TIP, at=AT, prepared=prepared).complaint

    page = desk.post(letters(complaint), {"text": "Apakah ada tautannya?"}, follow=True)

    assert "Pesan dikirim. Hanya pelapor yang dapat membacanya." in text(page)
    assert "Tersegel untuk pelapor." in text(page)
    assert "Apakah ada tautannya?" not in text(page)
    read = messages_for_reporter(complaint=complaint, mailbox_key=prepared.mailbox_key)
    assert [message.text for message in read] == ["Apakah ada tautannya?"]


def test_desk_reads_a_tips_reporter_and_the_letter_counts_as_read(desk):
    complaint = tip()
    check_in(complaint=complaint, safety=Safety.PRESSURE, text="Saya dipanggil.", at=AT)

    record = desk.get(f"/kerja/laporan/{complaint.public_id}/")
    page = desk.get(letters(complaint))
    again = desk.get(f"/kerja/laporan/{complaint.public_id}/")

    assert "Pelapor mengabarkan tekanan" in text(record)
    assert "Saya dipanggil." in text(page)
    assert "Pelapor mengabarkan tekanan" not in text(again)


def test_request_to_lpsk_is_passed_on_unread(desk, vault_keys):
    complaint, prepared = tip(), prepare_receipt()
    ask_lpsk(
        complaint=complaint,
        answers={"name": "Kanari", "contact": "0812", "threat": "Diancam"},
        at=AT,
        mailbox_key=prepared.mailbox_key,
        use_identity=False,
    )
    message = Message.objects.get()

    page = desk.get(letters(complaint))
    handed = desk.get(f"{letters(complaint)}{message.public_id}/")

    assert "Tersegel untuk LPSK." in text(page)
    assert "Kanari" not in text(page)
    parcel = b64decode(json.loads(handed.content)["parcel"])
    assert vault_keys.open_parcel(parcel, complaint)["threat"] == "Diancam"
    assert "lpsk.json" in handed["Content-Disposition"]


def test_other_letters_are_not_handed_out_as_files(desk):
    complaint = tip()
    message = check_in(complaint=complaint, safety=Safety.SAFE, text="", at=AT)

    assert desk.get(f"{letters(complaint)}{message.public_id}/").status_code == 404


def test_repair_is_asked_for_with_what_was_unmet_chosen(desk):
    complaint = report(lane=Lane.OPEN)
    sari = person("sari")
    assert sari.office is not None
    complaint.office = sari.office
    complaint.save(update_fields=["office"])
    RequirementCheck.objects.create(
        complaint=complaint,
        requirement=Requirement.EVIDENCE,
        is_met=False,
        checked_at=AT,
        checked_by=person("sari"),
    )

    form = desk.get(repair(complaint))
    page = desk.post(
        repair(complaint),
        {"requirements": ["evidence"], "text": "Kirim tautannya.", "seen": "received"},
        follow=True,
    )

    assert form.context["form"]["requirements"].value() == ["evidence"]
    assert "Pelapor diminta melengkapi paling lambat Rabu 9 Oktober 2024." in text(page)
    complaint.refresh_from_db()
    assert complaint.status == ComplaintStatus.AWAITING
    assert complaint.repair_requests.get().requirements == ["evidence"]


def test_repair_is_not_asked_for_twice(desk):
    complaint = report(lane=Lane.SEALED)
    fields = {"requirements": ["evidence"], "text": "Kirim tautannya.", "seen": "received"}
    desk.post(repair(complaint), fields)

    second = desk.post(repair(complaint), fields)

    assert second.status_code == 409
    assert complaint.repair_requests.count() == 1
    assert Message.objects.count() == 1


def test_repair_without_words_or_requirement_keeps_the_form(desk):
    complaint = report(lane=Lane.SEALED)

    page = desk.post(repair(complaint), {"text": "Kirim.", "seen": "received"})

    assert "Pilih apa yang perlu dilengkapi" in errors(page)
    assert "Kirim." in page.content.decode()
    assert not Message.objects.exists()


def test_findings_and_tips_have_no_such_page(desk):
    assert desk.get(letters(finding())).status_code == 404
    assert desk.get(repair(tip())).status_code == 404
