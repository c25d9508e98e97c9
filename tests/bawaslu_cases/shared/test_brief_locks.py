"""Changing tables while others hold and write them, on real locks (check F18)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import StringIO
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, connections, migrations, models, transaction
from django.db.migrations.state import ProjectState

from bawaslu_cases.shared import brief_locks, concurrent_indexes
from bawaslu_cases.shared.brief_locks import StillHeldError, until_free, waiting_at_most
from bawaslu_cases.shared.concurrent_indexes import (
    BuildIndex,
    BuildUnique,
    DropIndex,
    DropKeyIndex,
    DropPatternIndex,
)
from tests.support.outbox_workers import running_database_urls

pytestmark = pytest.mark.django_db(transaction=True)

KEYRING = "KEYRING_DATABASE_URL"
WRAPS = "keyring_reportwraps"
DRAWN = f"""
SELECT column_default FROM information_schema.columns
WHERE table_name = '{WRAPS}' AND column_name = 'put_id'
"""
LONG = "60s"
"""A write of somebody else ends with an error if it is held for longer than any of this may take."""


class Told(StringIO):
    """What a command says of its pauses; ``waited`` once it said something."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = threading.Event()

    def write(self, said: str) -> int:
        self.waited.set()
        return super().write(said)


@contextmanager
def _somebody(variable: str = "DATABASE_URL", *, autocommit: bool = False) -> Iterator[Any]:
    """Give the cursor of another connection; what it did is undone at the end."""
    with closing(psycopg2.connect(running_database_urls()[variable])) as other:
        other.autocommit = autocommit
        with other.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LONG}'")
            yield cursor


def _asked(alias: str, question: str) -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brief_locks, "PAUSES_SECONDS", (0.0, 0.0))


@pytest.fixture
def as_it_was() -> Iterator[None]:
    yield
    call_command("migrate", "keyring", verbosity=0)


def _in_a_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 -- told by the test
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, failed


@pytest.mark.usefixtures("as_it_was")
@pytest.mark.parametrize("way", ["back", "there"])
def test_f18_a_table_in_use_is_asked_for_again_and_nobody_waits_behind(monkeypatch, way):
    monkeypatch.setattr(brief_locks, "PAUSES_SECONDS", (0.1,) * 100)
    if way == "there":
        call_command("migrate", "keyring", "0002", verbosity=0)
    target = "0002" if way == "back" else "0003"
    told = Told()

    with _somebody(KEYRING) as reader, _somebody(KEYRING, autocommit=True) as writer:
        reader.execute(f"SELECT count(*) FROM {WRAPS}")
        thread, failed = _in_a_thread(
            lambda: call_command("migrate", "keyring", target, verbosity=0, stderr=told)
        )
        # The reader stays until a try was given up: who waited for it without end would hold this up.
        while not told.waited.is_set() and thread.is_alive():
            writer.execute(f"DELETE FROM {WRAPS}")
        reader.connection.rollback()
        thread.join()

    assert failed == []
    assert "A table is in use" in told.getvalue()
    assert ("gen_random_uuid" in _asked("keyring", DRAWN)) is (way == "there")


@pytest.mark.usefixtures("as_it_was", "no_pauses")
def test_f18_a_table_that_stays_in_use_ends_the_command_with_words_and_nothing_half_done():
    told = Told()
    with _somebody(KEYRING) as reader:
        reader.execute(f"SELECT count(*) FROM {WRAPS}")
        with pytest.raises(StillHeldError) as refused:
            call_command("migrate", "keyring", "0002", verbosity=0, stderr=told)
        pid = reader.connection.info.backend_pid

    assert "in use at each of 3 tries" in str(refused.value)
    assert f"process {pid} of " in str(refused.value)
    assert "run the command again" in str(refused.value)
    assert told.getvalue().count("next try in 0 s") == 2
    assert "gen_random_uuid" in _asked("keyring", DRAWN)
    assert _asked("keyring", "SELECT current_setting('lock_timeout')") == "0"

    call_command("migrate", "keyring", "0002", verbosity=0)

    assert "gen_random_uuid" not in _asked("keyring", DRAWN)


