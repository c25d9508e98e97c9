"""Papers: made once, typeset by a worker, signed off by another, numbered, frozen, superseded."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    SamePersonError,
)
from bawaslu_cases.shared.models import NumberSeries, OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from complaints.errors import FieldsMissingError
from complaints.models import CaseDocument, DocumentEvent, SubmissionNumber, WorkEvent
from complaints.selectors.documents import documents_of, offers_of
from complaints.services import documents, hearings
from complaints.services.cases import write_assessment
from complaints.services.documents import (
    PURPOSE,
    TOPIC,
    About,
    digest_of,
    make_document,
    remake_document,
    sign_off,
    write_document,
)
from complaints.states import (
    DOCUMENT_LIFECYCLE,
    CaseAction,
    DocumentAction,
    DocumentStatus,
)
from tests.factories import AT, assessed_case, case, person, report, somebody_of_plenary
from tests.support.documents import (
    LATER,
    assessed,
    carry,
    decided,
    drafted,
    finalised,
    signed,
    words,
)

pytestmark = pytest.mark.django_db
DKPP = "Ketua Dewan Kehormatan Penyelenggara Pemilu"


def study(found=None):
    """Return the draft of an assessment's paper."""
    return drafted(About(case=found or assessed_case()), "B.13")


def chair(document):
    return somebody_of_plenary(document.case.office)


def test_every_cell_of_the_table():
    cells = {
        (source.value, action.value): target.value
        for source, action, target in DOCUMENT_LIFECYCLE.cells()
    }
    assert cells == {
        ("draft", "remake"): "draft",
        ("draft", "sign_off"): "signed",
        ("signed", "freeze"): "final",
        ("final", "supersede"): "superseded",
    }
    people = {"intake_officer", "case_officer", "plenary_member", "chair"}
    for status in DocumentStatus:
        for action in DocumentAction:
            row = DOCUMENT_LIFECYCLE.table[action]
            allowed = DOCUMENT_LIFECYCLE.permits(status, action, row.roles or None)
            assert allowed == ((status.value, action.value) in cells)
            assert not DOCUMENT_LIFECYCLE.permits(status, action, {"verifier", "reviewer"})
    assert DOCUMENT_LIFECYCLE.table[DocumentAction.SIGN_OFF].roles == people
    assert DOCUMENT_LIFECYCLE.table[DocumentAction.FREEZE].roles == frozenset()
    assert DOCUMENT_LIFECYCLE.reachable() == frozenset(DocumentStatus)


def test_draft_is_promised_by_id_and_made_by_the_worker():
    document = make_document(
        about=About(case=assessed_case()), code="B.13", officer=person("sari"), at=LATER
    )
    message = OutboxMessage.objects.get(topic=TOPIC)
    assert message.subject_id == f"{document.public_id.hex}:1"
    assert (document.status, document.rendered, document.sha256) == ("draft", 0, "")

    assert carry(document).rendered == 1
    content = sealed_files.load(document.storage_name, purpose=PURPOSE)
    assert hashlib.sha256(content).hexdigest() == document.sha256 == digest_of(document)
    assert "KONSEP · belum disahkan" in words(document)
    assert len(document.pages) >= 1
    assert (document.number, document.template) == ("001/Reg/TM/PB/Prov/14.00/X/2024", "b13-1")
    # What the paper says lies sealed beside it.
    assert b"keberpihakan" not in bytes(document.content or b"")
    event = WorkEvent.objects.get(action="document")
    assert event.detail == {"document": document.public_id.hex, "code": "B.13", "did": "make"}


def test_the_worker_may_come_twice_or_late():
    document = study()
    first = document.storage_name
    write_document(subject_id=f"{document.public_id.hex}:1", at=LATER + timedelta(hours=1))
    write_document(subject_id=f"{document.public_id.hex}:7", at=LATER)
    document.refresh_from_db()
    assert (document.storage_name, document.rendered) == (first, 1)


def test_a_second_person_signs_off_and_the_content_is_frozen():
    found = assessed_case()
    document = study(found)
    with pytest.raises(NotPermittedError):
        signed(document, person("sari"))
    member = chair(document)
    final = signed(document, member)

    assert (final.status, final.signed_off_by, final.made_by) == ("final", member, person("sari"))
    assert "KONSEP" not in words(final)
    assert list(final.events.values_list("action", "actor__name")) == [
        ("create", "Sari"),
        ("sign_off", member.name),
        ("freeze", None),
    ]
    with pytest.raises(ConflictError):
        remake_document(document=final, officer=person("sari"), at=LATER, seen=final.revision)
    with pytest.raises(ConflictError):
        sign_off(document=final, officer=member, at=LATER, seen=final.sha256)


