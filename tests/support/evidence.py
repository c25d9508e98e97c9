"""Evidence for tests: files that a phone would send, brought in the way a reporter's are."""

import io
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw

from bawaslu_cases.shared import object_storage
from complaints.models import Complaint, CopyOrder, Evidence
from complaints.services.cleaning import clean_evidence
from complaints.services.evidence import WholeFile, add_evidence, keep_derivative
from complaints.services.evidence_copies import draw_copy
from complaints.vault.crypto.files import new_file_key
from complaints.vault.crypto.streams import SealingStream

GPS_CANARY = "KENARI-GPS-4417"


def photo(
    width: int = 640, height: int = 480, *, words: str = "BUKTI", colour: Any = "#7a5"
) -> bytes:
    """Return a JPEG with words in its picture and a canary in its EXIF."""
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).text((20, 20), words, fill="white")
    exif = Image.Exif()
    exif[0x010E] = GPS_CANARY
    written = io.BytesIO()
    image.save(written, "JPEG", exif=exif)
    return written.getvalue()


def pdf(pages: int = 2) -> bytes:
    """Return a PDF of so many pages."""
    images = [Image.new("RGB", (400, 560), "white") for _ in range(pages)]
    for number, image in enumerate(images, start=1):
        ImageDraw.Draw(image).text((40, 40), f"Halaman {number}", fill="black")
    written = io.BytesIO()
    images[0].save(written, "PDF", save_all=True, append_images=images[1:])
    return written.getvalue()


def whole_file(content: bytes, name: str = "layar.jpg") -> WholeFile:
    """Seal content and write it to the storage, as a finished upload is."""
    object_id, key = uuid4(), new_file_key()
    stream = SealingStream(key, object_id.hex)
    sealed = stream.push(content) + stream.finish()
    stored = object_storage.new_object_name()
    object_storage.write(stored, [sealed])
    return WholeFile(object_id, stored, key, name, stream.sha256, stream.size, len(sealed))


def evidence_of(
    complaint: Complaint, content: bytes, *, at: datetime, name: str = "layar.jpg", **more: Any
) -> Evidence:
    """Bind a file to a record; its copy is not made yet."""
    with transaction.atomic():
        return add_evidence(complaint=complaint, file=whole_file(content, name), at=at, **more)


def cleaned_evidence(
    complaint: Complaint, content: bytes, *, at: datetime, **more: Any
) -> Evidence:
    """Bind a file to a record and make its copy, in the real sandbox."""
    evidence = evidence_of(complaint, content, at=at, **more)
    clean_evidence(subject_id=evidence.public_id.hex, at=at)
    evidence.refresh_from_db()
    return evidence


def draw_orders() -> None:
    """Draw what officers ordered, as the evidence worker does, in the real sandbox."""
    for order_id in CopyOrder.objects.filter(status="waiting").values_list("pk", flat=True):
        with transaction.atomic():
            draw_copy(subject_id=order_id.hex, at=timezone.now())


def let_through(evidence: Evidence, text: str) -> None:
    """Give a file a copy of that text, as a cleaner would that refuses nothing."""
    with transaction.atomic():
        keep_derivative(
            evidence=evidence,
            content=io.BytesIO(text.encode()),
            chained_to=b"",
            facts={
                "made_on": evidence.received_on,
                "content_type": "text/plain",
                "extension": "txt",
            },
        )
    Evidence.objects.filter(pk=evidence.pk).update(status="ready", kind="text")
