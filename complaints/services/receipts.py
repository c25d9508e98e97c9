"""Handing out receipts and opening a mailbox with one.

Argon2id takes 64 MiB and a processor of its own, so people take turns: at most ARGON2_AT_ONCE run for
them on one machine, and one more in each process for the store. A burst waits, the machine does not swap.
"""

import base64
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.row_scopes import take_record
from complaints import receipts
from complaints.errors import WrongCodeError
from complaints.models import Complaint, Receipt, SavedDraft
from complaints.services.guessing import give_back_try, let_try
from complaints.services.proof_of_work import NO_PROOF, Proof
from complaints.services.receipt_pool import Pool
from complaints.services.turns import Turns
from complaints.vault.crypto.consent import consent_public_key

ARGON2_AT_ONCE = min(os.cpu_count() or 1, 4)
"""More than there are processors only makes each of them slower; four take 256 MiB."""
_running = Turns("receipts", most=ARGON2_AT_ONCE)
_NO_ROW = b"\0" * receipts.SALT_BYTES

Row = TypeVar("Row", Receipt, SavedDraft)
"""A row that a code opens: it has a salt of its own and what proves the code."""


@dataclass(frozen=True, repr=False)
class OpenedMailbox:
    """A record and the private half of its mailbox's key, which is nowhere but here. The repr hides it.

    Keep the key in the reporter's sealed session alone.
    """

    complaint: Complaint
    key: bytes

    def __repr__(self) -> str:
        return f"OpenedMailbox({self.complaint!r}, …)"


@lru_cache(maxsize=1)
def pepper(source: str) -> bytes:
    """Return the secret of RECEIPT_PEPPER, which lies outside every database."""
    return base64.b64decode(source, validate=True)


def derived(code: receipts.ReceiptCode) -> receipts.Root:
    """Run the slow hash of a code, when one of the machine's turns is free; the store stands back."""
    with _running.taken():
        _ahead.stand_back()
        return _slow(code)


def _slow(code: receipts.ReceiptCode) -> receipts.Root:
    cost = receipts.Cost(**settings.RECEIPT_ARGON2)
    return receipts.derive(code, pepper=pepper(settings.RECEIPT_PEPPER), cost=cost)


def _made() -> tuple[receipts.ReceiptCode, receipts.Root]:
    """Make one for the store. It takes no turn: its thread goes last, and people would wait for it."""
    code = receipts.new_code()
    return code, _slow(code)


_ahead = Pool(_made, size=settings.RECEIPT_POOL_SIZE, is_needed=_running.are_taken)


def start_receipts() -> None:
    """Begin to make receipts ahead of need; for a web process, after it was forked."""
    _ahead.start()


def fresh_code() -> tuple[receipts.ReceiptCode, receipts.Root]:
    """Return a code that nobody has and what it gives: at once from the store, else slow (Argon2id).

    Call outside a transaction.
    """
    ready = _ahead.take()
    if ready is not None:
        return ready
    code = receipts.new_code()
    return code, derived(code)


class PreparedReceipt(NamedTuple):
    """A code, its unsaved record, and the mailbox's private key for as long as a request takes."""

    code: receipts.ReceiptCode
    receipt: Receipt
    mailbox_key: bytes

    def __repr__(self) -> str:
        return "PreparedReceipt(…)"

    def bind(self, complaint: Complaint) -> Receipt:
        """Return the record as that of ``complaint``; saving it is the caller's.

        The key that will sign a consent is fixed now, so that none can be made up later.
        """
        self.receipt.complaint = complaint
        self.receipt.consent_pk = consent_public_key(
            self.mailbox_key, report=complaint.public_id.hex
        )
        return self.receipt


def prepare_receipt(*, code: receipts.ReceiptCode | None = None) -> PreparedReceipt:
    """Return a fresh code and its unsaved record. As slow as ``fresh_code``.

    ``code`` is given by the invented demo world alone, which prints its codes.
    """
    code, root = (code, derived(code)) if code else fresh_code()
    salt = receipts.new_salt()
    keys = root.row(salt)
    receipt = Receipt(
        handle=code.handle, salt=salt, verifier=keys.verifier, mailbox_pk=keys.mailbox_public
    )
    return PreparedReceipt(code, receipt, keys.mailbox_private)


def open_mailbox(*, typed: str, at: datetime, proof: Proof = NO_PROOF) -> OpenedMailbox:
    """Return the record behind a code and its mailbox's key. Two queries at most.

    Raises CodeTypoError when the digits cannot be a code, ProofNeededError or TooManyTriesError when
    the try is not looked at, WrongCodeError when the code opens nothing. Exactly one Argon2id runs on
    every try that is looked at, whatever stands behind the handle: the answer's time tells nothing.
    """
    code = receipts.parse_code(typed)
    let_try(handle=code.handle, proof=proof, at=at)
    # Without their records: at a million, ten of them share a handle and nine are somebody else's.
    candidates = list(Receipt.objects.filter(handle=code.handle))
    root = derived(code)
    receipt = opened_by(root, candidates)
    if receipt is None:
        raise WrongCodeError(_("Kode ini tidak membuka apa pun. Periksa lagi angkanya."))
    give_back_try(handle=code.handle)
    take_record(receipt.complaint_id)
    return OpenedMailbox(receipt.complaint, root.row(bytes(receipt.salt)).mailbox_private)


def opened_by(root: receipts.Root, rows: Iterable[Row]) -> Row | None:
    """Return the row that a code opens, or None. Every row is looked at, right ones too."""
    found: Row | None = None
    for row in rows:
        if root.opens(salt=bytes(row.salt), verifier=bytes(row.verifier)):
            found = found or row
    if found is None:
        root.opens(salt=_NO_ROW, verifier=_NO_ROW)
    return found
