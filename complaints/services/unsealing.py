"""Opening an identity: one unit asks, another lets go, one look, one signed answer (protection.md B.4).

The keys decide who can open; these verbs decide what is handed out, once, and that it is told first.
Every step is in the audit log before its answer leaves the server: when the log cannot take it, nothing
has happened.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.audit import services as audit
from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.keyring.models import OutsideKey
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.transitions import Machine, advance, open_history
from complaints.errors import KeysMissingError, VaultRefusedError
from complaints.models import (
    Attestation,
    Complaint,
    HandoverConsent,
    Receipt,
    RequirementCheck,
    SealedIdentity,
    ShareRelease,
    UnsealEvent,
    UnsealRequest,
)
from complaints.selectors.vault import has_turn
from complaints.services.checklist import follow_repair_notice
from complaints.services.exchange import desk_part, sealed_words, sealing_of, signed_request
from complaints.services.trust import refusal, trust_on
from complaints.services.vault import verified_partner
from complaints.services.verification_turns import check_in_hand
from complaints.states import (
    UNDER_REVIEW,
    UNSEAL_LIFECYCLE,
    DenialReason,
    Requirement,
    UnsealAction,
    UnsealPurpose,
    UnsealStatus,
)
from complaints.vault.crypto import requests as signed
from complaints.vault.crypto.canonical import canonical_json, parse_canonical
from complaints.vault.crypto.consent import Consent
from complaints.vault.crypto.errors import MalformedError, SplitCustodyError, VaultError
from complaints.vault.crypto.fields import bytes_of_hex, exact_keys
from complaints.vault.crypto.hpke import OVERHEAD_BYTES as HPKE_OVERHEAD
from complaints.vault.crypto.padding import BLOCK_BYTES
from complaints.vault.crypto.sealing import WRAP_BYTES

MACHINE = Machine(UNSEAL_LIFECYCLE, UnsealStatus, UnsealEvent, "request")

OPENINGS_AN_HOUR = 6
NIGHT_FROM, NIGHT_UNTIL = time(22), time(5)
ALARM = "vault.alarm"
"""The action under which the auditor finds what should be looked at (check V24)."""

OPENED = frozenset({UnsealStatus.OPENED, UnsealStatus.ATTESTED})
MAX_PARCEL = 17 * BLOCK_BYTES

CHECKING = frozenset({UnsealPurpose.FORMAL_REQUIREMENTS, UnsealPurpose.CORRECTION})
"""Purposes whose attestation says whether the report has a reporter."""

NEEDED = frozenset({"name_present", "address_present", "adult_citizen", "not_the_reported"})
"""Findings that must be yes for the reporter to count as named (PB7 ps 15); the others must not be no."""

ABOUT_TIME = frozenset({"within_time_limit"})
"""A finding about the report, not about its reporter: another requirement's matter."""


@dataclass(frozen=True)
class Opening:
    """What one opening hands to the verifier's client: everything but the two keys."""

    request: UnsealRequest
    part: dict[str, Any]
    release: dict[str, Any]


# --- asking -----------------------------------------------------------------------------------------


