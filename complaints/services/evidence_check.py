"""Whether stored files are still what was stored: every copy opened, every original compared (check E18).

The server cannot open an original. It compares the object with the digest of it that the first check
noted, made of ciphertext that tells nothing of the file; that the content is what was received is told by
``vaultctl file-open`` against the manifest.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from django.db.models import F, Q
from django.utils import timezone

from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.object_storage import ObjectMissingError
from complaints.errors import DamagedFileError
from complaints.models import Derivative, DerivativeFile, Evidence, EvidenceAlarm
from complaints.services.evidence import derivative_content
from complaints.services.evidence_alarms import end_alarms, raise_alarm
from complaints.states import EvidenceStatus
from complaints.vault.crypto.streams import MAGIC

CHECKED_BYTES = 1024**3
"""Of one sweep: a few seconds of work. An object is looked at once a day, the longest unseen first."""
CHECKED_ROWS = 5000
"""Of one sweep, of originals and of copies each."""

Why = EvidenceAlarm.Why
Part = EvidenceAlarm.Part


@dataclass(frozen=True)
class Check:
    """How many objects were looked at, and how many of them were altered or gone."""

    checked: int
    bad: int


def check_stored_files(*, at: datetime, most_bytes: int = CHECKED_BYTES) -> Check:
    """Look at what was not looked at today, until so many bytes were read; alarms for what is not whole.

    Running twice is harmless. Raises StorageUnavailableError; nothing is judged then.
    """
    today = timezone.localdate(at)
    checked = bad = read = 0
    rows: Iterator[Evidence | DerivativeFile] = chain(_originals(today), _copies(today))
    for row in rows:
        if read >= most_bytes:
            break
        if isinstance(row, Evidence):
            is_whole, size = check_original(evidence=row, at=at), row.sealed_bytes
        else:
            is_whole, size = check_copy(copy=row.derivative, at=at), row.derivative.size_bytes
        read += size
        checked += 1
        bad += not is_whole
        type(row)._default_manager.filter(pk=row.pk).update(checked_on=today)
    return Check(checked, bad)


def check_anew(names: list[str]) -> None:
    """Let the next check look at these objects first. Two queries, none without names."""
    if names:
        for model in (Evidence, DerivativeFile):
            model.objects.filter(object_name__in=names).update(checked_on=None)


def check_original(*, evidence: Evidence, at: datetime) -> bool:
    """Say whether a sealed original is what it was at its first check; an alarm when it is not.

    Reads the whole object. Raises StorageUnavailableError.
    """
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        for block in object_storage.read(evidence.object_name):
            head = head or block[: len(MAGIC)]
            digest.update(block)
            size += len(block)
    except ObjectMissingError:
        return _not_whole(evidence, Why.MISSING, at)
    known = evidence.sealed_sha256
    if (head, size) != (MAGIC, evidence.sealed_bytes) or (
        known is not None and bytes(known) != digest.digest()
    ):
        return _not_whole(evidence, Why.DAMAGED, at)
    if known is None:
        rows = Evidence.objects.filter(pk=evidence.pk, object_name=evidence.object_name)
        rows.filter(sealed_sha256__isnull=True).update(sealed_sha256=digest.digest())
    end_alarms(evidence=evidence, part=Part.ORIGINAL, at=at)
    return True


def check_copy(*, copy: Derivative, at: datetime) -> bool:
    """Say whether a copy opens whole; an alarm when it does not. Raises StorageUnavailableError."""
    try:
        for _piece in derivative_content(copy):
            pass
    except DamagedFileError:
        return False
    end_alarms(evidence=copy.evidence, part=Part.COPY, at=at)
    return True


def _not_whole(evidence: Evidence, why: EvidenceAlarm.Why, at: datetime) -> bool:
    """Raise the alarm, unless the file was erased while it was looked at."""
    now = Evidence.objects.filter(pk=evidence.pk, object_name=evidence.object_name)
    if not now.exists():
        return True
    raise_alarm(evidence=evidence, why=why, part=Part.ORIGINAL, at=at)
    return False


def _originals(today: date) -> Iterator[Evidence]:
    rows = Evidence.objects.exclude(status=EvidenceStatus.ERASED).exclude(object_name="")
    rows = rows.filter(Q(checked_on__isnull=True) | Q(checked_on__lt=today))
    rows = rows.select_related("complaint__office")
    rows = rows.order_by(F("checked_on").asc(nulls_first=True), "public_id")
    return rows[:CHECKED_ROWS].iterator(50)


def _copies(today: date) -> Iterator[DerivativeFile]:
    rows = DerivativeFile.objects.filter(Q(checked_on__isnull=True) | Q(checked_on__lt=today))
    rows = rows.select_related("derivative__evidence__complaint__office", "derivative__file")
    rows = rows.order_by(F("checked_on").asc(nulls_first=True), "derivative__public_id")
    return rows[:CHECKED_ROWS].iterator(50)
