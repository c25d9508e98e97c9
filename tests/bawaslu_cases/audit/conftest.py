"""A fresh log, its checkpoints' folder and key, and a hand that can do what a DBA can."""

import base64
import io
import json

import pytest
from django.core.management import call_command
from django.db import connections

from bawaslu_cases.audit.chain import FIRST_PREV, Entry, hash_of
from bawaslu_cases.audit.selectors import entry_of
from bawaslu_cases.audit.services import record

SEED = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def _signer(settings, tmp_path):
    settings.AUDIT_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.AUDIT_SIGNING_KEY = SEED


@pytest.fixture
def as_dba():
    """Run statements as whoever owns the server, with the triggers lifted and set again."""

    def run(*statements):
        with connections["audit"].cursor() as cursor:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(*statement) if isinstance(statement, tuple) else cursor.execute(
                    statement
                )
            for name in ("audit_event_frozen", "audit_event_kept"):
                cursor.execute(f"ALTER TABLE audit_event ENABLE ALWAYS TRIGGER {name}")

    return run


@pytest.fixture
def verify():
    """Run ``audit_verify --json``; return exit code and report."""

    def run(*arguments):
        out = io.StringIO()
        try:
            call_command("audit_verify", "--json", *arguments, stdout=out)
        except SystemExit as end:
            return end.code, json.loads(out.getvalue())
        return 0, json.loads(out.getvalue())

    return run


def log(*, after=0):
    """Return every entry, oldest first; or those with a number above ``after``."""
    with connections["audit"].cursor() as cursor:
        cursor.execute(
            "SELECT seq, at, actor, action, subject, purpose, detail, prev, hash "
            "FROM audit_event WHERE seq > %s ORDER BY seq",
            [after],
        )
        return [entry_of(row) for row in cursor.fetchall()]


def fill(count):
    """Append entries of three people about five records."""
    for number in range(count):
        record(
            actor=f"{number % 3:032x}",
            action="page.desk:record",
            subject=f"complaint:{number % 5:032x}",
            detail={"status": 200, "number": number},
        )


def rechained(entries):
    """Return the entries with links and hashes made anew, as a careful forger would."""
    made, last = [], FIRST_PREV
    for entry in entries:
        bare = Entry(
            entry.seq,
            entry.at,
            entry.actor,
            entry.action,
            entry.subject,
            entry.purpose,
            entry.detail,
            last,
            b"",
        )
        last = hash_of(bare)
        made.append(
            Entry(
                bare.seq,
                bare.at,
                bare.actor,
                bare.action,
                bare.subject,
                bare.purpose,
                bare.detail,
                bare.prev,
                last,
            )
        )
    return made


def codes(report):
    return [finding["code"] for finding in report["findings"]]