@pytest.mark.usefixtures("no_pauses")
def test_pauses_begin_anew_whenever_a_step_was_done():
    steps, tries = iter([1, 2, 3]), []

    def work() -> None:
        tries.append(next(steps, None))
        with (
            waiting_at_most(connection, "1ms"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("LOCK complaints_message")

    with _somebody() as reader:
        reader.execute("SELECT count(*) FROM complaints_message")
        with pytest.raises(StillHeldError):
            until_free(connection, work, tell=len, done=lambda: tries[-1] if tries else 0)

    # Three tries that came further, and two more.
    assert tries == [1, 2, 3, None, None, None]


@pytest.mark.usefixtures("no_pauses")
def test_what_is_no_lock_and_what_is_somebodys_own_transaction_is_raised_as_it_is():
    def wrong() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    def held() -> None:
        with connection.cursor() as cursor:
            cursor.execute("LOCK complaints_message")

    with pytest.raises(Exception, match="division by zero"):
        until_free(connection, wrong, tell=len)
    with _somebody() as reader:
        reader.execute("SELECT count(*) FROM complaints_message")
        with pytest.raises(Exception, match="lock timeout") as raised, transaction.atomic():
            until_free(connection, held, tell=len)
    assert not isinstance(raised.value, StillHeldError)


@pytest.mark.usefixtures("no_pauses")
def test_policies_are_laid_table_by_table_and_nobody_waits_behind():
    call_command("grant_roles", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute(
            "COMMENT ON POLICY bc_web_office ON complaints_message IS 'somebody was here'"
        )
    with _somebody() as reader:
        reader.execute("SELECT count(*) FROM complaints_message")
        with pytest.raises(StillHeldError):
            call_command("grant_roles", stdout=StringIO(), stderr=StringIO())
    told = StringIO()

    call_command("grant_roles", stdout=told)

    assert "rows in sight, 1 tables changed" in told.getvalue()


INDEX = models.Index(fields=["size"], name="note_size")
UNIQUE = models.UniqueConstraint(fields=["size"], include=("word",), name="note_size")
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('note_size')"


@pytest.fixture
def states() -> Iterator[tuple[ProjectState, ProjectState, ProjectState]]:
    """Make a table; give the state before it, with it, and with its index."""
    made = ProjectState()
    step = migrations.CreateModel(
        "Note",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("size", models.IntegerField()),
            ("word", models.CharField(max_length=5)),
        ],
    )
    step.state_forwards("desk", made)
    indexed = made.clone()
    migrations.AddIndex("note", INDEX).state_forwards("desk", indexed)
    with connection.schema_editor() as editor:
        step.database_forwards("desk", editor, ProjectState(), made)
    yield ProjectState(), made, indexed
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE desk_note")


def _standing() -> bool | None:
    with connection.cursor() as cursor:
        cursor.execute(VALID)
        found = cursor.fetchone()
    return found[0] if found else None


def _take(step: Any, *states: ProjectState, back: bool = False) -> None:
    with connection.schema_editor(atomic=False) as editor:
        way = step.database_backwards if back else step.database_forwards
        way("desk", editor, *states)


@pytest.mark.parametrize(
    "step", [BuildIndex("note", INDEX), BuildUnique("note", UNIQUE)], ids=["index", "unique"]
)
def test_f18_an_index_that_was_half_built_is_built_by_the_next_run(monkeypatch, states, step):
    _none, made, indexed = states
    later = indexed if isinstance(step, BuildIndex) else made
    monkeypatch.setattr(concurrent_indexes, "OLD_TRANSACTIONS", "300ms")

    with _somebody() as writer, _somebody(autocommit=True) as other:
        writer.execute("INSERT INTO desk_note (size, word) VALUES (1, 'one')")
        with pytest.raises(StillHeldError, match="note_size waited 300ms"):
            _take(step, made, later)
        other.execute("INSERT INTO desk_note (size, word) VALUES (2, 'two')")
        assert _standing() is False
        writer.connection.commit()

    with waiting_at_most(connection, "1ms"):
        for _run in range(2):
            _take(step, made, later)
            assert _standing() is True
        for _run in range(2):
            _take(step, later, made, back=True)
            assert _standing() is None


def test_f18_an_index_is_dropped_while_its_table_is_written_to(states):
    _none, made, indexed = states
    _take(BuildIndex("note", INDEX), made, indexed)
    step = DropIndex("note", "note_size")
    for _run in range(2):
        _take(step, indexed, made)
        assert _standing() is None
    for _run in range(2):
        _take(step, made, indexed, back=True)
        assert _standing() is True


INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'desk_entry'"


@pytest.fixture
def entry() -> Iterator[ProjectState]:
    """Make a table with a key and a unique text, as Django does; give the state with it."""
    made = ProjectState()
    steps = [
        migrations.CreateModel("Book", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel(
            "Entry",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("book", models.ForeignKey("desk.book", models.PROTECT)),
                ("word", models.CharField(max_length=5, unique=True)),
            ],
        ),
    ]
    for step in steps:
        before = made.clone()
        step.state_forwards("desk", made)
        with connection.schema_editor() as editor:
            step.database_forwards("desk", editor, before, made)
    yield made
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE desk_entry, desk_book")


def _written() -> set[str]:
    """Return the columns of the table's indexes, as PostgreSQL writes them."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        return {row[0].rsplit("USING btree ", 1)[1] for row in cursor.fetchall()}


KEY = models.ForeignKey("desk.book", models.PROTECT, db_index=False)


@pytest.mark.parametrize(
    ("step", "gone"),
    [
        (DropKeyIndex("entry", "book", KEY), "(book_id)"),
        (DropPatternIndex("entry", "word"), "(word varchar_pattern_ops)"),
    ],
    ids=["key", "pattern"],
)
def test_f18_an_index_of_djangos_own_goes_while_its_table_is_written_to(entry, step, gone):
    after = entry.clone()
    step.state_forwards("desk", after)
    before = {"(id)", "(book_id)", "(word)", "(word varchar_pattern_ops)"}
    assert _written() == before

    for _run in range(2):
        _take(step, entry, after)
        assert _written() == before - {gone}
    for _run in range(2):
        _take(step, after, entry, back=True)
        assert _written() == before

    assert step.describe()
    with pytest.raises(Exception, match="atomic = False"), connection.schema_editor() as editor:
        step.database_forwards("desk", editor, entry, after)


def test_an_index_beside_the_work_is_built_in_no_transaction(states):
    _none, made, indexed = states
    with pytest.raises(Exception, match="atomic = False"), connection.schema_editor() as editor:
        BuildIndex("note", INDEX).database_forwards("desk", editor, made, indexed)
    with pytest.raises(Exception, match="atomic = False"), connection.schema_editor() as editor:
        BuildUnique("note", UNIQUE).database_forwards("desk", editor, made, made)
