"""Reporters of every lane and officers use the running product; nobody's trace lies anywhere but sealed.

Every place is searched for a decoy too, planted there on purpose or there by right: a search that
finds nothing anywhere proves nothing. The checks' ids are those of the threat model's list.
"""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from os import kill
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyrage  # type: ignore[import-untyped]
import pytest
from psycopg2.extensions import parse_dsn
from redis import Redis

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.embedded.pytest_plugin import CHROMIUM
from bawaslu_cases.world.demo_people import PASSWORD, PEOPLE
from complaints.vault.crypto import hpke
from tests.canary import places
from tests.canary.forms import Canary, Search
from tests.canary.journeys import Journeys, Told, name_of
from tests.canary.places import look
from tests.canary.stack import Stack
from tests.canary.visitor import Answer, Visitor
from tests.factories import PASSWORD as VAULT_PASSWORD
from tests.support.vault import DESK as VAULT_DESK
from tests.support.vault import MEMBERS, ROOT, vault_world

pytestmark = [pytest.mark.canary, pytest.mark.faults, pytest.mark.xdist_group("canary")]

OWN_PAGE = re.compile(r"/kerja/laporan/[0-9a-f-]{36}/.*|/kerja/antrean/\?.*c=[0-9a-f-]{36}.*")
"""Where the desk of its office reads what the reporter wrote."""
REQUEST_PAGE = re.compile(r"/brankas/permintaan/[0-9a-f-]{36}/.*")
"""Where both sides read why an identity is to be opened."""
DESK = {"jateng", "ri", "magelang"}
"""Mailbox endings of the demo accounts whose offices a report from Kab. Magelang may reach."""
LOOKERS = {
    *(f"{role}.jateng" for role in ("penerima", "penanganan", "pleno", "ketua")),
    *("penerima.ri", "ketua.ri", "penerima.magelang", "ketua.magelang", "penerima.semarang"),
    *("penelaah.bkn", "ppk.magelang", "ppk.semarang", "auditor", "admin"),
}
VAULT_LOOKERS = ("vera", "vito", "retno", "kurnia")
"""Who looks at everything: every role at the desk the reports lie at, the rest of the country once."""
VERIFIERS = {"vera", "vito", "retno"}
TOLD_TO_DESK = {
    "open sentence",
    "open witness",
    "raised sentence",
    "raised witness",
}
MEMORY_SECONDS = 60

DECOY = "decoy"


def is_decoy(hit: str) -> bool:
    return hit.startswith(f"{DECOY} ")


@dataclass
class Walk:
    """What was written, and what was seen on the way."""

    stack: Stack
    decoy: Canary = field(default_factory=Canary)
    known: dict[Path, bytes] = field(default_factory=dict)
    statements: bytes = b""
    during: dict[str, set[str]] = field(default_factory=dict)
    seen: dict[str, list[Answer]] = field(default_factory=dict)
    crashed: list[Answer] = field(default_factory=list)
    named_at: float = 0

    def __post_init__(self) -> None:
        self.journeys = Journeys(self.stack, self.decoy)

    @property
    def told(self) -> Told:
        return self.journeys.told

    @cached_property
    def search(self) -> Search:
        """Whatever could name or betray a reporter and, as ``decoy``, what must be found."""
        return Search(self.told.texts | {DECOY: self.decoy.name})

    def parted(self, pieces: places.Pieces) -> tuple[set[str], dict[str, set[str]]]:
        """Search once; return the places of the decoy, and place → what there is of reporters."""
        found = look(self.search, pieces)
        decoys = {place for place, hits in found.items() if any(map(is_decoy, hits))}
        rest = {place: {hit for hit in hits if not is_decoy(hit)} for place, hits in found.items()}
        return decoys, {place: hits for place, hits in rest.items() if hits}

    def assert_clean(self, pieces: places.Pieces) -> set[str]:
        """The decoy is found, of reporters nothing; return where the decoy lies."""
        decoys, found = self.parted(pieces)
        assert found == {}
        assert decoys, "the control was not found: the search is blind here"
        return decoys

    def watch_keys(self) -> None:
        """Look at every key of Valkey as it is now; the codes so far are looked for too."""
        now = Search(self.told.texts)
        for place, hits in look(now, places.keys(self.stack.valkey_socket, range(3))).items():
            self.during.setdefault(place, set()).update(hits)


