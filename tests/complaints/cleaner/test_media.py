"""Sound and video: E05, E06."""

import io
import re
import struct
from pathlib import Path

import pytest
from PIL import Image

from tests.complaints.cleaner.test_pictures import PLAIN_MARKERS, markers
from tests.support import evidence_files as files

OWN_TAGS = {
    "major_brand", "minor_version", "compatible_brands", "handler_name", "vendor_id", "Duration",
    "Stream", "Input", "encoder", "Metadata",
}  # fmt: skip
TAG = re.compile(r"^ {2,}([\w.-]+) *:", re.MULTILINE)
STREAM = re.compile(r"^ {2,6}Stream #0:\d+.*?: (\w+): (\w+)", re.MULTILINE)
BOXES = {
    b"ftyp", b"moov", b"mvhd", b"trak", b"tkhd", b"edts", b"elst", b"mdia", b"mdhd", b"hdlr",
    b"minf", b"vmhd", b"smhd", b"dinf", b"dref", b"url ", b"stbl", b"stsd", b"stts", b"stss",
    b"ctts", b"stsc", b"stsz", b"stco", b"sgpd", b"sbgp", b"mdat", b"free", b"udta",
}  # fmt: skip
"""What the copy's container may hold: no data track, and of tags an empty list."""
NESTED = {b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl"}


def boxes(content: bytes) -> list[bytes]:
    """Return the kinds of box in order, the nested ones behind theirs."""
    assert content.count(b"ilst") == content.count(b"\0\0\0\x08ilst")
    found, at = [], 0
    while at + 8 <= len(content):
        (size,) = struct.unpack_from(">I", content, at)
        kind = content[at + 4 : at + 8]
        found.append(kind)
        if kind in NESTED:
            found += boxes(content[at + 8 : at + size])
        at += size or len(content)
    return found


def told(content: bytes, tmp_path) -> tuple[list[tuple[str, str]], set[str]]:
    """Return the streams and the names of all tags, as ffmpeg shows them."""
    seen = files.seen_by_ffmpeg(content, tmp_path)
    assert set(re.findall(r"encoder +: (.*)", seen)) <= {"Lavc libx264"}
    return STREAM.findall(seen), set(TAG.findall(seen)) - OWN_TAGS


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_e05_mp4_and_mov_with_every_kind_of_cargo(clean, tmp_path, name):
    source = files.video(tmp_path, name)
    assert {each.split()[0] for each in files.leaks(source)} == set(files.WORDS)
    made = clean(source)
    assert files.leaks(made.everything) == set()
    assert not files.marked(made.everything)
    streams, tags = told(made.main, tmp_path)
    assert streams == [("Video", "h264"), ("Audio", "aac")]
    assert tags == set()
    assert {"chapters", "location", "other_streams", "subtitles", "tags"} <= set(made.facts.removed)
    found = boxes(made.main)
    assert set(found) <= BOXES
    assert found.index(b"moov") < found.index(b"mdat")
    assert made.facts.seconds == pytest.approx(2, abs=0.3)


def test_e05_the_still_is_a_bare_picture_of_the_copy(clean, tmp_path):
    made = clean(files.video(tmp_path))
    (_main, poster) = made.facts.parts
    assert (poster.part, poster.content_type) == ("poster", "image/jpeg")
    assert markers(made.others[0]) == PLAIN_MARKERS
    assert (
        Image.open(io.BytesIO(made.others[0])).size == (320, 240) == (poster.width, poster.height)
    )
    assert len(made.facts.image_hashes) == 1


@pytest.mark.parametrize("make", [files.webm, files.video_3gp])
def test_e05_webm_and_3gp(clean, tmp_path, make):
    source = make(tmp_path)
    assert files.leaks(source) >= {"name (plain)", "title (plain)"}
    made = clean(source)
    assert made.facts.kind == "video"
    assert files.leaks(made.everything) == set()
    assert told(made.main, tmp_path) == ([("Video", "h264"), ("Audio", "aac")], set())


@pytest.mark.long
def test_video_is_made_small_and_even(clean, tmp_path):
    path = tmp_path / "large.mp4"
    files.ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=1081x1921:r=60:d=1", "-c:v", "libx264", "-pix_fmt",
        "yuv444p", path,
    )  # fmt: skip
    made = clean(path.read_bytes())
    seen = files.seen_by_ffmpeg(made.main, tmp_path)
    assert "720x1278" in seen or "720x1280" in seen
    assert "30 fps" in seen
    assert "yuv420p" in seen
    assert [part.part for part in made.facts.parts] == ["main", "poster"]


@pytest.mark.parametrize("ending", files.CODECS)
def test_e06_sound_without_tags_and_covers(clean, tmp_path, ending):
    source = files.audio(tmp_path, ending)
    if ending != "amr":  # the format has no place for a tag
        assert files.leaks(source) >= {"name (plain)", "title (plain)", "comment (plain)"}
    made = clean(source)
    assert made.facts.kind == "audio"
    assert made.facts.main.extension == "m4a"
    assert files.leaks(made.everything) == set()
    assert told(made.main, tmp_path) == ([("Audio", "aac")], set())
    assert set(boxes(made.main)) <= BOXES
    assert made.facts.seconds == pytest.approx(2, abs=0.3)
    assert made.others == ()
    if ending in {"mp3", "m4a"}:
        assert "cover_art" in made.facts.removed


def test_a_video_of_ten_minutes_is_taken_and_a_longer_one_is_not(refused, clean, tmp_path: Path):
    def long(seconds: int) -> bytes:
        path = tmp_path / "long.mp4"
        files.ffmpeg("-f", "lavfi", "-i", f"color=s=32x32:r=2:d={seconds}", "-c:v", "libx264", path)
        return path.read_bytes()

    assert clean(long(600)).facts.seconds == pytest.approx(600, abs=1.5)
    assert refused(long(602)) == "too_long"


def test_a_length_that_lies_is_found_out(refused, tmp_path):
    path = tmp_path / "lying.mp4"
    files.ffmpeg("-f", "lavfi", "-i", "color=s=32x32:r=2:d=605", "-c:v", "libx264", path)
    content = bytearray(path.read_bytes())
    for box in (b"mvhd", b"mdhd", b"tkhd"):
        at = content.index(box) + 4
        at += 20 if box == b"tkhd" else 16
        content[at : at + 4] = struct.pack(">I", 100)
    content = content.replace(b"elst", b"free")
    assert refused(bytes(content)) in {"too_long", "damaged"}


def test_a_container_with_nothing_in_it(refused):
    assert refused(struct.pack(">I", 20) + b"ftypisom\0\0\0\0isom") == "damaged"
    assert refused(b"OggS" + bytes(200)) == "damaged"
    assert refused(b"ID3\x04\0\0\0\0\0\0" + bytes(200)) == "damaged"
