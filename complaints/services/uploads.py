"""Files on their way in: sealed part by part before they touch any disk, and resumable.

A file's key lies in the reporter's session (or the draft that was put aside), which opens with their
cookie alone, so nobody else can open what has come in so far and an abandoned file is unreadable with
its session. What the session says of its files stands under ``files``:
``id``, ``key``, ``name`` and ``length`` of each and, once all of it is here, its digest.

The parts are joined into one sealed object when the last has come. Until then nothing of the file
can be seen, by anybody. A few lines longer than a module should be: a file's way from its first part to the
joined object is one.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import ConflictError
from bawaslu_cases.shared.object_storage import (
    ObjectMissingError,
    StorageFullError,
    StorageUnavailableError,
)
from bawaslu_cases.shared.row_scopes import Scope, Sight, beyond, take
from complaints.cleaner.kinds import HEAD_BYTES
from complaints.errors import (
    DraftGoneError,
    UploadGoneError,
    UploadOffsetError,
    UploadRefusedError,
)
from complaints.models import Complaint, Evidence, Upload, UploadPart
from complaints.services.evidence import WholeFile, add_evidence
from complaints.services.reporter_session import (
    IDLE,
    Answers,
    end_session,
    hold_session,
    keep_session,
    read_session,
    start_session,
    touch_session,
)
from complaints.services.upload_kinds import MAX_NAME, judge_head, shown_name
from complaints.services.upload_room import (
    check_full,
    check_session,
    check_volume,
    note_volume,
    room_for,
)
from complaints.states import OPEN_COMPLAINT_STATUSES
from complaints.vault.crypto.files import new_file_key
from complaints.vault.crypto.streams import SealingStream, open_stream, seal_stream

PART_BYTES = 5 * 1024 * 1024
"""Most that one request may bring; a worker holds it in memory until it is sealed."""
UNFINISHED_KEPT = timedelta(hours=24)
WHOLE_KEPT = timedelta(days=4)
"""A file that is whole waits as long as a draft that was put aside, and a day more."""
BROUGHT = "brought"
"""What a session says of bytes that came with it, those of files that were taken back too."""
ARRIVED = "arrived"
"""What a relay's session says of files that became evidence: whose last answer was lost asks again."""
MAILBOX_PAGE = "files"
"""What an opened mailbox's session says under ``mailbox_at`` while files are brought to its record."""

UPLOADS_WAIT = timedelta(hours=24)
"""How long files that an office's system brings may come: its line may be down for a working day."""
RELAYED = "relayed"
"""What a session says that was opened for a system (ADR 0043): it waits longer than a reporter's own."""
BROUGHT_BY = "by"
"""What such a session says where the office brings files of its own: the id of its service account."""

Entry = dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """How far one file is, in bytes. ``name`` is what its owner's device called it."""

    id: UUID
    name: str
    length: int
    received: int
    is_whole: bool


def files_of(held: Answers) -> list[Entry]:
    """Return what a session holds of files: those of its draft, or of a report that was sent."""
    place = held["draft"] if _goes_to_draft(held) else held
    files: list[Entry] = place.get("files", [])
    return files


def with_files(held: Answers, files: list[Entry]) -> Answers:
    """Return the session with other files."""
    if _goes_to_draft(held):
        return {**held, "draft": {**held["draft"], "files": files}}
    return {**held, "files": files}


def _with_brought(held: Answers, size: int) -> Answers:
    """Return the session with so many more bytes that came with it."""
    return {**held, BROUGHT: held.get(BROUGHT, 0) + size}


def _goes_to_draft(held: Answers) -> bool:
    """Where a session holds a draft and an opened record, the page that is open decides."""
    return "draft" in held and held.get("mailbox_at") != MAILBOX_PAGE


def may_bring_files(held: Answers | None) -> bool:
    """Say whether a session may bring files: it holds a draft, a report just sent or a mailbox."""
    return held is not None and bool({"draft", "mailbox", "sent"} & held.keys())


def open_upload_session(
    *, complaint: Complaint, at: datetime, brought_by: User | None = None
) -> str:
    """Return a token under which files come to a record: its reporter's, or those of ``brought_by``.

    Raises ConflictError for a record that takes no files any more. One query.
    """
    if complaint.status not in OPEN_COMPLAINT_STATUSES:
        raise ConflictError(_("Laporan ini tidak menerima berkas lagi."), code="record_closed")
    held: Answers = {"sent": complaint.public_id.hex, "files": [], RELAYED: True}
    if brought_by is not None:
        held[BROUGHT_BY] = brought_by.pk
    return start_session(held=held, at=at, idle=UPLOADS_WAIT)