def plant(walk: Walk) -> None:
    """Put the decoy wherever it will be looked for."""
    stack, word = walk.stack, walk.decoy.name
    for database in stack.urls:
        stack.sql("CREATE TABLE canary_control (word text, packed bytea)", database=database)
        stack.sql(
            "INSERT INTO canary_control VALUES (%s, %s)", word, word.encode(), database=database
        )
    stack.sql(
        "INSERT INTO shared_outboxmessage (topic, subject_id, destination, status, attempts, "
        "last_error_code, done_at) VALUES ('control', %s, '', 'DONE', 0, '', now())",
        word,
    )
    stack.sql(f"DO $$ BEGIN RAISE WARNING '{word}'; END $$")
    for log in (stack.log, stack.folder / "valkey" / "log"):
        with log.open("a") as file:
            file.write(f"{word}\n")
    for folder in (stack.folder / "media", stack.temp):
        folder.mkdir(exist_ok=True)
        (folder / "control").write_text(word)
    for number in (0, 1):
        server = Redis(unix_socket_path=str(stack.valkey_socket), db=number)
        server.set("control", word)
        server.close()


@pytest.fixture(scope="module")
def walk(stack: Stack) -> Walk:
    """Let every reporter and officer do what they do, then let everybody look at everything."""
    walked = Walk(stack)
    walked.known = places.digests(stack.cluster)
    plant(walked)
    does = walked.journeys
    reporters: list[Callable[[], object]] = [does.sealed, does.open, does.raised]
    if CHROMIUM.exists():
        reporters.append(does.browser)
    officers = [does.letters, does.mailbox, does.verify, does.withdraw]
    with places.Statements(stack.url) as running:
        stack.sql("SELECT pg_sleep(3), %s", walked.decoy.name)
        for journey in [*reporters, does.tip, *officers]:
            journey()
            walked.watch_keys()
    walked.statements = b"\n".join(content for _place, content in running.pieces())
    walked.crashed = [does.crash_at_the_name(), does.crash_at_sending()]
    walked.named_at = time.monotonic()
    does.half_way()
    nobody = Visitor(stack.base_url)
    walked.seen["nobody"] = list(nobody.crawl("/"))
    public = {
        path(walked, answer) for answer in walked.seen["nobody"] if "/masuk/" not in answer.url
    }
    accounts = [(row.mailbox, row.email, PASSWORD) for row in PEOPLE if row.mailbox in LOOKERS]
    accounts += [(name, f"{name}@contoh.id", VAULT_PASSWORD) for name in VAULT_LOOKERS]
    for name, email, password in accounts:
        walked.seen[name] = does.everything_of(email, password, skip=public)
    for name, answers in does.vault_pages.items():
        walked.seen[name] += answers
    return walked


def path(walk: Walk, answer: Answer) -> str:
    return answer.url.removeprefix(walk.stack.base_url)


@dataclass(frozen=True)
class Memory:
    """What was found in the memory of which processes."""

    workers: list[int]
    found: dict[str, set[str]]


@pytest.fixture(scope="module")
def memory(walk: Walk) -> Memory:
    """Look into the processes that answer requests, a minute and 50 requests after the last name.

    Done before any test ends those processes.
    """
    visitor = Visitor(walk.stack.base_url)
    for number in range(50):
        visitor.get(("/", "/f/", "/s/", "/bantuan", "/masuk/")[number % 5])
    time.sleep(max(0.0, walk.named_at + MEMORY_SECONDS - time.monotonic()))
    workers = walk.stack.web_workers
    search = Search(walk.told.texts | {"control": "sensitive_post_parameters"})
    return Memory(workers, look(search, places.memory(workers)))


