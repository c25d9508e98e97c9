"""Drafts that reporters put aside ("Simpan dulu") and take up again with twenty digits.

One copy a draft, sealed under a key that only the digits give; what lies in the database opens to
nobody. Saving again replaces it under the same digits, sending or discarding the draft erases it, and
so does the third day after it was last kept.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared import envelope
from complaints import receipts
from complaints.errors import DraftGoneError, WrongCodeError
from complaints.models import SavedDraft
from complaints.services.guessing import give_back_try, let_save, let_try
from complaints.services.proof_of_work import NO_PROOF, Proof
from complaints.services.receipts import derived, fresh_code, opened_by
from complaints.services.reporter_session import (
    Answers,
    end_session,
    hold_session,
    keep_session,
    read_session,
    start_session,
)
from complaints.services.uploads import forget_files

KEPT_FOR = timedelta(days=3)
"""At least 72 hours: only the day is stored, and the row goes when that day is over."""
_DAYS_OF = ZoneInfo("Asia/Jakarta")
_SAVED = "saved"


@dataclass(frozen=True, repr=False)
class SavedCode:
    """The digits to write down and the last day they open the draft. The repr hides the digits."""

    code: tuple[str, str, str, str, str]
    until: date

    def __repr__(self) -> str:
        return f"SavedCode(…, until={self.until})"


def save_draft(*, token: str, at: datetime, proof: Proof = NO_PROOF) -> SavedCode:
    """Put the session's draft aside and return the digits that open it; the session goes on.

    Saving again replaces the copy and returns the same digits. Raises DraftGoneError when the session
    ended or holds no draft, ProofNeededError when many put something aside at once and ``proof`` does
    not hold. Slow the first time (one Argon2id, before the transaction), unless a code
    was made ahead. Five queries.
    """
    fresh = None
    before = read_session(token=token, at=at) or {}
    if "draft" in before and _SAVED not in before:
        let_save(proof=proof, at=at)
        fresh = fresh_code()
    with transaction.atomic():
        held = hold_session(token=token, at=at)
        if held is None or "draft" not in held:
            raise DraftGoneError(_("Isian Anda sudah tidak tersimpan. Silakan mulai lagi."))
        until = at.astimezone(_DAYS_OF).date() + KEPT_FOR
        saved = held.get(_SAVED)
        if saved is None or not _replaced(saved, held, until):
            # Made under the lock only when the copy was purged under a living session.
            code, root = fresh or fresh_code()
            saved = _kept(code, root, held, until)
            keep_session(token=token, held=held | {_SAVED: saved}, at=at)
    first, second, third, fourth, fifth = saved["code"]
    return SavedCode((first, second, third, fourth, fifth), until)


def resume_draft(*, typed: str, at: datetime, proof: Proof = NO_PROOF) -> str:
    """Open the draft behind a code in a new session and return its token. Two queries.

    The copy stays, so that a lost line loses nothing. Raises CodeTypoError, ProofNeededError and
    WrongCodeError as ``open_mailbox`` does, at the same cost.
    """
    code = receipts.parse_code(typed)
    let_try(handle=code.handle, proof=proof, at=at)
    today = at.astimezone(_DAYS_OF).date()
    rows = list(SavedDraft.objects.filter(handle=code.handle, expires_on__gte=today))
    root = derived(code)
    row = opened_by(root, rows)
    if row is None:
        raise WrongCodeError(_("Kode ini tidak membuka apa pun. Periksa lagi angkanya."))
    salt = bytes(row.salt)
    key = root.draft_key(salt)
    draft = json.loads(envelope.unseal_with(key, bytes(row.sealed), context=_context(salt)))
    give_back_try(handle=code.handle)
    saved = {"row": row.pk, "salt": salt.hex(), "key": key.hex()}
    saved["code"] = list(receipts.format_code(code))
    return start_session(held={"draft": draft, _SAVED: saved}, at=at)


def discard_draft(*, token: str, at: datetime) -> None:
    """Forget the draft, its copy and the session; harmless when they are gone. Three queries.

    The quick exit is not this: it ends the session and leaves the copy to whoever has the digits.
    """
    held = read_session(token=token, at=at) or {}
    forget_saved(held)
    forget_files({name: value for name, value in held.items() if name != _SAVED})
    end_session(token=token)


def forget_saved(held: Answers) -> None:
    """Erase the copy that a session's draft has; harmless without one. One query with one."""
    if _SAVED in held:
        SavedDraft.objects.filter(pk=held[_SAVED]["row"]).delete()


def purge_saved_drafts(*, at: datetime) -> int:
    """Delete what is past its last day and return how many went."""
    today = at.astimezone(_DAYS_OF).date()
    return SavedDraft.objects.filter(expires_on__lt=today).delete()[0]


def _context(salt: bytes) -> envelope.Context:
    return ("saved-draft", salt.hex())


def _sealed(key: bytes, salt: bytes, held: Answers) -> bytes:
    return envelope.seal_with(key, json.dumps(held["draft"]).encode(), context=_context(salt))


def _replaced(saved: Answers, held: Answers, until: date) -> bool:
    """Seal the draft anew over its copy; False when the copy was purged meanwhile."""
    key, salt = bytes.fromhex(saved["key"]), bytes.fromhex(saved["salt"])
    return bool(
        SavedDraft.objects.filter(pk=saved["row"]).update(
            sealed=_sealed(key, salt, held), expires_on=until
        )
    )


def _kept(code: receipts.ReceiptCode, root: receipts.Root, held: Answers, until: date) -> Answers:
    salt = receipts.new_salt()
    key = root.draft_key(salt)
    row = SavedDraft.objects.create(
        handle=code.handle,
        salt=salt,
        verifier=root.verifier(salt),
        sealed=_sealed(key, salt, held),
        expires_on=until,
    )
    return {
        "row": row.pk,
        "salt": salt.hex(),
        "key": key.hex(),
        "code": list(receipts.format_code(code)),
    }
