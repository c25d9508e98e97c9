"""Bringing an office's old register in from a spreadsheet (ADR 0044).

The file is sealed before any disk and opened by a worker, once; what follows reads its rows alone. Each
stretch of a stage is one message of the outbox, so that its effects happen exactly once whatever is killed
when; the message of one stretch promises the next. A row is known by the digest of what it says, so that
the same file twice makes nothing twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit.services import record as note_in_log
from bawaslu_cases.registry.models import Agency, Region
from bawaslu_cases.registry.selectors import acts_by_code
from bawaslu_cases.shared import envelope, sealed_files
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.outbox.services import publish
from complaints.imports.columns import BY_NAME, folded, guessed, is_kept_out
from complaints.imports.spreadsheet import MOST_BYTES, UnreadableSheetError, read_sheet
from complaints.imports.values import Read, Row, Words, read_row
from complaints.models import (
    Complaint,
    LegacyCase,
    LegacyColumns,
    LegacyImport,
    LegacyProblem,
)
from complaints.selectors.legacy import ROWS_PURPOSE, Rows, columns_before, rows_of, words_for
from complaints.services.deadlines import local_day
from complaints.services.intake import Facts, record_finding
from complaints.services.legacy_recusals import carry_to_finding, hold_ties, recuse_from_new
from complaints.services.supervision import Supervision
from complaints.states import OFFICERS

TOPIC = "complaints.legacy_import"
KEPT = timedelta(days=7)
STRETCH = 500
"""Rows of one message: about a second's work, and what a worker that dies has to do again."""
MOST_OPEN = 3
"""Files of one office on their way at once."""

Stage = LegacyImport.Stage
OPEN = frozenset({Stage.READING, Stage.COLUMNS, Stage.CHECKING, Stage.CHECKED, Stage.IMPORTING})
NEEDED = ("act",)
"""Columns without which no row says anything; of name and post one, of the two days one."""


@transaction.atomic
def open_import(*, content: bytes, officer: User, at: datetime) -> LegacyImport:
    """Take a file in; a worker reads it. Its name is not kept: it may be somebody's.

    NotPermittedError for other roles, DomainError for a file that is empty or over 20 MB, ConflictError
    while the office has enough on their way.
    """
    office = officer.office
    if office is None or not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if not content:
        raise DomainError(_("Berkas ini kosong"), field="file")
    if len(content) > MOST_BYTES:
        raise DomainError(_("Berkas ini terlalu besar, paling besar 20 MB"), field="file")
    if LegacyImport.objects.filter(office=office, stage__in=OPEN).count() >= MOST_OPEN:
        raise ConflictError(_("Selesaikan atau buang dulu impor yang masih terbuka."))
    stored = sealed_files.store(content, purpose=ROWS_PURPOSE)
    try:
        found = LegacyImport.objects.create(
            office=office,
            officer=officer,
            storage_name=stored.name,
            uploaded_at=at,
            expires_at=at + KEPT,
        )
        _promise(found, "read", 0)
    except BaseException:
        sealed_files.remove(stored.name)
        raise
    return found


@transaction.atomic
def choose_columns(
    *, legacy_import: LegacyImport, columns: Sequence[str], officer: User, seen: int
) -> LegacyImport:
    """Say what each column is and have every row looked at; the office's next file is read the same way.

    ``seen`` is the turn the person looked at. DomainError when a needed column lacks or one is named
    twice, ConflictError when somebody was faster.
    """
    held = _held(legacy_import, officer, {Stage.COLUMNS, Stage.CHECKED}, seen=seen)
    chosen = [name if name in BY_NAME else "" for name in columns]
    named = [name for name in chosen if name]
    if len(set(named)) != len(named):
        raise DomainError(_("Satu isian hanya boleh dipilih untuk satu kolom"), field="columns")
    _check_needed(set(named))
    heads = rows_of(held).heads
    if any(name and is_kept_out(head) for name, head in zip(chosen, heads, strict=False)):
        raise DomainError(
            _("Kolom tentang pelapor atau saksi tidak pernah diimpor"), field="columns"
        )
    kept = columns_before(held.office) | {
        folded(head): name for name, head in zip(chosen, heads, strict=False) if folded(head)
    }
    LegacyColumns.objects.update_or_create(office=held.office, defaults={"columns": kept})
    held.problems.all().delete()
    held.columns, held.stage, held.turn = chosen, Stage.CHECKING, held.turn + 1
    held.done_rows = held.good_rows = held.known_rows = held.bad_rows = 0
    held.save()
    _promise(held, "check", 0)
    return held


@transaction.atomic
def start_import(*, legacy_import: LegacyImport, officer: User, seen: int) -> LegacyImport:
    """Take in every row that has nothing wrong. ConflictError when it is not ready any more."""
    held = _held(legacy_import, officer, {Stage.CHECKED}, seen=seen)
    if not held.good_rows:
        raise DomainError(_("Tidak ada baris yang dapat diimpor."))
    held.stage, held.done_rows, held.known_rows = Stage.IMPORTING, 0, 0
    held.save()
    _promise(held, "import", 0)
    _note(held, officer, "legacy.import", rows=held.good_rows)
    return held