def test_c03_raw_files_and_the_log_of_changes(walk: Walk):
    # Once more: a file of the log that holds what was planted first may be gone by now.
    walk.stack.sql("INSERT INTO canary_control VALUES (%s, '')", walk.decoy.name)
    decoys = walk.assert_clean(places.raw_cluster(walk.stack.cluster, walk.stack.url, walk.known))
    assert [place for place in decoys if "/base/" in place]
    assert [place for place in decoys if "/pg_wal/" in place]


def test_c01_c18_dump_and_tables_of_every_database(walk: Walk):
    urls = walk.stack.urls
    assert len(urls) == 3
    for name, content in places.dumps(urls, walk.stack.pg_dump):
        walk.assert_clean([(name, content)])
    decoys = walk.assert_clean(places.rows(urls))
    assert {place.split(":")[0] for place in decoys if "canary_control" in place} == set(urls)


def test_c06_backups_opened_with_their_keys(walk: Walk, tmp_path: Path):
    """The product's own command makes them; the control lies in every one, and in none as it is kept."""
    keys = {name: pyrage.x25519.Identity.generate() for name in ("records", "keyring")}
    sealed = walk.stack.back_up(tmp_path, *(str(key.to_public()) for key in keys.values()))
    assert {path.name.partition("-")[0] for path in sealed} == {
        *("audit.age", "default.age", "erasures.age", "keyring"),
    }
    assert look(walk.search, places.files_below(tmp_path)) == {}
    for path in sealed:
        key = keys["keyring" if path.name.startswith("keyring-") else "records"]
        opened = pyrage.decrypt(path.read_bytes(), [key])
        if path.name == "erasures.age":
            assert walk.parted([(path.name, opened)]) == (set(), {})
        else:
            walk.assert_clean([(path.name, places.script(opened, walk.stack.pg_restore))])


@pytest.mark.browser
def test_c02_what_leaves_a_browser_that_seals(walk: Walk):
    """Reporters' own devices: the request itself holds nothing, so no proxy or log can."""
    sent = walk.journeys.sent_by_browser
    posts = [text for text in sent if text.startswith("POST ")]
    assert [text for text in posts if "sealed=" in text]
    assert walk.parted([("requests", "\n".join(sent).encode())])[1] == {}
    # Without a browser that seals, the same page sends the name in the clear, which is found.
    clear = urlencode(name_of(walk.told.browser)).encode()
    assert walk.parted([("clear", clear)])[1]
    mode = walk.stack.column(
        "SELECT mode FROM complaints_sealedidentity i JOIN complaints_complaint c "
        "ON c.id = i.complaint_id WHERE c.public_id = %s",
        str(walk.journeys.reports["browser"]),
    )
    assert mode == ["browser"]


def test_v05_what_lies_sealed_is_what_was_told(walk: Walk):
    """Two people open what no search finds: it is there."""
    opened, told = walk.journeys.opened, walk.told.sealed
    assert (opened["name"], opened["nik"], opened["contact"]) == (told.name, told.nik, told.phone)


