"""PDF: every page drawn, and a new PDF that holds nothing but these pictures."""

import io

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from complaints.cleaner import limits
from complaints.cleaner.errors import RefusalError
from complaints.cleaner.facts import Part
from complaints.cleaner.images import as_jpeg
from complaints.cleaner.likeness import perceptual_hash
from complaints.cleaner.marks import Alter
from complaints.cleaner.output import Copy, Output

POINTS_PER_INCH = 72
KEYS = {
    "/JavaScript": "javascript", "/JS": "javascript", "/OpenAction": "actions", "/AA": "actions",
    "/Launch": "actions", "/URI": "actions", "/EmbeddedFiles": "attachments", "/EF": "attachments",
    "/AcroForm": "forms", "/Annots": "annotations", "/OCProperties": "layers", "/Metadata": "xmp",
    "/Font": "text_layer",
}  # fmt: skip
"""Key of any object → what it is called in the log."""
NESTED = 6
"""How deep direct objects are looked into."""


def clean_pdf(content: bytes, output: Output, *, alter: Alter | None = None) -> Copy:
    """Write an image-only PDF of the pages as a reader shows them. Raises RefusalError."""
    document = _opened(content)
    if len(document) > limits.PDF_PAGES:
        raise RefusalError("too_many_pages")
    fresh = pikepdf.new()
    jpegs: list[tuple[bytes, tuple[int, int]]] = []
    hashes = []
    for number in range(len(document)):
        canvas, points = _drawn(document, number)
        if alter:
            canvas = alter(canvas, number + 1)
        jpeg = as_jpeg(canvas)
        jpegs.append((jpeg, canvas.size))
        _add_page(fresh, jpeg, canvas.size, points)
        found = perceptual_hash(canvas)
        if found is not None:
            hashes.append(found)
    if not jpegs:
        raise RefusalError("damaged")
    document.close()
    written = io.BytesIO()
    fresh.save(
        written,
        compress_streams=False,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        deterministic_id=True,
    )
    return Copy(
        "pdf",
        _parts(written.getvalue(), jpegs, output),
        pages=len(jpegs),
        removed=_left_behind(content),
        image_hashes=tuple(hashes),
        tools={
            "PDFium": str(pypdfium2.PDFIUM_INFO.version).partition("@")[0],
            "pikepdf": pikepdf.__version__,
        },
    )


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(content)
        document.init_forms()  # answers are drawn too; PDFium is built without JavaScript
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == pdfium.FPDF_ERR_PASSWORD
        raise RefusalError("password" if locked else "damaged") from error
    return document


def _drawn(document: pypdfium2.PdfDocument, number: int) -> tuple[Image.Image, tuple[float, float]]:
    """Return a page as a picture at 150 dpi, fewer where it is huge, and its size in points."""
    try:
        page = document[number]
        width, height = points = page.get_size()
        if width <= 0 or height <= 0:
            raise RefusalError("damaged")
        scale = min(
            limits.PDF_DPI / POINTS_PER_INCH,
            (limits.IMAGE_PIXELS * 0.99 / (width * height)) ** 0.5,
            (limits.IMAGE_SIDE_PIXELS - 1) / max(points),
        )
        bitmap = page.render(scale=scale)
        canvas = bitmap.to_pil().convert("RGB")
        bitmap.close()
        page.close()
    except pypdfium2.PdfiumError as error:
        raise RefusalError("damaged") from error
    return canvas, points


def _add_page(
    fresh: pikepdf.Pdf, jpeg: bytes, size: tuple[int, int], points: tuple[float, float]
) -> None:
    page = fresh.add_blank_page(page_size=points)
    picture = pikepdf.Stream(
        fresh,
        jpeg,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
    page.Contents = pikepdf.Stream(fresh, b"%.4f 0 0 %.4f 0 0 cm /P Do" % points)


def _parts(
    written: bytes, jpegs: list[tuple[bytes, tuple[int, int]]], output: Output
) -> tuple[Part, ...]:
    """Write the PDF; its pages are stretches of it, as it holds each picture unchanged."""
    main = output.add(written, "main", "application/pdf")
    pages = []
    for number, (jpeg, (width, height)) in enumerate(jpegs, start=1):
        place = written.index(jpeg)
        pages.append(
            Part("page", "image/jpeg", main.offset + place, len(jpeg), number, width, height)
        )
    return (main, *pages)


def _left_behind(content: bytes) -> set[str]:
    """Return categories of what the source held; for the log alone, so a guess is good enough."""
    found = {"old_revisions"} if content.count(b"%%EOF") > 1 else set()
    try:
        with pikepdf.open(io.BytesIO(content)) as source:
            if pikepdf.Name.Info in source.trailer:
                found.add("docinfo")
            for each in source.objects:
                found |= _categories(each)
    except Exception:  # noqa: BLE001 -- PDFium drew it; that the other reader gives up changes nothing
        found.add("unread_structure")
    return found


def _categories(thing: object, depth: int = 0) -> set[str]:
    """Return the categories of an object and of what stands directly in it."""
    if isinstance(thing, pikepdf.Array):
        inner = list(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        inner = [each for key, each in thing.items() if key != "/Parent"]
    else:
        return set()
    found = set()
    if not isinstance(thing, pikepdf.Array):
        found = {KEYS[key] for key in thing.keys() & KEYS.keys()}
    if depth < NESTED:
        for each in inner:
            if isinstance(each, pikepdf.Object) and not each.is_indirect:
                found |= _categories(each, depth + 1)
    return found
