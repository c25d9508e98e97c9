"""F18, the rule: what a release does to tables of the intake, it does while reports come in, for moments."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import connections, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now
from django.test import Client

from bawaslu_cases.shared.concurrent_indexes import (
    BuildIndex,
    DropIndex,
    DropKeyIndex,
    DropPatternIndex,
)
from complaints.services import guessing
from complaints.services.proof_of_work import Purpose
from complaints.web import intake
from tests.complaints.web.test_mailbox_page import PAGE
from tests.complaints.web.test_uploads import picture, upload
from tests.complaints.web.walk import NOW, send, walk_to
from tests.support.migration_rule import INTAKE, REVIEWED, objections
from tests.support.release_before import LAST

BY_HAND = {"complaints.saveddraft", "complaints.handoverconsent", "keyring.erasure"}
"""What the walk below leaves out: a draft put aside, a request to LPSK, what comes after a commit."""
REFERENCE = ("registry_", "django_")
YES = {"understood": "on"}
LOCKED = """
SELECT DISTINCT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind = 'r'
  AND c.relnamespace = 'public'::regnamespace
"""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the form be walked faster than by any person."""
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))
    monkeypatch.setitem(guessing.CALM_A_MINUTE, Purpose.SEND, 10_000)
    with time_machine.travel(NOW, tick=False):
        yield


def _touched() -> set[str]:
    """Return the tables that this test's transactions hold any lock on: what triggers ask is there too."""
    found: set[str] = set()
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute(LOCKED)
            found |= {row[0] for row in cursor.fetchall()}
    return {table for table in found if not table.startswith(REFERENCE)}


@pytest.mark.django_db
def test_f18_the_list_names_every_table_that_a_report_touches(quick, vault_keys):
    for lane in ("tip", "sealed", "open"):
        client = Client()
        walk_to(client, "check", lane={"lane": lane})
        assert upload(client, picture(5000)).status_code == 204
        assert send(client).status_code == 303
        code = "".join(client.get("/f/").context["groups"])
        assert client.post("/f/", {"do": "kept"}).status_code == 200
        assert client.post("/s/", {"code": code}).status_code == 303
        for asked, said in (("write", {"text": "Besok menyusul."}), ("withdraw", YES)):
            client.post(PAGE, {"do": f"go:{asked}"})
            client.post(PAGE, {"page": asked, **said})
            assert client.get(PAGE).status_code == 200
    assert {table.replace("_", ".", 1) for table in _touched()} == INTAKE - BY_HAND


def _ours() -> tuple[MigrationLoader, list[tuple[str, str]]]:
    """Return the migrations, and those after the release before, in an order they can be applied in."""
    loader = MigrationLoader(None)
    graph = loader.graph
    known = {key for app, name in LAST.items() for key in graph.forwards_plan((app, name))}
    plan: list[tuple[str, str]] = []
    for leaf in graph.leaf_nodes():
        plan += [key for key in graph.forwards_plan(leaf) if key not in plan]
    return loader, [key for key in plan if key[0] in LAST and key not in known]


def test_f18_migrations_since_the_release_before_hold_no_table_of_the_intake():
    loader, since = _ours()
    state = loader.project_state([key for key in LAST.items() if key in loader.graph.nodes])
    made: set[tuple[str, str]] = set()

    told = [
        objection for key in since for objection in objections(loader.graph.nodes[key], state, made)
    ]

    assert told == []
    steps = {
        (*key, number) for key in since for number in range(len(loader.graph.nodes[key].operations))
    }
    assert set(REVIEWED) <= steps, "a reason for a step that is not there"
    assert {app for app, _name in loader.graph.leaf_nodes()} & {*LAST} == {*LAST}


def test_f18_every_table_of_the_intake_is_a_model():
    models_known = {".".join(key) for key in MigrationLoader(None).project_state().models}
    assert models_known >= INTAKE


CHECK = models.CheckConstraint(condition=models.Q(size__gt=0), name="size_positive")
INDEX = models.Index(fields=["size"], name="size_told")


PROTECT = models.PROTECT
TO_OFFICE = models.ForeignKey("registry.office", PROTECT, null=True)
TO_OFFICE_PLAIN = models.ForeignKey("registry.office", PROTECT, null=True, db_index=False)


def _state() -> ProjectState:
    state = ProjectState()
    for step in (
        migrations.CreateModel(
            "Report",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("size", models.IntegerField()),
                ("word", models.CharField(max_length=5)),
            ],
            options={"indexes": [models.Index(fields=["word"], name="word_told")]},
        ),
        migrations.CreateModel(
            "Other", [("id", models.BigAutoField(primary_key=True)), ("place", TO_OFFICE)]
        ),
    ):
        step.state_forwards("desk", state)
    return state


def _told(*steps: Any, atomic: bool = True, reviewed: Any = ()) -> list[str]:
    migration: Any = migrations.Migration("0002", "desk")
    migration.operations = list(steps)
    migration.atomic = atomic
    reasons = {("desk", "0002", number): "read" for number in reviewed}
    told = objections(migration, _state(), set(), intake={"desk.report"}, reviewed=reasons)
    return [line.split(": ", 1)[1] for line in told]


def _column(field: Any, model: str = "report") -> Any:
    return migrations.AddField(model, "more", field)


