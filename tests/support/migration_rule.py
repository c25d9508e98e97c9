"""Which migrations may run while reports come in (check F18): computed from what they say they do.

Of a migration after the release before (:mod:`tests.support.release_before`): every step can be taken back;
SQL and Python, of which nothing can be computed, stand in :data:`REVIEWED` with a reason; and what changes a
table of the intake is one of the few steps that hold it for moments, alone in its transaction.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations import operations as steps
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Value
from django.db.models.functions import Now

from bawaslu_cases.shared.concurrent_indexes import (
    BuildIndex,
    BuildUnique,
    DropIndex,
    DropKeyIndex,
    DropPatternIndex,
)

INTAKE: Final = frozenset(
    {
        "accounts.user",
        "complaints.case",
        "complaints.casecomplaint",
        "complaints.cleanerjob",
        "complaints.complaint",
        "complaints.complaintevent",
        "complaints.complaintmilestone",
        "complaints.complaintofficial",
        "complaints.conflictdeclaration",
        "complaints.deadline",
        "complaints.evidence",
        "complaints.evidenceevent",
        "complaints.evidencelink",
        "complaints.handoverconsent",
        "complaints.identitycard",
        "complaints.matchkey",
        "complaints.message",
        "complaints.officechange",
        "complaints.official",
        "complaints.parkedwraps",
        "complaints.plenarydecision",
        "complaints.receipt",
        "complaints.recordchange",
        "complaints.repairrequest",
        "complaints.reportersession",
        "complaints.requirementcheck",
        "complaints.saveddraft",
        "complaints.sealedidentity",
        "complaints.seenrevocations",
        "complaints.statement",
        "complaints.unsealevent",
        "complaints.unsealrequest",
        "complaints.upload",
        "complaints.uploadpart",
        "complaints.visitcode",
        "keyring.erasure",
        "keyring.groupepoch",
        "keyring.keygroup",
        "keyring.memberwrap",
        "keyring.officercertificate",
        "keyring.outsidekey",
        "keyring.reportwraps",
        "keyring.revocationlist",
        "shared.outboxmessage",
    }
)
"""Models of the tables that a reporter's pages write or read, but for reference data."""

REVIEWED: Final = {
    ("complaints", "0048_vacuum_often", 0): "a setting of the table: who reads or writes waits not",
    ("complaints", "0048_vacuum_often", 1): "the same",
    (
        "referrals",
        "0016_office_kept",
        2,
    ): "referrals and follow-ups alone, some tenth of the reports",
    ("referrals", "0016_office_kept", 3): "the same; the keys to offices stay as they are",
    (
        "referrals",
        "0016_office_kept",
        6,
    ): "keys of these to cases; no page of a reporter writes a case",
}
"""(app, migration, number of the step) that somebody read, SQL and Python above all: what, how long."""

REFERENCE: Final = "registry."
"""Reference data: read for every report, whether a process remembers it by then or not."""
NOT_OF_THE_TABLE: Final = (steps.AlterModelOptions, steps.AlterModelManagers)
FOR_MOMENTS: Final = (
    *(BuildIndex, BuildUnique, DropIndex, DropKeyIndex, DropPatternIndex),
    *(AddConstraintNotValid, ValidateConstraint),
)
"""Nobody who writes waits for these, or for no longer than it takes to note a constraint."""
NO_MATTER: Final = frozenset(
    {"choices", "verbose_name", "help_text", "blank", "default", "db_default", "validators"}
    | {"editable", "error_messages", "on_delete", "related_name", "limit_choices_to"}
)
"""Of a field: what changes no row and no constraint of its column."""


def objections(
    migration: Migration,
    before: ProjectState,
    made: set[tuple[str, str]],
    *,
    intake: Collection[str] = INTAKE,
    reviewed: Mapping[tuple[str, str, int], str] = REVIEWED,
) -> Iterator[str]:
    """Yield why a migration may not be released; change ``before`` to the state after it.

    ``made`` are the models that this release makes, which the migration adds to: their tables are new.
    """
    app, holding = migration.app_label, 0
    for number, step in enumerate(migration.operations):
        earlier = before.clone()
        step.state_forwards(app, before)
        place = f"{app}.{migration.name} step {number} ({type(step).__name__})"
        if not step.reversible:
            yield f"{place}: cannot be taken back"
        if isinstance(step, steps.CreateModel):
            made.add((app, step.name_lower))
            continue
        taken = _objection(app, step, earlier, before, made, intake)
        holding += taken is not None and not isinstance(step, steps.RunSQL | steps.RunPython)
        if taken and (app, migration.name, number) not in reviewed:
            yield f"{place}: {taken}"
    others = [step for step in migration.operations if not isinstance(step, steps.CreateModel)]
    if migration.atomic and holding and len(others) > 1:
        yield (
            f"{app}.{migration.name}: a table of the intake is held while the next step is prepared;"
            " one step each"
        )


