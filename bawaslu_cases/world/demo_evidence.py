"""Invented evidence of the demo world: drawn here, so that nobody's picture is in it."""

import datetime as dt
import io
from collections.abc import Sequence
from uuid import uuid4

from django.db import transaction
from PIL import Image, ImageDraw, ImageFont

from bawaslu_cases.shared import object_storage
from complaints.models import Complaint
from complaints.services.evidence import WholeFile, add_evidence
from complaints.states import ComplaintStatus, Lane
from complaints.vault.crypto.files import new_file_key
from complaints.vault.crypto.streams import SealingStream

RECORDS = 6
PHONE = (720, 1280)
CHAT = (
    ("Camat (contoh)", "Bapak Ibu RT, mohon kompak ya,\nkita ke nomor 2."),
    ("RT 04 (contoh)", "Siap Pak Camat"),
    ("Camat (contoh)", "Insyaallah jalan desa cepat dibangun."),
)


def add_demo_evidence() -> int:
    """Give the first waiting records a screenshot, a letter and a note; return how many files."""
    rows = Complaint.objects.filter(
        lane__in=[Lane.TIP, Lane.SEALED, Lane.OPEN], status=ComplaintStatus.RECEIVED
    )
    count = 0
    for complaint in rows.select_related("office").order_by("received_on", "public_id")[:RECORDS]:
        at = dt.datetime.combine(complaint.received_on, dt.time(5), tzinfo=dt.UTC)
        files = [("tangkapan-layar.jpg", _screenshot()), ("surat.pdf", _letter())]
        for name, content in files[: 1 + count % 2]:
            _bring(complaint, name, content, at)
            count += 1
    return count


@transaction.atomic
def _bring(complaint: Complaint, name: str, content: bytes, at: dt.datetime) -> None:
    object_id, key = uuid4(), new_file_key()
    stream = SealingStream(key, object_id.hex)
    sealed = stream.push(content) + stream.finish()
    stored = object_storage.new_object_name()
    object_storage.write(stored, [sealed])
    file = WholeFile(object_id, stored, key, name, stream.sha256, stream.size, len(sealed))
    add_evidence(complaint=complaint, file=file, at=at)


def _screenshot() -> bytes:
    image = Image.new("RGB", PHONE, "#EFEAE2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, PHONE[0], 120), fill="#2A5D53")
    draw.text((40, 40), "Info Kecamatan (contoh)", font=ImageFont.load_default(34), fill="white")
    top = 170
    for who, words in CHAT:
        lines = words.split("\n")
        bottom = top + 90 + 40 * len(lines)
        draw.rounded_rectangle((30, top, 640, bottom), 18, fill="white")
        draw.text((56, top + 18), who, font=ImageFont.load_default(26), fill="#1F5AA6")
        for number, line in enumerate(lines):
            draw.text(
                (56, top + 62 + 40 * number), line, font=ImageFont.load_default(30), fill="#1B1B1B"
            )
        top = bottom + 26
    return _written([image], "JPEG")


def _letter() -> bytes:
    pages = []
    for number, lines in enumerate(
        (
            ("Undangan (contoh, bukan surat nyata)", "", "Hadir di balai desa hari Sabtu.", ""),
            ("Daftar hadir (contoh)", "", "1. ........", "2. ........"),
        ),
        start=1,
    ):
        page = Image.new("RGB", (1240, 1754), "white")
        draw = ImageDraw.Draw(page)
        for row, line in enumerate((*lines, f"Halaman {number}")):
            draw.text((120, 160 + 70 * row), line, font=ImageFont.load_default(40), fill="black")
        pages.append(page)
    return _written(pages, "PDF")


def _written(pages: Sequence[Image.Image], kind: str) -> bytes:
    written = io.BytesIO()
    more = {"save_all": True, "append_images": list(pages[1:])} if kind == "PDF" else {}
    pages[0].save(written, kind, **more)
    return written.getvalue()