@transaction.atomic
def drop_import(*, legacy_import: LegacyImport, officer: User) -> None:
    """Throw a file away that was not imported. ConflictError when it is being, or is over."""
    held = _held(
        legacy_import, officer, {Stage.READING, Stage.COLUMNS, Stage.CHECKING, Stage.CHECKED}
    )
    _end(held, Stage.DROPPED)


@transaction.atomic
def undo_import(*, legacy_import: LegacyImport, officer: User, at: datetime) -> int:
    """Delete what an import made and return how many, while nothing was done with any of it.

    ConflictError as soon as one of them became a finding, or when the import is not over.
    """
    held = _held(legacy_import, officer, {Stage.DONE})
    rows = list(
        LegacyCase.objects.select_for_update(of=("self",)).filter(made_by=held).only("finding_id")
    )
    if any(row.finding_id is not None for row in rows):
        raise ConflictError(
            _(
                "Impor ini tidak dapat dibatalkan lagi: ada perkara yang sudah dicatat sebagai temuan."
            )
        )
    held.cases.all().delete()
    held.stage, held.finished_at, held.made_rows = Stage.UNDONE, at, 0
    held.save(update_fields=["stage", "finished_at", "made_rows"])
    _note(held, officer, "legacy.undo", rows=len(rows))
    return len(rows)


@transaction.atomic
def adopt_legacy(
    *,
    legacy: LegacyCase,
    facts: Facts,
    officer: User,
    at: datetime,
    supervision: Supervision | None = None,
) -> Complaint:
    """Record the office's own finding of a legacy case, once. Errors of ``record_finding``; ConflictError."""
    held = LegacyCase.objects.select_for_update(of=("self",)).get(pk=legacy.pk)
    if held.finding_id is not None:
        raise ConflictError(_("Perkara lama ini sudah dicatat sebagai temuan."))
    finding = record_finding(facts=facts, officer=officer, at=at, supervision=supervision)
    held.finding = finding
    held.save(update_fields=["finding"])
    carry_to_finding(legacy=held, finding=finding, at=at)
    return finding


def expire_imports(*, at: datetime) -> int:
    """End imports that nobody finished in seven days, with their files; return how many."""
    ended = 0
    for pk in LegacyImport.objects.filter(stage__in=OPEN, expires_at__lte=at).values_list(
        "pk", flat=True
    ):
        with transaction.atomic():
            held = (
                LegacyImport.objects.select_for_update(skip_locked=True)
                .filter(pk=pk, stage__in=OPEN - {Stage.IMPORTING})
                .first()
            )
            if held is not None:
                _end(held, Stage.EXPIRED)
                ended += 1
    return ended


def carry_on(*, subject_id: str, at: datetime | None = None) -> None:
    """Do one stretch of one stage: ``<id>:<stage>:<turn>:<first row>``. Runs in the outbox's transaction.

    What belongs to a turn that is over, or to an import that ended meanwhile, does nothing.
    """
    public_id, step, turn, start = subject_id.split(":")
    held = (
        LegacyImport.objects.select_for_update(of=("self",))
        .select_related("office__region")
        .filter(public_id=UUID(public_id), turn=int(turn), stage=_STAGE_OF[step])
        .first()
    )
    if held is None:
        return
    moment = at or timezone.now()
    try:
        if step == "read":
            _read(held)
        else:
            _stretch(held, step, int(start), moment)
    except UnreadableSheetError as error:
        held.failure = error.code
        _end(held, Stage.FAILED)
    except (FileNotFoundError, envelope.UnsealError):
        held.failure = "lost"
        _end(held, Stage.FAILED)


_STAGE_OF: Mapping[str, LegacyImport.Stage] = {
    "read": Stage.READING,
    "check": Stage.CHECKING,
    "import": Stage.IMPORTING,
}


def _read(held: LegacyImport) -> None:
    """Turn the file into its rows; the file itself is gone with the commit."""
    sheet = read_sheet(sealed_files.load(held.storage_name, purpose=ROWS_PURPOSE))
    rows = Rows(sheet.heads, sheet.head_at, sheet.rows)
    stored = sealed_files.store(rows.to_json(), purpose=ROWS_PURPOSE)
    transaction.on_commit(partial(sealed_files.remove, held.storage_name), robust=True)
    held.storage_name = stored.name
    held.total_rows = len(rows.rows)
    held.columns = guessed(rows.heads, columns_before(held.office))
    held.stage = Stage.COLUMNS
    held.save()


def _stretch(held: LegacyImport, step: str, start: int, at: datetime) -> None:
    rows = rows_of(held).rows[start : start + STRETCH]
    words = words_for(held.office, today=local_day(at, held.office))
    read = list(_each(rows, held.columns, words))
    if step == "check":
        _check(held, read)
    else:
        _import(held, read, at=at)
    held.done_rows = start + len(rows)
    if held.done_rows < held.total_rows and rows:
        held.save()
        _promise(held, step, held.done_rows)
    elif step == "check":
        held.stage = Stage.CHECKED
        held.save()
    else:
        held.finished_at = at
        _end(held, Stage.DONE)


