"""Pictures: decoded by the one decoder they claim, painted on a fresh canvas, written as JPEG."""

import io
from typing import Any

import pi_heif
import PIL
from PIL import ExifTags, Image, ImageCms, ImageOps

from complaints.cleaner import limits
from complaints.cleaner.errors import RefusalError
from complaints.cleaner.likeness import perceptual_hash
from complaints.cleaner.marks import Alter
from complaints.cleaner.output import Copy, Output

QUALITY = 88
MAKER_NOTE = 0x927C
ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}
DECODER_ERRORS = (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError)
"""What Pillow's decoders raise for broken input, beside struct.error, which is a ValueError's cousin."""

Image.MAX_IMAGE_PIXELS = limits.IMAGE_PIXELS
pi_heif.register_heif_opener()


def clean_image(
    content: bytes, decoder: str, output: Output, *, alter: Alter | None = None
) -> Copy:
    """Write the first frame as JPEG, upright, in sRGB. Raises RefusalError."""
    image = open_image(content, decoder)
    removed = _left_behind(image, content, decoder)
    canvas = fresh_canvas(image)
    if alter:
        canvas = alter(canvas, 1)
    part = output.add(
        as_jpeg(canvas), "main", "image/jpeg", width=canvas.width, height=canvas.height
    )
    found = perceptual_hash(canvas)
    tools = {"Pillow": PIL.__version__}
    if decoder == "HEIF":
        tools["libheif"] = pi_heif.libheif_version()
    return Copy(
        "image",
        (part,),
        removed=removed,
        image_hashes=() if found is None else (found,),
        tools=tools,
    )


def open_image(content: bytes, decoder: str) -> Image.Image:
    """Decode the first frame whole. Size is looked at before a pixel is."""
    try:
        image = Image.open(io.BytesIO(content), formats=[decoder])
    except Image.DecompressionBombError as error:
        raise RefusalError("too_many_pixels") from error
    except Exception as error:
        raise RefusalError("damaged") from error
    if (
        image.width * image.height > limits.IMAGE_PIXELS
        or max(image.size) > limits.IMAGE_SIDE_PIXELS
    ):
        raise RefusalError("too_many_pixels")
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as error:
        raise RefusalError("damaged") from error
    return image


def fresh_canvas(image: Image.Image) -> Image.Image:
    """Return the pixels alone, upright, on white, in sRGB."""
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16") or upright.mode in {"I", "F"}:
        upright = upright.convert("F").point(lambda level: level / 257).convert("L")
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        canvas = Image.new("RGB", upright.size, "white")
        canvas.paste(upright, mask=upright.getchannel("A"))
        return canvas
    colours = _in_srgb(upright, profile)
    canvas = Image.new("RGB", colours.size)
    canvas.paste(colours)
    return canvas


def as_jpeg(canvas: Image.Image) -> bytes:
    """Return a JPEG of nothing but these pixels."""
    written = io.BytesIO()
    canvas.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the image in the colours every screen shows, as its own profile explains them."""
    if not profile or image.mode not in {"RGB", "CMYK", "L"}:
        return image.convert("RGB")
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(own).lower():
            return image.convert("RGB")
        converted = ImageCms.profileToProfile(
            image, own, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, *DECODER_ERRORS):
        return image.convert("RGB")
    return converted or image.convert("RGB")


def _left_behind(image: Image.Image, content: bytes, decoder: str) -> set[str]:
    info: dict[Any, Any] = image.info
    found = {
        category
        for key, category in (
            ("exif", "exif"), ("xmp", "xmp"), ("XML:com.adobe.xmp", "xmp"), ("icc_profile", "icc"),
            ("comment", "comment"), ("photoshop", "tags"), ("mp", "pictures"),
        )
        if info.get(key)
    }  # fmt: skip
    if getattr(image, "n_frames", 1) > 1:
        found.add("frames")
    if getattr(image, "text", None):
        found.add("text_chunks")
    end = ENDS.get(decoder)
    if end and not content.endswith(end):
        found.add("trailing_data")
    try:
        exif = image.getexif()
        if exif.get_ifd(ExifTags.IFD.GPSInfo):
            found.add("gps")
        if exif.get_ifd(ExifTags.IFD.IFD1):
            found.add("thumbnail")
        if MAKER_NOTE in exif.get_ifd(ExifTags.IFD.Exif):
            found.add("maker_note")
    except Exception:  # noqa: BLE001 -- only a list of categories: what cannot be read is left behind too
        found.add("unread_structure")
    return found
