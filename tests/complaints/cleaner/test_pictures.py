"""Pictures: E01, E02, and what a picture may not be."""

import io

import pillow_heif
import pytest
from PIL import Image, ImageChops

from complaints.cleaner.likeness import perceptual_hash
from tests.support import evidence_files as files

PLAIN_MARKERS = {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
"""JFIF, tables, frame, scan: a JPEG of nothing but pixels."""


def markers(jpeg: bytes) -> set[int]:
    """Return the kinds of segment in front of the pixels; the JFIF one must be the bare one."""
    found, at = set(), 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.add(jpeg[at + 1])
        if jpeg[at + 1] == 0xE0:
            assert jpeg[at + 4 : at + 9] == b"JFIF\0"
            assert length == 16
        at += 2 + length
    return found | {jpeg[at + 1]}


def decoded(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def difference(left: Image.Image, right: Image.Image) -> float:
    """Return the mean distance of two pictures, in levels of 255."""
    histogram = ImageChops.difference(left.convert("L"), right.convert("L")).histogram()
    return sum(level * count for level, count in enumerate(histogram)) / sum(histogram)


def test_e01_jpeg_with_every_kind_of_metadata(clean):
    source = files.jpeg()
    assert {name.split()[0] for name in files.leaks(source)} == set(files.WORDS)
    made = clean(source)
    assert files.leaks(made.main) == set()
    assert not files.marked(made.main)
    assert markers(made.main) == PLAIN_MARKERS
    assert made.main.endswith(b"\xff\xd9")
    assert made.facts.removed == ("comment", "exif", "gps", "icc", "maker_note", "thumbnail", "xmp")
    assert set(decoded(made.main).info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert difference(decoded(made.main), files.picture()) < 2.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_e01_every_orientation_stands_upright(clean, orientation):
    upright = files.picture()
    turned = {
        1: [], 2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]  # fmt: skip
    stored = upright
    for turn in turned:
        stored = stored.transpose(turn)
    written = io.BytesIO()
    stored.save(written, "JPEG", quality=95, exif=files.exif(orientation))
    made = clean(written.getvalue())
    assert (made.facts.main.width, made.facts.main.height) == upright.size
    assert difference(decoded(made.main), upright) < 2.5


@pytest.mark.parametrize(
    ("make", "removed"),
    [
        (files.png, {"exif", "gps", "icc", "text_chunks", "xmp"}),
        (files.webp, {"exif", "gps", "icc", "xmp"}),
        (files.heic, {"exif", "gps", "xmp"}),
    ],
)
def test_e02_png_webp_and_heic_carry_nothing_over(clean, make, removed):
    source = make()
    assert {name.split()[0] for name in files.leaks(source)} == set(files.WORDS)
    made = clean(source)
    assert files.leaks(made.main) == set()
    assert not files.marked(made.main)
    assert markers(made.main) == PLAIN_MARKERS
    assert removed <= set(made.facts.removed)
    assert difference(decoded(made.main), files.picture()) < 4


@pytest.mark.parametrize("make", [files.png, files.webp])
def test_e02_moving_pictures_become_their_first_frame(clean, make):
    made = clean(make(animated=True))
    assert "frames" in made.facts.removed
    assert getattr(decoded(made.main), "n_frames", 1) == 1
    assert difference(decoded(made.main), files.picture()) < 4
    assert files.leaks(made.main) == set()


def test_what_is_transparent_stands_on_white(clean):
    written = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(written, "PNG")
    assert decoded(clean(written.getvalue()).main).getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("mode", "grey"), [("I;16", 32_768), ("L", 128), ("1", 255), ("P", 128), ("LA", (128, 255))]
)
def test_every_depth_of_png_is_read(clean, mode, grey):
    written = io.BytesIO()
    Image.new("L" if mode == "P" else mode, (40, 40), grey).convert(mode).save(written, "PNG")
    level = decoded(clean(written.getvalue()).main).convert("L").tobytes()[20 * 40 + 20]
    assert abs(level - (255 if mode == "1" else 128)) <= 2


def test_colours_of_print_are_shown_as_colours_of_a_screen(clean):
    written = io.BytesIO()
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(written, "JPEG", quality=95)
    red, green, blue = decoded(clean(written.getvalue()).main).tobytes()[:3]
    assert red > 200
    assert green < 60
    assert blue < 60


def test_e09_pixel_flood_is_refused_before_it_is_decoded(refused):
    assert refused(files.flood_png()) == "too_many_pixels"
    assert refused(files.flood_png(12_008)) == "too_many_pixels"


def test_a_picture_at_the_limit_is_taken_and_one_side_too_long_is_not(clean, refused):
    def long(width: int, height: int) -> bytes:
        written = io.BytesIO()
        Image.new("1", (width, height)).save(written, "PNG")
        return written.getvalue()

    assert clean(long(12_000, 3_333)).facts.main.width == 12_000
    assert refused(long(12_001, 10)) == "too_many_pixels"
    assert refused(long(8_000, 5_001)) == "too_many_pixels"


def test_a_comment_that_unpacks_to_much_is_refused(refused):
    assert refused(files.text_bomb_png()) == "damaged"


def apart(left: int | None, right: int | None) -> int:
    """Return in how many bits two hashes differ."""
    assert left is not None
    assert right is not None
    return ((left ^ right) & (2**64 - 1)).bit_count()


def test_likeness_survives_what_messengers_do_and_tells_others_apart():
    picture = files.picture(640, 480)
    own = perceptual_hash(picture)
    small = io.BytesIO()
    picture.resize((320, 240)).save(small, "JPEG", quality=40)
    again = perceptual_hash(decoded(small.getvalue()))
    other = perceptual_hash(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert apart(own, again) <= 6
    assert apart(own, other) >= 20
    assert perceptual_hash(Image.new("RGB", (300, 200), "white")) is None


def test_the_hash_is_that_of_the_copy(clean):
    made = clean(files.jpeg())
    (told,) = made.facts.image_hashes
    assert apart(told, perceptual_hash(decoded(made.main))) <= 4  # taken before it became a JPEG
    assert -(2**63) <= told < 2**63


def test_heic_turned_by_its_own_box_stands_upright(clean):
    heif = pillow_heif.from_pillow(files.picture().transpose(Image.Transpose.ROTATE_90))
    written = io.BytesIO()
    heif.save(written, quality=90, exif=files.exif(6))
    made = clean(written.getvalue())
    assert (made.facts.main.width, made.facts.main.height) == files.picture().size
