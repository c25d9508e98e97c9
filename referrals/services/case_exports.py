"""A whole case file for an officer: papers, copies, timeline, under one manifest (ADR 0044).

Ordered by an officer, built by the worker that draws copies, fetched once over the session and deleted, or
closed with age for the officer's own key. The reporter is masked as in every paper (protection.md 0.9): what
they did, what was written with them and internal notes are not in it, and every text that was not signed off
is compared as a packet is before it leaves. The same state, officer, purpose and day give the same bytes.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.audit.services import record as note_in_log
from bawaslu_cases.shared import envelope, sealed_files
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.spreadsheets import BYTE_ORDER_MARK, safe_cell
from complaints.cleaner.marks import Orders
from complaints.errors import DamagedFileError
from complaints.models import Case, CaseDocument, Complaint, Derivative
from complaints.selectors.case_timeline import Entry, TimelineKind, whole_timeline
from complaints.services.copy_orders import MARKED_TYPES
from complaints.services.deadlines import local_day
from complaints.services.documents import PURPOSE as PAPER_PURPOSE
from complaints.services.documents import content_context
from complaints.services.evidence import derivative_content
from complaints.states import DocumentStatus, EvidenceStatus
from referrals.models import CaseExport, Letter
from referrals.packets.canonical import canonical, digest
from referrals.packets.leaks import LeakSources, leaks_in
from referrals.packets.sources import case_leak_sources
from referrals.services.delivery import LETTER_PURPOSE

TOPIC = "referrals.case_export"
PURPOSE = "case-export"
FORMAT = "bawaslu-case-file/1"
KEPT = timedelta(hours=2)
MOST_WAITING = 2
LARGEST_BYTES = 512 * 1024 * 1024
_DAY = (1980, 1, 1, 0, 0, 0)
_AGE_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")
_INSIDE = frozenset({"officer_name", "pseudonym", "sealed_statement", "source", "report_day"})
"""What a case file of the house itself may say: who worked on it, under which name its records go."""
_KINDS = frozenset(
    {TimelineKind.STEP, TimelineKind.HEARING, TimelineKind.EVIDENCE, TimelineKind.WORK}
)
"""What of the timeline is exported: nothing of the reporter's, no internal notes."""
MASK = "▇▇▇"


class TooLargeError(DomainError):
    """The copies together are more than one file should hold."""

    code = "too_large"


@transaction.atomic
def order_export(
    *, case: Case, purpose: str, officer: User, at: datetime, age_key: str = ""
) -> CaseExport:
    """Order the file of a case; a worker builds it.

    DomainError without a purpose or with a key that is none, ConflictError while the officer waits for
    enough. It stands in the audit log before anything is built.
    """
    if not officer.has_role(*BAWASLU_ROLES):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    purpose, age_key = " ".join(purpose.split()), age_key.strip()
    if not purpose:
        raise DomainError(_("Tulis untuk apa berkas ini"), field="purpose")
    if age_key and not _AGE_KEY.fullmatch(age_key):
        raise DomainError(_("Ini bukan kunci publik age (age1…)"), field="age_key")
    waiting = CaseExport.objects.filter(
        officer=officer, stage=CaseExport.Stage.WAITING, expires_at__gt=at
    )
    if waiting.count() >= MOST_WAITING:
        raise ConflictError(_("Tunggu sampai berkas yang Anda minta sebelumnya selesai dibuat."))
    order = CaseExport.objects.create(
        case=case,
        officer=officer,
        purpose=purpose[:200],
        age_key=age_key,
        asked_at=at,
        expires_at=at + KEPT,
    )
    note_in_log(
        actor=officer.public_id,
        action="case.export",
        subject=f"case:{case.public_id.hex}",
        detail={"export": order.pk, "closed": bool(age_key)},
    )
    publish(topic=TOPIC, subject_id=order.pk.hex)
    return order


def build_export(*, subject_id: str, at: datetime | None = None) -> None:
    """Build one file. Runs in the worker that draws copies; twice is harmless.

    What cannot be built ends the order with its code, which its officer reads.
    """
    from complaints.gateways import sandbox  # noqa: PLC0415 -- the web loads nothing that starts one

    at = at or timezone.now()
    order = (
        CaseExport.objects.select_for_update(of=("self",))
        .select_related("officer", "case__office__region")
        .filter(pk=UUID(subject_id), stage=CaseExport.Stage.WAITING, expires_at__gt=at)
        .first()
    )
    if order is None:
        return
    try:
        with transaction.atomic():
            _build(order)
    except (sandbox.CleanerFailedError, sandbox.RefusedFileError):
        _fail(order, "copies")
    except (DamagedFileError, envelope.UnsealError, FileNotFoundError):
        _fail(order, "damaged")
    except TooLargeError:
        _fail(order, "too_large")
    except NotPermittedError:
        _fail(order, "not_permitted")