@transaction.atomic
def create_request(
    *, complaint: Complaint, verifier: User, own: Any, at: datetime
) -> UnsealRequest:
    """Take in a signed request (``own`` of ``vaultctl``: request and sealed key) and return its row.

    Only the verifier who has the report in hand at the desk its identity is sealed to may ask, never one
    whose unit the reporter keeps away. A hand-over to LPSK rests on the reporter's own signed consent, a
    court order on the document it names. Raises NotPermittedError, VaultRefusedError, ConflictError.
    """
    identity = _identity_for(complaint, verifier)
    try:
        own = exact_keys(own, frozenset({"request", "key_sealed"}))
        request = signed.UnsealRequest.from_json(own["request"])
        key_sealed = bytes_of_hex(own["key_sealed"], WRAP_BYTES)
        unit = _check_request(request, verifier=verifier, identity=identity, at=at)
    except VaultError as error:
        raise refusal(error) from error
    _check_need(complaint, request, at=at)
    basis = signed.basis_of(request.reason)
    row = UnsealRequest(
        id=UUID(request.id),
        complaint=complaint,
        purpose=request.purpose,
        status=UNSEAL_LIFECYCLE.initial,
        status_at=at,
        reason=sealed_words(request.reason, "reason", request.id),
        legal_basis=None if basis is None else sealed_words(basis.reference, "basis", request.id),
        verifier=verifier,
        epk=request.epk,
        sealed_esk=key_sealed,
        signature=request.signature,
        ciphertext_sha256=hashlib.sha256(bytes(identity.ciphertext)).digest(),
        created_at=at,
        expires_at=request.expires,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ConflictError(_("Sudah ada permintaan yang sama dan belum selesai.")) from error
    open_history(row=row, machine=MACHINE, actor=verifier, at=at)
    cited = {} if basis is None else {"basis": basis.document_sha256.hex()}
    _tell(verifier, "vault.request", row, unit=unit, **cited)
    return row


def _identity_for(complaint: Complaint, verifier: User) -> SealedIdentity:
    if not verifier.has_role(Role.VERIFIER) or verifier.office is None:
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    identity = SealedIdentity.objects.filter(complaint=complaint).first()
    if identity is None:
        raise DomainError(_("Laporan ini tidak memuat identitas."), code="no_identity")
    check_in_hand(verifier, complaint, group=identity.group_a)
    if verifier.office_id in complaint.excluded_offices:
        raise NotPermittedError(_("Identitas ini bukan untuk meja verifikasi Anda."))
    return identity


def _check_request(
    request: signed.UnsealRequest, *, verifier: User, identity: SealedIdentity, at: datetime
) -> str:
    """Return the verifier's unit.

    Raises VaultError unless a certified member of the identity's desk signed this, now, for it.
    """
    trust = trust_on(at.date())
    certificate = trust.certificate(verifier.public_id)
    request.verify(trust.root_pk, at, verifier=certificate, revoked=trust.revoked)
    if request.report != identity.complaint.public_id.hex:
        raise MalformedError("the request is for another report")
    if certificate.group != identity.group_a:
        raise SplitCustodyError("the verifier is of another desk")
    return certificate.unit


def _check_need(complaint: Complaint, request: signed.UnsealRequest, *, at: datetime) -> None:
    """Refuse a purpose that this report does not have now."""
    purpose = UnsealPurpose(request.purpose)
    if purpose is UnsealPurpose.FORMAL_REQUIREMENTS and complaint.status not in UNDER_REVIEW:
        raise DomainError(
            _("Syarat formal hanya diperiksa sebelum diusulkan ke pleno."), code="too_late"
        )
    if purpose is UnsealPurpose.LPSK_HANDOVER:
        _check_consent(complaint, request, at=at)


def _check_consent(complaint: Complaint, request: signed.UnsealRequest, *, at: datetime) -> None:
    """Raise VaultRefusedError unless the reporter agreed to just this hand-over (check V29)."""
    basis = signed.basis_of(request.reason)
    given = HandoverConsent.objects.filter(complaint=complaint).first()
    receipt = Receipt.objects.filter(complaint=complaint).first()
    partner = keyring.outside_key(kind=OutsideKey.Kind.LPSK, on=at.date())
    if given is None or receipt is None or partner is None or basis is None:
        raise _no_consent()
    try:
        consent = Consent.from_json(parse_canonical(bytes(given.document)))
        consent.verify(
            bytes(receipt.consent_pk),
            report=request.report,
            partner=verified_partner(partner, on=at.date()),
        )
    except (VaultError, KeysMissingError) as error:
        raise _no_consent() from error
    if basis.document_sha256 != consent.digest():
        raise _no_consent()


def _no_consent() -> VaultRefusedError:
    return VaultRefusedError(
        _("Pelapor belum memberi persetujuan bertanda tangan untuk LPSK."), code="no_consent"
    )


# --- the custodian ----------------------------------------------------------------------------------


@transaction.atomic
def release_share(
    *, request: UnsealRequest, custodian: User, released: Any, at: datetime
) -> ShareRelease:
    """Take in share B as a custodian's client sealed it for this request (``RELEASE`` of vaultctl).

    The request is verified once more as it stands in the database, so that a key swapped there is
    refused here too. Raises NotPermittedError, VaultRefusedError, ConflictError.
    """
    if not custodian.has_role(Role.CUSTODIAN):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    try:
        released = exact_keys(released, frozenset({"request", "custodian", "sealed"}))
        blob = bytes_of_hex(released["sealed"], signed.RELEASE_BYTES)
        if (released["request"], released["custodian"]) != (
            request.id.hex,
            custodian.public_id.hex,
        ):
            raise MalformedError("a release names its request and its custodian")
        unit = _check_two(request, custodian=custodian, at=at)
    except VaultError as error:
        raise refusal(error) from error
    advance(
        row=request,
        machine=MACHINE,
        action=UnsealAction.RELEASE,
        actor=custodian,
        at=at,
        also={"custodian": custodian},
    )
    share = ShareRelease.objects.create(request=request, blob=blob)
    _tell(custodian, "vault.release", request, unit=unit)
    return share


def _check_two(request: UnsealRequest, *, custodian: User, at: datetime) -> str:
    """Return the custodian's unit.

    Raises VaultError unless both people are who the sealing needs: two units, two sides; ConflictError where
    the asker does not have the report any more.
    """
    identity = SealedIdentity.objects.select_related("complaint").get(
        complaint=request.complaint_id
    )
    trust = trust_on(at.date())
    asked, asking = signed_request(request), trust.certificate(request.verifier.public_id)
    asked.verify(trust.root_pk, at, verifier=asking, revoked=trust.revoked)
    letting = trust.certificate(custodian.public_id)
    if (asking.group, letting.group) != (identity.group_a, identity.group_b):
        raise SplitCustodyError("wrong custody group")
    if asking.unit == letting.unit or asking.officer == letting.officer:
        raise SplitCustodyError("two officers of two units are needed")
    if hashlib.sha256(bytes(identity.ciphertext)).digest() != bytes(request.ciphertext_sha256):
        raise MalformedError("the identity was sealed anew since")
    if not has_turn(request.verifier, identity.complaint, group=identity.group_a):
        raise ConflictError(_("Laporan ini tidak lagi ada pada pemohonnya."))
    return letting.unit


@transaction.atomic
def deny(*, request: UnsealRequest, custodian: User, reason: DenialReason, at: datetime) -> None:
    """Refuse to let go, for a reason from the list."""
    advance(
        row=request,
        machine=MACHINE,
        action=UnsealAction.DENY,
        actor=custodian,
        at=at,
        reason=reason.value,
        also={"custodian": custodian},
    )
    _tell(custodian, "vault.deny", request, reason=reason.value)


@transaction.atomic
def withdraw(*, request: UnsealRequest, verifier: User, at: datetime) -> None:
    """Take one's own request back; a share that was released for it is deleted."""
    _own(request, verifier)
    advance(row=request, machine=MACHINE, action=UnsealAction.WITHDRAW, actor=verifier, at=at)
    ShareRelease.objects.filter(request=request).delete()
    _tell(verifier, "vault.withdraw", request)


# --- opening ----------------------------------------------------------------------------------------


def fetch_release(*, request: UnsealRequest, verifier: User, at: datetime) -> Opening:
    """Hand out ciphertext and released share, once, to whoever asked, and delete the share.

    Told before it leaves; a checkpoint follows. The request is verified once more: whoever was revoked
    or moved since it was released gets nothing, nor does a row whose time was stretched in the database.
    Raises NotPermittedError, VaultRefusedError, ConflictError (not released, served already, past its
    time), AuditUnavailableError: nothing was handed out then.
    """
    _own(request, verifier)
    if at >= request.expires_at:
        raise ConflictError(_("Waktu permintaan ini sudah lewat. Buat permintaan baru."))
    identity = _identity_for(request.complaint, verifier)
    try:
        _check_request(signed_request(request), verifier=verifier, identity=identity, at=at)
    except VaultError as error:
        raise refusal(error) from error
    with transaction.atomic():
        advance(row=request, machine=MACHINE, action=UnsealAction.OPEN, actor=verifier, at=at)
        share = ShareRelease.objects.get(request=request)
        assert request.custodian is not None  # noqa: S101 -- the table: only released requests open
        opening = Opening(
            request,
            desk_part(request.complaint),
            {
                "request": request.id.hex,
                "custodian": request.custodian.public_id.hex,
                "sealed": bytes(share.blob).hex(),
            },
        )
        share.delete()
        _tell(verifier, "vault.open", request)
        _raise_alarms(request, verifier=verifier, at=at)
    audit.checkpoint()
    return opening


def _raise_alarms(request: UnsealRequest, *, verifier: User, at: datetime) -> None:
    """Tell the auditor of a verifier who opens many, or at night (check V24). One query."""
    lately = UnsealEvent.objects.filter(
        actor=verifier, action=UnsealAction.OPEN, at__gt=at - timedelta(hours=1), at__lte=at
    ).count()
    if lately >= OPENINGS_AN_HOUR:
        _tell(verifier, ALARM, request, why="rate", openings=lately)
    zone = ZoneInfo(verifier.office.time_zone if verifier.office else "Asia/Jakarta")
    hour = at.astimezone(zone).time()
    if hour >= NIGHT_FROM or hour < NIGHT_UNTIL:
        _tell(verifier, ALARM, request, why="night")


@transaction.atomic
def attest(*, request: UnsealRequest, verifier: User, statement: Any, at: datetime) -> Attestation:
    """Keep what the verifier signed in place of the identity; tick the requirement it answers.

    Raises NotPermittedError, VaultRefusedError (signature, another ciphertext, another request),
    ConflictError when the request was not opened or is attested to already.
    """
    _own(request, verifier)
    _identity_for(request.complaint, verifier)
    try:
        said = signed.Attestation.from_json(statement)
        if said.request != request.id.hex:
            raise MalformedError("the attestation is for another request")
        if said.ciphertext_sha256 != bytes(request.ciphertext_sha256):
            raise MalformedError("the attestation is about another sealing")
        if abs((said.attested_on - at.date()).days) > 1:
            raise MalformedError("an attestation carries its own day")
        trust = trust_on(at.date())
        said.verify(
            trust.root_pk,
            at.date(),
            verifier=trust.certificate(verifier.public_id),
            blob=sealing_of(request.complaint)[0],
            revoked=trust.revoked,
        )
    except VaultError as error:
        raise refusal(error) from error
    advance(row=request, machine=MACHINE, action=UnsealAction.ATTEST, actor=verifier, at=at)
    attestation = Attestation.objects.create(
        request=request,
        complaint=request.complaint,
        statement=canonical_json(said.content()),
        signature=said.signature,
        is_complete=is_complete(said.result),
        attested_on=said.attested_on,
    )
    if request.purpose in CHECKING:
        _tick(request.complaint, attestation, verifier=verifier, at=at)
    _tell(verifier, "vault.attest", request, complete=attestation.is_complete)
    return attestation


def is_complete(result: Any) -> bool:
    """Say whether the answers name a reporter: what is needed is yes, nothing about them is no."""
    about = {name: answer for name, answer in result.items() if name not in ABOUT_TIME}
    return all(about.get(name) is True for name in NEEDED) and False not in about.values()


def _tick(complaint: Complaint, attestation: Attestation, *, verifier: User, at: datetime) -> None:
    held = Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint.pk)
    if held.status not in UNDER_REVIEW:
        return
    RequirementCheck.objects.update_or_create(
        complaint=complaint,
        requirement=Requirement.REPORTER,
        defaults={
            "is_met": attestation.is_complete,
            "note": str(_("Pernyataan verifikator")),
            "checked_by": verifier,
            "checked_at": at,
        },
    )
    follow_repair_notice(complaint=held, at=at)


