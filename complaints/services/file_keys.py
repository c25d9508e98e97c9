"""Keys of originals on their way to the desk: from the server's keyring, and from one epoch to a later one.

A file that came while no desk's key was at hand has its key under the server's keyring (ADR 0029). As soon
as there is one, the key is sealed to the desk like any other, and ``vaultctl file-open`` opens the file. A
key under an old epoch is moved by ``vaultctl rewrap``, as shares and words are; then the epoch can be erased.
"""

import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.keyring.models import GroupEpoch
from bawaslu_cases.shared import envelope
from complaints.errors import KeysMissingError
from complaints.models import Evidence
from complaints.services.deadlines import local_day
from complaints.services.exchange import bytes_of_base64
from complaints.services.vault import sealing_keys
from complaints.vault.crypto.errors import MalformedError, NotCertifiedError
from complaints.vault.crypto.fields import bytes_of_hex, checked_epoch, checked_id
from complaints.vault.crypto.files import seal_key_for_desk
from complaints.vault.crypto.hpke import OVERHEAD_BYTES
from complaints.vault.crypto.streams import KEY_BYTES

logger = logging.getLogger(__name__)

KEY_FILE = frozenset({"object", "group", "epoch", "wrap", "manifest", "manifest_sha256"})
"""What ``vaultctl`` reads of one original, and hands back after it moved the key."""
AT_ONCE = 500
_WRAP_BYTES = KEY_BYTES + OVERHEAD_BYTES


def server_key_context(object_id: str) -> envelope.Context:
    """Return what a file's key under the server's keyring is bound to."""
    return ("file-key", object_id)


def seal_waiting_keys(*, at: datetime) -> int:
    """Seal keys that lie under the server's keyring to their desk, where it has a key now; return how many.

    At most 500 at once; twice is harmless. One that does not open stays and is told in the log. What the
    row held before stays in the database's files until they are vacuumed, and in backups. Raises
    AuditUnavailableError; what was sealed until then stays sealed.
    """
    rows = Evidence.objects.filter(scheme=Evidence.Scheme.ENVELOPE, wrap__isnull=False)
    rows = rows.select_related("complaint__office").order_by("public_id")
    return sum(_seal_one(evidence, at=at) for evidence in rows[:AT_ONCE])


def _seal_one(evidence: Evidence, *, at: datetime) -> bool:
    object_id, office = evidence.object_id.hex, evidence.complaint.office
    before = bytes(evidence.wrap or b"")
    try:
        desk = sealing_keys(office=office, on=local_day(at, office)).group_a
        key = envelope.unseal(before, context=server_key_context(object_id))
    except KeysMissingError:
        return False
    except envelope.UnsealError:
        logger.error("evidence.key_does_not_open %s", evidence.public_id.hex)  # noqa: TRY400 -- a trace tells no more
        return False
    # Compare and set: an erasure or another worker may have been faster.
    sealed = Evidence.objects.filter(
        pk=evidence.pk, scheme=Evidence.Scheme.ENVELOPE, wrap=before
    ).update(
        scheme=Evidence.Scheme.DESK,
        group=desk.group,
        epoch=desk.epoch,
        wrap=seal_key_for_desk(key, object_id=object_id, group_a=desk),
    )
    if sealed:
        record(
            actor=f"{SYSTEM}:evidence",
            action="evidence.to_desk",
            subject=f"complaint:{evidence.complaint.public_id.hex}",
            detail={
                "part": f"evidence:{evidence.public_id.hex}",
                "group": desk.group,
                "epoch": desk.epoch,
            },
        )
    return bool(sealed)


def keep_moved_key(value: Mapping[str, Any], _day: date) -> list[str]:
    """Keep a file's key that a member of the desk sealed anew to a later epoch of the same desk.

    Whether it opens only a member can tell: ``vaultctl`` opened it to move it. The manifest must be the
    one that is kept, so that no other file's key can take its place.
    """
    object_id, group = UUID(checked_id(value["object"])), value["group"]
    epoch, wrap = checked_epoch(value["epoch"]), bytes_of_base64(value["wrap"])
    row = Evidence.objects.filter(
        object_id=object_id, scheme=Evidence.Scheme.DESK, group=group, wrap__isnull=False
    ).first()
    if (
        row is None
        or len(wrap) != _WRAP_BYTES
        or bytes(row.manifest or b"") != bytes_of_base64(value["manifest"])
        or bytes(row.manifest_sha256) != bytes_of_hex(value["manifest_sha256"], 32)
    ):
        raise MalformedError("no such file")
    if epoch <= (row.epoch or 0):
        return []
    if not GroupEpoch.objects.filter(group_id=group, epoch=epoch).exists():
        raise NotCertifiedError("no such epoch")
    kept = Evidence.objects.filter(pk=row.pk, epoch=row.epoch, wrap__isnull=False)
    if not kept.update(epoch=epoch, wrap=wrap):
        return []  # erased or moved meanwhile
    return [f"file {object_id.hex} under epoch {epoch}"]
