"""Sending a draft: the one place where a reporter's session becomes a record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.clocks import by_the_database
from complaints.errors import DraftGoneError
from complaints.services.guessing import let_send
from complaints.services.intake import Facts, SealedName, submit_complaint
from complaints.services.proof_of_work import NO_PROOF, Proof
from complaints.services.receipts import prepare_receipt
from complaints.services.reporter_session import Answers, hold_session, keep_session
from complaints.services.saved_drafts import forget_saved
from complaints.services.uploads import attach_all
from complaints.states import Lane

CODE_SHOWN_FOR = timedelta(minutes=10)
"""How long the code waits for its reader to say that it is noted down; then it is gone for good.

Shown once means: until it is acknowledged, and never after. Showing it for one load only would lose
the way back with every answer that a bad line drops, and on every cheap phone that throws the page out
of memory while its owner opens the notes to write the code down (ADR 0002).
"""


@dataclass(frozen=True)
class Submission:
    """A finished draft. ``name`` and ``public_id`` belong together and to the lanes with a name."""

    facts: Facts
    lane: Lane = Lane.TIP
    keep_from: Sequence[int] = ()
    public_id: UUID | None = None
    name: SealedName | None = None


def submit_draft(
    *, token: str, read: Callable[[Any], Submission], at: datetime, proof: Proof = NO_PROOF
) -> None:
    """Turn the session's draft into a record and leave its code in the session, the answers erased.

    The session's row is locked: the second of two submissions waits, finds the code and does
    nothing. ``read`` reads the draft; what it raises passes through and nothing is stored. A copy that
    was put aside goes with it. Raises ProofNeededError when many send at once and ``proof`` does not
    hold, DraftGoneError when the session ended, DomainError as ``submit_complaint`` does. Slow where
    no receipt is ready (one Argon2id, before the transaction).
    """
    let_send(proof=proof, at=at)
    prepared = prepare_receipt()
    with transaction.atomic():
        held = hold_session(token=token, at=at)
        if held is not None and "code" in held:
            return
        if held is None or "draft" not in held:
            raise DraftGoneError(_("Isian Anda sudah tidak tersimpan. Silakan mulai lagi."))
        said = read(held["draft"])
        submitted = submit_complaint(
            facts=said.facts,
            lane=said.lane,
            keep_from=said.keep_from,
            public_id=said.public_id,
            name=said.name,
            at=at,
            prepared=prepared,
        )
        waiting = attach_all(
            complaint=submitted.complaint, files=held["draft"].get("files", []), at=at
        )
        forget_saved(held)
        due_at = submitted.complaint.due_at
        zone = ZoneInfo(submitted.complaint.office.time_zone)
        receipt: Answers = {
            "code": list(submitted.code),
            "code_until": (by_the_database(at) + CODE_SHOWN_FOR).isoformat(),
            "due_on": due_at.astimezone(zone).date().isoformat() if due_at else "",
        }
        if waiting:
            # Files still on their way go on under this session, and to this record alone.
            receipt |= {"sent": submitted.complaint.public_id.hex, "files": waiting}
        keep_session(token=token, held=receipt, at=at, idle=CODE_SHOWN_FOR)
