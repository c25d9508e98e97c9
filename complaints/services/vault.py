"""The server's part of the identity vault: public keys to seal to, ciphertexts to keep, wraps to erase.

Nothing here can open an identity: the private halves lie in officers' clients and offline
(protection.md B). Public keys are checked against the pinned root before anything is sealed to them,
so a key swapped in the database is refused, not used.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.keyring.models import Erasure, GroupEpoch, OutsideKey, ReportWraps
from bawaslu_cases.registry.models import Office, OfficeLevel
from bawaslu_cases.registry.remembered import remembered
from bawaslu_cases.shared import envelope, object_storage
from bawaslu_cases.shared.databases import KEYRING
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.new_rows import write_new
from bawaslu_cases.shared.outbox.services import publish, retract
from complaints.errors import KeysMissingError
from complaints.models import (
    Complaint,
    IdentityCard,
    ParkedWraps,
    SealedIdentity,
    SeenRevocations,
    VisitCode,
)
from complaints.selectors.vault import desk_code
from complaints.vault.crypto.certificates import (
    GroupEpochCertificate,
    OfficerCertificate,
    PartnerCertificate,
    RecoveryCertificate,
    RevocationList,
)
from complaints.vault.crypto.errors import VaultError
from complaints.vault.crypto.keys import GroupKey, PartnerPublicKey, RecoveryPublicKey
from complaints.vault.crypto.sealing import SealedIdentityBlob

KEYRING_BACKUPS_KEPT = timedelta(days=7)
"""How long a backup of the keyring holds erased wraps (protection.md B.4, docs/operations.md)."""

ERASE_WRAPS = "complaints.erase_wraps"
ERASED_WITHIN = timedelta(minutes=1)
"""When a worker does what the process that promised it did not come to."""

_PUBLIC_KEYS_KEPT_SECONDS = 24 * 60 * 60
_WRAPS = "parked-wraps"


@dataclass(frozen=True)
class SealingKeys:
    """The public keys one identity is sealed to, checked; ``published`` is what a browser checks.

    Keys of ``published``: group_a, group_b, recovery, signers, revocations (docs/vault-format.md).
    """

    group_a: GroupKey
    group_b: GroupKey
    recovery: RecoveryPublicKey
    published: Mapping[str, Any]


@remembered
def sealing_keys(*, office: Office, on: date) -> SealingKeys:
    """Return the keys for a report handled by ``office``: its own desk's, else Bawaslu RI's.

    When the keyring does not answer, the last published ones of this office serve: they are public.
    Raises KeysMissingError when there are none that the root vouches for. What was checked is kept by
    the process for a minute: six signatures and six queries would be half of what a report costs.
    """
    kept = f"vault-keys:{desk_code(office)}"
    try:
        keys = _from_keyring(office=office, on=on)
    except DatabaseError:
        published = _kept(kept)
        if published is None:
            raise KeysMissingError(_NO_KEYS) from None
        return _verified(published, on=on)
    if keys is None:
        raise KeysMissingError(_NO_KEYS)
    checked = _verified(keys, on=on)
    with suppress(RedisError, OSError):
        cache.set(kept, json.dumps(keys), _PUBLIC_KEYS_KEPT_SECONDS)
    return checked


_NO_KEYS = _(
    "Kunci untuk merahasiakan nama sedang tidak tersedia. Kirim tanpa nama dulu; "
    "Anda bisa memberi nama nanti dengan kode laporan."
)


def _kept(key: str) -> dict[str, Any] | None:
    try:
        text = cache.get(key)
    except (RedisError, OSError):
        return None
    return json.loads(text) if text else None


def _from_keyring(*, office: Office, on: date) -> dict[str, Any] | None:
    """Read the public keys. Five queries on the keyring, one for the office tree."""
    codes = [desk_code(office)]
    if office.level != OfficeLevel.RI:
        codes.append(desk_code(Office.objects.get(level=OfficeLevel.RI)))
    epochs = keyring.current_epochs(groups=codes)
    desk = next((epochs[code] for code in codes if code in epochs), None)
    custodians = keyring.custodian_epoch()
    recovery = keyring.outside_key(kind=OutsideKey.Kind.RECOVERY, on=on)
    revocations = keyring.revocations()
    if desk is None or custodians is None or recovery is None or revocations is None:
        return None
    signers = keyring.certificates(officers={desk.signed_by, custodians.signed_by})
    return {
        "group_a": epoch_certificate(desk).to_json(),
        "group_b": epoch_certificate(custodians).to_json(),
        "recovery": RecoveryCertificate(
            name=recovery.code,
            pk=bytes(recovery.pk_bytes),
            not_after=recovery.not_after,
            signature=bytes(recovery.signature),
        ).to_json(),
        "signers": [officer_certificate(row).to_json() for row in signers.values()],
        "revocations": json.loads(bytes(revocations.body)),
    }


def epoch_certificate(row: GroupEpoch) -> GroupEpochCertificate:
    """Return what the row says, in the form that can be verified."""
    return GroupEpochCertificate(
        group=row.group_id,
        side=row.group.side,
        unit=row.group.unit,
        epoch=row.epoch,
        pk=bytes(row.pk_bytes),
        signed_by=row.signed_by.hex,
        not_after=row.not_after,
        signature=bytes(row.signature),
    )


def officer_certificate(row: Any) -> OfficerCertificate:
    """Return what the row says, in the form that can be verified."""
    return OfficerCertificate(
        officer=row.officer.hex,
        unit=row.unit,
        group=row.group_id,
        enc_pk=bytes(row.enc_pk),
        sig_pk=bytes(row.sig_pk),
        not_after=row.not_after,
        signature=bytes(row.signature),
    )


def root_public_key() -> bytes:
    """Return the pinned public half of the offline root key (32 bytes)."""
    return b64decode(settings.VAULT_ROOT_PUBLIC_KEY, validate=True)


def least_serial() -> int:
    """Return the highest serial of a revocation list seen so far: older lists hold no more. One query.

    Whoever takes the newest list out of the keyring would bring back those it revoked.
    """
    seen: int | None = SeenRevocations.objects.aggregate(seen=Max("serial"))["seen"]
    return seen or 1


def _verified(published: dict[str, Any], *, on: date) -> SealingKeys:
    root = root_public_key()
    try:
        revoked = RevocationList.from_json(published["revocations"]).verify(
            root, on, least_serial=least_serial()
        )
        signers = {
            signer.officer: signer
            for signer in map(OfficerCertificate.from_json, published["signers"])
        }
        group_a, group_b = (
            epoch.verify(root, on, signer=signers[epoch.signed_by], revoked=revoked)
            for epoch in (
                GroupEpochCertificate.from_json(published["group_a"]),
                GroupEpochCertificate.from_json(published["group_b"]),
            )
        )
        recovery = RecoveryCertificate.from_json(published["recovery"]).verify(
            root, on, revoked=revoked
        )
    except (VaultError, KeyError) as error:
        raise KeysMissingError(_NO_KEYS) from error
    return SealingKeys(group_a, group_b, recovery, published)


def verified_partner(key: OutsideKey, *, on: date) -> PartnerPublicKey:
    """Return an outside institution's key that the root vouches for, or raise KeysMissingError."""
    revocations = keyring.revocations()
    certificate = PartnerCertificate(
        name=key.code,
        pk=bytes(key.pk_bytes),
        not_after=key.not_after,
        signature=bytes(key.signature),
    )
    root = root_public_key()
    try:
        if revocations is None:
            raise KeysMissingError(_NO_KEYS)
        listed = RevocationList.from_json(json.loads(bytes(revocations.body)))
        revoked = listed.verify(root, on, least_serial=least_serial())
        return certificate.verify(root, on, revoked=revoked)
    except VaultError as error:
        raise KeysMissingError(_NO_KEYS) from error


