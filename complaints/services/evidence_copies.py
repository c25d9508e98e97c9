"""What the evidence worker draws on copies: regions burnt out, the mark of whoever takes one along.

An officer ordered it (``services/copy_orders.py``). It is drawn in the cleaner's sandbox, which only this
worker can start: no process that serves requests decodes a picture (ADR 0030).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared import envelope, object_storage
from bawaslu_cases.shared.errors import ConflictError, NotPermittedError
from bawaslu_cases.shared.transitions import advance
from complaints.cleaner.marks import Box, Orders, read_orders
from complaints.errors import DamagedFileError
from complaints.gateways import sandbox
from complaints.models import Complaint, CopyOrder, Derivative, Evidence
from complaints.selectors.evidence import copy_of
from complaints.services.copy_orders import key_context, orders_context
from complaints.services.deadlines import local_day
from complaints.services.evidence import (
    EVIDENCE_MACHINE,
    derivative_content,
    keep_derivative,
)
from complaints.services.evidence_check import check_copy
from complaints.states import EvidenceAction
from complaints.vault.crypto.errors import VaultError
from complaints.vault.crypto.files import new_file_key
from complaints.vault.crypto.streams import seal_stream

_READ_BYTES = 256 * 1024


def draw_copy(*, subject_id: str, at: datetime | None = None) -> None:
    """Carry one order out. Runs in the evidence worker; twice is harmless.

    What cannot be drawn ends the order with its code, which its officer reads: they are waiting, so a
    missing sandbox is told at once too and not tried again. Raises when the storage is away.
    """
    at = at or timezone.now()
    order = (
        CopyOrder.objects.select_for_update(of=("self",))
        .select_related("officer", "copy__evidence__complaint__office")
        .filter(pk=UUID(subject_id), status=CopyOrder.Status.WAITING, expires_at__gt=at)
        .first()
    )
    if order is None:
        return
    try:
        with transaction.atomic():
            _draw(order, at)
    except sandbox.CleanerFailedError as failure:
        _end(order, failure.code)
    except sandbox.RefusedFileError:
        # It was made by the cleaner itself, so it is of an accepted kind or no copy any more.
        _end(order, "unreadable")
    except DamagedFileError:
        _end(order, "unreadable")
        check_copy(copy=order.copy, at=at)  # the alarm went with what was rolled back
    except (VaultError, envelope.UnsealError):
        _end(order, "unreadable")
    except ConflictError:
        _end(order, "changed")
    except NotPermittedError:
        _end(order, "not_permitted")


def _draw(order: CopyOrder, at: datetime) -> None:
    complaint = order.copy.evidence.complaint
    may_see = order.officer.is_active and (
        Complaint.objects.visible_to(order.officer).filter(pk=complaint.pk).exists()
    )
    copy = copy_of(complaint, order.copy.public_id) if may_see else None
    if copy is None:
        raise NotPermittedError(_("Salinan ini tidak dapat dibuka lagi."))
    copy.evidence.complaint = complaint
    orders = read_orders(envelope.unseal(bytes(order.orders), context=orders_context(order.pk)))
    order.status = CopyOrder.Status.READY
    if order.purpose == CopyOrder.Purpose.REDACT:
        _redact(copy, orders, order, at)
    else:
        _mark(copy, orders, order)
    order.save(update_fields=["status", "object_name", "key", "size_bytes"])


def _redact(copy: Derivative, orders: Orders, order: CopyOrder, at: datetime) -> None:
    """Burn regions out of the newest copy and keep the result as the next generation.

    The copy it was made of stays and the new one is chained to it; officers see the newest. Raises
    ConflictError when somebody was faster, CleanerFailedError.
    """
    evidence = copy.evidence
    day = local_day(at, evidence.complaint.office)
    generation = copy.generation + 1
    with _drawn(copy, orders) as cleaned:
        Evidence.objects.select_for_update().only("pk").get(pk=evidence.pk)
        if evidence.derivatives.filter(generation__gte=generation).exists():
            raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
        advance(
            row=evidence,
            machine=EVIDENCE_MACHINE,
            action=EvidenceAction.REDACT,
            actor=order.officer,
            at=at,
        )
        before = bytes(copy.chain_sha256)
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
                        "made_by": order.officer,
                        "made_on": day,
                        "content_type": part.content_type,
                        "extension": part.extension,
                        "width": part.width or None,
                        "height": part.height or None,
                        "pages": cleaned.facts.pages or None,
                        "regions": [_in_ten_thousandths(box) for box in orders.boxes],
                        "tools": cleaned.facts.tools,
                    },
                )
            before = bytes(kept.chain_sha256)


def _mark(copy: Derivative, orders: Orders, order: CopyOrder) -> None:
    """Seal a marked copy under a key of its own until it is fetched. Raises CleanerFailedError."""
    key, name = new_file_key(), object_storage.new_object_name()
    with _drawn(copy, orders) as cleaned, cleaned.output as content:
        chunks = iter(lambda: content.read(_READ_BYTES), b"")
        object_storage.write(name, seal_stream(chunks, key=key, object_id=order.pk.hex))
        order.size_bytes = cleaned.facts.main.length
    order.object_name = name
    order.key = envelope.seal(key, context=key_context(order.pk))


def _end(order: CopyOrder, failure: str) -> None:
    """End an order that came to nothing; what ``_draw`` set on it before was rolled back with it."""
    CopyOrder.objects.filter(pk=order.pk).update(status=CopyOrder.Status.FAILED, failure=failure)


def _in_ten_thousandths(box: Box) -> list[int]:
    """Return a region in whole numbers: what is chained has one way to be written."""
    shares = (box.x, box.y, box.width, box.height)
    return [box.page, *(round(share * 10_000) for share in shares)]


@contextmanager
def _drawn(copy: Derivative, orders: Orders) -> Iterator[sandbox.CleanedFile]:
    with sandbox.clean(derivative_content(copy), size=copy.size_bytes, orders=orders) as cleaned:
        yield cleaned
