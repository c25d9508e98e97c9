"""Bringing the tables to the state of the project's data files.

Each file is one transaction. Rows are matched by their natural key, created or updated where they
differ, and never deleted: a row only the database has was added by hand and stays. A file whose
content was loaded before is skipped, so a correction made by hand survives until the project
publishes a new file.
"""

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction

from bawaslu_cases.registry.freshness import mark_changed
from bawaslu_cases.registry.models import (
    ActAlias,
    ActKind,
    ActRule,
    Agency,
    Contest,
    ContestPhase,
    DataLoad,
    GuideCase,
    GuideCircumstance,
    GuideObject,
    GuideQuestion,
    GuideSituation,
    Holiday,
    HolidayCategory,
    Office,
    PositionHint,
    PpkRule,
    RecipientBody,
    Region,
    RegionAlias,
    SanctionType,
    TimeLimit,
    ViolationRule,
)
from bawaslu_cases.registry.services.calendar import DayOffDraft, change_calendar

DATA = Path(__file__).resolve().parents[1] / "data"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One CSV file and the table it fills. Columns are field names; a link holds the other's code.

    Lists are separated by ``|``, links to many by ``|`` or ``;``; an empty cell is NULL or "".
    """

    name: str
    model: type[models.Model]
    key: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return DATA / self.name


# In the order of their links: what is pointed at comes first.
FILES: tuple[DataFile, ...] = (
    DataFile("regions.csv", Region, ("code",)),
    DataFile("region_aliases.csv", RegionAlias, ("region", "alias")),
    DataFile("offices.csv", Office, ("code",)),
    DataFile("agencies.csv", Agency, ("code",)),
    DataFile("ppk_rules.csv", PpkRule, ("code", "valid_from")),
    DataFile("recipient_bodies.csv", RecipientBody, ("code",)),
    DataFile("violation_rules.csv", ViolationRule, ("code", "valid_from")),
    DataFile("sanction_types.csv", SanctionType, ("code", "valid_from")),
    DataFile("act_kinds.csv", ActKind, ("code",)),
    DataFile("act_rules.csv", ActRule, ("act", "stage", "rank", "valid_from")),
    DataFile("act_aliases.csv", ActAlias, ("alias",)),
    DataFile("guide_situations.csv", GuideSituation, ("code",)),
    DataFile("guide_objects.csv", GuideObject, ("code",)),
    DataFile("guide_circumstances.csv", GuideCircumstance, ("code",)),
    DataFile("guide_cases.csv", GuideCase, ("code", "valid_from")),
    DataFile("guide_questions.csv", GuideQuestion, ("slug", "valid_from")),
    DataFile("contests.csv", Contest, ("code",)),
    DataFile("contest_phases.csv", ContestPhase, ("contest", "kind", "starts_on")),
    DataFile("time_limits.csv", TimeLimit, ("code", "regime", "valid_from")),
    DataFile("position_hints.csv", PositionHint, ("code",)),
    DataFile("holidays.csv", Holiday, ("date", "category", "name", "region")),
)


@dataclass(slots=True)
class LoadResult:
    """What loading one file did, or would do."""

    file: DataFile
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    # The file was loaded in this very state before and not read again.
    skipped: bool = False

    @property
    def changed(self) -> int:
        """Rows created or updated."""
        return self.created + self.updated

    def count(self, outcome: str) -> None:
        """Add one row to ``created``, ``updated`` or ``unchanged``."""
        setattr(self, outcome, getattr(self, outcome) + 1)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a file: column values by attribute name, and codes of links to many."""

    values: dict[str, Any]
    many: dict[str, frozenset[str]]


@transaction.atomic
def load_file(*, file: DataFile, at: dt.datetime, force: bool = False) -> LoadResult:
    """Bring the file's table to its state and remember the file's digest.

    Raises ValueError naming file and line for a link to a code that does not exist, and
    IntegrityError where a row breaks a constraint of its table; the table is unchanged then.
    """
    content = file.path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if not force and DataLoad.objects.filter(file_name=file.name, sha256=digest).exists():
        return LoadResult(file, skipped=True)
    result = _load_holidays(file, at=at) if file.model is Holiday else _load_rows(file)
    DataLoad.objects.update_or_create(
        file_name=file.name,
        defaults={
            "sha256": digest,
            "rows": result.changed + result.unchanged,
            "loaded_at": at,
        },
    )
    if result.changed:
        transaction.on_commit(mark_changed)
    return result


def registry_differences() -> list[LoadResult]:
    """Say for each file what loading all of them would change, without changing it.

    The work is done and rolled back, so the answer cannot differ from the deed. Raises as
    :func:`load_file` does.
    """
    at = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    with transaction.atomic():
        results = [load_file(file=file, at=at, force=True) for file in FILES]
        transaction.set_rollback(True)
    return results