def open_upload(
    *, token: str, name: str, length: int, at: datetime, mark: str = "", is_exact: bool = True
) -> UUID:
    """Announce a file of ``length`` bytes and return its id.

    With ``is_exact`` False the length is not known yet: ``length`` is the most that can come, as much
    of it as there is room for is kept free, and ``settle_upload`` says later how much it was. A ``mark``
    given a second time, for a file of the same length, returns the id that the first one got: the answer
    may have been lost on the way.

    Raises DraftGoneError without a session that may bring files, UploadRefusedError when it would be
    one file or one byte too many, StorageFullError or StorageUnavailableError before anything is sent in
    vain. The session is locked, so that twenty at once pass no limit. Five queries.
    """
    with transaction.atomic():
        held = _may_bring(hold_session(token=token, at=at))
        files = files_of(held)
        for entry in files:
            if mark and entry.get("mark") == mark and entry["length"] == length:
                return UUID(entry["id"])
        complaint = _complaint_of(held)
        length = room_for(files, length, complaint, is_exact=is_exact, by=held.get(BROUGHT_BY))
        check_session(brought=held.get(BROUGHT, 0), more=length if is_exact else 0)
        check_volume(at=at)
        # Twice: for a moment the parts lie beside the whole that they are joined to.
        object_storage.check_room(2 * length if is_exact else 0)
        upload = Upload.objects.create(length=length, expires_at=_hour_after(at + UNFINISHED_KEPT))
        entry = {
            "id": upload.pk.hex,
            "key": b64encode(new_file_key()).decode(),
            "name": shown_name(name),
            "length": length,
        }
        if mark:
            entry["mark"] = mark[:MAX_NAME]
        _keep(token, with_files(held, [*files, entry]), at)
    return upload.pk


def progress_of(*, token: str, upload_id: UUID, at: datetime) -> Progress:
    """Return how far a file is. Raises UploadGoneError. Two queries."""
    held = read_session(token=token, at=at) or {}
    length = held.get(ARRIVED, {}).get(upload_id.hex)
    if length is not None:
        return Progress(upload_id, "", length, length, is_whole=True)
    entry = _entry(held, upload_id)
    row = Upload.objects.filter(pk=upload_id).first()
    if row is None:
        raise UploadGoneError(_GONE)
    return _progress(entry, row)


def all_progress(held: Answers) -> list[Progress]:
    """Return how far each file of a session is, in the order they were begun. One query at most."""
    files = files_of(held)
    if not files:
        return []
    rows = Upload.objects.in_bulk([UUID(entry["id"]) for entry in files])
    known = [(entry, rows.get(UUID(entry["id"]))) for entry in files]
    return [_progress(entry, row) for entry, row in known if row is not None]


def append_part(
    *, token: str, upload_id: UUID, offset: int, content: bytes, at: datetime
) -> Progress:
    """Seal and keep the next part; joins the file when it was the last.

    Raises UploadGoneError, UploadOffsetError when the part begins elsewhere than where the last one
    ended, UploadRefusedError for more than was announced or a kind that is not taken, StorageFullError,
    StorageUnavailableError. Nothing of the part is kept then.
    """
    entry = _entry(read_session(token=token, at=at) or {}, upload_id)
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload_id).first()
        if row is None:
            raise UploadGoneError(_GONE)
        if offset != row.received:
            raise UploadOffsetError(
                _("Bagian berkas ini tidak menyambung. Lanjutkan dari yang terakhir diterima."),
                received=row.received,
            )
        if offset + len(content) > row.length:
            raise UploadRefusedError(
                _("Berkas lebih besar daripada yang disebut di awal."), code="longer_than_told"
            )
        if content:
            if offset < HEAD_BYTES:
                judge_head(_head(row, entry) + content, row.length)
            _keep_part(row, entry, content)
            row.received += len(content)
            row.expires_at = _hour_after(at + UNFINISHED_KEPT)
            row.save(update_fields=["received", "expires_at"])
    note_volume(size=len(content), at=at)
    # Files that come meanwhile keep the session alive: nobody types during a long upload.
    touch_session(token=token, at=at)
    if row.received == row.length and not row.object_name:
        finish_upload(token=token, upload_id=upload_id, at=at)
    return Progress(upload_id, entry["name"], row.length, row.received, row.received == row.length)