@transaction.atomic
def fetch_export(*, order: CaseExport, at: datetime) -> tuple[bytes, str]:
    """Return the bytes and the ending of a built file and end its order: it is handed out once.

    Raises ConflictError when it was fetched already or its time is over.
    """
    row = (
        CaseExport.objects.select_for_update()
        .filter(pk=order.pk, stage=CaseExport.Stage.READY, expires_at__gt=at)
        .first()
    )
    if row is None:
        raise ConflictError(_("Berkas ini sudah diambil, atau waktunya habis. Minta lagi."))
    content = sealed_files.load(row.storage_name, purpose=PURPOSE)
    transaction.on_commit(partial(sealed_files.remove, row.storage_name), robust=True)
    row.delete()
    return content, "zip.age" if row.age_key else "zip"


def expire_exports(*, at: datetime) -> int:
    """Delete orders whose time is over with what lies of them; return how many. Twice is harmless."""
    with transaction.atomic():
        rows = list(
            CaseExport.objects.select_for_update(skip_locked=True).filter(expires_at__lte=at)
        )
        CaseExport.objects.filter(pk__in=[row.pk for row in rows]).delete()
        for row in rows:
            if row.storage_name:
                transaction.on_commit(partial(sealed_files.remove, row.storage_name), robust=True)
    return len(rows)


@dataclass
class _Files:
    """What is gathered: name → content, and what of it was masked or left out, by name."""

    content: dict[str, bytes] = field(default_factory=dict)
    notes: list[dict[str, str]] = field(default_factory=list)
    size: int = 0

    def add(self, name: str, content: bytes) -> None:
        self.size += len(content)
        if self.size > LARGEST_BYTES:
            raise TooLargeError(_("Berkas perkara ini terlalu besar."))
        self.content[name] = content

    def note(self, name: str, what: str) -> None:
        self.notes.append({"name": name, "what": what})


def _build(order: CaseExport) -> None:
    officer, case = order.officer, order.case
    may_see = officer.is_active and officer.has_role(*BAWASLU_ROLES)
    if not may_see or not Case.objects.visible_to(officer).filter(pk=case.pk).exists():
        raise NotPermittedError(_("Perkara ini tidak dapat dibuka lagi."))
    files = _Files()
    sources = case_leak_sources(case)
    day = local_day(order.asked_at, case.office)
    with translation.override("id"):
        _papers(files, case, officer, sources)
        _timeline(files, case, officer, sources)
        _case_texts(files, case, sources)
    _copies(files, case, officer, day)
    archive = _archive(files, order, day)
    if order.age_key:
        archive = _closed(archive, order.age_key)
    stored = sealed_files.store(archive, purpose=PURPOSE)
    order.storage_name, order.sha256 = stored.name, stored.sha256
    order.size_bytes, order.masked = stored.size_bytes, len(files.notes)
    order.stage = CaseExport.Stage.READY
    order.save()


def _papers(files: _Files, case: Case, officer: User, sources: LeakSources) -> None:
    """Add final papers and letters as they were signed: masked by their own allow-lists (check K19)."""
    seen = Complaint.objects.visible_to(officer).filter(case_link__case=case)
    of_case = CaseDocument.objects.filter(case=case)
    of_records = CaseDocument.objects.filter(complaint__in=seen)
    for paper in (
        (of_case | of_records)
        .filter(status__in=[DocumentStatus.FINAL, DocumentStatus.SUPERSEDED])
        .order_by("pk")
    ):
        name = f"dokumen/{paper.code}-{paper.public_id.hex[:8]}-v{paper.version}.pdf"
        told = envelope.unseal(bytes(paper.content or b""), context=content_context(paper))
        # A paper's words were signed off: it goes whole or, where it repeats a reporter, not at all.
        if any(each.code == "copied" for each in leaks_in({"summary": told.decode()}, sources)):
            files.note(name, "ditahan: sama dengan pernyataan pelapor")
            continue
        files.add(name, sealed_files.load(paper.storage_name, purpose=PAPER_PURPOSE))
    letters = Letter.objects.filter(referral__case=case).order_by("referral_id", "version")
    for letter in letters.select_related("referral"):
        name = f"rujukan/{letter.referral.public_id.hex[:8]}-v{letter.version}.pdf"
        files.add(name, sealed_files.load(letter.storage_name, purpose=LETTER_PURPOSE))


def _timeline(files: _Files, case: Case, officer: User, sources: LeakSources) -> None:
    entries = [
        entry
        for entry in whole_timeline(case, viewer=officer)
        if entry.kind in _KINDS and not entry.told and entry.actor != str(_("Pelapor"))
    ]
    rows = [_row(files, entry, case, sources) for entry in entries]
    files.add("linimasa.json", canonical({"entries": rows}))
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    heads = ["hari", "jam", "bagian", "pelaku", "kejadian", "alasan", "keterangan"]
    writer.writerow(heads)
    writer.writerows([safe_cell(row[head]) for head in heads] for row in rows)
    files.add("linimasa.csv", text.getvalue().encode())


