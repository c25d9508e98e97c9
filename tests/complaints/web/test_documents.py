"""The pages of papers: made, looked at, signed off by another, taken along, printed."""

import re
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from bawaslu_cases.audit.models import AuditEvent
from complaints.models import CaseDocument, Recusal
from complaints.services.documents import About
from tests.factories import AT, assessed_case, person, tip
from tests.support.documents import carry, drafted, signed
from tests.support.vault import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "keyring", "audit"])


def client_of(who):
    client: Client = signed_in(Client(), person(who))
    return client


def papers_of(found):
    return reverse("desk:case_documents", args=[found.public_id])


def page_of(document, name="document", *more):
    return reverse(f"desk:{name}", args=[document.public_id, *more])


def test_officer_makes_a_draft_and_another_signs_it_off(vault_keys):
    found = assessed_case()
    sari, dewi = client_of("sari"), client_of("dewi")
    listed = sari.get(papers_of(found)).content.decode()
    assert re.findall(r'<option value="(B\.[^"]*)"', listed) == ["B.13::"]

    answer = sari.post(papers_of(found), {"paper": "B.13::"})
    document = CaseDocument.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(document))
    assert "Berkas sedang dibuat" in sari.get(page_of(document)).content.decode()
    carry(document)

    own = sari.get(page_of(document)).content.decode()
    assert "Sahkan</button>" not in own
    assert "Perbarui konsep" in own
    theirs = dewi.get(page_of(document)).content.decode()
    assert document.sha256 in theirs
    answer = dewi.post(page_of(document), {"go": "sign", "seen": document.sha256})
    assert answer.status_code == 302
    carry(document)
    assert (document.status, document.signed_off_by) == ("final", person("dewi"))
    assert "Sahkan</button>" not in dewi.get(page_of(document)).content.decode()


def test_the_maker_and_whoever_saw_something_else_are_refused(vault_keys):
    document = drafted(About(case=assessed_case()), "B.13", who="joko")
    joko, dewi = client_of("joko"), client_of("dewi")
    own = joko.post(page_of(document), {"go": "sign", "seen": document.sha256})
    assert own.status_code == 200
    assert "orang kedua" in own.content.decode()
    old = dewi.post(page_of(document), {"go": "sign", "seen": "0" * 64})
    assert old.status_code == 409
    stale = dewi.post(page_of(document), {"go": "remake", "revision": "7"})
    assert stale.status_code == 409
    assert dewi.post(page_of(document), {"go": "remake", "revision": "²"}).status_code == 409
    document.refresh_from_db()
    assert (document.status, document.revision) == ("draft", 1)


def test_files_go_out_as_downloads_that_are_recorded(vault_keys):
    document = drafted(About(case=assessed_case()), "B.13")
    sari = client_of("sari")
    answer = sari.get(page_of(document, "document_file"))
    assert answer["Content-Type"] == "application/pdf"
    stem = f"b13-{document.public_id.hex[:12]}"
    assert answer["Content-Disposition"] == f'attachment; filename="{stem}.pdf"'
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert len(PdfReader(BytesIO(answer.content)).pages) == len(document.pages)
    entry = AuditEvent.objects.order_by("-seq")[0]
    assert entry.action == "page.desk:document_file"
    assert document.case is not None
    assert entry.subject == f"case:{document.case.public_id.hex}"

    picture = sari.get(page_of(document, "document_page", 1))
    assert picture["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert "sandbox" in picture["Content-Security-Policy"]
    for number in (0, len(document.pages) + 1):
        assert sari.get(page_of(document, "document_page", number)).status_code == 404


def test_chosen_papers_are_printed_as_one(vault_keys):
    found = assessed_case()
    first = signed(drafted(About(case=found), "B.13"), person("dewi"))
    second = drafted(About(case=found), "B.13")
    foreign = drafted(About(case=assessed_case()), "B.13")
    sari = client_of("sari")
    where = reverse("desk:case_print", args=[found.public_id])
    answer = sari.post(where, {"paper": [row.public_id.hex for row in (first, second, foreign)]})
    pages = PdfReader(BytesIO(answer.content)).pages
    assert len(pages) == len(first.pages) + len(second.pages)
    assert "KONSEP" not in pages[0].extract_text()
    assert "KONSEP" in pages[-1].extract_text()
    entry = AuditEvent.objects.filter(action="document.print").get()
    assert entry.subject == f"case:{found.public_id.hex}"
    assert "B.13 B.13" in entry.detail
    for chosen in ([], [foreign.public_id.hex], ["x"]):
        nothing = sari.post(where, {"paper": chosen})
        assert (nothing.status_code, nothing["Location"]) == (302, papers_of(found))


@pytest.mark.parametrize("name", ["document", "document_file"])
def test_hidden_and_absent_are_the_same(vault_keys, name):
    document = drafted(About(case=assessed_case()), "B.13")
    for who in ("budi", "rudi"):
        assert client_of(who).get(page_of(document, name)).status_code == 404
    Recusal.objects.create(user=person("sari"), case=document.case, reason="relative", since=AT)
    assert client_of("sari").get(page_of(document, name)).status_code == 404
    assert client_of("vera").get(page_of(document, name)).status_code == 403


def test_a_gap_is_named_on_the_page(vault_keys):
    found = assessed_case()
    document = drafted(About(case=found), "B.13")
    type(found).objects.filter(pk=found.pk).update(assessment="")
    dewi = client_of("dewi")
    answer = dewi.post(page_of(document), {"go": "remake", "revision": "1"})
    assert answer.status_code == 200
    assert "Belum ada: kajian." in answer.content.decode()


def test_record_offers_its_own_papers(vault_keys):
    complaint = tip()
    sari = client_of("sari")
    where = reverse("desk:record_documents", args=[complaint.public_id])
    assert re.findall(r'<option value="(B\.[^"]*)"', sari.get(where).content.decode()) == ["B.8::"]
    assert sari.post(where, {"paper": "B.1::"}).status_code == 200
    assert not CaseDocument.objects.exists()
    assert sari.post(where, {"paper": "B.8::"}).status_code == 302
    assert CaseDocument.objects.get().code == "B.8"


def test_list_costs_the_same_however_many_papers(vault_keys, django_assert_max_num_queries):
    found = assessed_case()
    sari = client_of("sari")
    with django_assert_max_num_queries(40) as before:
        sari.get(papers_of(found))
    signed(drafted(About(case=found), "B.13"), person("dewi"))
    drafted(About(case=found), "B.13")
    with django_assert_max_num_queries(len(before)):
        sari.get(papers_of(found))
