"""Evidence of a record: the sealed original and its manifest, the cleaner's copy, what becomes of both.

protection.md C. The original is sealed to the desk and never altered; officers see copies that the
cleaner made in a sandbox from decoded pixels and samples. Every step is an event row; manifests are
entered in the audit log a day later, so that no entry tells when a reporter was here.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.shared import envelope, object_storage
from bawaslu_cases.shared.object_storage import ObjectMissingError
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.transitions import Machine, open_history
from complaints.errors import DamagedFileError, KeysMissingError
from complaints.models import (
    CleanerJob,
    Complaint,
    Derivative,
    DerivativeFile,
    Evidence,
    EvidenceAlarm,
    EvidenceEvent,
)
from complaints.services.deadlines import local_day
from complaints.services.evidence_alarms import raise_alarm
from complaints.services.file_keys import server_key_context
from complaints.services.vault import sealing_keys
from complaints.states import EVIDENCE_LIFECYCLE, EvidenceStatus
from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.errors import OpenError, VaultError
from complaints.vault.crypto.files import (
    new_file_key,
    seal_key_for_cleaner,
    seal_key_for_desk,
    seal_manifest,
)
from complaints.vault.crypto.streams import open_stream, seal_stream

TOPIC = "complaints.clean_evidence"
EVIDENCE_MACHINE = Machine(EVIDENCE_LIFECYCLE, EvidenceStatus, EvidenceEvent, "evidence")
_READ_BYTES = 256 * 1024


@dataclass(frozen=True, repr=False)
class WholeFile:
    """A sealed original that lies in the storage whole. ``size`` is the true one. The repr is empty."""

    object_id: UUID
    object_name: str
    key: bytes
    name: str
    sha256: bytes
    size: int
    sealed_bytes: int

    def __repr__(self) -> str:
        return "WholeFile(…)"


def add_evidence(
    *, complaint: Complaint, file: WholeFile, at: datetime, added_by: User | None = None
) -> Evidence:
    """Bind a file to a record and promise its copy. ``added_by`` is None for the reporter's.

    The key is sealed to the desk and to the cleaner, the manifest under the key; nothing of the file is
    readable by the server from here on but what the cleaner makes of it. While no desk's key is at hand
    the file's key goes under the server's keyring: nobody is refused. Call inside a transaction.
    """
    # Numbers are drawn under the record's row, so that two files at once do not get the same.
    Complaint.objects.select_for_update(no_key=True).only("pk").get(pk=complaint.pk)
    last = complaint.evidence.aggregate(last=Max("number"))["last"] or 0
    day = local_day(at, complaint.office)
    object_id = file.object_id.hex
    manifest = {
        "object": object_id,
        "sha256": file.sha256.hex(),
        "size": file.size,
        "name": file.name,
        "received_on": day.isoformat(),
        "salt": os.urandom(16).hex(),
    }
    evidence = Evidence.objects.create(
        complaint=complaint,
        number=last + 1,
        added_by=added_by,
        received_on=day,
        status=EvidenceStatus.QUEUED,
        status_at=shown_at(at, complaint, added_by),
        object_id=file.object_id,
        object_name=file.object_name,
        sealed_bytes=file.sealed_bytes,
        manifest=seal_manifest(manifest, key=file.key, object_id=object_id),
        manifest_sha256=hashlib.sha256(canonical_json(manifest)).digest(),
        **_wrapped(file.key, complaint, object_id, day),
    )
    open_history(
        row=evidence,
        machine=EVIDENCE_MACHINE,
        actor=added_by,
        at=evidence.status_at,
        actor_kind="" if added_by else "reporter",
    )
    hand_to_cleaner(evidence=evidence, key=file.key)
    return evidence


def hand_to_cleaner(*, evidence: Evidence, key: bytes) -> None:
    """Give the cleaner the file's key for this one file and promise its work."""
    if settings.CLEANER_PUBLIC_KEY:
        wrap = seal_key_for_cleaner(
            key,
            object_id=evidence.object_id.hex,
            public_key=bytes.fromhex(settings.CLEANER_PUBLIC_KEY),
        )
        CleanerJob.objects.update_or_create(evidence=evidence, defaults={"wrap": wrap})
    publish(topic=TOPIC, subject_id=evidence.public_id.hex)


def derivative_content(derivative: Derivative) -> Iterator[bytes]:
    """Yield a copy's bytes. Raises DamagedFileError, in the middle too, for one that is not whole.

    Then the alarm is raised already, and what was yielded must be thrown away. Raises
    StorageUnavailableError.
    """
    file, digest = derivative.file, hashlib.sha256()
    try:
        key = envelope.unseal(bytes(file.key), context=_derivative_context(derivative.public_id))
        blocks = object_storage.read(file.object_name)
        for piece in open_stream(blocks, key=key, object_id=derivative.public_id.hex):
            digest.update(piece)
            yield piece
        if digest.digest() != bytes(derivative.sha256):
            raise OpenError("another content than the one that was kept")
    except ObjectMissingError as error:
        _damaged(derivative, EvidenceAlarm.Why.MISSING)
        raise DamagedFileError from error
    except (VaultError, envelope.UnsealError) as error:
        _damaged(derivative, EvidenceAlarm.Why.DAMAGED)
        raise DamagedFileError from error


