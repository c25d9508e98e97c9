"""Appending: who may, what an entry says, and what happens when it cannot be written."""

import json
import logging
import os
import socket
import threading
from dataclasses import replace
from uuid import UUID

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connections, transaction

from bawaslu_cases.audit.chain import FIRST_PREV, hash_of
from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.services import record, safe
from tests.bawaslu_cases.audit.conftest import fill, log
from tests.factories import person

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "only-for-this-test"
ACTOR = UUID("0123456789abcdef0123456789abcdef")


def as_role(role):
    data = connections["audit"].settings_dict
    made = psycopg2.connect(
        host=data["HOST"],
        port=data["PORT"] or None,
        dbname=data["NAME"],
        user=role,
        password=PASSWORD,
    )
    made.autocommit = True
    return made


@pytest.fixture
def roles(monkeypatch):
    """Create web and worker roles of this process alone, with the rights of production."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "main")
    names = {kind: f"bc_{kind}_audit_{process}" for kind in ("web", "worker")}
    with connections["default"].cursor() as cursor:
        for kind, name in names.items():
            cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
            monkeypatch.setenv(f"{kind.upper()}_ROLE", name)
    call_command("grant_roles", verbosity=0)
    yield names
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {', '.join(names.values())}")
    with connections["default"].cursor() as cursor:
        cursor.execute(f"DROP ROLE {', '.join(names.values())}")


@pytest.mark.parametrize("kind", ["web", "worker"])
def test_t01_the_product_may_append_and_nothing_else(roles, kind):
    connection = as_role(roles[kind])
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_append('a', 'b', 'c', '', '{}')")
        assert cursor.fetchone() == (1,)
        for refused in (
            "SELECT * FROM audit_event",
            "INSERT INTO audit_event SELECT * FROM audit_event",
            "UPDATE audit_event SET actor = 'x'",
            "DELETE FROM audit_event",
            "TRUNCATE audit_event",
            "ALTER TABLE audit_event DISABLE TRIGGER ALL",
            "DROP TABLE audit_event",
            "DROP FUNCTION audit_append(text, text, text, text, text)",
            "COPY audit_event TO STDOUT",
            "SET session_replication_role = 'replica'",
            "SET ROLE bc_audit_owner",
            "CREATE TABLE mine (id int)",
            "SELECT audit_canonical(1, now(), 'a', 'b', 'c', '', '{}')",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(refused)
        reads, signs = "audit_read('a','b','{}',null,5,'',null,'')", "audit_leaves(0, 5)"
        allowed, denied = (reads, signs) if kind == "web" else (signs, reads)
        cursor.execute(f"SELECT * FROM {allowed}")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(f"SELECT * FROM {denied}")
    connection.close()


def test_t02_the_owner_of_the_table_meets_the_triggers():
    fill(3)
    with connections["audit"].cursor() as cursor:
        cursor.execute("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'audit_event'")
        assert cursor.fetchone() == ("bc_audit_owner",)
        for role in ("bc_audit_owner", "bc_owner"):
            for replica in (False, True):
                for refused in (
                    "UPDATE audit_event SET actor = 'x'",
                    "DELETE FROM audit_event WHERE seq = 2",
                    "TRUNCATE audit_event",
                ):
                    kind = "replica" if replica else "origin"
                    whole = (
                        f"SET LOCAL session_replication_role = '{kind}'; "
                        f"SET LOCAL ROLE {role}; {refused}"
                    )
                    with (
                        pytest.raises(Exception, match="append-only"),
                        transaction.atomic(using="audit"),
                    ):
                        cursor.execute(whole)
    assert [entry.seq for entry in log()] == [1, 2, 3]


def test_an_entry_says_who_did_what_to_the_minute_and_links_back():
    first = record(actor=ACTOR, action="vault.open", subject="complaint:1", purpose="leak_check")
    second = record(
        actor="system:test",
        action="x",
        subject="y",
        detail={"b": 2, "a": [ACTOR, "é"], "c": None, "d": True},
    )

    assert (first, second) == (1, 2)
    one, two = log()
    assert (one.actor, one.action, one.subject, one.purpose, one.detail) == (
        ACTOR.hex,
        "vault.open",
        "complaint:1",
        "leak_check",
        "{}",
    )
    assert (one.at.second, one.at.microsecond) == (0, 0)
    assert (
        two.detail == '{"a":["01234567-89ab-cdef-0123-456789abcdef","é"],"b":2,"c":null,"d":true}'
    )
    assert (one.prev, two.prev) == (FIRST_PREV, one.hash)
    assert [hash_of(entry) == entry.hash for entry in (one, two)] == [True, True]
    # No field can borrow from its neighbour.
    assert hash_of(replace(two, action="xy", subject="")) != two.hash


def test_an_entry_outlives_the_transaction_it_tells_about():
    with transaction.atomic():
        record(actor=ACTOR, action="denied", subject="complaint:1")
        transaction.set_rollback(True)

    assert [entry.action for entry in log()] == ["denied"]


def test_t11_1200_appends_from_eight_connections_with_kills_leave_no_gap(verify):
    """n = 8 connections × 150 appends; every 20th is rolled back, every 40th connection is cut."""
    data = connections["audit"].settings_dict
    written, lock = [], threading.Lock()

    def connect():
        made = psycopg2.connect(
            host=data["HOST"],
            port=data["PORT"] or None,
            dbname=data["NAME"],
            user=data["USER"],
            password=data["PASSWORD"],
        )
        made.autocommit = False
        return made

    def cut(connection):
        """Do what a kill -9 does, as the server sees it: the socket ends in the middle."""
        with socket.socket(fileno=os.dup(connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
        connection.close()

    def work(worker):
        connection = connect()
        for number in range(150):
            cursor = connection.cursor()
            statement = "SELECT audit_append('w', 'a', %s, '', '{}')"
            cursor.execute(statement, (f"{worker}:{number}",))
            if number % 40 == 39:  # the client is gone with the lock in its hand
                cut(connection)
                connection = connect()
            elif number % 20 == 19:
                connection.rollback()
            else:
                connection.commit()
                with lock:
                    written.append(f"{worker}:{number}")
        connection.close()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    entries = log()
    assert [entry.seq for entry in entries] == list(range(1, len(written) + 1))
    assert sorted(entry.subject for entry in entries) == sorted(written)
    assert len(written) == 8 * 143
    exit_code, report = verify()
    assert (exit_code, [finding["code"] for finding in report["findings"]]) == (1, ["late"])


HOSTILE = "a\n2 forged\r\x1b[31mred\u2028\u202ereversed\x00\ud800" + "x" * 1_000_000


def test_t18_control_characters_are_escaped_and_lengths_capped(verify):
    record(
        actor=HOSTILE,
        action=HOSTILE,
        subject=HOSTILE,
        purpose=HOSTILE,
        detail={HOSTILE: HOSTILE, "n": 1} | {f"k{n}": n for n in range(50)},
    )

    (entry,) = log()
    for text, cap in (
        (entry.actor, 80),
        (entry.action, 80),
        (entry.subject, 120),
        (entry.purpose, 200),
    ):
        assert len(text) == cap
        assert text.startswith("a\\u000a2 forged\\u000d\\u001b[31mred\\u2028\\u202ereversed\\u0000")
        assert text.isprintable()
    told = json.loads(entry.detail)
    assert len(told) == 20
    assert len(entry.detail) < 1000
    assert entry.detail.isprintable()
    assert verify()[1]["findings"][0]["code"] == "late"


@pytest.mark.parametrize(
    "arguments",
    [
        ("a\nb", "b", "c", "", "{}"),
        ("a", "b", "c\u2028", "", "{}"),
        ("", "b", "c", "", "{}"),
        ("a", "b", "c" * 401, "", "{}"),
        ("a", "b", "c", "", "no json"),
    ],
)
def test_t18_the_database_refuses_what_the_code_would_not_send(arguments):
    with pytest.raises(Exception, match=r"malformed entry|invalid input syntax"):
        connections["audit"].cursor().execute("SELECT audit_append(%s, %s, %s, %s, %s)", arguments)
    assert log() == []


def test_a_short_text_stays_as_it_is():
    assert safe("Rekom/001 – «a»", 80) == "Rekom/001 – «a»"
    assert safe("abc", 3) == "abc"
    assert safe("\n\n", 8) == "\\u000a\\…"


def test_what_cannot_be_written_is_an_error_and_one_code_in_the_log(caplog):
    with (
        connections["audit"].execute_wrapper(_gone),
        caplog.at_level(logging.ERROR),
        pytest.raises(AuditUnavailableError),
    ):
        record(actor=ACTOR, action="page.desk:record", subject="complaint:1")

    assert caplog.messages == ["audit.unavailable action=page.desk:record error=OperationalError"]


def _gone(*_arguments):
    from django.db import OperationalError

    raise OperationalError("server closed the connection: (nik)=(3273)")


def test_people_are_named_by_their_public_id():
    sari = person("sari")
    record(actor=sari.public_id, action="x", subject="y")
    (entry,) = log()
    assert entry.actor == sari.public_id.hex
    assert "sari" not in entry.detail