def test_the_maker_never_signs_off_not_even_by_another_door():
    found = assessed_case()
    document = drafted(About(case=found), "B.13", who="joko")
    with pytest.raises(SamePersonError):
        sign_off(document=document, officer=person("joko"), at=LATER, seen=document.sha256)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseDocument.objects.filter(pk=document.pk).update(
            status="signed", signed_off_by=person("joko")
        )


def test_who_made_it_anew_is_its_maker():
    document = study()
    remake_document(document=document, officer=person("joko"), at=LATER, seen=1)
    document = carry(document)
    assert document.made_by == person("joko")
    with pytest.raises(SamePersonError):
        sign_off(document=document, officer=person("joko"), at=LATER, seen=document.sha256)


def test_chairs_papers_are_signed_off_by_the_plenary_of_their_office():
    document = study()
    for who in ("rudi", "lina", "ratna", "vera"):
        with pytest.raises(NotPermittedError):
            sign_off(document=document, officer=person(who), at=LATER, seen=document.sha256)


def test_what_was_not_seen_or_is_old_is_not_signed_off():
    found = case()
    write_assessment(case=found, summary="Ringkasan.", assessment="Kajian.", officer=person("sari"))
    document = study(found)
    for seen in ("", "0" * 64):
        with pytest.raises(ConflictError):
            sign_off(document=document, officer=chair(document), at=LATER, seen=seen)
    write_assessment(
        case=found, summary="Ringkasan.", assessment="Kajian baru.", officer=person("sari")
    )
    with pytest.raises(ConflictError, match="berubah sejak konsep"):
        sign_off(document=document, officer=chair(document), at=LATER, seen=document.sha256)
    old = document.sha256
    remake_document(document=document, officer=person("sari"), at=LATER, seen=1)
    with pytest.raises(ConflictError):  # the worker has not come yet
        sign_off(document=document, officer=chair(document), at=LATER, seen=old)
    assert signed(carry(document), chair(document)).status == "final"
    assert "Kajian baru." in words(CaseDocument.objects.get(pk=document.pk))


def test_a_missing_field_is_named_and_nothing_is_kept():
    with pytest.raises(FieldsMissingError) as refused:
        make_document(about=About(case=case()), code="B.13", officer=person("sari"), at=LATER)
    assert refused.value.names == ("position", "assessment")
    assert str(refused.value.message) == "Belum ada: ringkasan netral, kajian."
    assert not CaseDocument.objects.exists()
    assert not OutboxMessage.objects.filter(topic=TOPIC).exists()


def test_a_field_that_is_gone_when_the_worker_comes_stands_on_the_page():
    found = assessed_case()
    document = make_document(about=About(case=found), code="B.13", officer=person("sari"), at=LATER)
    type(found).objects.filter(pk=found.pk).update(assessment="")
    message = OutboxMessage.objects.get(topic=TOPIC)

    assert deliver_in_test(message) == "done"
    document.refresh_from_db()
    assert (document.problem, document.sha256) == ("assessment", "")
    with pytest.raises(ConflictError):
        sign_off(document=document, officer=chair(document), at=LATER, seen="x")


def deliver_in_test(message):
    """Do the handler's work of a message, as the outbox would inside its transaction."""
    public_id, revision = message.subject_id.split(":")
    write_document(subject_id=f"{public_id}:{revision}", at=LATER)
    return "done"


def test_recommendations_are_numbered_when_final_and_leave_no_gap():
    found = decided(assessed(case()), also=[CaseAction.DECIDE_ETHICS])
    document = drafted(About(case=found), "B.14", addressee=DKPP)
    assert document.number == ""
    assert not NumberSeries.objects.filter(series__startswith="Rekom-KE").exists()
    first = signed(document, chair(document))
    assert first.number == "001/Rekom-KE/TM/PB/Prov/14.00/X/2024"

    second = finalised(About(case=found), "B.14", addressee=DKPP)
    first.refresh_from_db()
    assert (first.status, second.status) == ("superseded", "final")
    assert (second.version, second.replaces, second.number) == (2, first, first.number)
    assert digest_of(first) == first.sha256


