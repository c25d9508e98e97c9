"""Files as phones make them and as nobody should: built anew for each run, full of canaries.

Every builder takes the words to hide. What is searched for stands in ``laid_bare``: compressed stretches
are opened too, in what goes in and in what comes out alike.
"""

import io
import os
import struct
import subprocess
import zipfile
import zlib
from functools import cache
from pathlib import Path

import imageio_ffmpeg
import pikepdf
import pillow_heif
from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

from tests.canary.forms import DIGIT_MARK, MARK, Search, fresh_digits, fresh_word

pillow_heif.register_heif_opener()

WORDS = {
    "name": f"{fresh_word().title()} {fresh_word().title()}",
    "device": fresh_word(),
    "title": fresh_word(),
    "comment": f"untuk {fresh_word()}",
    "place": f"+{DIGIT_MARK[:2]}.{fresh_digits(7)}+{DIGIT_MARK}.{fresh_digits(6)}/",
    "hidden": f"{fresh_word()} {fresh_word()}",
}
"""What nobody may find in a copy; made of this run's marks, so a hit is a leak."""


def laid_bare(content: bytes) -> bytes:
    """Return the bytes and, behind them, whatever opens as a zlib stream anywhere in them."""
    opened = [content]
    for start in range(len(content) - 2):
        if content[start] == 0x78 and content[start + 1] in {0x01, 0x5E, 0x9C, 0xDA}:
            try:
                found = zlib.decompressobj().decompress(content[start:], 200_000)
            except zlib.error:
                continue
            opened.append(found)
    return b"\n".join(opened)


def leaks(content: bytes) -> set[str]:
    """Return which of the words lie in these bytes, in any shape."""
    return Search(WORDS).hits(laid_bare(content))


def marked(content: bytes) -> bool:
    """Return whether any word of this run lies in the bytes as it is."""
    return MARK.encode() in content.lower() or DIGIT_MARK.encode() in content


# --- pictures -----------------------------------------------------------------------------------


@cache
def picture(width: int = 240, height: int = 160) -> Image.Image:
    """Return colours that run, with a red corner up on the left to tell which side is up."""
    across = Image.linear_gradient("L").resize((width, height))
    down = across.rotate(90).resize((width, height))
    image = Image.merge("RGB", (across, down, Image.new("L", (width, height), 90)))
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill=(220, 10, 10))
    return image


def _entries(tags: list[tuple[int, int, int, bytes]], start: int, after: int = 0) -> bytes:
    """Return one TIFF directory at ``start`` with its values behind it, little-endian."""
    values, rows = b"", b""
    behind = start + 2 + 12 * len(tags) + 4
    for tag, kind, count, value in sorted(tags):
        if len(value) <= 4:
            rows += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")
        else:
            rows += struct.pack("<HHII", tag, kind, count, behind + len(values))
            values += value + b"\0" * (len(value) % 2)
    return struct.pack("<H", len(tags)) + rows + struct.pack("<I", after) + values


def _ascii(tag: int, text: str) -> tuple[int, int, int, bytes]:
    value = text.encode() + b"\0"
    return tag, 2, len(value), value


def exif(orientation: int = 1) -> bytes:
    """Return EXIF with an artist, a place, a maker's note, a comment and a thumbnail with its own."""
    small = io.BytesIO()
    picture().resize((24, 16)).save(small, "JPEG", comment=WORDS["hidden"].encode())
    thumbnail = small.getvalue()
    degrees = struct.pack("<6I", 6, 1, 10, 1, 3000, 100)
    gps_tags = [(1, 2, 2, b"S\0"), (2, 5, 3, degrees), _ascii(8, WORDS["place"])]
    camera_tags = [
        (0x927C, 7, len(WORDS["hidden"]), WORDS["hidden"].encode()),
        (0x9286, 7, 8 + len(WORDS["comment"]), b"ASCII\0\0\0" + WORDS["comment"].encode()),
        _ascii(0xA431, WORDS["device"]),
    ]
    main_tags = [
        _ascii(0x010F, WORDS["device"]),
        _ascii(0x010E, WORDS["title"]),
        _ascii(0x013B, WORDS["name"]),
        (0x0112, 3, 1, struct.pack("<H", orientation)),
    ]
    # Directories one behind the other: their sizes do not depend on where they point.
    blank = struct.pack("<I", 0)
    size = len(_entries([*main_tags, (0x8769, 4, 1, blank), (0x8825, 4, 1, blank)], 8))
    camera_at = 8 + size
    gps_at = camera_at + len(_entries(camera_tags, camera_at))
    small_at = gps_at + len(_entries(gps_tags, gps_at))
    where = small_at + 2 + 12 * 2 + 4
    pointers = [
        (0x8769, 4, 1, struct.pack("<I", camera_at)),
        (0x8825, 4, 1, struct.pack("<I", gps_at)),
    ]
    small_tags = [
        (0x0201, 4, 1, struct.pack("<I", where)),
        (0x0202, 4, 1, struct.pack("<I", len(thumbnail))),
    ]
    return (
        b"Exif\0\0II*\0\x08\0\0\0"
        + _entries([*main_tags, *pointers], 8, small_at)
        + _entries(camera_tags, camera_at)
        + _entries(gps_tags, gps_at)
        + _entries(small_tags, small_at)
        + thumbnail
    )


