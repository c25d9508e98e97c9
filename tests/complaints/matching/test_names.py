"""Names, posts, pictures and words, one property at a time."""

import pytest

from complaints.matching import names, positions
from complaints.matching.keys import keys_of
from complaints.matching.names import compare_names, name_keys, name_parts
from complaints.matching.positions import compare_positions, spelled_out
from complaints.matching.records import Person, Record, image_bands, image_distance
from complaints.matching.scoring import Reason, Verdict, compare
from complaints.matching.words import compare_words, read_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Moh. Rizal", "Muhammad Rizal"),
        ("M. Arif Budiman, S.Sos., M.AP", "Mochamad Arief Budiman"),
        ("Drs. H. Abd. Rahman", "Abdurrahman"),
        ("Hj. Siti Nur'aini S.Pd", "Sitti Nuraini"),
        ("Achmad Yusup", "Ahmad Jusuf"),
        ("dr. Soeharto Wibowo Sp.OG", "Suharto Wibowo"),
        ("Chairul Anwar SH MH", "Khairul Anwar"),
        ("WIRATAMA Contoh", "Contoh Wiratama"),
        ("Ir. Djoko Tjahjono", "Joko Cahjono"),
    ],
)
def test_one_person_in_two_spellings(one, other):
    assert compare_names(one, other) == 1.0
    assert set(name_keys(one)) == set(name_keys(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Budi Santoso", "Budi Hartono"),
        ("Siti Aminah", "Siti Rahmah"),
        ("Muhammad Arif", "Muhammad Rizal"),
        ("Ahmad Fauzi", "Fauzan Ahmad"),
        ("B.S.", "Dedi Kurniawan"),
    ],
)
def test_two_people_with_a_part_in_common(one, other):
    found = compare_names(one, other)
    assert found is not None
    assert found < 0.5


def test_a_single_name_agrees_less_than_a_full_one():
    assert 0.5 <= (compare_names("Mansur", "Mansur Hidayat") or 0) < 0.9
    assert compare_names("Muhammad", "Muhammad Rizal") == 0.5
    assert compare_names("", "Mansur") is None


def test_what_is_left_of_titles_alone_is_no_name():
    assert name_parts("Drs.") == ("drs",)
    assert name_keys("") == ()


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("Kadis Dikbud", "Kepala Dinas Pendidikan dan Kebudayaan", 1.0),
        ("Plt. Kepala Badan", "Kaban", 1.0),
        ("Kepala Distrik", "Camat", 1.0),
        ("Kepala Dinas", "Kadis Kesehatan", 0.8),
        ("Kepala Dinas Kesehatan", "Kepala Dinas Pendidikan", 0.1),
        ("Camat", "Lurah", 0.0),
        ("Kepala Puskesmas", "Kepala Bidang", 0.0),
        ("staf", "Camat", None),
    ],
)
def test_posts(one, other, agreement):
    assert compare_positions(one, other) == agreement


def test_an_abbreviation_is_written_out_inside_a_sentence():
    assert spelled_out("Oknum Sekda & kasubbag") == "oknum sekretaris daerah kepala subbagian"


def test_pictures_that_differ_in_three_bits_meet_in_a_band():
    one = 0x0F0F_3C3C_5A5A_7171
    other = one ^ (1 << 2) ^ (1 << 20) ^ (1 << 40)
    assert image_distance(one, other) == 3
    assert set(image_bands((one,))) & set(image_bands((other,)))
    assert image_distance(-1, 1) == 63


def test_a_close_picture_makes_two_reports_one_and_a_blank_one_does_not():
    def record(image: int) -> Record:
        return Record(
            people=(Person(position="Camat"),), region="33.08", province="33", images=(image,)
        )

    close = compare(record(0x0F0F_3C3C_5A5A_7171), record(0x0F0F_3C3C_5A5A_7170))
    assert Reason.CLOSE_IMAGE in close.reasons
    assert close.verdict == Verdict.SAME
    blank = compare(record(0), record(0))
    assert Reason.CLOSE_IMAGE not in blank.reasons
    assert image_bands((0,)) == []


def test_what_is_denied_is_not_said():
    told = read_words("Foto di pernikahan, bukan soal grup WA calon DPD.")
    assert told.says_other_one
    assert "grup" not in told.concepts
    assert "foto" in told.concepts


def test_days_candidates_and_names_are_read_and_never_shown():
    told = read_words(
        "Tanggal 29 desember, jersey nomor 02, namanya Pak Abdul Gafar di kantor Pak Camat."
    )
    assert told.days == {(12, 29)}
    assert told.candidates == {"2"}
    assert told.names == ("Abdul Gafar",)
    assert "Gafar" not in repr(told)
    assert "gafar" not in repr(told)


def test_words_of_the_trade_alone_are_not_likeness():
    trade = compare_words(
        read_words("Pegawai foto dengan calon bupati"),
        read_words("ASN unggah video dukung calon bupati"),
    )
    event = compare_words(
        read_words("Kuda lumping di lapangan, pegawai bagi kaos"),
        read_words("Waktu kuda lumping ada pegawai membagikan kaus di lapangan"),
    )
    assert trade < 0.4 < event


def test_nothing_that_is_read_in_words_becomes_a_key():
    plain = Record(people=(Person(position="Camat"),), region="33.08", province="33")
    told = Record(
        people=plain.people,
        region="33.08",
        province="33",
        reading=read_words("Namanya Pak Abdul Gafar, foto dua jari di kuda lumping."),
    )
    assert keys_of(told) == keys_of(plain)


NAMES_OF_EVERY_SPELLING = (
    *("soekarno", "djoko", "tjahjadi", "sofie", "phillip", "alvin", "khairul", "chairul", "syarif"),
    *("sjamsul", "abdhul", "qomar", "xaverius", "yusup", "yahya", "rudy", "boedhi", "mudd"),
)
POSTS_OF_EVERY_KIND = (
    *("kepala kampung", "wali nagari", "hukum tua", "kepala distrik", "mantri pamong praja"),
    *("sekretaris camat", "sekretaris lurah", "satuan polisi pamong praja", "satpol pp"),
    *("kepala smk", "pegawai negeri sipil", "aparatur sipil negara", "pekerjaan umum"),
    *("tenaga kerja", "komunikasi dan informatika", "kependudukan dan capil"),
    *("pemberdayaan masyarakat dan desa", "pendidikan dan kebudayaan", "plt camat", "plh x"),
    *("pjs y", "pj z", "pelaksana tugas", "pelaksana harian", "penjabat sementara"),
)


@pytest.mark.parametrize(
    ("rules", "texts"),
    [(names._FOLDS, NAMES_OF_EVERY_SPELLING), (positions._PHRASES, POSTS_OF_EVERY_KIND)],
)
def test_a_pattern_is_skipped_only_where_it_finds_nothing(rules, texts):
    for signs, pattern, _into in rules:
        found = [text for text in texts if pattern.search(text)]
        assert found, pattern.pattern
        for text in found:
            assert any(sign in text for sign in signs), (pattern.pattern, text)
        # Each alternative names a sign of its own.
        for alternative in _alternatives(pattern.pattern):
            assert any(sign in alternative for sign in signs), (pattern.pattern, alternative)


def _alternatives(pattern: str) -> list[str]:
    """Return the branches of a pattern at its top level, without word bounds."""
    plain = pattern.replace("\\b", "")
    branches, depth = [""], 0
    for sign in plain:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            branches.append("")
        else:
            branches[-1] += sign
    return [each for each in branches if "[" not in each and "(?:plt" not in each]
