"""What officers do with copies: burn regions out, take one along under their mark.

Both are drawn in the cleaner's sandbox: no process that has a database decodes a picture.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.transitions import advance
from complaints.cleaner.marks import MOST_BOXES, Box, Orders
from complaints.gateways import sandbox
from complaints.models import Derivative, Evidence
from complaints.services.deadlines import local_day
from complaints.services.evidence import (
    EVIDENCE_MACHINE,
    derivative_content,
    keep_derivative,
)
from complaints.states import EvidenceAction

MARKED_TYPES = frozenset({"image/jpeg", "application/pdf"})
"""What a mark can be burnt into; sound and moving pictures leave without."""


def redact_copy(
    *, copy: Derivative, boxes: Sequence[Box], officer: User, at: datetime
) -> Derivative:
    """Burn regions out of the newest copy and keep the result as the next generation.

    The copy it was made of stays and the new one is chained to it; officers see the newest. Raises
    DomainError without a region, ConflictError when somebody was faster, CleanerFailedError.
    """
    if not boxes:
        raise DomainError(_("Gambar dulu bagian yang ditutup."), field="boxes")
    if len(boxes) > MOST_BOXES:
        raise DomainError(_("Terlalu banyak bagian yang ditutup."), field="boxes")
    evidence = Evidence.objects.select_related("complaint__office").get(pk=copy.evidence_id)
    day = local_day(at, evidence.complaint.office)
    generation = copy.generation + 1
    with _drawn(copy, Orders(boxes=tuple(boxes))) as cleaned, transaction.atomic():
        Evidence.objects.select_for_update().only("pk").get(pk=evidence.pk)
        if evidence.derivatives.filter(generation__gte=generation).exists():
            raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
        advance(
            row=evidence,
            machine=EVIDENCE_MACHINE,
            action=EvidenceAction.REDACT,
            actor=officer,
            at=at,
        )
        main, before = None, bytes(copy.chain_sha256)
        for part in cleaned.facts.parts:
            with cleaned.open(part) as content:
                kept = keep_derivative(
                    evidence=evidence,
                    content=content,
                    chained_to=before,
                    facts={
                        "generation": generation,
                        "part": part.part,
                        "page": part.page,
                        "made_of": copy,
                        "made_by": officer,
                        "made_on": day,
                        "content_type": part.content_type,
                        "extension": part.extension,
                        "width": part.width or None,
                        "height": part.height or None,
                        "pages": cleaned.facts.pages or None,
                        "regions": [_in_ten_thousandths(box) for box in boxes],
                        "tools": cleaned.facts.tools,
                    },
                )
            before = bytes(kept.chain_sha256)
            main = main or kept
    assert main is not None  # noqa: S101 -- the cleaner's facts hold a main part or are refused
    return main


def marked_copy(*, copy: Derivative, words: str) -> BinaryIO:
    """Return a copy with ``words`` laid over every picture; sound and video come as they are.

    Nothing is kept. Raises CleanerFailedError.
    """
    if copy.content_type not in MARKED_TYPES:
        return BytesIO(b"".join(derivative_content(copy)))
    with _drawn(copy, Orders(watermark=words)) as cleaned:
        return BytesIO(cleaned.output.read())


def _in_ten_thousandths(box: Box) -> list[int]:
    """Return a region in whole numbers: what is chained has one way to be written."""
    shares = (box.x, box.y, box.width, box.height)
    return [box.page, *(round(share * 10_000) for share in shares)]


@contextmanager
def _drawn(copy: Derivative, orders: Orders) -> Iterator[sandbox.CleanedFile]:
    with sandbox.clean(derivative_content(copy), size=copy.size_bytes, orders=orders) as cleaned:
        yield cleaned
