"""What each form says, word for word, and that no reporter's name gets into any of them."""

import json
import os
import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from bawaslu_cases.shared import sealed_files
from complaints.rules.document_forms import Signer, all_forms
from complaints.services.documents import PURPOSE
from tests.factories import IDENTITY, STORY
from tests.support.documents import every_paper, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]
GOLDEN = Path(__file__).with_name("golden")
FORMS = Path(__file__).resolve().parents[3] / "complaints" / "letters"
DRAWN = (
    (re.compile(r"\b(LS|LT|IA|TM)-2410-[0-9A-Z]{7}\b"), r"\1-2410-XXXXXXX"),
    (re.compile(r"\bkode P-[0-9A-Z]{4}\b"), "kode P-XXXX"),
)
"""What is drawn by lot in every run."""


def settled(text: str) -> str:
    for pattern, instead in DRAWN:
        text = pattern.sub(instead, text)
    return text


def test_every_form_says_what_its_golden_file_holds():
    seen = {}
    for code, document in every_paper():
        assert document.status == "final", code
        content = sealed_files.load(document.storage_name, purpose=PURPOSE)
        text = settled(words(document))
        _check_archive(content)
        _check_nobody_is_named(content, text)
        golden = GOLDEN / f"{document.template}.txt"
        if "WRITE_GOLDEN" in os.environ:
            golden.write_text(text + "\n")
        seen[code] = text == golden.read_text().rstrip("\n") or text
    assert seen == dict.fromkeys(sorted(seen), True)
    assert set(seen) == {form.code for form in all_forms()}


def _check_archive(content: bytes) -> None:
    """PDF/A-2a with tags, a language and a title, as the metadata of each file says."""
    with pikepdf.open(BytesIO(content)) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert meta["pdfuaid:part"] == "1"
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "id"
        assert str(pdf.docinfo["/Title"]).startswith("Formulir B.")


def _check_nobody_is_named(content: bytes, text: str) -> None:
    with pikepdf.open(BytesIO(content)) as pdf:
        everything = text + str(pdf.docinfo) + str(pdf.open_metadata())
        everything += "".join(
            bytes(item.read_bytes()).decode("latin-1")
            for item in pdf.objects
            if isinstance(item, pikepdf.Stream)
        )
    # Positive control: the same search finds what the paper does say.
    assert "Bawaslu" in everything
    for told in (*IDENTITY.values(), *IDENTITY["name"].split()[:2], STORY, "Merbabu", "0812"):
        assert told not in everything


@pytest.mark.parametrize("form", all_forms(), ids=lambda form: f"{form.code}-{form.subject.value}")
def test_each_form_has_a_template_that_asks_only_for_its_fields(form):
    template = (FORMS / f"{form.template}.typ").read_text() + (FORMS / "forms-1.typ").read_text()
    own = (FORMS / f"{form.template}.typ").read_text()
    asked = set(re.findall(r"data\.([a-z_]+)", own))
    always = {"office", "place", "word", "title", "code", "day", "draft", "recipient", "reporting"}
    assert asked <= set(form.fields) | always
    assert "forms-1.typ" in template
    assert isinstance(form.signer, Signer)


def test_public_notice_tells_of_no_reporter_and_no_lane():
    papers = dict(every_paper())
    text = words(papers["B.18"])
    assert "Contoh Wiratama" in text
    assert not re.search(r"kode P-|Informasi awal|[Tt]ersegel|\b(LS|LT|IA)-\d", text)
    submission = words(papers["B.3"]).split("Nomor: ")[1].split()[0]
    assert submission == "001/PL/PB/Prov/14.00/X/2024"
    assert submission not in text
    # The reporter's own letter does not count either.
    assert submission not in words(papers["B.4"])
    # B.3.1 and B.7 go by the number of B.3.
    assert submission in words(papers["B.3.1"])
    assert submission in words(papers["B.7"])


def test_golden_files_keep_the_order_of_each_forms_sections():
    sections = json.loads((GOLDEN / "sections.json").read_text())
    assert set(sections) == {form.code for form in all_forms()}
    for form in all_forms():
        text = (GOLDEN / f"{form.template}.txt").read_text()
        places = [text.find(part) for part in sections[form.code]]
        assert -1 not in places, (form.code, sections[form.code][places.index(-1)])
        assert places == sorted(places), form.code
