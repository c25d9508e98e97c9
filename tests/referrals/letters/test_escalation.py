"""The letters of the ladder, word by word, and what they can never say."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.utils import translation
from pypdf import PdfReader

from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared import sealed_files
from referrals.letters.escalation import escalation_letter
from referrals.models import EscalationLetter, EscalationStep
from referrals.services.escalation import escalate, letter_subject
from referrals.services.escalation_letters import (
    ESCALATION_LETTER_PURPOSE,
    set_escalation_letter,
)
from referrals.states import Rung
from tests.referrals.escalation_world import late, noon

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def _text(content):
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return [" ".join(page.split()) for page in pages]


def _climbed(rungs=6):
    follow_up, last_day = late()
    day = last_day
    while EscalationStep.objects.count() < rungs:
        day += DAY
        escalate(at=noon(day))
    return follow_up, list(
        EscalationStep.objects.select_related(
            "agency",
            "follow_up__official",
            "follow_up__referral__recipient",
            "follow_up__referral__case__office__region",
        )
    )


def _letter(steps, rung):
    step = steps[rung - 1]
    return escalation_letter(
        step=step,
        earlier=steps[: rung - 1],
        due_on=date(2024, 10, 25),
        reference="ABCD1234-1-1",
        at=step.taken_at,
    )


FACTS = (
    "Nama Contoh Wiratama NIP 197001012000011904 Jabatan Camat Instansi Pemerintah Kabupaten "
    "Magelang Pejabat Pembina Kepegawaian Bupati Magelang Lembaga yang merekomendasikan Badan "
    "Kepegawaian Negara Tanggal rekomendasi 7 Oktober 2024 Golongan sanksi Hukuman disiplin berat "
    "Tenggat tindak lanjut 25 Oktober 2024 "
)
EARLIER = (
    "Pengingat pertama tindak lanjut rekomendasi, 28 Oktober 2024",
    "Pengingat kedua tindak lanjut rekomendasi, 6 November 2024",
    "Permintaan peringatan kepada Pejabat Pembina Kepegawaian, 15 November 2024",
    "Usul pembatasan data dan layanan kepegawaian, 2 Desember 2024",
    "Permohonan pembinaan dan pengawasan, 16 Desember 2024",
)


def test_letters_word_by_word():
    follow_up, steps = _climbed()

    pages = [_text(_letter(steps, rung)) for rung in Rung]

    assert [len(each) for each in pages] == [1] * 6
    texts = [each[0] for each in pages]
    assert texts[0] == (
        "BAWASLU PROVINSI JAWA TENGAH Badan Pengawas Pemilihan Umum Republik Indonesia Nomor : "
        "diisi sekretariat Sifat : Rahasia Hal : Pengingat pertama tindak lanjut rekomendasi "
        "Kepada Yth. Bupati Magelang di tempat Tenggat tindak lanjut rekomendasi di bawah ini "
        "berakhir pada 25 Oktober 2024 tanpa jawaban yang kami terima. "
        f"{FACTS}"
        "Mohon sampaikan hasil tindak lanjut beserta salinan keputusan, atau penjelasan mengapa "
        "belum dapat dijatuhkan. Dasar: Perbawaslu 7/2022 ps 60. Demikian untuk menjadi maklum. "
        "Jawa Tengah, 28 Oktober 2024 Bawaslu Provinsi Jawa Tengah Ketua, RAHASIA · "
        "Acuan ABCD1234-1-1 Halaman 1 dari 1"
    )
    addressees = [text.split("Kepada Yth. ")[1].split(" di tempat")[0] for text in texts]
    assert addressees == [
        "Bupati Magelang",
        "Bupati Magelang",
        "Pimpinan Badan Kepegawaian Negara",
        "Pimpinan Badan Kepegawaian Negara",
        "Menteri Dalam Negeri",
        "Bupati Magelang",
    ]
    for rung, text in enumerate(texts):
        told = " ".join(f"– {line}" for line in EARLIER[:rung])
        assert FACTS + (f"Langkah sebelumnya {told} " if rung else "") in text
    assert "Peraturan Presiden Nomor 116 Tahun 2022 Pasal 19" in texts[2]
    assert "tanpa nama orang" in texts[5]
    # the number of the referral names the lane of the case, so no letter carries it
    assert not any(follow_up.referral.number in text for text in texts)


def test_a_ministry_is_reported_to_the_reform_minister():
    follow_up, last_day = late()
    follow_up.agency = Agency.objects.get(code="M-AGAMA")
    follow_up.save()
    for day in range(1, 60):
        escalate(at=noon(last_day + DAY * day))

    step = EscalationStep.objects.get(rung=Rung.HOME_AFFAIRS)

    assert step.addressee == "Menteri Pendayagunaan Aparatur Negara dan Reformasi Birokrasi"


def test_the_handler_seals_one_letter_however_often_it_is_asked():
    _follow_up, (step,) = _climbed(1)
    for _time in range(2):
        set_escalation_letter(subject_id=letter_subject(step), destination="")

    letter = EscalationLetter.objects.get()
    content = sealed_files.load(letter.storage_name, purpose=ESCALATION_LETTER_PURPOSE)

    assert content == escalation_letter(
        step=step,
        earlier=[],
        due_on=date(2024, 10, 25),
        reference=letter.reference,
        at=step.taken_at,
    )
    assert step.taken_on == date(2024, 10, 28)
    metadata = PdfReader(BytesIO(content)).metadata
    assert metadata is not None
    assert metadata.author == "Bawaslu Provinsi Jawa Tengah"


def test_language_of_the_process_changes_nothing():
    _follow_up, steps = _climbed(1)

    with translation.override("en"):
        other = _letter(steps, 1)

    assert other == _letter(steps, 1)