def _each(
    rows: Sequence[tuple[int, list[str]]], columns: Sequence[str], words: Words
) -> Iterator[tuple[int, Read]]:
    places = [(at, name) for at, name in enumerate(columns) if name]
    for number, cells in rows:
        found = {name: cells[at] for at, name in places if at < len(cells)}
        yield number, read_row(found, words)


def _check(held: LegacyImport, read: Sequence[tuple[int, Read]]) -> None:
    bad = [
        LegacyProblem(
            legacy_import=held,
            row=number,
            codes=[[problem.column, problem.code] for problem in each.problems],
        )
        for number, each in read
        if each.row is None
    ]
    LegacyProblem.objects.bulk_create(bad)
    keys = [each.row.key for _number, each in read if each.row is not None]
    known = LegacyCase.objects.filter(office=held.office, row_key__in=keys).count()
    held.bad_rows += len(bad)
    held.known_rows += known
    held.good_rows += len(keys) - known


def _import(held: LegacyImport, read: Sequence[tuple[int, Read]], *, at: datetime) -> None:
    good = {each.row.key: (number, each.row) for number, each in read if each.row is not None}
    agencies = _keyed(Agency, {row.agency for _number, row in good.values()})
    regions = _keyed(Region, {row.region for _number, row in good.values()})
    labels = acts_by_code()
    made = [
        _legacy_case(held, number, row, agencies, regions, labels[row.act].label_id)
        for number, row in good.values()
    ]
    before = held.cases.count()
    hold_ties()
    # A rival with the same rows waits here for this transaction, then adds none of them.
    LegacyCase.objects.bulk_create(made, ignore_conflicts=True)
    added = held.cases.count() - before
    came = held.cases.filter(public_id__in=[row.public_id for row in made]).select_related("agency")
    recuse_from_new(rows=list(came), on=local_day(at, held.office), at=at)
    held.made_rows += added
    held.known_rows += sum(1 for _number, each in read if each.row is not None) - added


def _keyed(model: type[Agency] | type[Region], codes: set[str]) -> dict[str, tuple[int, str]]:
    rows = model._default_manager.filter(code__in=codes - {""})
    return {code: (pk, name) for code, pk, name in rows.values_list("code", "pk", "name")}


def _legacy_case(
    held: LegacyImport,
    number: int,
    row: Row,
    agencies: Mapping[str, tuple[int, str]],
    regions: Mapping[str, tuple[int, str]],
    act: str,
) -> LegacyCase:
    agency = agencies.get(row.agency)
    region = regions[row.region]
    public_id = uuid4()
    words = (
        row.register_number,
        row.name,
        row.nip,
        row.position,
        row.unit,
        agency[1] if agency else row.agency_text,
        region[1],
        row.place,
        act,
    )
    return LegacyCase(
        public_id=public_id,
        office=held.office,
        made_by=held,
        row=number,
        row_key=row.key,
        register_number=row.register_number,
        registered_on=row.registered_on,
        event_on=row.event_on,
        name=row.name,
        nip=row.nip,
        position=row.position,
        unit=row.unit,
        agency_id=agency[0] if agency else None,
        agency_text=row.agency_text,
        region_id=region[0],
        act=row.act,
        place=row.place,
        standing=row.standing,
        outcome=row.outcome,
        description=(
            envelope.seal(row.description.encode(), context=("legacy-case", public_id.hex))
            if row.description
            else None
        ),
        search_text=" ".join(word for word in words if word),
    )


def _check_needed(named: set[str]) -> None:
    for name in NEEDED:
        if name not in named:
            raise DomainError(
                _("Pilih kolom untuk %(name)s") % {"name": BY_NAME[name].label}, field="columns"
            )
    if not named & {"name", "position"}:
        raise DomainError(_("Pilih kolom untuk nama atau jabatan terlapor"), field="columns")
    if not named & {"event_on", "registered_on"}:
        raise DomainError(_("Pilih kolom untuk tanggal kejadian atau register"), field="columns")


def _held(
    legacy_import: LegacyImport,
    officer: User,
    stages: set[LegacyImport.Stage],
    *,
    seen: int | None = None,
) -> LegacyImport:
    if officer.office is None or not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    held = (
        LegacyImport.objects.select_for_update(of=("self",))
        .select_related("office__region")
        .get(pk=legacy_import.pk)
    )
    if held.stage not in stages or (seen is not None and held.turn != seen):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    return held


def _end(held: LegacyImport, stage: LegacyImport.Stage) -> None:
    """End an import; nothing of the file stays."""
    if held.storage_name:
        transaction.on_commit(partial(sealed_files.remove, held.storage_name), robust=True)
    held.storage_name, held.stage = "", stage
    held.save()


def _promise(held: LegacyImport, step: str, start: int) -> None:
    publish(topic=TOPIC, subject_id=f"{held.public_id.hex}:{step}:{held.turn}:{start}")


def _note(held: LegacyImport, officer: User, action: str, **detail: int) -> None:
    note_in_log(
        actor=officer.public_id,
        action=action,
        subject=f"import:{held.public_id.hex}",
        detail=detail,
    )
