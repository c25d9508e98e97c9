"""Taking a sealed original to the desk's own computer, for a purpose that is written down.

The server hands out ciphertext and the key as it is sealed to the desk; ``vaultctl file-open`` opens it
where no server process can. Every taking is a row and an entry in the audit log before it (protection.md C).
"""

from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit.services import record
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.errors import ConflictError, ReasonNeededError
from complaints.models import Evidence, OriginalOpening
from complaints.services.verification_turns import check_in_hand

OPEN_FOR = timedelta(hours=1)
"""How long a written purpose lets its writer fetch the file."""
MAX_REASON = 1000


def take_original(
    *,
    evidence: Evidence,
    verifier: User,
    purpose: OriginalOpening.Purpose,
    reason: str,
    at: datetime,
) -> OriginalOpening:
    """Write down why a verifier takes an original; the file can be fetched for an hour then.

    Raises NotPermittedError for whoever is not of the desk it is sealed to or does not have the record in
    hand, ReasonNeededError, ConflictError when it was erased, AuditUnavailableError; nothing is written then.
    """
    check_in_hand(verifier, evidence.complaint, group=evidence.group)
    if not reason.strip():
        raise ReasonNeededError(_("Tulis alasannya."), field="reason")
    if evidence.wrap is None:
        raise ConflictError(_("Berkas ini sudah dihapus."))
    with transaction.atomic():
        opening = OriginalOpening.objects.create(
            evidence=evidence,
            verifier=verifier,
            purpose=purpose,
            reason=envelope.seal(
                reason.strip()[:MAX_REASON].encode(), context=_context(evidence, verifier)
            ),
            at=at,
        )
        record(
            actor=verifier.public_id,
            action="evidence.original",
            subject=f"complaint:{evidence.complaint.public_id.hex}",
            purpose=purpose,
            detail={"part": f"evidence:{evidence.public_id.hex}"},
        )
    return opening


def open_taking(*, evidence: Evidence, verifier: User, at: datetime) -> OriginalOpening | None:
    """Return the taking that still lets this verifier fetch the file. One query."""
    rows = OriginalOpening.objects.filter(evidence=evidence, verifier=verifier)
    return rows.filter(at__gt=at - OPEN_FOR).order_by("-pk").first()


def key_file(evidence: Evidence) -> dict[str, Any]:
    """Return what ``vaultctl file-open`` needs beside the object (docs/vault-format.md)."""
    return {
        "object": evidence.object_id.hex,
        "group": evidence.group,
        "epoch": evidence.epoch,
        "wrap": b64encode(bytes(evidence.wrap or b"")).decode(),
        "manifest": b64encode(bytes(evidence.manifest or b"")).decode(),
        "manifest_sha256": bytes(evidence.manifest_sha256).hex(),
    }


def _context(evidence: Evidence, verifier: User) -> envelope.Context:
    return ("original-opening", evidence.public_id.hex, verifier.public_id.hex)