def finish_upload(*, token: str, upload_id: UUID, at: datetime) -> None:
    """Join the parts of a file that is all here; harmless when that was done.

    Where the report was sent already the file becomes its evidence at once. Raises UploadGoneError,
    UploadRefusedError when the report is full meanwhile.
    """
    with transaction.atomic():
        # The session first, then the upload: the order in which a report is sent takes them.
        held = hold_session(token=token, at=at) or {}
        files = [_joined(entry, at) if UUID(entry["id"]) == upload_id else entry
                 for entry in files_of(held)]  # fmt: skip
        entry = _entry(with_files(held, files), upload_id)
        if "sha256" in entry and "sha256" not in _entry(held, upload_id):
            held = _with_brought(held, entry["length"])
        complaint = _complaint_of(held)
        if complaint is not None and "sha256" in entry:
            # Under the record's lock: its mailbox may be open twice, each with room of its own.
            Complaint.objects.select_for_update(no_key=True).only("pk").get(pk=complaint.pk)
            check_full(complaint, entry, by=held.get(BROUGHT_BY))
            attach(complaint=complaint, entry=entry, at=at, added_by=_brought_by(held))
            files = [each for each in files if each is not entry]
            if RELAYED in held:
                arrived = {**held.get(ARRIVED, {}), upload_id.hex: entry["length"]}
                held = {**held, ARRIVED: arrived}
        _keep(token, with_files(held, files), at)


def settle_upload(*, token: str, upload_id: UUID, at: datetime) -> None:
    """End a file whose length was not known: what has come is all of it.

    Raises UploadGoneError, UploadRefusedError when it is empty or of a kind that is not taken. Harmless
    when it is whole already.
    """
    with transaction.atomic():
        held = hold_session(token=token, at=at) or {}
        files = files_of(held)
        entry = _entry(held, upload_id)
        row = Upload.objects.select_for_update().filter(pk=upload_id).first()
        if row is None:
            raise UploadGoneError(_GONE)
        if row.object_name:
            return
        if not row.received:
            raise UploadRefusedError(_("Berkas ini kosong."), code="empty")
        judge_head(_head(row, entry), row.received)
        row.length = row.received
        row.save(update_fields=["length"])
        settled = [each | {"length": row.length} if each is entry else each for each in files]
        _keep(token, with_files(held, settled), at)
    finish_upload(token=token, upload_id=upload_id, at=at)


def forget_files(held: Answers | None) -> int:
    """Erase at once what a session brought, unless a copy that was put aside needs it still.

    Return how many files went. Such a copy opens with its digits alone, so what only this session could
    open is unreadable without it, and goes with its time.
    """
    if not held or "saved" in held:
        return 0
    with transaction.atomic():
        return erase_uploads(ids=[UUID(entry["id"]) for entry in files_of(held)])


def end_with_files(*, token: str, at: datetime) -> None:
    """Forget a session and at once what it brought; harmless when it is gone."""
    held = read_session(token=token, at=at)
    end_session(token=token)
    forget_files(held)


def forget_upload(*, token: str, upload_id: UUID, at: datetime) -> None:
    """Take a file back: its key, its rows and what lies in the storage. Harmless when it is gone."""
    with transaction.atomic():
        held = hold_session(token=token, at=at)
        if held is None:
            return
        files = files_of(held)
        kept = [entry for entry in files if UUID(entry["id"]) != upload_id]
        if len(kept) == len(files):
            return
        row = Upload.objects.filter(pk=upload_id, object_name="").first()
        held = _with_brought(held, row.received if row else 0)
        _keep(token, with_files(held, kept), at)
        erase_uploads(ids=[upload_id])


def attach_all(*, complaint: Complaint, files: list[Entry], at: datetime) -> list[Entry]:
    """Make evidence of the files that are whole and return those still on their way.

    Call inside the transaction that sends the report, with the session locked. A file that cannot be
    joined now, because the storage is full or away, is one still on its way: the report goes on.
    """
    waiting = []
    for entry in files:
        with suppress(StorageFullError, StorageUnavailableError, ObjectMissingError):
            entry = _joined(entry, at)  # noqa: PLW2901 -- the same file, whole
        if "sha256" in entry:
            attach(complaint=complaint, entry=entry, at=at)
        elif Upload.objects.filter(pk=UUID(entry["id"])).exists():
            waiting.append(entry)
    return waiting


def attach(
    *, complaint: Complaint, entry: Entry, at: datetime, added_by: User | None = None
) -> Evidence | None:
    """Make evidence of one whole file, the reporter's or somebody's; None when its row is gone."""
    row = Upload.objects.select_for_update().filter(pk=UUID(entry["id"])).first()
    if row is None or not row.object_name:
        return None
    evidence = add_evidence(
        complaint=complaint,
        file=WholeFile(
            object_id=UUID(entry["object"]),
            object_name=row.object_name,
            key=b64decode(entry["key"]),
            name=entry["name"],
            sha256=bytes.fromhex(entry["sha256"]),
            size=row.length,
            sealed_bytes=entry["sealed"],
        ),
        at=at,
        added_by=added_by,
    )
    row.delete()
    return evidence


