"""Requests of data subjects: received, proven, laid down, approved by a second person, answered.

The answer is fixed when it is laid down; whoever approves it approves exactly that, and it must still be
what the file says (check K20). A worker sets the letter and keeps the answer sealed.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import WORKING_ROLES
from bawaslu_cases.audit.services import record as note_in_log
from bawaslu_cases.shared import envelope, sealed_files
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.nip import LENGTH, normal_nip
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.spreadsheets import BYTE_ORDER_MARK, safe_cell
from complaints.models import Official
from complaints.services.deadlines import local_day
from referrals.letters.subject import subject_letter
from referrals.models import SubjectRequest
from referrals.packets.canonical import canonical, digest
from referrals.selectors.subject_data import SubjectData, candidates, subject_data
from referrals.services.transitions import move_subject, open_subject_history
from referrals.states import (
    IdentityProof,
    SubjectAction,
    SubjectCapacity,
    SubjectGround,
    SubjectKind,
    SubjectStatus,
)

TOPIC = "referrals.subject_answer"
PURPOSE = "subject-answer"
LONGEST = 2000
_DAY = (1980, 1, 1, 0, 0, 0)


@transaction.atomic
def receive_request(
    *,
    kind: SubjectKind,
    capacity: SubjectCapacity,
    name: str,
    officer: User,
    at: datetime,
    nip: str = "",
    asked: str = "",
) -> SubjectRequest:
    """Register a request; its time begins (``SUBJECT_ANSWER_HOURS``).

    NotPermittedError for other roles, DomainError for a name that lacks or a number that is none.
    """
    if officer.office is None or not officer.has_role(*WORKING_ROLES):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    number = normal_nip(nip)
    if not name.strip():
        raise DomainError(_("Tulis nama pemohon"), field="name")
    if number and (len(number) != LENGTH or not number.isdigit()):
        raise DomainError(_("NIP harus 18 angka"), field="nip")
    if len(asked) > LONGEST:
        raise DomainError(_("Paling banyak 2.000 huruf"), field="asked")
    found = SubjectRequest.objects.create(
        office=officer.office,
        kind=kind,
        capacity=capacity,
        name=name.strip(),
        nip=number,
        asked=asked.strip(),
        received_at=at,
        due_at=at + timedelta(hours=settings.SUBJECT_ANSWER_HOURS),
        received_by=officer,
        status=SubjectStatus.RECEIVED,
        status_at=at,
    )
    open_subject_history(request=found, actor=officer, at=at)
    return found


@transaction.atomic
def identify(*, request: SubjectRequest, proof: IdentityProof, officer: User, at: datetime) -> None:
    """Record that the person was seen to be who they say they are, and by what kind of paper."""
    _own(request, officer)
    move_subject(
        request=request,
        action=SubjectAction.IDENTIFY,
        actor=officer,
        at=at,
        also={"proof": IdentityProof(proof)},
    )


@transaction.atomic
def propose_answer(
    *, request: SubjectRequest, officials: Sequence[Official], officer: User, at: datetime
) -> SubjectData:
    """Lay down the answer: what is held on these officials, none of them or several.

    DomainError for an official who is not among the candidates. What it says is kept sealed.
    """
    _own(request, officer)
    known = {each.official.pk for each in candidates(request, viewer=officer)}
    if any(official.pk not in known for official in officials):
        raise DomainError(_("Pilih dari daftar"), field="officials")
    data = subject_data(request=request, officials=officials, viewer=officer)
    move_subject(
        request=request,
        action=SubjectAction.PROPOSE,
        actor=officer,
        at=at,
        also={
            "content": envelope.seal(canonical(data.record), context=_context(request)),
            "withheld": data.withheld,
            "ground": "",
        },
    )
    request.officials.set(officials)
    return data


@transaction.atomic
def propose_refusal(
    *, request: SubjectRequest, ground: SubjectGround, reason: str, officer: User, at: datetime
) -> None:
    """Lay down a refusal with its legal ground and the reason that the letter gives."""
    _own(request, officer)
    if ground not in SubjectGround.values:
        raise DomainError(_("Pilih alasan penolakan"), field="ground")
    move_subject(
        request=request,
        action=SubjectAction.PROPOSE_REFUSAL,
        actor=officer,
        at=at,
        reason=reason,
        also={"ground": SubjectGround(ground), "content": None, "withheld": 0},
    )


@transaction.atomic
def return_request(*, request: SubjectRequest, officer: User, at: datetime, reason: str) -> None:
    """Give a proposal back; identity is proven and the answer laid down anew."""
    _own(request, officer)
    move_subject(
        request=request,
        action=SubjectAction.RETURN,
        actor=officer,
        at=at,
        reason=reason,
        also={"proof": "", "ground": "", "content": None, "withheld": 0},
    )


@transaction.atomic
def approve(*, request: SubjectRequest, officer: User, at: datetime, seen: str) -> None:
    """Agree as the second person; a worker sets the letter.

    ``seen`` is the digest of what was read. ConflictError when the answer is another by now or the file
    says something else than when it was laid down; SamePersonError for whoever laid it down.
    """
    _own(request, officer)
    held = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if seen != seen_digest(held):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    action = SubjectAction.REFUSE if held.ground else SubjectAction.APPROVE
    if not held.ground:
        now = subject_data(request=held, officials=list(held.officials.all()), viewer=officer)
        if canonical(now.record) != _content(held):
            raise ConflictError(
                _("Data berubah sejak jawaban diajukan. Kembalikan, lalu ajukan lagi.")
            )
    move_subject(request=request, action=action, actor=officer, at=at)
    publish(topic=TOPIC, subject_id=request.public_id.hex)
    note_in_log(
        actor=officer.public_id,
        action=f"subject.{action.value}",
        subject=f"subject:{request.public_id.hex}",
        detail={"ground": held.ground} if held.ground else {"withheld": held.withheld},
    )


@transaction.atomic
def withdraw(*, request: SubjectRequest, officer: User, at: datetime) -> None:
    """Take note that the person asks no more."""
    _own(request, officer)
    move_subject(
        request=request,
        action=SubjectAction.WITHDRAW,
        actor=officer,
        at=at,
        also={"content": None, "withheld": 0},
    )


def seen_digest(request: SubjectRequest) -> str:
    """Return what a form carries to notice that the proposal is another by now."""
    event = request.events.order_by("-pk").values_list("pk", flat=True).first()
    return hashlib.sha256(f"{request.public_id}:{request.status}:{event}".encode()).hexdigest()[:16]


def proposed_record(request: SubjectRequest) -> dict[str, Any]:
    """Return what the answer says as it was laid down, {} for a refusal. No query."""
    content = _content(request)
    return dict(json.loads(content)) if content else {}


def write_answer(*, subject_id: str) -> None:
    """Set the letter and keep the answer, once. Runs in the outbox's transaction; twice is harmless."""
    request = (
        SubjectRequest.objects.select_for_update(of=("self",))
        .select_related("office__region")
        .filter(
            public_id=UUID(subject_id),
            status__in=[SubjectStatus.ANSWERED, SubjectStatus.REFUSED],
            storage_name="",
        )
        .first()
    )
    if request is None:
        return
    on = local_day(request.status_at, request.office)
    record = proposed_record(request)
    reason = (
        request.events.filter(action=SubjectAction.PROPOSE_REFUSAL)
        .order_by("-pk")
        .values_list("reason", flat=True)
        .first()
        if request.ground
        else ""
    )
    letter = subject_letter(
        request=request, record=record, reason=reason or "", on=on, at=request.status_at
    )
    stored = sealed_files.store(_archive(letter, record), purpose=PURPOSE)
    request.storage_name, request.sha256 = stored.name, stored.sha256
    request.save(update_fields=["storage_name", "sha256"])