def _to_report(**options: Any) -> Any:
    return models.ForeignKey("desk.report", models.CASCADE, **options)


GOOD: dict[str, tuple[tuple[Any, ...], bool]] = {
    "a column that may be empty": ((_column(models.IntegerField(null=True)),), True),
    "a column with one default": ((_column(models.IntegerField(db_default=3)),), True),
    "a column with the time": ((_column(models.DateTimeField(db_default=Now())),), True),
    "an index beside the work": ((BuildIndex("report", INDEX),), False),
    "an index less": ((DropIndex("report", "word_told"),), False),
    "a key's index less": ((DropKeyIndex("other", "place", TO_OFFICE_PLAIN),), False),
    "a pattern's index less": ((DropPatternIndex("report", "word"),), False),
    "a constraint for new rows": ((AddConstraintNotValid("report", CHECK),), True),
    "the same for old rows": ((ValidateConstraint("report", "size_positive"),), True),
    "other words": (
        (migrations.AlterField("report", "word", models.CharField(max_length=5, blank=True)),),
        True,
    ),
    "a new table that points": (
        (
            migrations.CreateModel(
                "Note", [("id", models.BigAutoField(primary_key=True)), ("report", _to_report())]
            ),
            migrations.AddIndex("note", models.Index(fields=["report"], name="note_report")),
        ),
        True,
    ),
    "a key to reference data": ((_column(TO_OFFICE, "other"),), True),
    "a column that points": ((_column(_to_report(null=True, db_index=False), "other"),), True),
    "another table": (
        (
            _column(models.IntegerField(default=3), "other"),
            migrations.RenameModel("Other", "Second"),
        ),
        True,
    ),
}
BAD: dict[str, tuple[tuple[Any, ...], str]] = {
    "an index": ((migrations.AddIndex("report", INDEX),), "holds the table"),
    "an index by Django's own step": (
        (AddIndexConcurrently("report", GinIndex(fields=["word"], name="x")),),
        "holds the table",
    ),
    "an index less": ((migrations.RemoveIndex("report", "word_told"),), "holds the table"),
    "a constraint": ((migrations.AddConstraint("report", CHECK),), "holds the table"),
    "a column less": ((migrations.RemoveField("report", "word"),), "holds the table"),
    "another name": ((migrations.RenameField("report", "word", "term"),), "holds the table"),
    "no table": ((migrations.DeleteModel("Report"),), "holds the table"),
    "another type": (
        (migrations.AlterField("report", "size", models.BigIntegerField()),),
        "may write or read",
    ),
    "a column that must be filled": (
        (_column(models.IntegerField(default=3)),),
        "the web before writes rows without it",
    ),
    "a column with an index": (
        (_column(models.IntegerField(null=True, db_index=True)),),
        "builds an index",
    ),
    "a column for itself": (
        (_column(models.IntegerField(null=True, unique=True)),),
        "builds an index",
    ),
    "a column that is checked": (
        (_column(models.PositiveIntegerField(null=True)),),
        "reads or writes every row",
    ),
    "a column that is drawn": (
        (_column(models.UUIDField(db_default=RandomUUID())),),
        "a default that is drawn",
    ),
    "a key with an index": ((_column(_to_report(null=True), "other"),), "builds an index"),
    "a key that must be filled": (
        (_column(_to_report(default=1, db_index=False), "other"),),
        "the web before",
    ),
    "two steps": (
        (_column(models.IntegerField(null=True)), migrations.RenameModel("Other", "Second")),
        "a table of the intake is held while",
    ),
    "a constraint and its look at once": (
        (AddConstraintNotValid("report", CHECK), ValidateConstraint("report", "size_positive")),
        "a table of the intake is held while",
    ),
    "a key made anew": (
        (migrations.AlterField("other", "place", models.ForeignKey("registry.office", PROTECT)),),
        "may write or read",
    ),
    "more of a key than its index": (
        (
            DropKeyIndex(
                "other",
                "place",
                models.ForeignKey("registry.office", PROTECT, db_index=False),
            ),
        ),
        "may write or read",
    ),
    "a key less": ((migrations.RemoveField("other", "place"),), "holds the table"),
    "a table with a key less": ((migrations.DeleteModel("Other"),), "holds the table"),
    "SQL": ((migrations.RunSQL("SELECT 1", "SELECT 1"),), "nobody reviewed"),
    "Python": ((migrations.RunPython(print, print),), "nobody reviewed"),
    "what hides steps": ((migrations.SeparateDatabaseAndState(),), "write its steps out"),
}


@pytest.mark.parametrize("steps", GOOD.values(), ids=GOOD)
def test_f18_the_rule_lets_pass(steps):
    assert _told(*steps[0], atomic=steps[1]) == []


@pytest.mark.parametrize("steps", BAD.values(), ids=BAD)
def test_f18_the_rule_objects(steps):
    (told,) = _told(*steps[0])
    assert told.startswith(steps[1]), told


def test_f18_the_rule_asks_for_a_way_back_even_where_somebody_read_it():
    assert _told(migrations.RunSQL("SELECT 1"), reviewed=[0]) == ["cannot be taken back"]
    assert _told(migrations.RunSQL("SELECT 1", "SELECT 1"), reviewed=[0]) == []