def _objection(
    app: str,
    step: Any,
    earlier: ProjectState,
    later: ProjectState,
    made: set[tuple[str, str]],
    intake: Collection[str],
) -> str | None:
    """Return as :func:`_takes`, also of what nothing can be computed of and of tables that do not matter."""
    if isinstance(step, steps.RunSQL | steps.RunPython):
        return "nobody reviewed which tables it holds, and for how long"
    if isinstance(step, steps.SeparateDatabaseAndState):
        return "write its steps out"
    tables = _tables(app, step, earlier, made)
    if not any(each in intake or each.startswith(REFERENCE) for each in tables):
        return None
    return _takes(app, step, earlier, later)


def _tables(app: str, step: Any, earlier: ProjectState, made: set[tuple[str, str]]) -> set[str]:
    """Return the models whose tables a step locks: its own and those that its columns point at.

    A new key holds the table that it points at against writers alone, and nobody's report writes reference
    data; one that goes, or is made anew, holds it against readers too.
    """
    own = (app, (getattr(step, "model_name", None) or step.name).lower())
    if own in made:
        return set()
    was = earlier.models[own].fields if own in earlier.models else {}
    if isinstance(step, steps.DeleteModel):
        fields = list(was.values())
    else:
        name = getattr(step, "name", "") if hasattr(step, "model_name") else ""
        fields = [field for field in (was.get(name), getattr(step, "field", None)) if field]
    pointed = {told for field in fields if (told := _pointed_at(app, field))}
    if isinstance(step, steps.AddField):
        pointed = {told for told in pointed if not told.startswith(REFERENCE)}
    return {".".join(own), *pointed}


def _pointed_at(app: str, field: Any) -> str:
    if not field.remote_field:
        return ""
    model = field.remote_field.model
    told = model if isinstance(model, str) else model._meta.label
    return (told if "." in told else f"{app}.{told}").lower()


def _takes(app: str, step: Any, earlier: ProjectState, later: ProjectState) -> str | None:
    """Return None where a step holds no table, "" where it does for moments, else the objection."""
    if isinstance(step, NOT_OF_THE_TABLE):
        return None
    if isinstance(step, steps.AddField):
        field = step.field.clone()
        field.set_attributes_from_name(step.name)
        return _added(field)
    if isinstance(step, steps.AlterField):
        return _altered(app, step, earlier, later)
    if isinstance(step, FOR_MOMENTS) or (isinstance(step, steps.RenameIndex) and step.old_name):
        return ""
    return "holds the table for longer than moments, or takes from the web before what it asks for"


def _altered(app: str, step: Any, earlier: ProjectState, later: ProjectState) -> str | None:
    """Return what speaks against another field, "" where its index or default goes, None if nothing."""
    name = step.model_name_lower
    was = earlier.models[app, name].fields[step.name]
    now = later.models[app, name].fields[step.name]
    column, indexed = _column(now), isinstance(step, DropKeyIndex)
    if indexed:
        column[2].pop("db_index", None)
    if _column(was) != column:
        return "may write or read every row"
    return "" if indexed or was.db_default != now.db_default else None


def _added(field: Any) -> str:
    """Return what speaks against a new column, "" if nothing."""
    if field.many_to_many:
        return ""
    given = field.db_default is not NOT_PROVIDED
    drawn = hasattr(field.db_default, "resolve_expression")
    against = {
        "the web before writes rows without it": not (field.null or given),
        "a default that is drawn for each row writes every row": (
            given and drawn and not isinstance(field.db_default, Now | Value)
        ),
        "builds an index while it holds the table": field.unique or field.db_index,
        "reads or writes every row": field.db_check(connection) or field.generated,
        "looks up what every row points at": (
            field.remote_field and (given or field.has_default())
        ),
    }
    return next((words for words, holds in against.items() if holds), "")


def _column(field: Any) -> tuple[Any, ...]:
    _name, path, arguments, told = field.deconstruct()
    return path, arguments, {key: told[key] for key in told if key not in NO_MATTER}
