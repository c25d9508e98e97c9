"""What form B.17 says, word by word, and what can never get into it."""

import json
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.utils import translation
from pypdf import PdfReader

from bawaslu_cases.shared.typesetter import typeset
from complaints.services.triage import confirm_tip
from complaints.states import ComplaintAction
from referrals.letters import letter_data, recommendation_letter
from referrals.letters.recommendation import TEMPLATE_FILE
from referrals.packets.record import draft_record, numbered, record_day
from referrals.services.recommend import propose_referral
from tests.factories import AT, decided_case, facts, person, report, traced_tip, with_grades
from tests.referrals import stages
from tests.support.documents import decided_report, looked_at

pytestmark = pytest.mark.django_db
NUMBER = "009/Rekom-DPPL/TM/PB/Prov/14.00/X/2024"


def _letter(referral=None, at=AT):
    referral = referral or stages.fresh(stages.proposed())
    day = record_day(referral, at)
    draft = draft_record(referral=referral, on=day)
    return recommendation_letter(numbered(draft, number=NUMBER, on=day))


def _text(content):
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return [" ".join(page.split()) for page in pages]


def test_letter_word_by_word():
    first, sheet = _text(_letter())

    assert first.startswith(
        "BAWASLU PROVINSI JAWA TENGAH Badan Pengawas Pemilihan Umum Republik Indonesia "
        f"Nomor : {NUMBER} Sifat : Rahasia Lampiran : Lembar data (1 orang) Hal : Rekomendasi "
        "Dugaan Pelanggaran Peraturan Perundang-Undangan Lain Kepada Yth. Pimpinan Badan "
        "Kepegawaian Negara di tempat 1. Dasar: a. Undang-Undang Nomor 1 Tahun 2015"
    )
    assert (
        "sebagaimana telah diubah dengan Peraturan Badan Pengawas Pemilihan Umum Nomor 9" in first
    )
    # every word stands in the golden letters; here what the rows of a case fill in
    for words in (
        "sebagaimana dimaksud dalam Temuan Nomor 001/Reg/TM/PB/Prov/14.00/X/2024 dan berita acara",
        "Nomor 14/BA/X/2024, 7 Oktober 2024, menyatakan terdapat dugaan pelanggaran netralitas",
        "Aparatur Sipil Negara (disiplin) oleh 1 orang sebagaimana termuat dalam lembar data",
        "3. Ringkasan peristiwa: Camat mengajak warga memilih salah satu pasangan calon. 4. Kajian:",
    ):
        assert words in first
    assert "Demikian untuk menjadi maklum. Jawa Tengah, 7 Oktober 2024" in first
    assert first.endswith(f"Ketua, RAHASIA · {NUMBER} Halaman 1 dari 2")
    assert sheet.startswith(
        f"Lembar data 1 dari 1 Lampiran surat nomor {NUMBER}, 7 Oktober 2024 Nama Contoh Wiratama "
        "NIP 197001012000011904 Jabatan Camat Pangkat/golongan III/d Unit kerja "
        "Kecamatan Tirta Jaya Instansi Pemerintah Kabupaten Magelang PPK Bupati Magelang Dugaan 1 "
        "Waktu kejadian 5 Oktober 2024 Tempat kejadian Balai Desa Sukamaju Bentuk pelanggaran DS-08"
    )
    assert "Golongan sanksi Hukuman disiplin berat – " in sheet
    assert sheet.endswith(f"Bukti tidak ada lampiran RAHASIA · {NUMBER} Halaman 2 dari 2")


def test_same_input_gives_the_same_bytes():
    referral = stages.fresh(stages.proposed())

    assert _letter(referral) == _letter(referral)
    assert _letter(referral) != _letter(referral, at=datetime(2024, 10, 8, 3, tzinfo=UTC))


def test_language_of_the_process_changes_nothing():
    referral = stages.fresh(stages.proposed())

    with translation.override("en"):
        other = _letter(referral)

    assert other == _letter(referral)


def test_letter_is_archival_tagged_and_names_its_language():
    reader = PdfReader(BytesIO(_letter()))
    catalog: Any = reader.trailer["/Root"]
    metadata = catalog["/Metadata"].get_object().get_data().decode()

    assert catalog["/MarkInfo"]["/Marked"] is not False
    assert catalog["/Lang"] == "id"
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert reader.metadata is not None
    assert reader.metadata.title == f"Rekomendasi {NUMBER}"


def test_outside_any_contest_the_general_law_is_the_basis():
    case = decided_case(event_on=date(2022, 1, 10), known_on=date(2022, 1, 10))
    data = letter_data(referral=stages.fresh(stages.proposed(case)), number=NUMBER, at=AT)

    assert data["bases"][0] == "Undang-Undang Nomor 7 Tahun 2017 tentang Pemilihan Umum"
    assert len(data["bases"]) == 2


CANARIES: dict[str, Any] = {
    "story": "KENARI-CERITA menyebut tetangga saya Bu Melati yang melihat semuanya.",
    "witness": "KENARI-SAKSI",
    "other_act": "KENARI-LAIN",
    "links": ("https://contoh.id/KENARI-TAUTAN",),
}


def test_nothing_of_the_reporter_gets_in():
    tip = traced_tip(reporter_kind="asn_same", known_on=date(2024, 10, 6), **CANARIES)
    finding = with_grades(
        confirm_tip(
            complaint=tip,
            facts=facts(story="KENARI-TEMUAN catatan petugas tentang laporan itu."),
            officer=person("sari"),
            at=AT,
        )
    )
    referral = stages.fresh(stages.proposed(stages.decided(finding)))

    words = " ".join(_text(_letter(referral)))
    told = json.dumps(letter_data(referral=referral, number=NUMBER, at=AT))

    for text in (words, told):
        assert "KENARI" not in text
        assert "Melati" not in text
        assert tip.reference not in text
        assert finding.reference not in text
        assert "asn_same" not in text
        assert "informasi awal" not in text.lower()
        assert "pelapor" not in text.lower()
    assert "6 Oktober 2024" not in words


def test_what_people_wrote_is_never_markup():
    data = letter_data(referral=stages.fresh(stages.proposed()), number=NUMBER, at=AT)
    data["summary"] = ['#panic("x") *tebal* $x$ @y <z> \\ #read("/etc/passwd")']

    first = _text(typeset(TEMPLATE_FILE, data, at=AT))[0]

    assert '#panic("x") *tebal* $x$ @y <z> \\ #read("/etc/passwd")' in first


def test_signs_without_a_glyph_do_not_stop_a_letter():
    data = letter_data(referral=stages.fresh(stages.proposed()), number=NUMBER, at=AT)
    data["summary"] = ["Café \U0001f600 王 é \u202e selesai"]

    assert "Café ? ? é ? selesai" in _text(typeset(TEMPLATE_FILE, data, at=AT))[0]


@pytest.mark.usefixtures("vault_keys")
def test_letter_without_a_register_tells_no_lane():
    complaint = looked_at(report())
    case = decided_report(
        complaint, ComplaintAction.PROPOSE_FORWARD, ComplaintAction.APPROVE_FORWARD
    )
    assert case is not None
    referral = propose_referral(case=case, officer=person("sari"), at=AT)

    text = " ".join(_text(_letter(stages.fresh(referral))))

    assert "dimaksud dalam Laporan yang diteruskan tanpa registrasi dan berita acara" in text
    assert complaint.reference.startswith("LS-")
    assert complaint.reference not in text
