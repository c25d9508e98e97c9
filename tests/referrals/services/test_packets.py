"""Approval bound to the draft, packets made of it and of nothing else, and what the log says of both."""

import io
import json
from typing import Any

import pikepdf
import pytest
from django.db import connection
from pypdf import PdfReader

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import Outcome, deliver
from complaints.models import Allegation, Case, Derivative, Evidence
from referrals.errors import (
    DraftChangedError,
    LeakError,
    NoSigningKeyError,
    NotAcknowledgedError,
    PacketError,
)
from referrals.models import Letter, Packet, PacketApproval, Referral, ReferralAttachment
from referrals.packets import outgoing_packet, verified
from referrals.packets.signing import public_key
from referrals.services.delivery import issue_referral, outbox_subject
from referrals.services.packets import attach_copy, detach_copy, review_draft
from referrals.services.recommend import approve_referral, resubmit_referral
from tests.factories import AT, person
from tests.referrals import stages
from tests.support.evidence import evidence_of, let_through

pytestmark = pytest.mark.django_db
NIK = "3308114505820003"


def _issued(referral: Referral) -> Referral:
    issue_referral(subject_id=outbox_subject(referral), destination="", at=AT)
    return stages.fresh(referral)


def test_packet_of_an_issued_referral_verifies_and_says_what_the_letter_says():
    referral = _issued(stages.approved())

    packet = outgoing_packet(referral, 1)
    found = verified(packet.archive(), public_key=public_key())

    assert (found.number, found.version) == ("001/Rekom-DPPL/TM/PB/Prov/14.00/X/2024", 1)
    assert list(found.files) == ["data.json", "surat.pdf"]
    record = json.loads(found.files["data.json"])
    words = " ".join(
        " ".join(page.extract_text().split())
        for page in PdfReader(io.BytesIO(found.files["surat.pdf"])).pages
    )
    assert record["number"] in words
    assert all(part in words for part in record["summary"])
    assert Packet.objects.get().sha256 == packet.sha256
    assert referral.public_id.hex[:12] in packet.file_name
    assert "Wiratama" not in packet.file_name


def test_the_record_lies_sealed():
    referral = _issued(stages.approved())

    with connection.cursor() as cursor:
        cursor.execute("SELECT record FROM referrals_packet")
        held = bytes(cursor.fetchone()[0])

    assert b"Wiratama" not in held
    assert b"Wiratama" in outgoing_packet(referral, 1).record_json


@pytest.mark.parametrize(
    "edit",
    [
        lambda referral: Referral.objects.filter(pk=referral.pk).update(summary="Camat mengajak "),
        lambda referral: Allegation.objects.filter(case=referral.case_id).update(place="Balai"),
        lambda referral: Case.objects.filter(pk=referral.case_id).update(assessment="Unsur."),
    ],
    ids=["summary", "allegation", "assessment"],
)
def test_k07_one_byte_after_the_approval_and_nothing_is_sent(edit):
    referral = stages.approved()
    edit(referral)

    with pytest.raises(Exception, match="not the approved one"):
        _issued(referral)

    assert not Letter.objects.exists()
    assert not Packet.objects.exists()
    assert stages.fresh(referral).status == "approved"


@pytest.mark.django_db(transaction=True)
def test_k07_the_message_is_parked_and_a_new_version_may_be_laid_down():
    referral = stages.approved()
    Referral.objects.filter(pk=referral.pk).update(summary="Diganti di luar jalur.")

    message = OutboxMessage.objects.get(topic="referral.issue")
    assert deliver(message.pk) is Outcome.PARKED

    referral = stages.fresh(referral)
    resubmit_referral(
        referral=referral, officer=person("sari"), at=AT, reason="Isi berubah.", summary=""
    )
    referral = stages.fresh(referral)
    assert (referral.status, referral.version, referral.number) == ("proposed", 2, None)
    approve_referral(referral=referral, approver=person("joko"), at=AT)
    assert outgoing_packet(_issued(referral), 2).version == 2


def test_k07_approval_names_the_draft_that_was_read():
    referral = stages.fresh(stages.proposed())
    seen = review_draft(referral=referral, at=AT).digest
    Referral.objects.filter(pk=referral.pk).update(summary="Diganti sesudah dibaca.")
    referral = stages.fresh(referral)

    with pytest.raises(DraftChangedError):
        approve_referral(referral=referral, approver=person("joko"), at=AT, seen=seen)

    assert not PacketApproval.objects.exists()
    seen = review_draft(referral=referral, at=AT).digest
    approve_referral(referral=referral, approver=person("joko"), at=AT, seen=seen)
    assert PacketApproval.objects.get().draft_sha256 == seen