def test_v19_no_private_half_lies_where_the_server_could_read_it(walk: Walk, tmp_path: Path):
    """Nor of a group, an officer, the recovery or the root; bundles and wraps hold them, sealed."""
    world = vault_world()
    private = {f"group {code}": group.private for code, group in world.groups.items()}
    private |= {"root": ROOT.private_bytes_raw(), "recovery": world.recovery}
    for who, officer in world.officers.items():
        private |= {who: officer.enc_sk, f"{who} signs": officer.signing.private_bytes_raw()}
    assert len(private) == 3 + 2 + 2 * len(MEMBERS)
    control = {"control": hpke.public_key_of(world.groups[VAULT_DESK].private)}
    search, stack = Search({}, private | control), walk.stack

    known = {"control (digest)"}
    found = look(search, places.dumps(stack.urls, stack.pg_dump))
    assert set().union(*found.values()) == known
    # Command lines, environments and memory of every process, and what lies in the product's folder:
    # secrets, logs, evidence, the databases' own files.
    everything = chain(
        places.processes(places.family(stack.pid)),
        places.memory(stack.web_workers),
        places.raw_cluster(stack.cluster, stack.url, {}),
        places.files_below(stack.folder / "secrets", stack.folder / "media", stack.temp),
        ((str(path), path.read_bytes()) for path in stack.logs),
    )
    found = look(search, everything)
    assert set().union(*found.values()) == known
    assert any(str(stack.cluster) in place for place in found)
    # A half that somebody left there would be found.
    (tmp_path / "half").write_text(world.groups[VAULT_DESK].private.hex(), encoding="ascii")
    (left,) = look(search, places.files_below(tmp_path)).values()
    assert left == {f"group {VAULT_DESK} (digest)"}


def test_c05_stored_files_and_their_names(walk: Walk):
    walk.assert_clean(places.files_below(walk.stack.folder / "media"))


def test_c07_logs_of_every_process(walk: Walk):
    for log in walk.stack.logs:
        walk.assert_clean((str(log), content) for content in places.chunks(log))


def test_c08_an_unforeseen_exception_tells_nothing(walk: Walk):
    assert [answer.status for answer in walk.crashed] == [500, 500]
    assert walk.parted([("answer", answer.body) for answer in walk.crashed])[1] == {}
    # both were noted, and the notes are searched
    said = walk.stack.said()
    assert "IntegrityError" in said
    assert "UndefinedTable" in said or "ProgrammingError" in said
    walk.assert_clean(
        (str(log), content) for log in walk.stack.logs for content in places.chunks(log)
    )


def test_c10_memory_of_web_workers_a_minute_later(memory: Memory):
    """Nothing of anybody, after a crash neither: the process in which one crashed is gone by then."""
    controls = {place for place, hits in memory.found.items() if any(map(is_control, hits))}
    assert controls == {f"memory of {pid}" for pid in memory.workers}
    rest = {hit for hits in memory.found.values() for hit in hits if not is_control(hit)}
    assert {hit for hit in rest if not hit.startswith(("code ", "reason "))} == set()


def is_control(hit: str) -> bool:
    return hit.startswith("control ")


