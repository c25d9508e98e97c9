"""An officer's own capture of a post and its minutes (berita acara).

No screenshot of a reporter leaves the house: it shows whose telephone it was. The officer looks at the
post and captures it anew; the minutes cite the digest of the capture's safe copy and of its manifest,
never that of the original (protection.md C).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import BinaryIO
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared import object_storage, sealed_files
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from bawaslu_cases.shared.outbox.services import publish
from complaints.cleaner.errors import RefusalError
from complaints.cleaner.kinds import HEAD_BYTES, claimed_format
from complaints.letters import TEMPLATE, ShownCopy, capture_minutes
from complaints.models import CaptureMinutes, Derivative, EvidenceLink, LinkCapture
from complaints.selectors.links import copy_for_minutes, picture_for_minutes
from complaints.services.evidence import WholeFile, add_evidence, derivative_content
from complaints.states import OFFICERS
from complaints.vault.crypto.files import new_file_key
from complaints.vault.crypto.streams import SealingStream

TOPIC = "complaints.capture_minutes"
PURPOSE = "capture-minutes"
MAX_CAPTURE = 5 * 1024 * 1024
"""Bytes. A capture of one screen; what is larger goes in as evidence of its own."""
MAX_PICTURE = 16 * 1024 * 1024
"""Bytes of the copy's picture that the minutes show; of a larger one they hold the digests alone."""
MAX_CAPTURES = 20
KINDS = frozenset({"image", "pdf", "video"})
_READ_BYTES = 256 * 1024


@dataclass(frozen=True)
class Seen:
    """What the officer saw at the link; days and hours are those of the record's office."""

    act: str
    account: str
    captured_on: date
    captured_time: time
    posted_on: date | None = None
    posted_time: time | None = None


@transaction.atomic
def record_capture(
    *, link: EvidenceLink, seen: Seen, content: BinaryIO, name: str, officer: User, at: datetime
) -> LinkCapture:
    """Keep what an officer saw at a link and the file that shows it; the file becomes evidence.

    Raises NotPermittedError, DomainError for a link nobody can read or an hour that cannot be,
    StorageFullError. The caller has seen to the size of the file.
    """
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if not link.key:
        raise DomainError(_("Tempel dulu alamat panjang unggahannya"), field="url")
    complaint = link.complaint
    _check(seen, zone=ZoneInfo(complaint.office.time_zone), at=at)
    EvidenceLink.objects.select_for_update().only("pk").get(pk=link.pk)
    if link.captures.count() >= MAX_CAPTURES:
        raise DomainError(_("Paling banyak 20 tangkapan untuk satu tautan"))
    evidence = add_evidence(
        complaint=complaint, file=_sealed(content, name=name), at=at, added_by=officer
    )
    capture = LinkCapture.objects.create(
        link=link,
        evidence=evidence,
        made_by=officer,
        recorded_at=at,
        act=seen.act,
        account=seen.account.strip(),
        posted_on=seen.posted_on,
        posted_time=seen.posted_time,
        captured_on=seen.captured_on,
        captured_time=seen.captured_time,
    )
    audit.record(
        actor=officer.public_id,
        action="link.capture",
        subject=f"complaint:{complaint.public_id.hex}",
        detail={"link": link.public_id.hex, "evidence": evidence.public_id.hex},
    )
    return capture


@transaction.atomic
def ask_minutes(*, capture: LinkCapture, officer: User) -> None:
    """Promise the minutes of a capture. Raises NotPermittedError, DomainError without a safe copy."""
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if copy_for_minutes(capture) is None:
        raise DomainError(_("Salinan aman tangkapan ini belum siap. Coba lagi sebentar."))
    LinkCapture.objects.select_for_update().only("pk").get(pk=capture.pk)
    if not has_minutes(capture):
        publish(topic=TOPIC, subject_id=capture.public_id.hex)


def write_minutes(*, subject_id: str, at: datetime | None = None) -> None:
    """Outbox handler: typeset and seal the minutes. Twice is harmless."""
    capture = LinkCapture.objects.select_related(
        "link", "made_by", "evidence__complaint__office__region"
    ).get(public_id=UUID(subject_id))
    copy = copy_for_minutes(capture)
    if copy is None or has_minutes(capture):
        return
    at = at or timezone.now()
    content = capture_minutes(capture=capture, copy=copy, at=at, shown=_shown(copy))
    stored = sealed_files.store(content, purpose=PURPOSE)
    CaptureMinutes.objects.create(
        capture=capture,
        copy=copy,
        template=TEMPLATE,
        storage_name=stored.name,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        rendered_at=at,
    )


def has_minutes(capture: LinkCapture) -> bool:
    """Say whether the minutes were made. One query."""
    return CaptureMinutes.objects.filter(capture=capture).exists()


def _shown(copy: Derivative) -> ShownCopy | None:
    """Return the picture of the copy, opened whole. Raises DamagedFileError, and nothing is written."""
    row = picture_for_minutes(copy)
    if row is None or row.size_bytes > MAX_PICTURE:
        return None
    return ShownCopy(row, b"".join(derivative_content(row)))


def _check(seen: Seen, *, zone: ZoneInfo, at: datetime) -> None:
    if not seen.account.strip():
        raise DomainError(_("Tulis nama akunnya"), field="account")
    if datetime.combine(seen.captured_on, seen.captured_time, tzinfo=zone) > at:
        raise DomainError(_("Waktu tangkapan tidak boleh di depan"), field="captured_time")
    if seen.posted_on is None:
        if seen.posted_time is not None:
            raise DomainError(_("Isi juga tanggal unggahannya"), field="posted_on")
        return
    posted = (seen.posted_on, seen.posted_time or time.min)
    if posted > (seen.captured_on, seen.captured_time):
        raise DomainError(
            _("Unggahan tidak mungkin lebih baru daripada tangkapannya"), field="posted_on"
        )


def _sealed(content: BinaryIO, *, name: str) -> WholeFile:
    head = content.read(HEAD_BYTES)
    try:
        claimed = claimed_format(head)
    except RefusalError:
        claimed = None
    if claimed is None or claimed.kind not in KINDS:
        raise DomainError(_("Tangkapan harus gambar, PDF, atau video"), field="file")
    object_id, key = uuid4(), new_file_key()
    stream = SealingStream(key, object_id.hex)

    def sealed() -> Iterator[bytes]:
        yield stream.push(head)
        while chunk := content.read(_READ_BYTES):
            yield stream.push(chunk)
        yield stream.finish()

    stored = object_storage.new_object_name()
    sealed_bytes = object_storage.write(stored, sealed())
    return WholeFile(object_id, stored, key, name, stream.sha256, stream.size, sealed_bytes)
