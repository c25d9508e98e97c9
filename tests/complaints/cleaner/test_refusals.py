"""What is not taken: E07, E08, E09; broken, empty, huge. No name and no type is told to the cleaner."""

import pytest

from complaints.cleaner import limits
from complaints.cleaner.texts import BIDI
from complaints.gateways import sandbox
from tests.support import evidence_files as files

ZIP = files.zipped({"rahasia.txt": "isi"})
HTML = b"<html><script>alert(1)</script></html>"
SECOND = (b"PK\x03\x04", b"PK\x05\x06", b"<?php", b"<script", b"<html")


@pytest.mark.parametrize("name", files.refused_files())
def test_e08_whatever_it_is_called_it_is_refused(refused, name):
    content, codes = files.refused_files()[name]
    assert refused(content) in codes


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda _folder: files.jpeg() + ZIP, id="jpeg+zip"),
        pytest.param(lambda _folder: files.png() + b"<?php system($_GET[0]); ?>", id="png+php"),
        pytest.param(lambda _folder: files.jpeg(comment=HTML), id="jpeg+html"),
        pytest.param(
            lambda folder: files.video(folder) + b"\0\0\1\0free" + HTML.ljust(248), id="mp4+html"
        ),
        pytest.param(lambda _folder: files.pdf() + HTML, id="pdf+html"),
        pytest.param(lambda _folder: files.pdf() + ZIP, id="pdf+zip"),
    ],
)
def test_e07_a_copy_is_of_one_kind_only(clean, tmp_path, make):
    source = make(tmp_path)
    assert any(second in source for second in SECOND)
    made = clean(source)
    assert not any(second in made.everything for second in SECOND)
    assert files.leaks(made.everything) == set()


def test_e07_data_behind_a_picture_is_noted(clean):
    assert "trailing_data" in clean(files.jpeg() + ZIP).facts.removed
    assert "trailing_data" not in clean(files.jpeg()).facts.removed


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
        HTML + files.pdf(),
        ZIP + files.jpeg(),
        b"\n" * 600 + files.pdf(),
    ],
    ids=["gif+js", "html+pdf", "zip+jpeg", "blanks+pdf"],
)
def test_e07_the_first_byte_decides(refused, content):
    assert refused(content) in {"picture", "markup", "archive", "unknown"}


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + files.jpeg()[8:],
        b"\xff\xd8\xff\xe0" + files.png()[4:],
        b"%PDF-1.7\n" + files.jpeg(),
        b"RIFF\x10\0\0\0WEBP" + files.jpeg(),
        b"\0\0\0\x1cftypheic\0\0\0\0mif1heic" + files.jpeg(),
        b"\0\0\0\x1cftypisom\0\0\0\0mp41isom" + files.jpeg(),
    ],
    ids=["png", "jpeg", "pdf", "webp", "heic", "mp4"],
)
def test_e09_a_beginning_is_only_a_claim(refused, content):
    assert refused(content) in {"damaged", "unknown"}


@pytest.mark.long
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic", "pdf", "mp4", "mp3", "ogg"])
def test_e09_cut_anywhere_it_is_refused_or_copied_never_a_crash(clean, tmp_path, kind):
    whole = {
        "jpeg": files.jpeg, "png": files.png, "webp": files.webp, "heic": files.heic,
        "pdf": files.pdf, "mp4": lambda: files.video(tmp_path),
        "mp3": lambda: files.audio(tmp_path, "mp3"), "ogg": lambda: files.audio(tmp_path, "ogg"),
    }[kind]()  # fmt: skip
    outcomes = set()
    for share in (0.001, 0.02, 0.1, 0.3, 0.5, 0.8, 0.95, 0.999):
        try:
            made = clean(whole[: int(len(whole) * share)])
        except sandbox.RefusedFileError as refusal:
            outcomes.add(refusal.code)
        else:
            assert files.leaks(made.everything) == set()
            outcomes.add("copied")
    assert outcomes <= {"empty", "damaged", "unknown", "copied"}
    if kind in {"jpeg", "png", "heic"}:
        with pytest.raises(sandbox.RefusedFileError):
            clean(whole[: len(whole) // 2])


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("image", b"\xff\xd8\xff\xe0"),
        ("pdf", b"%PDF-1.7\n"),
        ("audio", b"ID3\x04\0\0\0\0\0\0"),
        ("text", b"halo "),
    ],
)
def test_e11_the_limit_of_each_kind_to_the_byte(refused, kind, start):
    most = limits.SIZE_BYTES[kind]
    filler = b"a" if kind == "text" else b"\0"
    assert refused(start.ljust(most + 1, filler)) == "too_large"
    if kind != "text":
        assert refused(start.ljust(most, filler)) == "damaged"


def test_more_than_anything_may_be_is_refused_unread():
    source = iter([b"isi"])
    with (
        pytest.raises(sandbox.RefusedFileError) as caught,
        sandbox.clean(source, size=limits.LARGEST_BYTES + 1),
    ):
        pass
    assert list(source) == [b"isi"]
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("content", [b"abc", b"abcde"])
def test_a_file_of_another_size_than_told_is_an_error(content):
    with pytest.raises(ValueError, match="another size"), sandbox.clean([content], size=4):
        pass


def test_text_stays_and_what_cannot_be_seen_is_shown(clean):
    made = clean(
        "\ufeffSaya melihat 👨\u200d👩\u200d👧\r\nia\u202etidak\u0007 hadir\x1b[2J\r\n".encode()
    )
    assert made.main.decode() == (
        "Saya melihat 👨\u200d👩\u200d👧\nia[U+202E]tidak[U+0007] hadir[U+001B][2J\n"
    )
    assert made.facts.removed == ("bidi_characters", "control_characters", "line_ends")
    assert made.facts.main.content_type == "text/plain"


def test_no_character_of_direction_is_left(clean):
    made = clean("".join(sorted(BIDI)).encode())
    assert not BIDI & set(made.main.decode())


@pytest.mark.parametrize(
    "text",
    [
        "12/02/24 10.11 - Bu Lurah: <Media tidak disertakan>\n",
        "BMKG meramalkan hujan",
        "MZ adalah inisialnya",
        "Dari: kepala dinas\nKepada: semua pegawai\nPerihal: apel",
        "a < b dan b > c",
        "#EXTM3U\nhttp://127.0.0.1/a.ts",
    ],
)
def test_plain_words_are_text_whatever_they_begin_with(clean, text):
    made = clean(text.encode())
    assert made.facts.kind == "text"
    assert made.main.decode() == text