def whole_copy(derivative: Derivative) -> Iterator[bytes]:
    """Return a copy's bytes after all of it was opened once: an answer is whole or is none.

    Reads the object twice, so that no more than a frame is held. Raises DamagedFileError and
    StorageUnavailableError, before anything is given out.
    """
    for _piece in derivative_content(derivative):
        pass
    return derivative_content(derivative)


def _damaged(derivative: Derivative, why: EvidenceAlarm.Why) -> None:
    """Raise the alarm, unless the copy was erased while it was read."""
    if DerivativeFile.objects.filter(derivative=derivative).exists():
        part = EvidenceAlarm.Part.COPY
        raise_alarm(evidence=derivative.evidence, why=why, part=part, at=timezone.now())


def keep_derivative(
    *, evidence: Evidence, content: BinaryIO, chained_to: bytes, facts: dict[str, Any]
) -> Derivative:
    """Seal one copy, write it and its row. ``facts`` are columns of Derivative; call in a transaction.

    The content's digest and size are reckoned here, from what is written.
    """
    derivative = Derivative(evidence=evidence, **facts)
    key, digest = new_file_key(), hashlib.sha256()
    size = 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        while chunk := content.read(_READ_BYTES):
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    name = object_storage.new_object_name()
    object_storage.write(name, seal_stream(chunks(), key=key, object_id=derivative.public_id.hex))
    derivative.size_bytes, derivative.sha256 = size, digest.digest()
    derivative.chain_sha256 = chained(chained_to, derivative)
    derivative.save(force_insert=True)
    DerivativeFile.objects.create(
        derivative=derivative,
        object_name=name,
        key=envelope.seal(key, context=_derivative_context(derivative.public_id)),
    )
    return derivative


def chained(before: bytes, derivative: Derivative) -> bytes:
    """Return the digest that binds a copy's facts to what it was made of (protection.md C)."""
    facts = {
        "before": before.hex(),
        "copy": derivative.public_id.hex,
        "generation": derivative.generation,
        "page": derivative.page,
        "part": str(derivative.part),
        "sha256": bytes(derivative.sha256).hex(),
        "regions": derivative.regions,
        "made_on": derivative.made_on.isoformat(),
    }
    return hashlib.sha256(canonical_json(facts)).digest()


def log_manifests(*, at: datetime) -> int:
    """Enter the digests of manifests of days that are over in the audit log; return how many.

    In no order that tells of arrival. Raises AuditUnavailableError, and what is missing is entered the
    next time.
    """
    today = timezone.localdate(at)
    rows = Evidence.objects.filter(manifest_logged_on__isnull=True, received_on__lt=today)
    keys = rows.order_by("public_id").values_list("pk", flat=True)
    return sum(_log_manifest(rows.filter(pk=pk), today) for pk in keys.iterator())


@transaction.atomic
def _log_manifest(row: QuerySet[Evidence], today: date) -> bool:
    """Enter one, unless another worker has or is about to: nobody takes a second entry out again."""
    evidence = row.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if evidence is None:
        return False
    record(
        actor=f"{SYSTEM}:evidence",
        action="evidence.manifest",
        subject=f"evidence:{evidence.public_id.hex}",
        detail={"sha256": bytes(evidence.manifest_sha256).hex()},
    )
    row.update(manifest_logged_on=today)
    return True


def _wrapped(key: bytes, complaint: Complaint, object_id: str, day: Any) -> dict[str, Any]:
    try:
        desk = sealing_keys(office=complaint.office, on=day).group_a
    except KeysMissingError:
        sealed = envelope.seal(key, context=server_key_context(object_id))
        return {"scheme": Evidence.Scheme.ENVELOPE, "wrap": sealed}
    wrap = seal_key_for_desk(key, object_id=object_id, group_a=desk)
    return {
        "scheme": Evidence.Scheme.DESK,
        "group": desk.group,
        "epoch": desk.epoch,
        "wrap": wrap,
    }


def shown_at(at: datetime, complaint: Complaint, added_by: User | None) -> datetime:
    """Return the moment to keep: of what a reporter brought only the day is known."""
    if added_by is not None:
        return at
    zone = ZoneInfo(complaint.office.time_zone)
    return datetime.combine(at.astimezone(zone).date(), time.min, tzinfo=zone)


def _derivative_context(public_id: UUID) -> envelope.Context:
    return ("derivative-key", public_id.hex)
