"""What is left besides content: addresses, browsers, times, orders, log lines (checks.md, group L)."""

import ast
import json
import logging
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client

from bawaslu_cases.shared.logging import AllowListFormatter, JsonLinesFormatter
from complaints.models import Complaint
from complaints.web import intake
from tests.architecture import test_no_leaks
from tests.architecture.test_no_leaks import database, folder, hits, valkey

ROOT = Path(__file__).resolve().parents[2]
SERVER = ("bawaslu_cases", "complaints", "referrals")
BESIDE = ("embedded", "vaultctl", "management", "migrations", "world", "settings")
"""Folders that no request runs: the launcher, the officers' client, commands, the demo."""

logged = test_no_leaks.logged

ADDRESS, BROWSER = "203.0.113.77", "KanariAgent/9.9"
LANGUAGE, CAME_FROM = "zz-KANARI", "https://kanari.contoh.invalid/asal"
MARKS = {
    "HTTP_X_FORWARDED_FOR": ADDRESS,
    "HTTP_FORWARDED": f"for={ADDRESS}",
    "HTTP_X_REAL_IP": ADDRESS,
    "HTTP_TRUE_CLIENT_IP": ADDRESS,
    "REMOTE_ADDR": ADDRESS,
    "HTTP_USER_AGENT": BROWSER,
    "HTTP_ACCEPT_LANGUAGE": LANGUAGE,
    "HTTP_REFERER": CAME_FROM,
}
SOUGHT = (ADDRESS, BROWSER, LANGUAGE, CAME_FROM)


def marked() -> Client:
    """Return a visitor whose every request carries the marks."""
    client = Client()
    client.defaults.update(MARKS)
    return client


def every_database() -> bytes:
    parts = [database()]
    for alias in ("keyring", "audit"):
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema='public'"
            )
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
                parts += [row.encode() for (row,) in cursor.fetchall()]
    return b"\n".join(parts)


@pytest.mark.django_db
def test_l01_l02_address_browser_and_language_are_nowhere(logged, monkeypatch):
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))
    client = marked()
    test_no_leaks.reported(client)
    for address in ("/", "/keluar", "/jejak", "/tidak-ada", "/en/f/", "/s/isi", "/bolehkah/"):
        client.get(address)
    client.post("/keluar", {})
    client.post("/s/", {"code": "0" * 20})
    client.raise_request_exception = False
    client.get("/", headers={"host": "jahat.contoh"})
    logging.getLogger("django.request").error("control %s", "line")
    for name, content in {
        "databases": every_database(),
        "valkey": valkey(),
        "files": folder(),
        "log": logged.getvalue().encode(),
    }.items():
        assert hits(content, SOUGHT) == [], name
    # the search sees what is there: the record's own words, and a mark put where marks must not be
    Complaint.objects.update(place=f"{ADDRESS} {BROWSER}")
    assert hits(every_database(), SOUGHT) == [ADDRESS, BROWSER]


LINE = re.compile(
    r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+ [\x20-\x7e]*|\w+ #[0-9a-f]{8} at [\w<>: .]+"
)
"""An event, or under it the type of an exception and the places it passed."""


@pytest.mark.django_db
def test_l06_log_lines_have_one_shape(logged):
    """Level, logger, an event with values of ours, and nothing a person typed; the same as JSON."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLinesFormatter())
    logging.getLogger().addHandler(handler)
    try:
        mixed_traffic()
    finally:
        logging.getLogger().removeHandler(handler)
    lines = logged.getvalue().splitlines()
    assert lines
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    objects = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(objects) >= 1000
    assert [each for each in objects if not {"level", "logger", "event"} <= set(each) <= KEYS] == []
    assert {"ERROR", "WARNING"} <= {each["level"] for each in objects}
    assert any("ValueError #" in each.get("error", "") for each in objects)
    for written in (logged.getvalue(), stream.getvalue()):
        assert "QX-KANARI" not in written
        assert "forged" not in written


KEYS = {"level", "logger", "event", "error"}
"""What a line as JSON may hold."""


def mixed_traffic() -> None:
    """Ask for pages in every wrong way, and let the product's own loggers say a thousand things."""
    client = marked()
    client.raise_request_exception = False
    for address in ("/", "/f/", "/tidak-ada?nama=QX-KANARI", "/s/", "/kerja/?q=QX-KANARI"):
        client.get(address)
        client.post(address, {"story": "QX-KANARI\nERROR forged line", "code": "QX-KANARI"})
    client.get("/", headers={"host": "QX-KANARI.contoh"})
    for number in range(1000):
        logging.getLogger("complaints").warning("vault.test id=%d", number)
    try:
        int("QX-KANARI\nERROR forged line")
    except ValueError:
        logging.getLogger("complaints").exception("vault.test")


def test_l07_extras_exceptions_and_locals_are_not_written():
    secret = "QX-KANARI-7731"
    formatter, logger = AllowListFormatter(), logging.getLogger("complaints.test")

    def crash(nama: str) -> None:
        raise ValueError(f"Key (nik)=({nama}) already exists")

    lines = []
    try:
        crash(secret)
    except ValueError as error:
        made = logger.makeRecord(
            logger.name,
            logging.ERROR,
            __file__,
            1,
            "intake.failed",
            (),
            None,
            extra={"nama": secret},
        )
        made.exc_info = (type(error), error, error.__traceback__)
        lines.append(formatter.format(made))
    request = logging.getLogger("django.request")
    lines.append(
        formatter.format(
            request.makeRecord(
                request.name, logging.ERROR, "", 1, "Not Found: %s", (f"/?nama={secret}",), None
            )
        )
    )
    assert not any(secret in line for line in lines)
    assert lines[0].startswith("ERROR complaints.test intake.failed\nValueError #")
    assert lines[1] == "ERROR django.request request failed"


