"""The neutral summary a verifier writes for those who may not read the reporter's own words."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Complaint, SealedIdentity
from complaints.services.verification_turns import check_in_hand

MAX_SUMMARY = 4000


def digest_of(text: str) -> str:
    """Return what a form carries of the summary that it was drawn with: 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def write_summary(
    *, complaint: Complaint, verifier: User, text: str, at: datetime, seen: str
) -> None:
    """Keep a verifier's account of a report they have in hand in place of the one that they read.

    That no word of the identity stands in it, only the verifier's client can check: it has both for as
    long as it shows them. ``seen`` is the digest of the one they read; ConflictError where another stands
    by now. Raises NotPermittedError, DomainError for an empty or too long text.
    """
    identity = SealedIdentity.objects.filter(complaint=complaint).first()
    if identity is None:
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    check_in_hand(verifier, complaint, group=identity.group_a)
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise DomainError(_("Tulis ringkasannya"), field="text")
    if len(text) > MAX_SUMMARY:
        raise DomainError(_("Ringkasan paling banyak 4.000 huruf"), field="text")
    held = Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint.pk)
    if digest_of(held.summary) != seen:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    complaint.summary = text
    complaint.save(update_fields=["summary"])
    audit.record(
        actor=verifier.public_id,
        action="vault.summary",
        subject=f"complaint:{complaint.public_id.hex}",
        detail={"length": len(text), "day": at.date().isoformat()},
    )
