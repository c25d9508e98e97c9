"""Ordering what is drawn of a copy, and fetching it once (ADR 0030).

Web processes file the order and hand out what came of it; they decode nothing and start no sandbox. The
evidence worker draws (``services/evidence_copies.py``).
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared import envelope, object_storage
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.object_storage import StorageUnavailableError
from bawaslu_cases.shared.outbox.services import publish
from complaints.cleaner.marks import MOST_BOXES, Box, Orders
from complaints.models import CopyOrder, Derivative
from complaints.vault.crypto.streams import open_stream

TOPIC = "complaints.draw_copy"
KEPT = timedelta(minutes=30)
MOST_WAITING = 5
"""Orders one officer may have open: one worker draws for everybody."""
MARKED_TYPES = frozenset({"image/jpeg", "application/pdf"})
"""What a mark can be burnt into; sound and moving pictures leave without."""


def order_redaction(
    *, copy: Derivative, boxes: Sequence[Box], officer: User, at: datetime
) -> CopyOrder:
    """Order regions to be burnt out of a copy; the next generation is made of it.

    Raises DomainError without a region or with too many, ConflictError when a newer generation is there
    already or the officer waits for enough.
    """
    if not boxes:
        raise DomainError(_("Gambar dulu bagian yang ditutup."), field="boxes")
    if len(boxes) > MOST_BOXES:
        raise DomainError(_("Terlalu banyak bagian yang ditutup."), field="boxes")
    if Derivative.objects.filter(
        evidence=copy.evidence_id, generation__gt=copy.generation
    ).exists():
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    return _order(CopyOrder.Purpose.REDACT, copy, Orders(boxes=tuple(boxes)), officer, at)


def order_marked_copy(*, copy: Derivative, words: str, officer: User, at: datetime) -> CopyOrder:
    """Order a copy with ``words`` laid over every picture.

    Raises DomainError for what no mark can be burnt into, ConflictError when the officer waits for enough.
    """
    if copy.content_type not in MARKED_TYPES:
        raise DomainError(_("Salinan ini tidak dapat diberi tanda."), field="copy")
    return _order(CopyOrder.Purpose.MARK, copy, Orders(watermark=words), officer, at)


def fetch_marked_copy(*, order: CopyOrder, at: datetime) -> Iterator[bytes]:
    """Return the bytes of a marked copy and end its order: it is handed out once.

    What lies in the storage goes when the last byte was read; should that not come, the sweep takes it,
    and nobody has its key any more. Raises ConflictError when it was fetched already or its time is over.
    """
    with transaction.atomic():
        row = (
            CopyOrder.objects.select_for_update()
            .filter(pk=order.pk, status=CopyOrder.Status.READY, expires_at__gt=at)
            .exclude(object_name="")
            .first()
        )
        if row is None:
            raise ConflictError(_("Salinan ini sudah diambil, atau waktunya habis. Minta lagi."))
        key = envelope.unseal(bytes(row.key or b""), context=key_context(row.pk))
        row.delete()
    return _content(row.object_name, key, order.pk)


def expire_copy_orders(*, at: datetime) -> int:
    """Delete orders whose time is over with what lies of them; return how many. Twice is harmless."""
    with transaction.atomic():
        rows = list(
            CopyOrder.objects.select_for_update(skip_locked=True)
            .filter(expires_at__lte=at)
            .only("pk", "object_name")
        )
        if not rows:
            return 0
        names = [row.object_name for row in rows if row.object_name]
        CopyOrder.objects.filter(pk__in=[row.pk for row in rows]).delete()
        transaction.on_commit(lambda: object_storage.delete(names), robust=True)
    return len(rows)


def orders_context(order_id: UUID) -> envelope.Context:
    """Return what the sealed orders of one row are bound to."""
    return ("copy-order", order_id.hex)


def key_context(order_id: UUID) -> envelope.Context:
    """Return what the sealed key of one marked copy is bound to."""
    return ("copy-order-key", order_id.hex)


def _order(
    purpose: CopyOrder.Purpose, copy: Derivative, orders: Orders, officer: User, at: datetime
) -> CopyOrder:
    waiting = CopyOrder.objects.filter(
        officer=officer, status=CopyOrder.Status.WAITING, expires_at__gt=at
    )
    if waiting.count() >= MOST_WAITING:
        raise ConflictError(_("Tunggu sampai salinan yang Anda minta sebelumnya selesai dibuat."))
    order_id = uuid4()
    with transaction.atomic():
        order = CopyOrder.objects.create(
            id=order_id,
            copy=copy,
            officer=officer,
            purpose=purpose,
            orders=envelope.seal(orders.to_json(), context=orders_context(order_id)),
            asked_at=at,
            expires_at=at + KEPT,
        )
        publish(topic=TOPIC, subject_id=order.pk.hex)
    return order


def _content(name: str, key: bytes, order_id: UUID) -> Iterator[bytes]:
    try:
        yield from open_stream(object_storage.read(name), key=key, object_id=order_id.hex)
    finally:
        with suppress(StorageUnavailableError):
            object_storage.delete([name])