def xmp() -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:creator>{WORDS["name"]}</rdf:creator>'
        f"<note>{WORDS['hidden']}</note></x:xmpmeta>"
    ).encode()


def icc() -> bytes:
    """Return a working profile with words behind its tags."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    longer = profile + WORDS["device"].encode().ljust(64, b"\0")
    return struct.pack(">I", len(longer)) + longer[4:]


def jpeg(orientation: int = 1, **options: object) -> bytes:
    written = io.BytesIO()
    extra: dict[str, object] = {
        "exif": exif(orientation), "xmp": xmp(), "icc_profile": icc(),
        "comment": WORDS["comment"].encode(), "quality": 95, **options,
    }  # fmt: skip
    picture().save(written, "JPEG", **extra)
    return written.getvalue()


def png(*, animated: bool = False) -> bytes:
    chunks = PngInfo()
    chunks.add_text("Author", WORDS["name"])
    chunks.add_text("Comment", WORDS["comment"], zip=True)
    chunks.add_itxt("Title", WORDS["title"], lang="id", tkey=WORDS["device"])
    chunks.add_itxt("XML:com.adobe.xmp", xmp().decode(), zip=True)
    written = io.BytesIO()
    more = {"save_all": True, "append_images": [other_frame()]} if animated else {}
    picture().save(written, "PNG", pnginfo=chunks, exif=exif(), icc_profile=icc(), **more)
    return written.getvalue()


def other_frame() -> Image.Image:
    return Image.new("RGB", picture().size, (1, 2, 250))


def webp(*, animated: bool = False) -> bytes:
    written = io.BytesIO()
    more = {"save_all": True, "append_images": [other_frame()]} if animated else {}
    picture().save(written, "WEBP", quality=90, exif=exif(), xmp=xmp(), icc_profile=icc(), **more)
    return written.getvalue()


def heic() -> bytes:
    written = io.BytesIO()
    picture().save(written, "HEIF", quality=90, exif=exif(), xmp=xmp())
    return written.getvalue()


def flood_png(side: int = 30_000) -> bytes:
    """Return a PNG of 900 megapixels in about 100 KB."""
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_bomb_png() -> bytes:
    """Return a PNG whose comment unpacks to 200 MB."""
    plain = io.BytesIO()
    picture().save(plain, "PNG")
    content = plain.getvalue()
    body = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    bomb = (
        struct.pack(">I", len(body))
        + b"zTXt"
        + body
        + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    )
    return content[:33] + bomb + content[33:]


# --- PDF ----------------------------------------------------------------------------------------


def pdf(pages: int = 2, *, password: str = "") -> bytes:
    """Return a PDF with all that a PDF may carry beside its pages, and an older version of itself."""
    made = pikepdf.new()
    name, dictionary = pikepdf.Name, pikepdf.Dictionary
    font = made.make_indirect(
        dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica)
    )
    layer = made.make_indirect(dictionary(Type=name.OCG, Name=WORDS["hidden"]))
    for number in range(pages):
        page = made.add_blank_page(page_size=(300, 400))
        page.Resources = dictionary(Font=dictionary(F=font), Properties=dictionary(Layer=layer))
        shown = f"1 0 0 rg 20 300 120 60 re f BT /F 20 Tf 20 200 Td (Halaman {number + 1}) Tj ET"
        hidden = f"/OC /Layer BDC BT /F 12 Tf 20 100 Td ({WORDS['hidden']}) Tj ET EMC"
        page.Contents = made.make_stream(f"{shown}\n{hidden}".encode())
    first = made.pages[0]
    field = made.make_indirect(
        dictionary(
            Type=name.Annot, Subtype=name.Widget, FT=name.Tx, T=WORDS["title"],
            V=WORDS["name"], Rect=[20, 20, 120, 40], DA="/F 10 Tf 0 g",
        )
    )  # fmt: skip
    comment = dictionary(
        Type=name.Annot, Subtype=name.Text, Rect=[200, 350, 220, 370],
        Contents=WORDS["comment"], T=WORDS["name"],
    )  # fmt: skip
    launch = dictionary(
        Type=name.Annot, Subtype=name.Link, Rect=[0, 0, 50, 50],
        A=dictionary(S=name.Launch, F=f"/bin/{WORDS['device']}"),
    )  # fmt: skip
    first.Annots = made.make_indirect(pikepdf.Array([field, comment, launch]))
    script = f"app.alert('{WORDS['hidden']}')"
    made.Root.OpenAction = dictionary(S=name.JavaScript, JS=script)
    made.Root.AA = dictionary(WC=dictionary(S=name.JavaScript, JS=script))
    made.Root.AcroForm = dictionary(Fields=[field])
    made.Root.OCProperties = dictionary(OCGs=[layer], D=dictionary(OFF=[layer], BaseState=name.ON))
    made.attachments["daftar.txt"] = WORDS["hidden"].encode()
    made.docinfo["/Author"] = WORDS["name"]
    with made.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = WORDS["title"]
    written = io.BytesIO()
    locked = pikepdf.Encryption(user=password, owner="pemilik") if password else False
    made.save(written, compress_streams=False, encryption=locked)
    return written.getvalue() if password else _revised(written.getvalue())


def _revised(content: bytes) -> bytes:
    """Append a revision that takes the words of the first page away, as an editor saves it."""
    with pikepdf.open(io.BytesIO(content)) as read:
        number, root, info, size = (
            read.pages[0].Contents.objgen[0], read.Root.objgen[0],
            read.trailer.Info.objgen[0], len(read.objects) + 1,
        )  # fmt: skip
    at = len(content) + 1
    body = b"1 0 0 rg 20 300 120 60 re f"
    new = b"\n%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        number,
        len(body),
        body,
    )
    table = at + len(new) - 1
    before = int(content.rpartition(b"startxref\n")[2].split()[0])
    return (
        content
        + new
        + (
            b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root %d 0 R /Info %d 0 R"
            b" /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
            % (number, at, size, root, info, before, table)
        )
    )


def bomb_pdf() -> bytes:
    """Return a PDF whose page unpacks to a gigabyte of drawing commands."""
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(300, 400))
    packer = zlib.compressobj(9)
    piece = b"0 0 300 400 re f\n" * 65_536
    packed = b"".join(packer.compress(piece) for _ in range(960)) + packer.flush()
    page.Contents = pikepdf.Stream(made, packed, Filter=pikepdf.Name.FlateDecode)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


# --- sound and video ----------------------------------------------------------------------------


def ffmpeg(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg outside of any sandbox."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-y", *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True)


def _made(folder: Path, name: str, *words: str | Path) -> bytes:
    path = folder / name
    told = ffmpeg("-loglevel", "error", *words, path)
    assert told.returncode == 0, told.stderr.decode()
    return path.read_bytes()


def _tags(*names: str) -> list[str]:
    return [part for each in names for part in ("-metadata", each)]


SIGHT = ("-f", "lavfi", "-i", "testsrc2=s=320x240:r=15:d=2")
SOUND = ("-f", "lavfi", "-i", "sine=d=2")


def video(folder: Path, name: str = "a.mp4", *, seconds: int = 2) -> bytes:
    """Return MP4 or MOV with tags, a place, a time code, chapters, subtitles and a second picture."""
    chapters = folder / "chapters.txt"
    chapters.write_text(
        f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle={WORDS['hidden']}\n"
    )
    subtitles = folder / "words.srt"
    subtitles.write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{WORDS['comment']}\n")
    tags = _tags(
        f"title={WORDS['title']}", f"artist={WORDS['name']}", f"location={WORDS['place']}",
        f"com.apple.quicktime.make={WORDS['device']}", f"comment={WORDS['comment']}",
    )  # fmt: skip
    own = _made(
        folder, name, "-f", "lavfi", "-i", f"testsrc2=s=320x240:r=15:d={seconds}",
        "-f", "lavfi", "-i", f"sine=d={seconds}", "-i", subtitles, "-i", chapters,
        "-map", "0", "-map", "0", "-map", "1", "-map", "2", "-map_chapters", "3",
        "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-c:s", "mov_text",
        "-timecode", "01:02:03:04", *tags, "-metadata:s:v:0", f"handler_name={WORDS['device']}",
        "-movflags", "use_metadata_tags",
    )  # fmt: skip
    atom = b"free" + WORDS["hidden"].encode()
    return own + struct.pack(">I", len(atom) + 4) + atom


def webm(folder: Path) -> bytes:
    tags = _tags(f"title={WORDS['title']}", f"artist={WORDS['name']}")
    return _made(folder, "a.webm", *SIGHT, *SOUND, "-c:v", "libvpx", "-c:a", "libopus", *tags)


def video_3gp(folder: Path) -> bytes:
    return _made(
        folder, "a.3gp", "-f", "lavfi", "-i", "testsrc2=s=352x288:r=15:d=2", "-f", "lavfi",
        "-i", "sine=r=8000:d=2", "-c:v", "h263", "-c:a", "libopencore_amrnb", "-ar", "8000",
        "-ac", "1", *_tags(f"title={WORDS['title']}", f"artist={WORDS['name']}"),
    )  # fmt: skip


CODECS = {
    "mp3": ("-c:a", "libmp3lame"),
    "ogg": ("-c:a", "libvorbis"),
    "opus": ("-c:a", "libopus"),
    "m4a": ("-c:a", "aac"),
    "amr": ("-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1"),
}


def audio(folder: Path, ending: str) -> bytes:
    """Return sound with tags and, where the format has them, a picture of its own."""
    cover = folder / "cover.jpg"
    cover.write_bytes(jpeg())
    tags = _tags(
        f"title={WORDS['title']}", f"artist={WORDS['name']}", f"comment={WORDS['comment']}"
    )
    pictured = ending in {"mp3", "m4a"}
    return _made(
        folder, f"a.{ending}", *SOUND, *(("-i", cover) if pictured else ()), "-map", "0",
        *(("-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic") if pictured else ()),
        *CODECS[ending], *tags,
    )  # fmt: skip


def seen_by_ffmpeg(content: bytes, folder: Path) -> str:
    """Return what ffmpeg tells of a file, tags and streams, as ffprobe would."""
    path = folder / f"seen-{os.urandom(4).hex()}"
    path.write_bytes(content)
    told = ffmpeg("-i", path).stderr.decode("utf-8", "replace")
    path.unlink()
    return told


# --- what is refused ----------------------------------------------------------------------------


def zipped(names: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as folder:
        for name, text in names.items():
            folder.writestr(name, text)
    return written.getvalue()


def office(main: str) -> bytes:
    return zipped({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<x/>", main: "<x/>"})


def _saved(kind: str) -> bytes:
    written = io.BytesIO()
    picture().save(written, kind)
    return written.getvalue()


def refused_files() -> dict[str, tuple[bytes, set[str]]]:
    """Return name → content and the codes that fit."""
    html = f"<!DOCTYPE html><html><script>alert('{WORDS['hidden']}')</script></html>".encode()
    return {
        "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', {"markup"}),
        "svg with a head": (b'<?xml version="1.0"?><svg/>', {"markup"}),
        "html": (html, {"markup"}),
        "html after blanks": (b"\n\n   <html><body>x</body></html>", {"markup"}),
        "html within text": (b"halo\n<script src=//x></script>", {"markup"}),
        "xhtml": (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', {"markup"}),
        "xml": (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///x">]><a/>',
            {"markup"},
        ),
        "mhtml": (b"From: <x>\nMIME-Version: 1.0\nContent-Type: multipart/related\n\nx", {"mail"}),
        "eml": (b"Received: from a\r\nSubject: b\r\nMessage-ID: <c>\r\n\r\nisi", {"mail"}),
        "rtf": (b"{\\rtf1\\ansi halo}", {"office"}),
        "postscript": (b"%!PS-Adobe-3.0\nshowpage\n", {"office"}),
        "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), {"office", "unknown"}),
        "docx": (office("word/document.xml"), {"office", "archive"}),
        "docm": (office("word/vbaProject.bin"), {"office", "archive"}),
        "xlsx": (office("xl/workbook.xml"), {"office", "archive"}),
        "zip": (zipped({"a.jpg": "x"}), {"archive"}),
        "apk": (zipped({"AndroidManifest.xml": "x", "classes.dex": "x"}), {"archive"}),
        "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(40), {"archive"}),
        "rar": (b"Rar!\x1a\x07\x01\x00" + bytes(40), {"archive"}),
        "gz": (b"\x1f\x8b\x08" + bytes(40), {"archive"}),
        "exe": (b"MZ\x90\x00" + bytes(60), {"program"}),
        "elf": (b"\x7fELF\x02\x01\x01" + bytes(60), {"program"}),
        "script": (b"#!/bin/sh\nrm -rf /\n", {"program"}),
        "lnk": (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0" + bytes(80), {"unknown"}),
        "gif": (_saved("GIF"), {"picture"}),
        "bmp": (_saved("BMP"), {"picture"}),
        "tiff": (_saved("TIFF"), {"picture"}),
        "avif": (_saved("AVIF"), {"picture"}),
        "wav": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), {"unknown"}),
        "utf-16": ("halo dunia".encode("utf-16"), {"unknown"}),
        "noise": (bytes(range(256)) * 20, {"unknown"}),
        "nothing": (b"", {"empty"}),
    }
