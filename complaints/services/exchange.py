"""What goes to officers' clients and comes back, in the spelling of ``vaultctl``."""

from base64 import b64decode, b64encode
from typing import Any
from uuid import UUID

from django.db.models import Exists
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.keyring.models import ReportWraps
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.errors import DomainError
from complaints.models import (
    Complaint,
    Message,
    ParkedWraps,
    SealedIdentity,
    Statement,
    UnsealRequest,
)
from complaints.services.statements import STATEMENT
from complaints.vault.crypto import requests as signed
from complaints.vault.crypto.errors import MalformedError
from complaints.vault.crypto.fields import checked_id
from complaints.vault.crypto.sealing import SealedIdentityBlob

BINDING = ("report", "lane", "group_a", "epoch_a", "group_b", "epoch_b")
"""What every part of a sealed identity is bound to."""


def sealed_words(text: str, what: str, request: str) -> bytes:
    """Seal words of a request under the server's keyring: no column of it holds free text (V01)."""
    return envelope.seal(text.encode(), context=("unseal", what, request))


def opened_words(sealed: bytes, what: str, request: str) -> str:
    """Open :func:`sealed_words`; raise UnsealError for a row's words in another row."""
    return envelope.unseal(sealed, context=("unseal", what, request)).decode()


def signed_request(row: UnsealRequest) -> signed.UnsealRequest:
    """Return the request as its maker signed it, from the row; what was changed there does not verify."""
    return signed.UnsealRequest(
        id=row.id.hex,
        report=row.complaint.public_id.hex,
        purpose=row.purpose,
        reason=opened_words(bytes(row.reason), "reason", row.id.hex),
        verifier=row.verifier.public_id.hex,
        epk=bytes(row.epk),
        expires=row.expires_at,
        signature=bytes(row.signature),
    )


def own_request(row: UnsealRequest) -> dict[str, Any]:
    """Return a request with its maker's sealed key, as ``vaultctl`` reads it."""
    return {
        "request": signed_request(row).to_json(),
        "key_sealed": bytes(row.sealed_esk).hex(),
    }


def sealing_of(complaint: Complaint) -> tuple[SealedIdentityBlob, ReportWraps]:
    """Return a report's sealed identity put together, and the row of its wraps. Two queries.

    Raises DomainError when the identity or its wraps are gone, or the wraps are parked: what the
    keyring holds until then may be of the identity before.
    """
    parked = ParkedWraps.objects.filter(report=complaint.public_id)
    identity = SealedIdentity.objects.filter(~Exists(parked), complaint=complaint).first()
    wraps = ReportWraps.objects.filter(report=complaint.public_id).first()
    if identity is None or wraps is None:
        raise DomainError(_("Identitas ini sudah dihapus atau belum siap."), code="no_identity")
    blob = SealedIdentityBlob(
        report=complaint.public_id.hex,
        lane=identity.lane,
        group_a=identity.group_a,
        epoch_a=identity.epoch_a,
        group_b=identity.group_b,
        epoch_b=identity.epoch_b,
        recovery=identity.recovery,
        ciphertext=bytes(identity.ciphertext),
        wrap_a=bytes(wraps.wrap_a),
        wrap_b=bytes(wraps.wrap_b),
        wrap_r=bytes(wraps.wrap_r),
        kcv=bytes(identity.kcv),
        alg=identity.algorithm,
    )
    return blob, wraps


def desk_part(complaint: Complaint) -> dict[str, Any]:
    """Return what a verifier is handed: the ciphertext and share A. Two queries."""
    blob, wraps = sealing_of(complaint)
    return _part(blob, "ciphertext", "kcv", "wrap_a") | {"held_a": wraps.epoch_a}


def custodian_part(complaint: Complaint) -> dict[str, Any]:
    """Return what a custodian is handed: share B, never the ciphertext. Two queries."""
    blob, wraps = sealing_of(complaint)
    return _part(blob, "wrap_b") | {"held_b": wraps.epoch_b}


def recovery_part(complaint: Complaint) -> dict[str, Any]:
    """Return what a break-glass ceremony is handed. Two queries."""
    blob, _wraps = sealing_of(complaint)
    return _part(blob, "ciphertext", "kcv", "wrap_r") | {"recovery": blob.recovery}


def _part(blob: SealedIdentityBlob, *own: str) -> dict[str, Any]:
    whole = blob.to_json()
    return {name: whole[name] for name in (*BINDING, *own)}


def desk_words(complaint: Complaint) -> list[dict[str, Any]]:
    """Return what the reporter wrote for the desk alone, oldest first. Two queries."""
    statement = Statement.objects.filter(complaint=complaint, scheme=Statement.Scheme.DESK)
    messages = complaint.messages.filter(
        direction=Message.Direction.FROM_REPORTER, scheme=Message.Scheme.DESK
    )
    rows: list[tuple[str, Statement | Message]] = [(STATEMENT, row) for row in statement]
    rows += [(f"message:{row.public_id.hex}", row) for row in messages]
    return [
        {
            "report": complaint.public_id.hex,
            "kind": kind,
            "group": row.group,
            "epoch": row.epoch,
            "blob": b64encode(bytes(row.sealed)).decode(),
        }
        for kind, row in rows
    ]


def words_row(*, report: UUID, kind: str, group: str) -> Statement | Message | None:
    """Return the row behind one of :func:`desk_words`. One query."""
    name, _colon, message = kind.partition(":")
    if name == STATEMENT and not message:
        return Statement.objects.filter(
            complaint__public_id=report, scheme=Statement.Scheme.DESK, group=group
        ).first()
    return Message.objects.filter(
        complaint__public_id=report,
        public_id=checked_id(message),
        scheme=Message.Scheme.DESK,
        group=group,
    ).first()


def bytes_of_base64(text: Any) -> bytes:
    """Read standard base64; raise MalformedError."""
    try:
        return b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise MalformedError("expected base64") from error