def test_another_version_meanwhile_is_not_approved():
    referral = stages.fresh(stages.proposed())
    late = stages.fresh(referral)
    resubmit_referral(
        referral=referral, officer=person("sari"), at=AT, reason="Diperbaiki.", summary="Baru."
    )

    with pytest.raises(ConflictError):
        approve_referral(referral=late, approver=person("joko"), at=AT)


def test_k02_what_leaks_is_not_approved_and_a_clean_version_is():
    referral = stages.fresh(stages.proposed())
    Referral.objects.filter(pk=referral.pk).update(summary=f"Camat, lihat {NIK}.")
    referral = stages.fresh(referral)

    with pytest.raises(LeakError) as refusal:
        approve_referral(referral=referral, approver=person("joko"), at=AT)
    assert [(each.code, each.words) for each in refusal.value.findings] == [("number", NIK)]
    assert NIK not in str(refusal.value.message)

    with pytest.raises(LeakError):
        resubmit_referral(
            referral=referral,
            officer=person("sari"),
            at=AT,
            reason="Coba.",
            summary="Hubungi 0812-3456-7890.",
        )
    resubmit_referral(
        referral=referral, officer=person("sari"), at=AT, reason="Bersih.", summary="Camat hadir."
    )
    approve_referral(referral=stages.fresh(referral), approver=person("joko"), at=AT)


def test_k04_a_warning_is_acknowledged_and_stays_on_record():
    referral = stages.fresh(stages.proposed())
    Referral.objects.filter(pk=referral.pk).update(summary="Pelapor melihat camat berpidato.")
    referral = stages.fresh(referral)
    warning = review_draft(referral=referral, at=AT).warnings[0]

    for noted in ((), ("source:000000000000",)):
        with pytest.raises(NotAcknowledgedError):
            approve_referral(referral=referral, approver=person("joko"), at=AT, acknowledged=noted)
    approve_referral(referral=referral, approver=person("joko"), at=AT, acknowledged=[warning.key])

    approval = PacketApproval.objects.get()
    assert (approval.acknowledged, approval.approver.name) == ([warning.key], "Joko")
    _issued(referral)
    entry = AuditEvent.objects.get(action="referral.packet_made")
    told = json.loads(entry.detail)
    assert told["acknowledged"] == [warning.key]
    assert told["approved_by"] == person("joko").public_id.hex
    assert {told[name] for name in ("reporter", "statement", "report_day", "originals")} == {False}
    assert "elapor melihat" not in entry.detail


def test_without_a_signing_key_nothing_leaves(settings):
    referral = stages.approved()
    settings.PACKET_SIGNING_KEY = ""

    with pytest.raises(NoSigningKeyError):
        _issued(referral)

    assert not Letter.objects.exists()


def test_a_letter_that_was_exchanged_is_not_handed_over(monkeypatch):
    referral = _issued(stages.approved())
    monkeypatch.setattr(
        "referrals.packets.outgoing.sealed_files.load", lambda *_args, **_more: b"%PDF- other"
    )

    with pytest.raises(PacketError):
        outgoing_packet(referral, 1)


# --- copies -----------------------------------------------------------------------------------------


def _copy(referral: Referral, text: str = "salinan", *, kind: str = "pdf", officer: bool = True):
    complaint = referral.case.complaints.get()
    more: dict[str, Any] = {"added_by": person("sari")} if officer else {}
    evidence = evidence_of(complaint, text.encode() + b" asli", at=AT, **more)
    let_through(evidence, text)
    Evidence.objects.filter(pk=evidence.pk).update(kind=kind)
    return Derivative.objects.select_related("evidence", "file").get(evidence=evidence)


def _attached(referral, copy, **more):
    return attach_copy(
        referral=referral,
        copy=copy,
        officer=person("sari"),
        at=AT,
        is_checked=more.pop("is_checked", False),
    )


def test_k10_attachments_are_copies_listed_by_their_own_digest():
    referral = stages.fresh(stages.proposed())
    copy = _copy(referral)
    before = review_draft(referral=referral, at=AT).digest
    _attached(referral, copy)
    _attached(referral, copy)  # twice is once

    looked = review_draft(referral=referral, at=AT)
    assert (looked.findings, looked.digest != before) == ((), True)
    approve_referral(referral=referral, approver=person("joko"), at=AT)
    packet = outgoing_packet(_issued(referral), 1)

    found = verified(packet.archive(), public_key=public_key())
    assert found.files["bukti-01.txt"] == b"salinan"
    listed = json.loads(packet.record_json)["evidence"]
    assert [each["sha256"] for each in listed] == [bytes(copy.sha256).hex()]
    everything = packet.archive()
    assert copy.evidence.object_id.hex.encode() not in everything
    assert bytes(copy.evidence.manifest_sha256).hex().encode() not in everything
    words = PdfReader(io.BytesIO(packet.letter_pdf)).pages[-1].extract_text()
    assert bytes(copy.sha256).hex() in "".join(words.split())


