"""PDF: E04, and what a PDF may not be."""

import io

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from tests.complaints.cleaner.test_pictures import PLAIN_MARKERS, difference, markers
from tests.support import evidence_files as files


def shown(content: bytes, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    image: Image.Image = document[page].render(scale=1).to_pil().convert("RGB")
    document.close()
    return image


def test_e04_pdf_with_every_kind_of_cargo(clean):
    source = files.pdf()
    words = {name.split()[0] for name in files.leaks(source)}
    assert words == {"name", "device", "title", "comment", "hidden"}
    made = clean(source)
    assert files.leaks(made.everything) == set()
    assert not files.marked(made.everything)
    assert made.facts.pages == 2
    assert {
        "actions", "annotations", "attachments", "docinfo", "forms", "javascript", "layers",
        "old_revisions", "text_layer", "xmp",
    } <= set(made.facts.removed)  # fmt: skip


def test_e04_the_copy_holds_pictures_and_nothing_else(clean):
    made = clean(files.pdf())
    with pikepdf.open(io.BytesIO(made.main)) as copy:
        assert set(copy.Root.keys()) == {"/Type", "/Pages"}
        assert set(copy.trailer.keys()) == {"/ID", "/Root", "/Size"}
        assert len(copy.attachments) == 0
        for page in copy.pages:
            assert set(page.obj.keys()) == {
                "/Type", "/Parent", "/MediaBox", "/Resources", "/Contents",
            }  # fmt: skip
            assert set(page.Resources.keys()) == {"/XObject"}
            (picture,) = page.get_images().values()
            assert picture.Filter == pikepdf.Name.DCTDecode
            assert markers(picture.read_raw_bytes()) == PLAIN_MARKERS
        streams = [each for each in copy.objects if isinstance(each, pikepdf.Stream)]
        assert len(streams) == 2 * len(copy.pages)


def test_e04_pages_look_as_a_reader_shows_them(clean):
    source = files.pdf()
    made = clean(source)
    for page in range(2):
        assert difference(shown(made.main, page), shown(source, page)) < 2.5
    assert shown(made.main).size == (300, 400)


def test_pictures_of_pages_are_stretches_of_the_pdf(clean):
    made = clean(files.pdf(3))
    main, *pages = made.facts.parts
    assert [(part.part, part.page) for part in pages] == [("page", 1), ("page", 2), ("page", 3)]
    for part, content in zip(pages, made.others, strict=True):
        assert content == made.main[part.offset : part.offset + part.length]
        assert Image.open(io.BytesIO(content)).size == (part.width, part.height) == (625, 834)
    assert main.length == len(made.main)


def test_a_pdf_that_asks_for_a_password(refused):
    assert refused(files.pdf(password="rahasia")) == "password"


def test_a_hundred_pages_are_taken_and_one_more_is_not(clean, refused):
    def pages(count: int) -> bytes:
        made = pikepdf.new()
        for _ in range(count):
            made.add_blank_page(page_size=(30, 30))
        written = io.BytesIO()
        made.save(written)
        return written.getvalue()

    assert clean(pages(100)).facts.pages == 100
    assert refused(pages(101)) == "too_many_pages"
    assert refused(pages(0)) == "damaged"


def test_a_page_as_large_as_a_house_is_drawn_small(clean):
    made = pikepdf.new()
    made.add_blank_page(page_size=(14_400, 14_400))
    written = io.BytesIO()
    made.save(written)
    part = clean(written.getvalue()).facts.parts[1]
    assert part.width * part.height <= 40_000_000
    assert part.width == part.height > 6_000


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_turned_pages_stay_turned(clean, rotation):
    with pikepdf.open(io.BytesIO(files.pdf(1))) as source:
        source.pages[0].rotate(rotation, relative=False)
        written = io.BytesIO()
        source.save(written)
    made = clean(written.getvalue())
    assert difference(shown(made.main), shown(written.getvalue())) < 2.5