def erase_uploads(*, ids: list[UUID]) -> int:
    """Delete uploads, their parts and what lies in the storage; return how many rows went."""
    if not ids:
        return 0
    # Locked first: a part that is being kept at this moment must be among the names.
    list(Upload.objects.select_for_update().filter(pk__in=ids).values_list("pk", flat=True))
    names = list(UploadPart.objects.filter(upload__in=ids).values_list("object_name", flat=True))
    names += (
        Upload.objects.filter(pk__in=ids)
        .exclude(object_name="")
        .values_list("object_name", flat=True)
    )
    gone = Upload.objects.filter(pk__in=ids).delete()[1].get("complaints.Upload", 0)
    transaction.on_commit(lambda: object_storage.delete(names), robust=True)
    return gone


def expire_uploads(*, at: datetime) -> int:
    """Delete what was abandoned and return how many went (check E23)."""
    with transaction.atomic():
        ids = list(
            Upload.objects.select_for_update(skip_locked=True)
            .filter(expires_at__lte=at)
            .values_list("pk", flat=True)
        )
        return erase_uploads(ids=ids)


_GONE = _("Berkas ini tidak ada lagi. Pilih lagi berkasnya.")


def _keep(token: str, held: Answers, at: datetime) -> None:
    """Keep a session, as long as whoever brings the files may need."""
    keep_session(token=token, held=held, at=at, idle=UPLOADS_WAIT if RELAYED in held else IDLE)


def _brought_by(held: Answers) -> User | None:
    """Return the service account whose office brings the files. One query where there is one."""
    return User.everyone.get(pk=held[BROUGHT_BY]) if BROUGHT_BY in held else None


def _may_bring(held: Answers | None) -> Answers:
    if held is None or not may_bring_files(held):
        raise DraftGoneError(_("Isian Anda sudah tidak tersimpan. Silakan mulai lagi."))
    return held


def _complaint_of(held: Answers) -> Complaint | None:
    if _goes_to_draft(held):
        return None
    public_id = held.get("mailbox") or held.get("sent")
    if not public_id:
        return None
    with beyond("the session that a file comes with names its record by its public id"):
        complaint = Complaint.objects.filter(public_id=public_id).first()
    if complaint is not None:
        # An office's system too: what it sent on may lie with another office.
        take(Scope(Sight.REPORTER, str(complaint.pk)))
    return complaint


def _head(row: Upload, entry: Entry) -> bytes:
    """Return the first bytes of what has come so far, read from its sealed parts."""
    head = b""
    for part in row.parts.all():
        if len(head) >= HEAD_BYTES:
            break
        blocks = object_storage.read(part.object_name)
        opened = open_stream(
            blocks, key=b64decode(entry["key"]), object_id=_part_id(row.pk, part.offset)
        )
        for piece in opened:
            head += piece
            if len(head) >= HEAD_BYTES:
                break
    return head[:HEAD_BYTES]


def _entry(held: Answers, upload_id: UUID) -> Entry:
    for entry in files_of(held):
        if UUID(entry["id"]) == upload_id:
            return entry
    raise UploadGoneError(_GONE)


def _progress(entry: Entry, row: Upload) -> Progress:
    return Progress(row.pk, entry["name"], row.length, row.received, bool(row.object_name))


def _keep_part(row: Upload, entry: Entry, content: bytes) -> None:
    name = object_storage.new_object_name()
    sealed = seal_stream(
        [content], key=b64decode(entry["key"]), object_id=_part_id(row.pk, row.received)
    )
    object_storage.write(name, sealed)
    UploadPart.objects.create(upload=row, offset=row.received, size=len(content), object_name=name)


def _part_id(upload_id: UUID, offset: int) -> str:
    return f"{upload_id.hex}:{offset}"


def _joined(entry: Entry, at: datetime) -> Entry:
    """Return the entry with its digest once its parts are one sealed object; else as it is."""
    if "sha256" in entry:
        return entry
    row = Upload.objects.select_for_update().filter(pk=UUID(entry["id"])).first()
    if row is None or row.received != row.length:
        return entry
    parts = list(row.parts.all())
    object_id, key = uuid4(), b64decode(entry["key"])
    stream = SealingStream(key, object_id.hex)

    def sealed() -> Iterator[bytes]:
        for part in parts:
            blocks = object_storage.read(part.object_name)
            for piece in open_stream(blocks, key=key, object_id=_part_id(row.pk, part.offset)):
                yield stream.push(piece)
        yield stream.finish()

    name = object_storage.new_object_name()
    size = object_storage.write(name, sealed())
    Upload.objects.filter(pk=row.pk).update(
        object_name=name, received=F("length"), expires_at=_hour_after(at + WHOLE_KEPT)
    )
    row.parts.all().delete()
    names = [part.object_name for part in parts]
    transaction.on_commit(lambda: object_storage.delete(names), robust=True)
    return entry | {"object": object_id.hex, "sha256": stream.sha256.hex(), "sealed": size}


def _hour_after(at: datetime) -> datetime:
    """Round up to a whole hour: a row tells no minute."""
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