def keep_identity(
    *,
    complaint: Complaint,
    blob: SealedIdentityBlob,
    mode: SealedIdentity.Mode,
    on: date,
    card_key: bytes | None = None,
    replaces: bool = False,
) -> SealedIdentity:
    """Keep a sealed identity beside its record and its wraps in the keyring.

    Wraps that the keyring cannot take now are parked, sealed, until a task can move them: a report
    is never refused for that. Wraps first, so that no committed identity lacks them; those of a
    report that then fails to commit are orphans, which ``wraps_sweep`` removes. With ``replaces`` the
    keyring holds wraps of the identity given before: they stay until this one is committed.
    ``card_key`` is what an identity card is sealed to; it lies under the server's keyring, so that
    nobody with the database alone puts their own in its place.
    """
    (replace_wraps if replaces else store_wraps)(report=complaint.public_id, blob=blob)
    identity = SealedIdentity(
        complaint=complaint,
        algorithm=blob.alg,
        lane=blob.lane,
        group_a=blob.group_a,
        epoch_a=blob.epoch_a,
        group_b=blob.group_b,
        epoch_b=blob.epoch_b,
        recovery=blob.recovery,
        ciphertext=blob.ciphertext,
        kcv=blob.kcv,
        mode=mode,
        sealed_on=on,
        card_key=None
        if card_key is None
        else envelope.seal(card_key, context=card_key_context(complaint.public_id)),
    )
    write_new(identity)
    return identity


def card_key_context(report: UUID) -> envelope.Context:
    """Return what the public key of a report's card is bound to under the server's keyring."""
    return ("card-key", report.hex)


def forget_card(*, complaint: Complaint) -> None:
    """Delete the card and the visit code of an identity that goes. Three queries.

    The sealed picture leaves the storage once the caller's step is committed; should that fail, the
    sweep of objects without a row removes it.
    """
    VisitCode.objects.filter(complaint=complaint).delete()
    cards = IdentityCard.objects.filter(complaint=complaint)
    names = list(cards.values_list("object_name", flat=True))
    if names:
        cards.delete()
        transaction.on_commit(partial(object_storage.delete, names), robust=True)