def test_c11_files_written_during_a_large_upload(walk: Walk, tmp_path: Path):
    """No process writes what is uploaded to a file, not even one that is gone at once."""
    vera = walk.journeys.officer("vera@contoh.id", VAULT_PASSWORD)
    doors = {
        "/f/": Visitor(walk.stack.base_url),
        f"/brankas/laporan/{walk.journeys.reports['sealed']}/permintaan/": vera,
    }
    words = "".join(walk.told.sealed.identity.values())
    code = (
        "import sys, tempfile; sys.stdin.readline(); "
        f"file = tempfile.NamedTemporaryFile(dir={str(tmp_path)!r}); "
        f"file.write({walk.decoy.name!r}.encode()); file.close(); sys.stdin.readline()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as control:
        assert control.stdin
        with places.FilesWritten([*walk.stack.web_workers, control.pid], tmp_path) as written:
            control.stdin.write(b"go\n")
            control.stdin.flush()
            for at, visitor in doors.items():
                answer = visitor.upload(at, (words * 400_000).encode()[: 30 << 20])
                assert answer.status in {302, 303, 400, 403, 413, 200}, answer.status
        control.kill()
    decoys = walk.assert_clean(written.pieces())
    assert len(decoys) == 1


def test_c12_every_key_during_and_after(walk: Walk):
    assert walk.during == {}
    for number in (0, 1):
        walk.assert_clean(places.keys(walk.stack.valkey_socket, [number]))
    assert walk.parted(places.keys(walk.stack.valkey_socket, range(64)))[1] == {}


def test_c14_command_lines_and_environments(walk: Walk):
    command = [sys.executable, "-c", "import time; time.sleep(600)", walk.decoy.name]
    control = subprocess.Popen(command, env=walk.stack.environment | {"C": walk.decoy.name})
    try:
        line = Path(f"/proc/{control.pid}/cmdline")
        places.wait_for(line.read_bytes, "the control has its arguments")
        pids = [*places.family(walk.stack.pid), control.pid]
        assert len(pids) > 8
        decoys = walk.assert_clean(places.processes(pids))
        assert decoys == {f"cmdline of {control.pid}", f"environ of {control.pid}"}
    finally:
        control.kill()
        control.wait()


@pytest.mark.usefixtures("memory")
def test_c15_temporary_files_after_an_aborted_upload_and_a_killed_server(walk: Walk):
    began = time.time()
    words = "".join(walk.told.sealed.everything.values()).encode()
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n' + words * 20000
    )
    head = (
        f"POST /f/ HTTP/1.1\r\nHost: localhost:{walk.stack.port}\r\nContent-Length: 31457280\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    for ending in ("abort", "kill"):
        with socket.create_connection(("127.0.0.1", walk.stack.port)) as half:
            half.sendall(head.encode() + body)
            if ending == "kill":
                for pid in walk.stack.web_workers:
                    kill(pid, signal.SIGKILL)
    places.wait_for(walk.stack.answers, "the web server is back")
    walk.assert_clean(places.files_below(walk.stack.temp))
    fresh = places.written_since(began, Path("/tmp"), Path("/var/tmp"))
    held = ((str(path), content) for path in fresh for content in places.chunks(path))
    assert walk.parted(held)[1] == {}


def test_c16_pages_of_every_role(walk: Walk):
    """Only the desk reads a reporter's words, where they were told to it; nobody reads a name."""
    assert set(walk.seen) == {"nobody", *LOOKERS, *VAULT_LOOKERS}
    held = {row.role for row in PEOPLE if row.mailbox in LOOKERS}
    assert held | {Role.VERIFIER, Role.CUSTODIAN} == set(Role)
    assert min(len(answers) for answers in walk.seen.values()) >= 2
    found: dict[str, set[str]] = {}
    named: set[str] = set()
    readers: dict[str, set[str]] = {}
    for mailbox, answers in walk.seen.items():
        unit = mailbox.rpartition(".")[2]
        for answer in answers:
            at = path(walk, answer)
            pieces = [(at, answer.headers.encode() + answer.body)]
            decoys, hits = walk.parted([*pieces, *places.unpacked(at, answer.body)])
            if decoys:
                named.add(unit)
            for hit in {hit for each in hits.values() for hit in each}:
                if is_for(hit, at):
                    readers.setdefault(hit.split(" (")[0], set()).add(unit)
                else:
                    found.setdefault(at, set()).add(f"{mailbox}: {hit}")
    assert found == {}
    # they read what was written to them, so the search would have seen it elsewhere
    assert readers.pop("reason") == {"vera", "kurnia"}
    assert {label.split()[0] for label in readers} == {"tip", "open", "raised"}
    assert {"jateng"} <= set().union(*readers.values()) <= DESK
    # the decoy is the reported person: the desk and its verifiers know of whom it is told
    assert {"jateng", "vera"} <= named <= DESK | VERIFIERS


def is_for(hit: str, at: str) -> bool:
    """Whether a page is where these words are read by whom they are for."""
    label = hit.split(" (", maxsplit=1)[0]
    if label == "reason":
        return bool(REQUEST_PAGE.fullmatch(at))
    told_to_desk = label.startswith("tip ") or label in TOLD_TO_DESK
    return told_to_desk and bool(OWN_PAGE.fullmatch(at))


def test_c17_no_door_for_developers(walk: Walk):
    visitor = Visitor(walk.stack.base_url)
    visitor.sign_in(next(each.email for each in PEOPLE if each.mailbox == "admin"), PASSWORD)
    for path in (
        "/admin/",
        "/schema/",
        "/api/schema/",
        "/__debug__/",
        "/silk/",
        "/metrics",
        "/flower/",
    ):
        assert visitor.get(path).status == 404, path
    figures = visitor.get("/api/v1/figures")
    assert (figures.status, "text/html" in figures.headers) == (200, False)


def test_c19_what_waits_to_be_sent_names_nobody(walk: Walk):
    rows = walk.stack.column("SELECT to_jsonb(m)::text FROM shared_outboxmessage m")
    control = [row for row in rows if '"control"' in row]
    waiting = "\n".join(row for row in rows if row not in control).encode()
    references = walk.stack.column("SELECT reference FROM complaints_complaint")
    names = Search(
        walk.told.texts
        | {"accused": walk.decoy.name}
        | {f"reference {number}": text for number, text in enumerate(references) if text}
    )
    assert {hit.split()[0] for hit in names.hits(control[0].encode())} == {"accused"}
    assert any(references)
    assert look(names, [("outbox", waiting)]) == {}


def test_l14_no_process_turned_to_another_host(walk: Walk):
    """After every journey, and a look at every page by every role: whom did web, worker and beat ask?"""
    stack = walk.stack
    probe = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('192.0.2.1', 9));"
        "s.sendto(b'x', ('127.0.0.1', 9))"
    )
    subprocess.run([sys.executable, "-c", probe], env=stack.environment, check=True)

    noted = [json.loads(line) for line in stack.sockets.read_text(encoding="utf-8").splitlines()]

    of_the_product = {pid for pid, *_told in noted} & set(places.family(stack.pid))
    assert len(of_the_product) > 2  # web workers, the worker's processes, beat: all are watched
    assert elsewhere(noted) == [["socket.connect", ["192.0.2.1", 9]]]  # the control
    # What is not Python's own, PostgreSQL's library above all, as the system has it now.
    assert places.remote_addresses(stack.pid) == set()
    assert {parse_dsn(url)["host"][0] for url in stack.urls.values()} == {"/"}


