"""Handing out receipts and opening a mailbox with one.

Argon2id takes 64 MiB a piece, so at most ARGON2_AT_ONCE run in one process: a burst waits, the
machine does not swap.
"""

import base64
from datetime import datetime
from functools import lru_cache
from threading import BoundedSemaphore

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from complaints import receipts
from complaints.errors import TooManyTriesError, WrongCodeError
from complaints.models import Complaint, Receipt
from complaints.services.guessing import give_back_try, take_try

ARGON2_AT_ONCE = 2
_pool = BoundedSemaphore(ARGON2_AT_ONCE)


@lru_cache(maxsize=1)
def _pepper(source: str) -> bytes:
    return base64.b64decode(source, validate=True)


def _cost() -> receipts.Cost:
    return receipts.Cost(**settings.RECEIPT_ARGON2)


def prepare_receipt(
    *, code: receipts.ReceiptCode | None = None
) -> tuple[receipts.ReceiptCode, Receipt]:
    """Return a fresh code and its unsaved record. Slow (Argon2id); call outside a transaction.

    ``code`` is given by the invented demo world alone, which prints its codes.
    """
    code = code or receipts.new_code()
    salt = receipts.new_salt()
    with _pool:
        verifier = receipts.verifier_of(
            code.secret, salt=salt, pepper=_pepper(settings.RECEIPT_PEPPER), cost=_cost()
        )
    return code, Receipt(handle=code.handle, salt=salt, verifier=verifier)


def open_mailbox(*, typed: str, at: datetime) -> Complaint:
    """Return the record behind a code. One query.

    Raises CodeTypoError when the digits cannot be a code, TooManyTriesError when this handle has to
    wait, WrongCodeError when the code opens nothing. At least one Argon2id runs on every attempt
    that is looked at, so the answer's time tells nothing.
    """
    code = receipts.parse_code(typed)
    wait = take_try(handle=code.handle, at=at)
    if wait:
        raise TooManyTriesError(
            _("Kode ini terlalu sering dicoba. Tunggu 1 menit, lalu coba lagi."), seconds=wait
        )
    candidates = list(
        Receipt.objects.filter(handle=code.handle).select_related("complaint").order_by("-pk")
    )
    found: Complaint | None = None
    pepper = _pepper(settings.RECEIPT_PEPPER)
    if not candidates:
        with _pool:
            receipts.verifier_of(code.secret, salt=b"\0" * 16, pepper=pepper, cost=_cost())
    for receipt in candidates:
        with _pool:
            right = receipts.matches(
                code.secret,
                salt=bytes(receipt.salt),
                verifier=bytes(receipt.verifier),
                pepper=pepper,
                cost=_cost(),
            )
        if right and found is None:
            found = receipt.complaint
    if found is None:
        raise WrongCodeError(_("Kode ini tidak membuka apa pun. Periksa lagi angkanya."))
    give_back_try(handle=code.handle)
    return found