@transaction.atomic
def hand_over(*, request: UnsealRequest, verifier: User, parcel: bytes, at: datetime) -> None:
    """Keep what the verifier's client sealed to LPSK's key; only after an opening for just that.

    Raises NotPermittedError, DomainError, VaultRefusedError (no consent, wrong length).
    """
    _own(request, verifier)
    _identity_for(request.complaint, verifier)
    if request.purpose != UnsealPurpose.LPSK_HANDOVER or request.status not in OPENED:
        raise DomainError(_("Identitas ini tidak dibuka untuk diserahkan."), code="not_opened")
    _check_consent(request.complaint, signed_request(request), at=at)
    if len(parcel) % BLOCK_BYTES != HPKE_OVERHEAD or len(parcel) > MAX_PARCEL:
        raise refusal(MalformedError("a parcel is padded and sealed"))
    HandoverConsent.objects.filter(complaint=request.complaint).update(parcel=parcel)
    _tell(verifier, "vault.hand_over", request)


def expire_requests(*, at: datetime) -> int:
    """End requests past their time and delete what was released for them; return how many.

    Harmless when run twice. Opening looks at the clock itself, so a late run lets nothing through.
    """
    rows = UnsealRequest.objects.filter(
        status__in=[UnsealStatus.PENDING, UnsealStatus.RELEASED], expires_at__lte=at
    )
    ended = 0
    for pk in list(rows.values_list("pk", flat=True)):
        with transaction.atomic():
            row = rows.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if row is None:
                continue
            advance(row=row, machine=MACHINE, action=UnsealAction.EXPIRE, actor=None, at=at)
            ShareRelease.objects.filter(request=row).delete()
            ended += 1
    return ended


def _own(request: UnsealRequest, verifier: User) -> None:
    if request.verifier_id != verifier.pk:
        raise NotPermittedError(_("Permintaan ini bukan milik Anda."))


def _tell(actor: User, action: str, request: UnsealRequest, **detail: Any) -> None:
    """Append to the audit log; raises AuditUnavailableError, which undoes the step around it."""
    audit.record(
        actor=actor.public_id,
        action=action,
        subject=f"complaint:{request.complaint.public_id.hex}",
        purpose=request.purpose,
        detail={"request": request.id.hex, **detail},
    )