def _load_rows(file: DataFile) -> LoadResult:
    """Create and update row by row; exclusion constraints are checked when all rows are there."""
    result = LoadResult(file)
    manager = file.model._default_manager
    key = [_attname(file.model, name) for name in file.key]
    existing = {tuple(getattr(row, name) for name in key): row for row in manager.all()}
    links = _Links()
    linked: list[tuple[models.Model, _Row, str]] = []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for row in _rows(file, links):
        current = existing.get(tuple(row.values[name] for name in key))
        if current is None:
            created = manager.create(**row.values)
            links.add(created)
            linked.append((created, row, "created"))
            continue
        differing = [name for name, new in row.values.items() if getattr(current, name) != new]
        for name in differing:
            setattr(current, name, row.values[name])
        if differing:
            current.save(update_fields=differing)
        linked.append((current, row, "updated" if differing else "unchanged"))
    # Links to many may point inside the file (an agency and its successors), so they come last.
    for instance, row, outcome in linked:
        moved = _set_many(instance, row, links)
        result.count("updated" if moved and outcome == "unchanged" else outcome)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return result


def _set_many(instance: models.Model, row: _Row, links: "_Links") -> bool:
    """Point the links to many where the file says; return whether any moved. One query each."""
    moved = False
    for name, codes in row.many.items():
        manager = getattr(instance, name)
        wanted = {links.key(manager.model, code) for code in codes}
        if set(manager.values_list("pk", flat=True)) != wanted:
            manager.set(wanted)
            moved = True
    return moved


class _Links:
    """Primary keys by code, one query per table."""

    def __init__(self) -> None:
        self._keys: dict[type[models.Model], dict[str, int]] = {}

    def key(self, model: type[models.Model], code: str) -> int:
        """Return the primary key of the row with the code; raises KeyError."""
        if model not in self._keys:
            rows = model._default_manager.values_list("code", "pk")
            self._keys[model] = dict(rows)
        return self._keys[model][code]

    def add(self, instance: models.Model) -> None:
        """Remember a row that was just created, for lines further down that point at it."""
        if type(instance) in self._keys:
            self._keys[type(instance)][getattr(instance, "code", "")] = instance.pk


def _attname(model: type[models.Model], name: str) -> str:
    """Return the attribute that holds the column's raw value: ``region`` → ``region_id``."""
    found = model._meta.get_field(name)
    return found.attname if isinstance(found, models.Field) else name


def _rows(file: DataFile, links: _Links) -> Iterator[_Row]:
    """Read the file line by line, each cell as its column's type."""
    with file.path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        for cells in reader:
            try:
                yield _row(file.model, cells, links)
            except (KeyError, ValueError, ValidationError) as error:
                raise ValueError(f"{file.name}, line {reader.line_num}: {error}") from error


def _row(model: type[models.Model], cells: Mapping[Any, Any], links: _Links) -> _Row:
    if None in cells or None in cells.values():  # how DictReader marks surplus and lacking cells
        raise ValueError("another number of cells than the heading")
    values: dict[str, Any] = {}
    many: dict[str, frozenset[str]] = {}
    for name, cell in cells.items():
        column = model._meta.get_field(name)
        if isinstance(column, models.ManyToManyField):
            many[name] = frozenset(re.split(r"[|;]", cell)) if cell else frozenset()
        elif isinstance(column, models.ForeignKey):
            values[column.attname] = links.key(column.related_model, cell) if cell else None
        elif isinstance(column, ArrayField):
            values[name] = cell.split("|") if cell else []
        elif isinstance(column, models.Field):
            values[name] = None if cell == "" and column.null else column.to_python(cell)
    return _Row(values, many)


def _load_holidays(file: DataFile, *, at: dt.datetime) -> LoadResult:
    """Bring the holidays to the file's state through the calendar's own service: one version."""
    result = LoadResult(file)
    rows = [row.values for row in _rows(file, _Links())]
    existing = {
        (day.date, day.category, day.name, day.region_id): day
        for day in Holiday.objects.select_related("region")
    }
    regions = Region.objects.in_bulk({row["region_id"] for row in rows} - {None})
    add: list[DayOffDraft] = []
    replace: list[Holiday] = []
    for row in rows:
        current = existing.get((row["date"], row["category"], row["name"], row["region_id"]))
        if current is not None:
            if (current.is_estimated, current.source) == (row["is_estimated"], row["source"]):
                result.unchanged += 1
                continue
            replace.append(current)
            result.updated += 1
        else:
            result.created += 1
        add.append(
            DayOffDraft(
                date=row["date"],
                category=HolidayCategory(row["category"]),
                name=row["name"],
                region=regions.get(row["region_id"]),
                is_estimated=row["is_estimated"],
                source=row["source"],
            )
        )
    if add:
        change_calendar(add=add, remove=replace, reason=f"Berkas {file.name} dimuat", at=at)
    return result