def _row(files: _Files, entry: Entry, case: Case, sources: LeakSources) -> dict[str, str]:
    day = entry.at.astimezone(ZoneInfo(case.office.time_zone)).date()
    return {
        "hari": day.isoformat(),
        "jam": entry.hour,
        "bagian": str(entry.kind.label),
        "pelaku": entry.actor,
        "kejadian": entry.text,
        "alasan": _masked(files, f"linimasa/{entry.key}", entry.quote, sources),
        "keterangan": entry.note,
    }


def _case_texts(files: _Files, case: Case, sources: LeakSources) -> None:
    told = {
        "perkara": case.reference,
        "kantor": case.office.name,
        "judul": case.title,
        "status": str(case.get_status_display()),
        "ringkasan": _masked(files, "perkara/ringkasan", case.summary, sources),
        "kajian": _masked(files, "perkara/kajian", case.assessment, sources),
    }
    files.add("perkara.json", canonical(told))


def _masked(files: _Files, name: str, text: str, sources: LeakSources) -> str:
    """Return a text with everything that must not leave masked, each place noted without its words."""
    if not text:
        return ""
    found = [
        each
        for each in leaks_in({"summary": text}, sources)
        if each.code not in _INSIDE and each.end > each.start
    ]
    for each in sorted(found, key=lambda hit: hit.start, reverse=True):
        text = f"{text[: each.start]}{MASK}{text[each.end :]}"
        files.note(name, f"ditutup: {each.name}")
    return text


def _copies(files: _Files, case: Case, officer: User, day: date) -> None:
    """Add the newest safe copy of each file of the records the officer sees, under the taker's mark.

    Originals are never in it.
    """
    seen = Complaint.objects.visible_to(officer).filter(case_link__case=case)
    rows = (
        Derivative.objects.filter(
            evidence__complaint__in=seen,
            evidence__status=EvidenceStatus.READY,
            part=Derivative.Part.MAIN,
            file__isnull=False,
        )
        .select_related("evidence__complaint", "file")
        .order_by("evidence__complaint_id", "evidence__number", "-generation")
    )
    done: set[int] = set()
    mark = f"Salinan kerja {officer.public_id.hex[:8]} · {case.reference} · {day:%d-%m-%Y}"
    for copy in rows:
        if copy.evidence_id in done:
            continue
        done.add(copy.evidence_id)
        record = copy.evidence.complaint
        name = f"bukti/{record.public_id.hex[:8]}-{copy.evidence.number}.{copy.extension}"
        if copy.content_type in MARKED_TYPES:
            files.add(name, b"".join(_drawn(copy, mark)))
        else:
            files.add(name, b"".join(derivative_content(copy)))
            files.note(name, "tanpa tanda: suara dan gambar bergerak tidak dapat ditandai")


def _drawn(copy: Derivative, mark: str) -> Iterator[bytes]:
    from complaints.gateways import sandbox  # noqa: PLC0415 -- the web loads nothing that starts one

    with (
        sandbox.clean(
            derivative_content(copy), size=copy.size_bytes, orders=Orders(watermark=mark)
        ) as cleaned,
        cleaned.output as content,
    ):
        yield content.read()


def _archive(files: _Files, order: CaseExport, day: date) -> bytes:
    manifest = {
        "format": FORMAT,
        "case": order.case.reference,
        "taken_by": order.officer.public_id.hex,
        "taken_on": day.isoformat(),
        "purpose": order.purpose,
        "masked": files.notes,
        "files": _listed(files.content),
    }
    content = {**files.content, "manifest.json": canonical(manifest)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _DAY)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content[name])
    return made.getvalue()


def _listed(content: Mapping[str, bytes]) -> Sequence[dict[str, Any]]:
    return [
        {"name": name, "sha256": digest(part), "size_bytes": len(part)}
        for name, part in sorted(content.items())
    ]


def _closed(archive: bytes, age_key: str) -> bytes:
    import pyrage  # type: ignore[import-untyped]  # noqa: PLC0415 -- a web process closes nothing

    try:
        recipient = pyrage.x25519.Recipient.from_str(age_key)
    except pyrage.RecipientError as error:
        raise NotPermittedError(_("Ini bukan kunci publik age (age1…)")) from error
    return bytes(pyrage.encrypt(archive, [recipient]))


def _fail(order: CaseExport, failure: str) -> None:
    """End an order that came to nothing; what was set on it before was rolled back."""
    CaseExport.objects.filter(pk=order.pk).update(stage=CaseExport.Stage.FAILED, failure=failure)
