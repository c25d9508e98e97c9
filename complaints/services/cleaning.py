"""The evidence worker's part: open an original for the cleaner alone, keep the copies it makes.

protection.md C. Runs in a process of its own, the only one that holds the cleaner's key; every decoder
works in the sandbox (complaints/gateways/sandbox.py).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.outbox.topics import PermanentError
from bawaslu_cases.shared.transitions import advance
from complaints.gateways import antivirus, sandbox
from complaints.models import CleanerJob, Evidence, EvidenceAlarm
from complaints.services.deadlines import local_day
from complaints.services.evidence import EVIDENCE_MACHINE, keep_derivative, shown_at
from complaints.services.evidence_alarms import raise_alarm
from complaints.services.match_keys import refresh_keys
from complaints.states import EvidenceAction, EvidenceStatus
from complaints.vault.crypto.errors import OpenError, VaultError
from complaints.vault.crypto.files import open_key_as_cleaner, open_manifest
from complaints.vault.crypto.streams import open_stream


def clean_evidence(*, subject_id: str, at: datetime | None = None) -> None:
    """Make the copy that officers see. Runs in the evidence worker; twice is harmless.

    A file that the cleaner will not take is refused with its code, one that it fails on is parked for
    the desk; either way the original stays as it is. Raises when the sandbox, scanner or storage is
    not there, and the outbox tries again.
    """
    at = at or timezone.now()
    evidence = (
        Evidence.objects.select_related("complaint__office", "cleaner_job")
        .filter(public_id=UUID(subject_id), status=EvidenceStatus.QUEUED)
        .first()
    )
    if evidence is None:
        return
    try:
        key = _cleaner_key(evidence)
    except VaultError as error:
        # The cleaner has another key by now, or was given none: the desk must look.
        _close(evidence, EvidenceAction.PARK, at=at, refusal=error.code)
        return
    try:
        scan = antivirus.scan(_content(evidence, key))
        if scan is antivirus.Scan.HIT:
            _block(evidence, at=at)
            return
        if scan is antivirus.Scan.STALE:
            # Old signatures fail closed for the copy, never for intake (protection.md C).
            raise antivirus.ScannerDownError
        manifest = open_manifest(
            bytes(evidence.manifest or b""), key=key, object_id=evidence.object_id.hex
        )
        with sandbox.clean(_content(evidence, key), size=manifest["size"]) as cleaned:
            _keep_copies(evidence, cleaned, scan=Evidence.Scan(scan.value), at=at)
    except sandbox.RefusedFileError as refusal:
        _close(evidence, EvidenceAction.REFUSE, at=at, refusal=refusal.code)
    except sandbox.CleanerFailedError as failure:
        if failure.code == "unavailable":
            raise
        _close(evidence, EvidenceAction.PARK, at=at, refusal=failure.code)
    except VaultError:
        _park_broken(evidence, EvidenceAlarm.Why.DAMAGED, at=at)
    except object_storage.ObjectMissingError:
        _park_broken(evidence, EvidenceAlarm.Why.MISSING, at=at)


@transaction.atomic
def _block(evidence: Evidence, *, at: datetime) -> None:
    """Hold back what the scanner found something in, and tell the office (check E16)."""
    _close(evidence, EvidenceAction.BLOCK, at=at, scan=Evidence.Scan.HIT)
    why, part = EvidenceAlarm.Why.VIRUS, EvidenceAlarm.Part.ORIGINAL
    raise_alarm(evidence=evidence, why=why, part=part, at=at)


@transaction.atomic
def _park_broken(evidence: Evidence, why: EvidenceAlarm.Why, *, at: datetime) -> None:
    """Leave an original that was altered or is gone to the desk, and tell the office (check E18)."""
    _close(evidence, EvidenceAction.PARK, at=at, refusal=why.value)
    raise_alarm(evidence=evidence, why=why, part=EvidenceAlarm.Part.ORIGINAL, at=at)


def _keep_copies(
    evidence: Evidence, cleaned: sandbox.CleanedFile, *, scan: Evidence.Scan, at: datetime
) -> None:
    facts, day = cleaned.facts, local_day(at, evidence.complaint.office)
    with transaction.atomic():
        before = bytes(evidence.manifest_sha256)
        for part in facts.parts:
            with cleaned.open(part) as content:
                kept = keep_derivative(
                    evidence=evidence,
                    content=content,
                    chained_to=before,
                    facts={
                        "part": part.part,
                        "page": part.page,
                        "made_on": day,
                        "content_type": part.content_type,
                        "extension": part.extension,
                        "width": part.width or None,
                        "height": part.height or None,
                        "pages": facts.pages or None,
                        "seconds": facts.seconds or None,
                        "log": list(facts.removed),
                        "tools": facts.tools,
                    },
                )
            before = bytes(kept.chain_sha256)
        also = {"kind": facts.kind, "scan": scan, "image_hashes": list(facts.image_hashes)}
        _close(evidence, EvidenceAction.CLEAN, at=at, **also)
        if facts.image_hashes:
            refresh_keys(complaint=evidence.complaint)


def _close(evidence: Evidence, action: EvidenceAction, *, at: datetime, **also: Any) -> None:
    """Take the step that ends the cleaner's work and take its key away."""
    with transaction.atomic():
        advance(
            row=evidence,
            machine=EVIDENCE_MACHINE,
            action=action,
            actor=None,
            at=shown_at(at, evidence.complaint, evidence.added_by),
            also=also,
        )
        CleanerJob.objects.filter(evidence=evidence).delete()


def _cleaner_key(evidence: Evidence) -> bytes:
    if not settings.CLEANER_PRIVATE_KEY:
        raise PermanentError("this process is not the evidence worker")
    job = getattr(evidence, "cleaner_job", None)
    if job is None:
        raise OpenError("the cleaner was given no key for this file")
    return open_key_as_cleaner(
        bytes(job.wrap),
        object_id=evidence.object_id.hex,
        private_key=bytes.fromhex(settings.CLEANER_PRIVATE_KEY),
    )


def _content(evidence: Evidence, key: bytes) -> Iterator[bytes]:
    blocks = object_storage.read(evidence.object_name)
    return open_stream(blocks, key=key, object_id=evidence.object_id.hex)