def server_modules() -> list[tuple[Path, ast.Module]]:
    return [
        (path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8")))
        for app in SERVER
        for path in sorted((ROOT / app).rglob("*.py"))
        if not set(BESIDE) & set(path.relative_to(ROOT).parts)
    ]


LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
REQUEST = {"POST", "GET", "body", "FILES", "META", "headers", "COOKIES", "path", "cleaned_data"}


def careless(tree: ast.Module) -> list[int]:
    """Return lines that print, or log a text made of variables or anything of a request."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "print":
            found.append(node.lineno)
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in LEVELS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"logger", "logging"}
        ):
            text = node.args[1 if node.func.attr == "log" else 0]
            parts = [*ast.walk(node)]
            if not (isinstance(text, ast.Constant) and isinstance(text.value, str)) or any(
                (isinstance(part, ast.Attribute) and part.attr in REQUEST)
                or (isinstance(part, ast.Call) and getattr(part.func, "id", "") in {"str", "repr"})
                for part in parts
            ):
                found.append(node.lineno)
    return found


def test_l08_nothing_of_a_request_is_logged_or_printed():
    for sample in (
        "print(1)",
        "logger.info(f'{x}')",
        "logger.info('%s' % x)",
        "logger.info('%s', request.POST)",
        "logger.error('%s', str(error))",
    ):
        assert careless(ast.parse(sample)), sample
    assert not careless(ast.parse("logger.info('a.b id=%d', row.pk)"))
    wrong = [(str(path), line) for path, tree in server_modules() for line in careless(tree)]
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("alias", ["default", "keyring", "audit"])
def test_l09_the_database_logs_no_statement_parameter_or_row(alias):
    wanted = {
        "log_statement": "none",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_min_error_statement": "panic",
        "log_min_duration_statement": "-1",
        "track_commit_timestamp": "off",
    }
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [[*wanted]])
        assert dict(cursor.fetchall()) == wanted


KEPT_BY_DAY = {
    "default": (
        "complaints_receipt",
        "complaints_sealedidentity",
        "complaints_parkedwraps",
        "complaints_orphanedwraps",
        "complaints_statement",
        "complaints_message",
        "complaints_handoverconsent",
        "complaints_saveddraft",
        "complaints_complaintmilestone",
    ),
    "keyring": ("keyring_reportwraps", "keyring_erasure"),
}
"""Tables of reporters. One of them has an hour: a session, which is gone an hour after its last page."""


@pytest.mark.django_db
@pytest.mark.parametrize("alias", KEPT_BY_DAY)
def test_l10_tables_of_reporters_hold_days_and_no_hour(alias):
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_name = ANY(%s)",
            [[*KEPT_BY_DAY[alias]]],
        )
        columns = cursor.fetchall()
    assert {table for table, _column, _kind in columns} == set(KEPT_BY_DAY[alias])
    assert [row for row in columns if row[2].startswith("time")] == []


COUNTED_NOWHERE = {
    "default": (
        *(table for table in KEPT_BY_DAY["default"] if table != "complaints_saveddraft"),
        *("complaints_complaint", "complaints_reportersession"),
    ),
    "keyring": ("keyring_reportwraps",),
}


@pytest.mark.django_db
@pytest.mark.parametrize("alias", COUNTED_NOWHERE)
def test_l10_keys_of_reporters_tables_are_drawn_not_counted(alias):
    """All but drafts put aside, which nobody lists and which are gone in three days."""
    counted = (
        "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_name = ANY(%s) "
        "AND (is_identity = 'YES' OR column_default LIKE 'nextval%%')"
    )
    with connections[alias].cursor() as cursor:
        cursor.execute(counted, [[*COUNTED_NOWHERE[alias]]])
        assert cursor.fetchall() == []
        cursor.execute(counted, [["complaints_complaintevent", "keyring_erasure"]])  # the control
        assert len(cursor.fetchall()) == 1


def test_l14_no_request_opens_a_connection_of_its_own():
    """Only the databases, Valkey and, for a recipient with an address, its gateway: nothing imports more."""
    outward = {"requests", "httpx", "aiohttp", "smtplib", "ftplib", "socket", "urllib.request"}
    outward |= {"http.client", "urllib3", "sentry_sdk", "boto3"}
    found = []
    for path, tree in server_modules():
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found += [(str(path), name) for name in names if name in outward]
    # The monitor of served pages runs by hand, elsewhere; the scanner is the server's own, by its socket,
    # and only the evidence worker asks it.
    assert found == [
        ("bawaslu_cases/audit/pages.py", "urllib.request"),
        ("bawaslu_cases/shared/outgoing.py", "socket"),
        ("bawaslu_cases/shared/outgoing.py", "urllib3"),
        ("complaints/gateways/antivirus.py", "socket"),
        ("referrals/gateways/sftp.py", "socket"),
    ]
