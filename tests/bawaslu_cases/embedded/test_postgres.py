"""A cluster of its own: who it runs as, where it listens, what it keeps."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
import pytest

from bawaslu_cases.embedded.children import Identity, unprivileged_identity
from bawaslu_cases.embedded.postgres import OWNER, Postgres

ROOT = Path(__file__).resolve().parents[3]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root must become somebody else")


def connect(url):
    parts = urlsplit(url)
    return psycopg2.connect(
        host=unquote(parts.netloc.rpartition("@")[2]),
        user=parts.username,
        password=parts.password,
        dbname=parts.path.lstrip("/"),
    )


def answer(url, sql):
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]
    finally:
        connection.close()


@pytest.fixture
def postgres(tmp_path):
    server = Postgres(tmp_path / "postgres", throwaway=True)
    server.start()
    yield server
    server.stop()


def test_listens_on_a_private_socket_only(postgres, tmp_path):
    url = postgres.url("postgres")

    assert answer(url, "SHOW listen_addresses") == ""
    assert answer(url, "SHOW server_version").startswith("18.")
    assert stat.S_IMODE((tmp_path / "postgres" / "password").stat().st_mode) == 0o600
    socket = Path(answer(url, "SHOW unix_socket_directories")) / ".s.PGSQL.5432"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700


def test_a_wrong_password_is_refused(postgres):
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        connect(postgres.url("postgres", password="wrong"))


def test_keeps_what_was_written_across_a_restart(postgres):
    postgres.ensure_database("kept")
    postgres.execute(
        "CREATE TABLE word (text text); INSERT INTO word VALUES ('x')", database="kept"
    )

    postgres.stop()
    postgres.start()
    postgres.ensure_database("kept")

    assert answer(postgres.url("kept"), "SELECT text FROM word") == "x"


def test_roles_own_nothing_and_may_nothing_yet(postgres):
    postgres.ensure_database("cases")
    postgres.execute("CREATE TABLE row_of_owner (id int)", database="cases")
    postgres.ensure_role("bc_web", "first")
    postgres.ensure_role("bc_web", "second")
    url = postgres.url("cases", user="bc_web", password="second")

    flags = "rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls OR rolreplication"
    assert answer(url, f"SELECT {flags} FROM pg_roles WHERE rolname = current_user") is False
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        answer(url, "SELECT count(*) FROM row_of_owner")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        answer(url, "CREATE TABLE mine (id int)")


def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path):
    server = Postgres(tmp_path / ("deep-" * 20) / "postgres", throwaway=True)
    server.start()
    try:
        assert answer(server.url("postgres"), "SELECT current_user") == OWNER
        short = Path(answer(server.url("postgres"), "SHOW unix_socket_directories"))
    finally:
        server.stop()

    assert not short.exists()


@as_root
def test_root_runs_it_as_nobody_where_namespaces_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("EMBEDDED_NO_USERNS", "1")
    tmp_path.parent.chmod(0o755)
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)
    server = Postgres(tmp_path / "postgres", throwaway=True)
    server.start()
    try:
        assert server.process is not None
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == 65534
        assert answer(server.url("postgres"), "SELECT 1") == 1
    finally:
        server.stop()


@as_root
def test_root_outside_is_nobody_inside_a_namespace(tmp_path):
    if unprivileged_identity() != Identity(namespace=True):
        pytest.skip("this kernel or container refuses user namespaces")
    server = Postgres(tmp_path / "postgres", throwaway=True)
    server.start()
    try:
        assert server.process is not None
        uid_map = Path(f"/proc/{server.process.pid}/uid_map").read_text().split()
        assert uid_map == ["65534", "0", "1"]
        assert (tmp_path / "postgres" / "data").stat().st_uid == 0
    finally:
        server.stop()


@as_root
def test_a_normal_user_needs_no_help_of_root():
    """Run with the system's Python of the same version: root's own may lie below /root."""
    python = Path("/usr/bin/python3")
    wanted = "{}.{}".format(*sys.version_info[:2])
    code = "import sys; print('{}.{}'.format(*sys.version_info[:2]))"
    if not python.exists() or said_by(python, "-c", code) != wanted:
        pytest.skip(f"no {python} of version {wanted}")
    packages = Path(psycopg2.__file__).parents[1]
    if not all(folder.stat().st_mode & 0o001 for folder in (packages, *packages.parents)):
        pytest.skip("the packages lie where nobody cannot read them")

    ask = (
        "import os, psycopg2; c = psycopg2.connect(os.environ['DATABASE_URL']).cursor();"
        "c.execute('SELECT current_user'); print(os.geteuid(), c.fetchone()[0])"
    )
    said = said_by(
        python,
        *("-m", "bawaslu_cases.embedded.throwaway", str(python), "-c", ask),
        user=65534,
        group=65534,
        extra_groups=[],
        cwd="/",
        env={"PYTHONPATH": f"{ROOT}:{packages}", "PATH": "/usr/bin:/bin", "HOME": "/nowhere"},
    )

    assert said == f"65534 {OWNER}"


def said_by(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