@pytest.mark.usefixtures("vault_keys")
def test_submission_number_is_drawn_with_the_first_paper_and_kept():
    complaint = report()
    assert not SubmissionNumber.objects.exists()
    first = drafted(About(complaint=complaint), "B.3")
    second = drafted(About(complaint=complaint), "B.1")
    drafted(About(complaint=report()), "B.3")
    numbers = list(SubmissionNumber.objects.order_by("number").values_list("number", flat=True))
    assert numbers == ["001/PL/PB/Prov/14.00/X/2024", "002/PL/PB/Prov/14.00/X/2024"]
    assert first.number == second.number == numbers[0]
    with pytest.raises(DatabaseError), transaction.atomic():
        SubmissionNumber.objects.update(number="x")


def test_letters_need_the_secretariats_number():

    found = case()
    hearing = hearings.invite(
        case=found,
        capacity="witness",
        person="Saksi Contoh",
        place_kind="office",
        place="Kantor",
        session_at=AT + timedelta(days=2),
        officer=person("sari"),
        at=AT,
    )
    document = drafted(About(case=found, invitation=hearing.invitations.get()), "B.9")
    for number in ("", "  ", "x" * 61):
        with pytest.raises(DomainError) as refused:
            sign_off(
                document=document,
                officer=chair(document),
                at=LATER,
                seen=document.sha256,
                number=number,
            )
        assert refused.value.field == "number"
    assert signed(document, chair(document), " 12/PP  X ").number == "12/PP X"


@pytest.mark.parametrize("code", ["B.14", "B.15", "B.16", "B.18", "B.17", "B.1", "X"])
def test_what_may_not_be_made_now_is_refused(code):
    with pytest.raises(DomainError) as refused:
        make_document(about=About(case=assessed_case()), code=code, officer=person("sari"), at=AT)
    assert refused.value.field == "code"


def test_only_those_who_work_on_files_make_papers():
    for who in ("vera", "anwar", "nur", "agus"):
        with pytest.raises(NotPermittedError):
            make_document(
                about=About(case=assessed_case()), code="B.13", officer=person(who), at=AT
            )


def test_a_template_that_breaks_leaves_nothing_half_made(monkeypatch):
    document = make_document(
        about=About(case=assessed_case()), code="B.13", officer=person("sari"), at=LATER
    )

    class BrokenError(Exception):
        pass

    def broken(**_told):
        raise BrokenError

    monkeypatch.setattr(documents, "form_pictures", broken)
    with pytest.raises(BrokenError), transaction.atomic():
        write_document(subject_id=f"{document.public_id.hex}:1", at=LATER)
    document.refresh_from_db()
    assert (document.rendered, document.sha256, document.storage_name) == (0, "", "")
    monkeypatch.undo()
    assert carry(document).rendered == 1


def test_history_is_only_added_to():
    study()
    with pytest.raises(DatabaseError), transaction.atomic():
        DocumentEvent.objects.update(reason="x")


def test_offers_are_what_can_be_made_and_lists_cost_one_query(django_assert_num_queries):
    found = decided(assessed(case()))
    on = AT.date()
    assert [offer.value for offer in offers_of(found, on=on)] == ["B.13::", "B.18::"]
    drafted(About(case=found), "B.13")
    assert [offer.value for offer in offers_of(found, on=on)] == ["B.18::"]
    with django_assert_num_queries(1):
        rows = [(row.code, row.made_by.name, row.status) for row in documents_of(found)]
    assert rows == [("B.13", "Sari", "draft")]


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_make_one_draft():
    found, sari, joko = assessed_case(), person("sari"), person("joko")
    gate = Barrier(2)

    def make(officer):
        gate.wait(timeout=120)
        try:
            make_document(about=About(case=found), code="B.13", officer=officer, at=LATER)
        except ConflictError:
            return "conflict"
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(make, [sari, joko])) == ["conflict", "made"]
    message = OutboxMessage.objects.get(topic=TOPIC)
    assert deliver(message.pk) == "done"
    assert deliver(message.pk) == "not_due"
    document = CaseDocument.objects.get()
    assert document.rendered == 1
    old = document.storage_name

    def agree(officer):
        gate.wait(timeout=120)
        try:
            sign_off(document=document, officer=officer, at=LATER, seen=document.sha256)
        except ConflictError:
            return "conflict"
        finally:
            connection.close()
        return "signed"

    others = [somebody_of_plenary(found.office, other_than=document.made_by), person("dewi")]
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(agree, others)) == ["conflict", "signed"]
    final = OutboxMessage.objects.get(topic=TOPIC, subject_id__endswith=":2")
    assert deliver(final.pk) == "done"
    document.refresh_from_db()
    assert document.status == "final"
    assert document.storage_name != old
    with pytest.raises(FileNotFoundError):
        sealed_files.load(old, purpose=PURPOSE)