def store_wraps(*, report: UUID, blob: SealedIdentityBlob) -> None:
    """Put the three wraps into the keyring, or park them. One query."""
    row = _wraps(blob)
    try:
        _put(report, row)
    except DatabaseError:
        _park(report, row)


def replace_wraps(*, report: UUID, blob: SealedIdentityBlob) -> None:
    """Park the three wraps, and put them over the former ones once the caller's step is committed.

    The keyring commits for itself: written now, they would be all that is left of a name should the
    caller fail. Nobody opens an identity whose wraps are parked.
    """
    _park(report, _wraps(blob))
    transaction.on_commit(partial(_bring_if_possible, report))


def _wraps(blob: SealedIdentityBlob) -> dict[str, Any]:
    return {
        "wrap_a": blob.wrap_a,
        "group_a": blob.group_a,
        "epoch_a": blob.epoch_a,
        "wrap_b": blob.wrap_b,
        "group_b": blob.group_b,
        "epoch_b": blob.epoch_b,
        "wrap_r": blob.wrap_r,
        "recovery": blob.recovery,
    }


def _park(report: UUID, row: dict[str, Any]) -> None:
    packed = {
        name: b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in row.items()
    }
    ParkedWraps.objects.update_or_create(
        report=report,
        defaults={
            "sealed": envelope.seal(json.dumps(packed).encode(), context=(_WRAPS, report.hex))
        },
    )


def _put(report: UUID, row: dict[str, Any]) -> None:
    write_new(ReportWraps(report=report, **row), known="replaced")


def move_parked_wraps() -> int:
    """Bring parked wraps into the keyring; return how many went. Harmless when run twice."""
    return sum(_bring(report) for report in ParkedWraps.objects.values_list("pk", flat=True))


def _bring_if_possible(report: UUID) -> None:
    with suppress(DatabaseError):  # they stay parked, the task tries again
        _bring(report)


@transaction.atomic
def _bring(report: UUID) -> int:
    parked = ParkedWraps.objects.select_for_update(skip_locked=True).filter(pk=report).first()
    if parked is None:
        return 0
    packed = json.loads(envelope.unseal(bytes(parked.sealed), context=(_WRAPS, report.hex)))
    row = {
        name: b64decode(value) if name.startswith("wrap_") else value
        for name, value in packed.items()
    }
    with transaction.atomic(using=KEYRING):
        # Not written over: the worker may not read wraps, and whoever writes over must.
        ReportWraps.objects.filter(report=report).delete()
        write_new(ReportWraps(report=report, **row))
    parked.delete()
    return 1


@transaction.atomic
def erase_identity(*, complaint: Complaint, why: Erasure.Why, at: datetime) -> bool:
    """Erase the ciphertext and, once the caller's step is committed, what opens it; False without a name.

    The keyring commits for itself: erased now, nobody could open a name that is still there should the
    caller fail. So the very wraps that lie there now are promised in the caller's transaction and erased
    right after its commit, before anybody is answered; what stops that, the promise makes good a minute
    later. A promise that was kept at once is taken away: it would tell the minute of a reporter's step.
    """
    report = complaint.public_id
    if not SealedIdentity.objects.filter(complaint=complaint).exists():
        return False
    # Parked ones first: whoever brings them into the keyring holds their row until they are there.
    ParkedWraps.objects.filter(report=report).delete()
    put_id = ReportWraps.objects.filter(report=report).values_list("put_id", flat=True).first()
    forget_card(complaint=complaint)
    SealedIdentity.objects.filter(complaint=complaint).delete()
    promise = publish(
        topic=ERASE_WRAPS,
        subject_id=str(report),
        destination=f"{why.value}:{put_id or ''}:{at.date().isoformat()}",
        after=ERASED_WITHIN,
    )
    transaction.on_commit(partial(_erase_at_once, promise), robust=True)
    return True


def _erase_at_once(promise: OutboxMessage) -> None:
    with suppress(DatabaseError):  # the promise stays, a worker keeps it
        erase_wraps(subject_id=promise.subject_id, destination=promise.destination)
        retract(promise.pk)


def erase_wraps(*, subject_id: str, destination: str) -> None:
    """Erase the wraps that a promise names and enter the erasure, both or neither. Harmless when run twice.

    ``destination`` is ``why:put_id:day``, without ``put_id`` where they were parked only. What was put in
    their place since stays. The day of completeness is when the last backup of the keyring that holds
    them is gone.
    """
    why, put_id, promised = destination.split(":")
    since = date.fromisoformat(promised)
    day = max(since, timezone.now().date())
    entered = Erasure.objects.filter(report=subject_id, why=why, erased_on__gte=since)
    with transaction.atomic(using=KEYRING):
        wraps = ReportWraps.objects.filter(report=subject_id)
        erased, _by_model = (wraps.filter(put_id=put_id) if put_id else wraps.none()).delete()
        # Of two at once, one erases; the other waits for that one's commit and finds the entry.
        if erased or not entered.exists():
            Erasure.objects.create(
                report=subject_id, why=why, erased_on=day, complete_on=day + KEYRING_BACKUPS_KEPT
            )
