"""What the lint finds, what it lets pass, and that a finding quotes the officer's words alone."""

from datetime import date

import pytest

from referrals.packets.leaks import (
    BLOCKING,
    WARNING,
    LeakSources,
    free_texts,
    leaks_in,
    word_runs,
)

NIP = "197001012000011904"
SOURCES = LeakSources(
    numbers=frozenset({NIP}),
    names=("Contoh Wiratama", "Sari Wulandari"),
    protected=("Bu Melati Kusuma",),
    officers=("Sari Wulandari", "Joko Purnomo", "Dewi"),
    pseudonyms=("P-4K7X", "LS-2024-00017"),
    copied=word_runs("saya melihat sendiri pak camat membagikan amplop di balai desa sore itu"),
    days=frozenset({date(2024, 10, 6)}),
)


def _codes(text):
    return [each.code for each in leaks_in({"summary": text}, SOURCES)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nomor 3308114505820003 tercatat.", "number"),
        ("Nomor 3308 1145 0582 0003 tercatat.", "number"),
        ("NIP 198505052010012003 adalah orang lain.", "number"),
        ("NIP 19850505 201001 2 003 adalah orang lain.", "number"),
        ("Hubungi 0812-3456-7890 untuk foto.", "phone"),
        ("Hubungi +62 812 3456 7890 untuk foto.", "phone"),
        ("Kantor (0293) 123-4567 menjawab.", "phone"),
        ("Surat ke kartinah.w@contoh.co.id dikirim.", "email"),
        ("Surat ke kartinah(at)contoh.co.id dikirim.", "email"),
        ("Lihat https://www.instagram.com/p/Cabc/?igsh=MzRlODBiNWFlZA== hari itu.", "shared_link"),
        ("Lihat https://vt.tiktok.com/ZSabc123/ hari itu.", "shared_link"),
        ("Lihat https://www.facebook.com/share/p/1AbC/ hari itu.", "shared_link"),
        ("Undangan www.contoh.id/x?utm_source=wa dibagikan.", "shared_link"),
        ("Menurut P-4K7X hal itu benar.", "pseudonym"),
        ("Berkas LS-2024-00017 menyebutnya.", "pseudonym"),
        ("Ia duduk di sebelah Melati saat acara.", "protected_name"),
        ("Ia duduk di sebelah KUSUMA saat acara.", "protected_name"),
        ("Diperiksa oleh Joko Purnomo di kantor.", "officer_name"),
        ("Terlapor, pak camat membagikan amplop di balai desa, terekam.", "copied"),
        ("PAK CAMAT membagikan  amplop—di balai desa.", "copied"),
        ("Diterima pada 6 Oktober 2024 di kantor.", "report_day"),
        ("Diterima pada 06/10/2024 di kantor.", "report_day"),
        ("Diterima pada 6-10-24 di kantor.", "report_day"),
        ("Diterima pada 2024-10-06 di kantor.", "report_day"),
        ("Diterima pada 6 Okt. 2024 di kantor.", "report_day"),
    ],
)
def test_k02_what_blocks(text, code):
    found = leaks_in({"summary": text}, SOURCES)

    assert [each.code for each in found] == [code]
    assert found[0].blocks
    assert text[found[0].start : found[0].end] == found[0].words


@pytest.mark.parametrize(
    "text",
    [
        "Pelapor melihat amplop.",
        "Menurut staf di kecamatan ia hadir.",
        "Rekan kerja terlapor membenarkan.",
        "Menurut seorang pegawai hal itu benar.",
        "Hal itu disampaikan oleh warga.",
        "Foto dari grup WhatsApp kantor beredar.",
        "Informasi dari orang dalam.",
    ],
)
def test_k04_words_that_name_the_source_are_warnings(text):
    found = leaks_in({"summary": text}, SOURCES)

    assert {each.code for each in found} == {"source"}
    assert not any(each.blocks for each in found)


@pytest.mark.parametrize(
    "text",
    [
        f"Terlapor, NIP {NIP}, mengajak warga memilih.",
        "Terlapor, NIP 19700101 200001 1 904, mengajak warga.",
        "Pada 5 Oktober 2024 pukul 10.00 terlapor berpidato di Balai Desa Sukamaju.",
        "Contoh Wiratama dan Sari Wulandari hadir.",  # both are reported people
        "Dewi Sri adalah nama sebuah toko.",  # an officer's single name is a word like others
        "Lihat https://www.instagram.com/p/Cabc/ yang diunggah terlapor.",
        "Register 001/Reg/TM/PB/Prov/14.00/X/2024.",
        "Keputusan Nomor 800/123/2024 dan tahun 2019-2024.",
        "Suara 12.345.678 dan anggaran Rp 1.250.000.000,00.",
        "Camat membagikan amplop di lapangan.",  # four words in a row are chance
    ],
)
def test_what_passes(text):
    assert _codes(text) == []


def test_a_finding_points_into_the_text_and_shows_a_little_around():
    text = "Kegiatan itu dihadiri banyak orang; hubungi 0812-3456-7890 untuk rekaman lengkap acara."
    found = leaks_in({"summary": text}, SOURCES)[0]

    assert (found.before, found.words, found.after) == (
        "… banyak orang; hubungi ",
        "0812-3456-7890",
        " untuk rekaman lengkap …",
    )
    assert text[found.start : found.end] == "0812-3456-7890"
    assert (found.place, str(found.name)) == ("ringkasan", "nomor telepon")


def test_the_key_of_a_finding_tells_nothing_of_its_words():
    first, again = (leaks_in({"summary": text}, SOURCES)[0] for text in ("Pelapor  ada.",) * 2)
    other = leaks_in({"assessment": "Pelapor ada."}, SOURCES)[0]

    assert first.key == again.key
    assert first.key != other.key
    assert first.key.startswith("source:")
    assert "pelapor" not in first.key.casefold()


def test_every_kind_has_words_and_the_sources_never_show_themselves():
    assert not set(BLOCKING) & set(WARNING)
    assert all(str(words) for words in (*BLOCKING.values(), *WARNING.values()))
    assert "Melati" not in repr(SOURCES)


def test_statements_that_stay_sealed_are_told():
    found = leaks_in({"summary": "Singkat."}, LeakSources(sealed=1))

    assert [(each.code, each.blocks) for each in found] == [("sealed_statement", False)]


def test_every_text_a_person_typed_is_looked_at():
    draft = {
        "assessment": ["A"],
        "people": [
            {
                "name": "N",
                "position": "P",
                "unit": "U",
                "grade": "G",
                "agency": "registry's",
                "allegations": [{"place": "T", "departure": "D", "rule": "registry's"}],
            }
        ],
    }

    assert free_texts(draft, summary="S", assessment="A") == {
        "summary": "S",
        "assessment": "A",
        "people.1.name": "N",
        "people.1.position": "P",
        "people.1.grade": "G",
        "people.1.unit": "U",
        "people.1.allegations.1.place": "T",
        "people.1.allegations.1.departure": "D",
    }