def test_k10_a_copy_after_the_approval_stops_the_packet():
    referral = stages.approved()
    row = ReferralAttachment(
        referral=referral, copy=_copy(referral), added_by=person("sari"), added_at=AT
    )
    row.save()

    with pytest.raises(Exception, match="not the approved one"):
        _issued(referral)


@pytest.mark.parametrize("kind", ["image", "text", ""])
def test_a_reporters_picture_or_text_never_leaves(kind):
    referral = stages.fresh(stages.proposed())

    with pytest.raises(DomainError) as refusal:
        _attached(referral, _copy(referral, kind=kind, officer=False), is_checked=True)
    assert refusal.value.code == "reporters_own"


def test_another_file_of_a_reporter_is_looked_over_and_acknowledged():
    referral = stages.fresh(stages.proposed())
    copy = _copy(referral, officer=False)

    with pytest.raises(DomainError) as refusal:
        _attached(referral, copy)
    assert refusal.value.code == "not_checked"
    _attached(referral, copy, is_checked=True)
    assert [each.code for each in review_draft(referral=referral, at=AT).warnings] == [
        "reporter_file"
    ]
    detach_copy(referral=referral, copy=copy, officer=person("sari"))
    assert review_draft(referral=referral, at=AT).findings == ()


def test_copies_are_chosen_by_an_officer_while_it_is_a_proposal(monkeypatch):
    referral = stages.fresh(stages.proposed())
    copy = _copy(referral)

    with pytest.raises(NotPermittedError):
        attach_copy(referral=referral, copy=copy, officer=person("nur"), at=AT, is_checked=False)
    monkeypatch.setattr("referrals.services.packets.MAX_ATTACHED_BYTES", 3)
    with pytest.raises(DomainError) as refusal:
        _attached(referral, copy)
    assert refusal.value.code == "too_large"
    monkeypatch.undo()
    approve_referral(referral=referral, approver=person("joko"), at=AT)
    with pytest.raises(DomainError) as refusal:
        _attached(referral, copy)
    assert refusal.value.code == "too_late"


def test_k02_a_copy_that_tells_of_its_maker_stops_the_approval():
    referral = stages.fresh(stages.proposed())
    copy = _copy(referral)
    document = pikepdf.new()
    document.add_blank_page()
    document.docinfo["/Author"] = "Kartinah Widyaningrum"
    made = io.BytesIO()
    document.save(made)
    evidence = evidence_of(referral.case.complaints.get(), b"asli", at=AT, added_by=person("sari"))
    _kept(evidence, made.getvalue())
    copy = Derivative.objects.select_related("evidence", "file").get(evidence=evidence)
    _attached(referral, copy)

    with pytest.raises(LeakError) as refusal:
        approve_referral(referral=referral, approver=person("joko"), at=AT)

    found = refusal.value.findings[0]
    assert (found.code, found.words) == ("metadata", "bukti-01.pdf: author")
    assert "Kartinah" not in f"{refusal.value.message}{found}"


def _kept(evidence: Evidence, content: bytes) -> None:
    from complaints.services.evidence import keep_derivative

    keep_derivative(
        evidence=evidence,
        content=io.BytesIO(content),
        chained_to=b"",
        facts={
            "made_on": evidence.received_on,
            "content_type": "application/pdf",
            "extension": "pdf",
        },
    )
    Evidence.objects.filter(pk=evidence.pk).update(status="ready", kind="pdf")


def test_k09_the_file_says_nothing_finer_than_a_day():
    referral = stages.approved()
    letter = outgoing_packet(_issued(referral), 1).letter_pdf
    reader = PdfReader(io.BytesIO(letter))
    info: Any = reader.metadata
    catalog: Any = reader.trailer["/Root"]
    xmp = catalog["/Metadata"].get_object().get_data().decode()

    assert info.get("/CreationDate", "").startswith("D:20241007000000")
    assert "/Author" not in info
    assert info["/Creator"].startswith("Typst ")
    assert {name for page in reader.pages for name in _fonts(page)} <= {
        f"LibertinusSerif-{cut}-Identity-H" for cut in ("Regular", "Bold", "Italic")
    }
    for tag in ("CreateDate", "ModifyDate"):
        assert f"<xmp:{tag}>2024-10-07T00:00:00" in xmp
    assert "dc:creator" not in xmp


def _fonts(page):
    for font in page["/Resources"]["/Font"].values():
        yield font["/BaseFont"].split("+")[-1]