def _archive(letter: bytes, record: Mapping[str, Any]) -> bytes:
    """Return the answer as one ZIP: letter, and where it is an answer the data as JSON and CSV."""
    files = {"surat.pdf": letter}
    if record:
        files["data.json"] = canonical(record)
        files["data.csv"] = _table(record)
    files["manifest.json"] = canonical(
        {
            "files": [
                {"name": name, "sha256": digest(content), "size_bytes": len(content)}
                for name, content in sorted(files.items())
            ]
        }
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _DAY)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return made.getvalue()


def _table(record: Mapping[str, Any]) -> bytes:
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(["perkara", "bagian", "isian", "isi"])

    def walk(case: int, part: str, name: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                walk(case, part or key, key, inner)
        elif isinstance(value, list):
            for inner in value:
                walk(case, part, name, inner)
        elif value:
            writer.writerow([case, safe_cell(part), safe_cell(name), safe_cell(value)])

    for number, case in enumerate(record["cases"], start=1):
        for part, value in case.items():
            walk(number, part, part, value)
    return text.getvalue().encode()


def _own(request: SubjectRequest, officer: User) -> None:
    if officer.office_id is None or officer.office_id != request.office_id:
        raise NotPermittedError(_("Permintaan ini diterima kantor lain."))


def _context(request: SubjectRequest) -> envelope.Context:
    return ("subject-request", request.public_id.hex)


def _content(request: SubjectRequest) -> bytes:
    if request.content is None:
        return b""
    return envelope.unseal(bytes(request.content), context=_context(request))


def answer_of(request: SubjectRequest) -> bytes:
    """Return the answer's bytes. Raises UnsealError and OSError for one that is not whole."""
    return sealed_files.load(request.storage_name, purpose=PURPOSE)


def is_late(request: SubjectRequest) -> bool:
    """Say whether the time to answer is over and nobody has."""
    return request.status in _OPEN and timezone.now() > request.due_at


_OPEN = frozenset({SubjectStatus.RECEIVED, SubjectStatus.IDENTIFIED, SubjectStatus.PROPOSED})
