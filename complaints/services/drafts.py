"""Sending a draft: the one place where a reporter's session becomes a record."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints.errors import DraftGoneError
from complaints.services.intake import Facts, submit_tip
from complaints.services.receipts import prepare_receipt
from complaints.services.reporter_session import hold_session, keep_session

CODE_SHOWN_FOR = timedelta(minutes=15)
"""How long the receipt page can be reloaded before the code is gone for good."""


def submit_draft(*, token: str, facts_of: Callable[[Any], Facts], at: datetime) -> None:
    """Turn the session's draft into a tip and leave its code in the session, the answers erased.

    The session's row is locked: the second of two submissions waits, finds the code and does
    nothing. ``facts_of`` reads the draft; what it raises passes through and nothing is stored.
    Raises DraftGoneError when the session ended, DomainError as ``submit_tip`` does. Slow (one
    Argon2id, before the transaction).
    """
    prepared = prepare_receipt()
    with transaction.atomic():
        held = hold_session(token=token, at=at)
        if held is not None and "code" in held:
            return
        if held is None or "draft" not in held:
            raise DraftGoneError(_("Isian Anda sudah tidak tersimpan. Silakan mulai lagi."))
        submitted = submit_tip(facts=facts_of(held["draft"]), at=at, prepared=prepared)
        due_at = submitted.complaint.due_at
        zone = ZoneInfo(submitted.complaint.office.time_zone)
        receipt = {
            "code": list(submitted.code),
            "code_until": (at + CODE_SHOWN_FOR).isoformat(),
            "due_on": due_at.astimezone(zone).date().isoformat() if due_at else "",
        }
        keep_session(token=token, held=receipt, at=at, idle=CODE_SHOWN_FOR)
