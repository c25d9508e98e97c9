"""What goes to officers' clients and comes back, in the spelling of ``vaultctl``."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.keyring.models import ReportWraps
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.errors import DomainError
from complaints.models import Complaint, Message, SealedIdentity, Statement, UnsealRequest
from complaints.services.statements import STATEMENT
from complaints.vault.crypto import requests as signed
from complaints.vault.crypto.aead import OVERHEAD_BYTES
from complaints.vault.crypto.padding import BLOCK_BYTES
from complaints.vault.crypto.sealing import KCV_BYTES, WRAP_BYTES, SealedIdentityBlob


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


def held_sealing(complaint: Complaint, *, for_custodian: bool = False) -> dict[str, Any]:
    """Return a sealed identity and the epochs its wraps lie under, as ``vaultctl`` reads it.

    A custodian needs share B alone: the rest is zeros of the right length. Two queries. Raises
    DomainError when the identity or its wraps are gone.
    """
    identity = SealedIdentity.objects.filter(complaint=complaint).first()
    wraps = ReportWraps.objects.filter(report=complaint.public_id).first()
    if identity is None or wraps is None:
        raise DomainError(_("Identitas ini sudah dihapus atau belum siap."), code="no_identity")

    def part(value: bytes | memoryview, length: int) -> bytes:
        return bytes(length) if for_custodian else bytes(value)

    blob = SealedIdentityBlob(
        report=complaint.public_id.hex,
        lane=identity.lane,
        group_a=identity.group_a,
        epoch_a=identity.epoch_a,
        group_b=identity.group_b,
        epoch_b=identity.epoch_b,
        recovery=identity.recovery,
        ciphertext=part(identity.ciphertext, OVERHEAD_BYTES + BLOCK_BYTES),
        wrap_a=part(wraps.wrap_a, WRAP_BYTES),
        wrap_b=bytes(wraps.wrap_b),
        wrap_r=part(wraps.wrap_r, WRAP_BYTES),
        kcv=part(identity.kcv, KCV_BYTES),
        alg=identity.algorithm,
    )
    return {"seal": blob.to_json(), "held_a": wraps.epoch_a, "held_b": wraps.epoch_b}


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
            # Words stay under the key of their sealing: erasing that epoch erases them.
            "held": row.epoch,
            "sealed": bytes(row.sealed).hex(),
        }
        for kind, row in rows
    ]
