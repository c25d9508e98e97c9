"""A tip sent to the running product; afterwards nothing of its writer lies anywhere but sealed.

Every place is searched for a decoy too, planted there on purpose or there by right: a search that
finds nothing anywhere proves nothing. The checks' ids are those of the threat model's list.
"""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from os import kill
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from redis import Redis

from bawaslu_cases.world.demo_people import PASSWORD, PEOPLE
from tests.canary import places
from tests.canary.forms import Canary, Search
from tests.canary.places import look
from tests.canary.stack import Stack
from tests.canary.visitor import Answer, Visitor

pytestmark = [pytest.mark.canary, pytest.mark.faults, pytest.mark.xdist_group("canary")]

OWN_PAGE = re.compile(r"/kerja/laporan/[0-9a-f-]{36}/.*|/kerja/antrean/\?.*c=[0-9a-f-]{36}.*")
"""Where the desk of its office reads what the reporter wrote."""
DESK = {"jateng", "ri"}
"""Mailbox endings of the demo accounts whose offices a report from Kab. Magelang may reach."""


DECOY = "decoy"


def is_decoy(hit: str) -> bool:
    return hit.startswith(f"{DECOY} ")


@dataclass
class Walk:
    """What was written, and what was seen on the way."""

    stack: Stack
    canary: Canary = field(default_factory=Canary)
    decoy: Canary = field(default_factory=Canary)
    known: dict[Path, bytes] = field(default_factory=dict)
    statements: bytes = b""
    during: dict[str, set[str]] = field(default_factory=dict)
    seen: dict[str, list[Answer]] = field(default_factory=dict)
    own: list[Answer] = field(default_factory=list)
    crashed: Answer | None = None
    digits: str = ""

    @cached_property
    def search(self) -> Search:
        """Whatever could name or betray the reporter and, as ``decoy``, what must be found."""
        texts = self.canary.everything | {"code": self.digits}
        return Search(texts | {DECOY: self.decoy.name})

    def parted(self, pieces: places.Pieces) -> tuple[set[str], dict[str, set[str]]]:
        """Search once; return the places of the decoy, and place → what there is of the reporter."""
        found = look(self.search, pieces)
        decoys = {place for place, hits in found.items() if any(map(is_decoy, hits))}
        rest = {place: {hit for hit in hits if not is_decoy(hit)} for place, hits in found.items()}
        return decoys, {place: hits for place, hits in rest.items() if hits}

    def assert_clean(self, pieces: places.Pieces) -> set[str]:
        """The decoy is found, of the reporter nothing; return where the decoy lies."""
        decoys, found = self.parted(pieces)
        assert found == {}
        assert decoys, "the control was not found: the search is blind here"
        return decoys

    @property
    def changes(self) -> dict[str, dict[str, object]]:
        """The answers that hold the reporter's words, and his data where he should not write them."""
        who = self.canary
        story = (
            f"Pak camat, {who.sentence}. Nama saya {who.name}, NIK {who.nik}, HP {who.phone}, "
            f"surel {who.email}, {who.address}."
        )
        return {
            "people": {"p0-name": self.decoy.name},
            "story": {"story": story},
            "witness": {"witness": "yes", "contact": who.witness},
        }


