"""Migrations with fewer classes: the same tables, whatever the steps are."""

from contextlib import nullcontext
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from bawaslu_cases.shared.management.commands import migrate
from bawaslu_cases.shared.migration_state import rendering_what_changed

pytestmark = pytest.mark.django_db


def _table(name: str, *fields: tuple[str, Any], bases: tuple[Any, ...] = (models.Model,)) -> Any:
    key = [] if bases != (models.Model,) else [("id", models.IntegerField(primary_key=True))]
    return migrations.CreateModel(name, [*key, *fields], bases=bases)


def _to(name: str, **options: Any) -> Any:
    return models.ForeignKey(f"steps.{name}", models.CASCADE, related_name="+", **options)


SEEN: list[tuple[str, list[str]]] = []


def look(apps: Any, _editor: Any) -> None:
    """Note what the code of a migration finds of each model and of what points at it."""
    for model in sorted(apps.get_app_config("steps").get_models(), key=lambda each: each.__name__):
        related = [each.related_model for each in model._meta.related_objects]
        assert all(each is apps.get_model("steps", each.__name__) for each in related)
        SEEN.append((model.__name__, sorted(field.name for field in model._meta.get_fields())))


STEPS: list[Any] = [
    _table("House"),
    _table("Room", ("house", _to("House"))),
    _table("Chair", ("room", _to("Room"))),
    # Narrow: a column, one that points, an index, a constraint, a relation that changes.
    migrations.AddField("House", "name", models.CharField(max_length=20, default="")),
    migrations.AddField("House", "hall", _to("Room", null=True)),
    migrations.AddField("Chair", "owner", _to("House", null=True)),
    migrations.AddIndex("Room", models.Index(fields=["house"], name="room_house")),
    migrations.AddConstraint(
        "House", models.CheckConstraint(condition=models.Q(id__gt=0), name="house_id")
    ),
    migrations.AlterField("Chair", "owner", _to("House")),
    migrations.AlterField("House", "name", models.CharField(max_length=40, default="")),
    migrations.RunPython(look),
    # Wide: every column that points at a key changes with it, whenever it came.
    migrations.AlterField("House", "id", models.BigIntegerField(primary_key=True)),
    migrations.AddField("Room", "chair", _to("Chair", null=True)),
    migrations.AlterField("Chair", "id", models.BigIntegerField(primary_key=True)),
    migrations.AlterField("Room", "id", models.BigIntegerField(primary_key=True)),
    _table("Hut", ("straw", models.IntegerField()), bases=("steps.house",)),
    migrations.AddField("House", "year", models.IntegerField(null=True)),
    migrations.AddField("House", "guests", models.ManyToManyField("steps.Chair", related_name="+")),
    migrations.RenameField("Room", "house", "home"),
    migrations.RenameModel("Room", "Chamber"),
    migrations.AddField("Chair", "second", _to("Chamber", null=True)),
    migrations.RemoveField("House", "hall"),
    migrations.RemoveIndex("Chamber", "room_house"),
    migrations.RunPython(look),
]

TABLES = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable
FROM information_schema.columns WHERE table_name LIKE 'steps\\_%' ORDER BY 1, 2
"""
KEYS = """
SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid::regclass::text LIKE 'steps\\_%' ORDER BY 1, 2
"""
INDEXES = r"SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'steps\_%' ORDER BY 1"


def _made(around: Any) -> tuple[Any, ...]:
    """Return what the steps made of an empty database, and what their code saw; nothing stays."""
    SEEN.clear()
    migration: Any = migrations.Migration("0001", "steps")
    migration.operations = STEPS
    state = ProjectState()
    assert state.apps is not None  # as the executor does: rendered before the first step
    with around, connection.schema_editor(atomic=True) as editor:
        migration.apply(state, editor)
    found = []
    with connection.cursor() as cursor:
        for query in (TABLES, KEYS, INDEXES):
            cursor.execute(query)
            found.append(cursor.fetchall())
        cursor.execute(
            "SELECT 'DROP TABLE ' || string_agg(table_name, ', ') || ' CASCADE'"
            " FROM information_schema.tables WHERE table_name LIKE 'steps\\_%'"
        )
        cursor.execute(cursor.fetchone()[0])
    return (*found, list(SEEN))


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the classes that each step makes anew."""
    counts: list[int] = []
    original = ProjectState._reload  # type: ignore[attr-defined]

    def reload(state: ProjectState, keys: Any) -> Any:
        counts.append(len(keys))
        return original(state, keys)

    monkeypatch.setattr(ProjectState, "_reload", reload)
    return counts


def test_the_tables_are_the_same_and_so_is_what_code_sees():
    plain = _made(nullcontext())
    assert len(plain[0]) == 15
    assert {row[0] for row in plain[1]} >= {"steps_house", "steps_chamber", "steps_chair"}
    assert len(plain[3]) == 3 + 4

    assert _made(rendering_what_changed()) == plain


def test_a_step_that_touches_one_table_makes_one_class(rendered):
    state = ProjectState()
    assert state.apps is not None
    with rendering_what_changed():
        for step in STEPS[:10]:
            step.state_forwards("steps", state)
    assert rendered == [1] * 10
    assert ProjectState.add_field.__module__ == "django.db.migrations.state"


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("alias", ["default", "keyring", "audit"])
def test_a_database_that_holds_something_goes_djangos_own_way(alias):
    """There is something to lose, and no hurry."""
    with migrate._way(alias):
        assert ProjectState.add_field.__module__ == "django.db.migrations.state"