def elsewhere(noted: list[list[Any]]) -> list[list[Any]]:
    """Return the events that concern neither a path nor this machine's loopback."""
    found = []
    for _pid, event, *told in noted:
        asked = told[-1] if event in {"socket.connect", "socket.sendto"} else told[0]
        host = asked[0] if isinstance(asked, list) else asked
        own = str(host).startswith(("/", "\x00", "127.")) or host in {None, "", "localhost", "::1"}
        if not own:
            found.append([event, asked])
    return found


def test_c21_statements_running_counted_and_prepared(walk: Walk):
    running = [("running", walk.statements)]
    assert b"complaints_complaint" in walk.statements
    walk.assert_clean(running)
    kept = dict(places.statements_kept(walk.stack.url))
    # of all three databases
    for table in (b"complaints_sealedidentity", b"keyring_reportwraps", b"audit_append"):
        assert table in kept["pg_stat_statements"], table
    assert walk.parted(kept.items())[1] == {}


def test_a_reporter_reads_where_it_stands_and_not_his_own_words(walk: Walk):
    assert set(walk.journeys.own) == {"tip", "sealed", "open", "raised"}
    for lane, pages in walk.journeys.own.items():
        for page in pages:
            assert page.url.endswith("/s/isi"), lane
            found = walk.parted([("mailbox", page.body + page.headers.encode())])[1]
            told = {hit.split(" (")[0] for hits in found.values() for hit in hits}
            # what the desk wrote is there for the reporter of the sealed lane
            assert told == ({"letter"} if lane == "sealed" else set()), lane