def plant(walk: Walk) -> None:
    """Put the decoy wherever it will be looked for."""
    stack, word = walk.stack, walk.decoy.name
    for database in stack.urls:
        stack.sql("CREATE TABLE canary_control (word text, packed bytea)", database=database)
        stack.sql(
            "INSERT INTO canary_control VALUES (%s, %s)", word, word.encode(), database=database
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
    """Send a tip, read it with its code, let everybody look; leave one draft half-way."""
    walked = Walk(stack)
    walked.known = places.digests(stack.cluster)
    plant(walked)
    with places.Statements(stack.url) as running:
        stack.sql("SELECT pg_sleep(0.2), %s", walked.decoy.name)
        visitor = Visitor(stack.base_url)
        walked.digits = visitor.report(**walked.changes)
        walked.during = walked.parted(places.keys(stack.valkey_socket, range(3)))[1]
        visitor.post("/f/", {"do": "kept"})
        walked.own.append(visitor.post("/s/", {"code": walked.digits}))
    walked.statements = b"\n".join(content for _place, content in running.pieces())
    half_way(walked)
    walked.crashed = crash(walked)
    for person in PEOPLE:
        walked.seen[person.mailbox] = list(everything_of(walked, person.email))
    return walked


def half_way(walk: Walk) -> None:
    """Fill in a draft and go away without a word."""
    visitor = Visitor(walk.stack.base_url)
    page = visitor.post("/f/", {"do": "start"})
    while (step := page.hidden("step")) != "witness":
        answers = visitor.answers(step, walk.changes)
        page = visitor.post("/f/", {"step": step, "do": "next", **answers})


def crash(walk: Walk) -> Answer:
    """Send a report while its table is missing: an exception nobody foresaw, with all its values."""
    away = "ALTER TABLE complaints_complaint{} RENAME TO complaints_complaint{}"
    visitor = Visitor(walk.stack.base_url)
    try:
        visitor.walk(walk.changes)
        walk.stack.sql(away.format("", "_away"))
        time.sleep(6)  # not asked to press once more: the crash is what is wanted
        return visitor.post("/f/", {"step": "check", "do": "send", "statement": "on"})
    finally:
        walk.stack.sql(away.format("_away", ""))


def everything_of(walk: Walk, email: str) -> Iterator[Answer]:
    """Yield every page one person reaches by links, and what a search for the words shows."""
    visitor = Visitor(walk.stack.base_url)
    landed = visitor.sign_in(email, PASSWORD)
    yield from visitor.crawl(landed.url.removeprefix(walk.stack.base_url))
    # the page shows what was asked for; the address must not end in a log
    visitor.get(f"/kerja/antrean/?q={quote(walk.canary.sentence.split()[2])}")


def test_c03_raw_files_and_the_log_of_changes(walk: Walk):
    decoys = walk.assert_clean(places.raw_cluster(walk.stack.cluster, walk.stack.url, walk.known))
    assert [place for place in decoys if "/base/" in place]
    assert [place for place in decoys if "/pg_wal/" in place]


def test_c01_c18_dump_and_tables_of_every_database(walk: Walk):
    urls = walk.stack.urls
    for name, content in places.dumps(urls, walk.stack.pg_dump):
        walk.assert_clean([(name, content)])
    decoys = walk.assert_clean(places.rows(urls))
    assert {place.split(":")[0] for place in decoys if "canary_control" in place} == set(urls)


def test_c05_stored_files_and_their_names(walk: Walk):
    walk.assert_clean(places.files_below(walk.stack.folder / "media"))


def test_c07_logs_of_every_process(walk: Walk):
    for log in walk.stack.logs:
        walk.assert_clean((str(log), content) for content in places.chunks(log))


def test_c08_an_unforeseen_exception_tells_nothing(walk: Walk):
    assert walk.crashed
    assert walk.crashed.status == 500
    assert walk.parted([("answer", walk.crashed.body)])[1] == {}
    # it was noted, and the note is searched
    assert "UndefinedTable" in walk.stack.said() or "ProgrammingError" in walk.stack.said()
    walk.assert_clean(
        (str(log), content) for log in walk.stack.logs for content in places.chunks(log)
    )


def test_c12_every_key_during_and_after(walk: Walk):
    assert walk.during == {}
    for number in (0, 1):
        walk.assert_clean(places.keys(walk.stack.valkey_socket, [number]))
    assert walk.parted(places.keys(walk.stack.valkey_socket, range(64)))[1] == {}


def test_c14_command_lines_and_environments(walk: Walk):
    command = [sys.executable, "-c", "import time; time.sleep(60)", walk.decoy.name]
    control = subprocess.Popen(command, env=walk.stack.environment | {"C": walk.decoy.name})
    try:
        pids = [*places.family(walk.stack.pid), control.pid]
        assert len(pids) > 8
        decoys = walk.assert_clean(places.processes(pids))
        assert decoys == {f"cmdline of {control.pid}", f"environ of {control.pid}"}
    finally:
        control.kill()
        control.wait()


def test_c15_temporary_files_after_an_aborted_upload_and_a_killed_server(walk: Walk):
    began = time.time()
    words = "".join(walk.canary.everything.values()).encode()
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
                for pid in web_workers(walk.stack):
                    kill(pid, signal.SIGKILL)
    places.wait_for(walk.stack.answers, "the web server is back")
    walk.assert_clean(places.files_below(walk.stack.temp))
    fresh = [
        path
        for folder in ("/tmp", "/var/tmp")
        for path in Path(folder).glob("*")
        if path.is_file() and path.stat().st_mtime >= began
    ]
    held = ((str(path), content) for path in fresh for content in places.chunks(path))
    assert walk.parted(held)[1] == {}


def web_workers(stack: Stack) -> list[int]:
    found = []
    for pid in places.family(stack.pid):
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"gunicorn" in line:
            found.append(pid)
    # the first is their master, which starts new ones
    return found[1:]


def test_c16_pages_of_every_role_but_the_desks_own(walk: Walk):
    assert set(walk.seen) == {person.mailbox for person in PEOPLE}
    assert min(len(answers) for answers in walk.seen.values()) >= 3
    found: dict[str, set[str]] = {}
    named: set[str] = set()
    readers: set[str] = set()
    for mailbox, answers in walk.seen.items():
        unit = mailbox.rpartition(".")[2]
        for answer in answers:
            path = answer.url.removeprefix(walk.stack.base_url)
            pieces = [(path, answer.headers.encode() + answer.body)]
            decoys, hits = walk.parted([*pieces, *places.unpacked(path, answer.body)])
            if decoys:
                named.add(unit)
            if hits and OWN_PAGE.fullmatch(path):
                readers.add(unit)
            elif hits:
                found.setdefault(path, set()).add(mailbox)
    assert found == {}
    # the desk reads what was written to it, so the search would have seen it elsewhere
    assert "jateng" in readers
    assert readers <= DESK
    # the decoy is the reported person
    assert "jateng" in named
    assert named <= DESK


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
    connection = psycopg2.connect(walk.stack.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(shared_outboxmessage)::text FROM shared_outboxmessage")
        waiting = "\n".join(text for (text,) in cursor.fetchall()).encode()
        cursor.execute("SELECT reference FROM complaints_complaint")
        references = {f"reference {n}": text for n, (text,) in enumerate(cursor.fetchall()) if text}
    connection.close()
    assert walk.parted([("outbox", waiting)])[1] == {}
    names = Search({"accused": walk.decoy.name} | references)
    assert references
    assert look(names, [("outbox", waiting)]) == {}


def test_c21_statements_running_counted_and_prepared(walk: Walk):
    running = [("running", walk.statements)]
    assert b"complaints_complaint" in walk.statements
    walk.assert_clean(running)
    kept = list(places.statements_kept(walk.stack.url))
    assert b"INSERT INTO" in dict(kept)["pg_stat_statements"]
    assert walk.parted(kept)[1] == {}


def test_the_reporter_reads_where_it_stands_and_not_his_own_words(walk: Walk):
    page = walk.own[0]
    assert page.url.endswith("/s/isi")
    assert walk.parted([("mailbox", page.body + page.headers.encode())])[1] == {}
