"""What each form says, word for word, and that no reporter's name gets into any of them."""

import json
import os
import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader

from bawaslu_cases.shared import sealed_files
from complaints.letters import form_paper
from complaints.rules.document_forms import Signer, all_forms
from complaints.services.cases import register_finding
from complaints.services.documents import PURPOSE, About
from complaints.services.intake import record_finding
from complaints.services.supervision import Supervision
from tests.factories import AT, IDENTITY, STORY, facts, person
from tests.support.documents import every_paper, finalised, words

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


@pytest.mark.long
def test_k19_every_form_says_what_its_golden_file_holds():
    seen, said = {}, {}
    for code, document in every_paper():
        assert document.status == "final", code
        content = sealed_files.load(document.storage_name, purpose=PURPOSE)
        said[code] = words(document)
        text = settled(said[code])
        _check_archive(content)
        assert _names_in(content) == set(), code
        golden = GOLDEN / f"{document.template}.txt"
        if "WRITE_GOLDEN" in os.environ:
            golden.write_text(text + "\n")
        # where a line ends depends on the width of the drawn letters
        seen[code] = "".join(text.split()) == "".join(golden.read_text().split()) or text
    assert seen == dict.fromkeys(sorted(seen), True)
    assert set(seen) == {form.code for form in all_forms()}
    _check_the_public_learns_nothing(said)


def _check_the_public_learns_nothing(said: dict[str, str]) -> None:
    """No reporter, no lane, no count of arrivals on the board or in the reporter's own letter."""
    assert "Contoh Wiratama" in said["B.18"]
    assert not re.search(r"kode P-|Informasi awal|[Tt]ersegel|\b(LS|LT|IA)-\d", said["B.18"])
    submission = said["B.3"].split("Nomor: ")[1].split()[0]
    assert submission == "001/PL/PB/Prov/14.00/X/2024"
    assert [code for code, text in said.items() if submission in text] == [
        "B.1",
        "B.3",
        "B.3.1",
        "B.7",
    ]


def _check_archive(content: bytes) -> None:
    """PDF/A-2a with tags, a language and a title, as the metadata of each file says."""
    with pikepdf.open(BytesIO(content)) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert meta["pdfuaid:part"] == "1"
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "id"
        assert str(pdf.docinfo["/Title"]).startswith("Formulir B.")


def _names_in(content: bytes) -> set[str]:
    """Return what of the reporter stands in a paper: its text, its metadata, its embedded streams."""
    everything = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    with pikepdf.open(BytesIO(content)) as pdf:
        everything += str(pdf.docinfo) + str(pdf.open_metadata())
        everything += "".join(
            bytes(item.read_bytes()).decode("latin-1")
            for item in pdf.objects
            if isinstance(item, pikepdf.Stream)
        )
    squeezed = "".join(everything.split()).lower()
    secrets = (*IDENTITY["name"].split()[:2], "Merbabu", "Sumberrejo", "0812-3456-7890", STORY)
    return {word for word in secrets if "".join(word.split()).lower() in squeezed}


def test_k19_the_search_for_names_finds_them():
    told = {
        "code": "B.4",
        "title": "Pencabutan Laporan",
        "office": IDENTITY["address"],
        "place": IDENTITY["phone"],
        "received": STORY,
        "withdrawn": "-",
        "record_code": "-",
        "reporters": [IDENTITY["name"]],
    }
    content = form_paper(template="b04-1", data=told, number="", on=AT.date(), draft=False, at=AT)
    assert _names_in(content) == {
        "Kartinah",
        "Widyaningrum",
        "Merbabu",
        "Sumberrejo",
        "0812-3456-7890",
        STORY,
    }


@pytest.mark.parametrize("form", all_forms(), ids=lambda form: f"{form.code}-{form.subject.value}")
def test_each_form_has_a_template_that_asks_only_for_its_fields(form):
    template = (FORMS / f"{form.template}.typ").read_text() + (FORMS / "forms-1.typ").read_text()
    own = (FORMS / f"{form.template}.typ").read_text()
    asked = set(re.findall(r"data\.([a-z_]+)", own))
    always = {"office", "place", "word", "title", "code", "day", "draft", "recipient", "reporting"}
    assert asked <= set(form.fields) | always
    assert "forms-1.typ" in template
    assert isinstance(form.signer, Signer)


def test_the_form_of_a_finding_names_what_it_rests_on():
    record = record_finding(
        facts=facts(),
        officer=person("sari"),
        at=AT,
        supervision=Supervision(AT.date(), "012/LHP/X/2024", "045/PM/X/2024"),
    )
    register_finding(complaint=record, officer=person("sari"), at=AT)

    said = words(finalised(About(complaint=record), "B.2"))

    assert "Surat Tugas Pengawasan Nomor 045/PM/X/2024" in said
    assert "Laporan Hasil Pengawasan Nomor 012/LHP/X/2024, 7 Oktober 2024" in said


def test_golden_files_keep_the_order_of_each_forms_sections():
    sections = json.loads((GOLDEN / "sections.json").read_text())
    assert set(sections) == {form.code for form in all_forms()}
    for form in all_forms():
        text = (GOLDEN / f"{form.template}.txt").read_text()
        place = 0
        for part in sections[form.code]:
            found = text.find(part, place)
            assert found >= 0, (form.code, part)
            place = found + len(part)
