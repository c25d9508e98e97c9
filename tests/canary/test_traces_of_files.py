"""Files in every lane and by every way: of what they hold beside the picture nothing lies anywhere.

Words hidden in each file, what its owner called it and the digest of the original are looked for in
every place, and so is a decoy that was planted there.
"""

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis

from bawaslu_cases.world.demo_people import PASSWORD, PEOPLE
from tests.canary import places
from tests.canary.files import READY_SECONDS, SHARED_MEMORY, Brought, File, Watch
from tests.canary.forms import Canary, Search
from tests.canary.journeys import Journeys
from tests.canary.places import look
from tests.canary.stack import Stack
from tests.canary.visitor import Answer, Visitor
from tests.factories import PASSWORD as VAULT_PASSWORD
from tests.support.evidence_files import laid_bare

pytestmark = [pytest.mark.canary, pytest.mark.faults, pytest.mark.xdist_group("canary")]

LABELS = ("tip photo", "tip audio", "tip video", "sealed pdf", "sealed photo")
CARD = "sealed card"
DESK = "penerima.jateng"
VAULT_LOOKERS = ("vera", "vito", "retno", "kurnia")
COPY = re.compile(r'(?:href|src|action)="([^"]*/salinan/[^"]+)"')
HIDDEN = {"name", "title", "comment"}
"""What every kind of file carries; the others carry more."""


@dataclass
class Files:
    """What was brought, what officers got to see, and what to look for."""

    stack: Stack
    brought: Brought
    watch: Watch
    decoy: Canary
    known: dict[Path, bytes]
    control: bytes
    began: float
    pages: dict[str, list[Answer]] = field(default_factory=dict)
    copies: dict[str, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        files = self.brought.files
        texts = {
            f"{at} {what}": text for at, each in files.items() for what, text in each.texts.items()
        }
        digests = {f"{at} original": each.digest for at, each in files.items()}
        decoy = {"decoy name": self.decoy.name}
        self.search = Search(texts | decoy, digests | {"decoy digest": decoy_digest(self.decoy)})

    def assert_clean(self, pieces: places.Pieces) -> set[str]:
        """Both decoys are found, of the files nothing; return where the decoys lie."""
        found = look(self.search, pieces)
        hits = {hit for each in found.values() for hit in each}
        assert {place: each for place, each in found.items() if not all(map(is_decoy, each))} == {}
        kinds = {hit.split(" (")[0] for hit in hits}
        assert kinds == {"decoy name", "decoy digest"}, "the search is blind here"
        return set(found)


def is_decoy(hit: str) -> bool:
    return hit.startswith("decoy ")


def decoy_digest(decoy: Canary) -> bytes:
    return hashlib.sha256(decoy.name.encode()).digest()


def plant(stack: Stack, decoy: Canary) -> bytes:
    """Put the decoy and its digest wherever they will be looked for."""
    digest = decoy_digest(decoy)
    plain = decoy.name.encode() + b"\n" + digest + b"\n"
    for database in stack.urls:
        stack.sql("CREATE TABLE canary_file_control (word text, digest bytea)", database=database)
        row = "INSERT INTO canary_file_control VALUES (%s, %s)"
        stack.sql(row, decoy.name, digest, database=database)
    for log in (stack.log, stack.folder / "valkey" / "log"):
        with log.open("a") as file:
            file.write(f"{decoy.name} {digest.hex()}\n")
    stack.sql(f"DO $$ BEGIN RAISE WARNING '{decoy.name} {digest.hex()}'; END $$")
    (stack.temp / "file-control").write_bytes(plain)
    (stack.folder / "media" / "evidence").mkdir(parents=True, exist_ok=True)
    (stack.folder / "media" / "evidence" / "file-control").write_bytes(plain)
    return plain


@pytest.fixture(scope="module")
def files(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    """Let two reporters bring files, wait for the copies, let officers look at and take them."""
    decoy, folder = Canary(), tmp_path_factory.mktemp("files")
    journeys = Journeys(stack, Canary())
    made = {at: File.made(at.split()[1], folder) for at in (*LABELS, CARD)}
    brought = Brought(made, journeys)
    known, began = places.digests(stack.cluster), time.time()
    control = plant(stack, decoy)
    in_memory = SHARED_MEMORY / f"control-{decoy.nik}"
    in_memory.write_bytes(control)
    watch = Watch(stack)
    watch.control_words = (decoy.name, decoy_digest(decoy).hex())
    run = Files(stack, brought, watch, decoy, known, control, began)
    try:
        with watch:
            server = Redis(unix_socket_path=str(stack.valkey_socket), db=0)
            places.wait_for(lambda: b"MONITOR" in watch_names(server), "Valkey is listened to")
            server.set("file-control", control + decoy_digest(decoy).hex().encode())
            server.close()
            brought.tip()
            brought.sealed()
            desk = next(row.email for row in PEOPLE if row.mailbox == DESK)
            brought.card(desk, PASSWORD)
            places.wait_for(lambda: all_ready(run), "copies are made", seconds=READY_SECONDS)
            look_and_take(run)
        yield run
    finally:
        in_memory.unlink()


def watch_names(server: Redis) -> bytes:
    clients = server.client_list()
    return b" ".join(str(each["cmd"]).upper().encode() for each in clients)


def statuses(files: Files) -> list[str]:
    query = (
        "SELECT e.status || ' ' || e.refusal FROM complaints_evidence e JOIN complaints_complaint c "
        "ON c.id = e.complaint_id WHERE c.public_id = ANY(%s::uuid[])"
    )
    reports = [str(each) for each in files.brought.journeys.reports.values()]
    return [str(each).strip().lower() for each in files.stack.column(query, reports)]


def all_ready(files: Files) -> bool:
    now = statuses(files)
    assert not {each for each in now if each.split()[0] not in {"queued", "ready"}}, now
    return len(now) == len(LABELS) and {each.split()[0] for each in now} == {"ready"}


def look_and_take(files: Files) -> None:
    """Let every role look at the evidence, and the desk at each copy, and take it along."""
    journeys = files.brought.journeys
    accounts = [(row.mailbox, row.email, PASSWORD) for row in PEOPLE]
    accounts += [(name, f"{name}@contoh.id", VAULT_PASSWORD) for name in VAULT_LOOKERS]
    for name, email, password in accounts:
        visitor = journeys.officer(email, password)
        seen = files.pages.setdefault(name, [])
        for report in journeys.reports.values():
            at = f"/kerja/laporan/{report}/"
            seen += [visitor.get(at), visitor.get(f"{at}bukti/")]
            seen += [visitor.get(f"{at}bukti/{number}/") for number in (1, 2, 3)]
        seen += [visitor.get(at) for at in ("/kerja/antrean/", "/kerja/jejak/", "/api/v1/figures")]
        if name == DESK:
            addresses = {found for page in seen for found in COPY.findall(page.text)}
            files.copies = {at: seen_or_taken(visitor, at) for at in sorted(addresses)}


def seen_or_taken(visitor: Visitor, at: str) -> Answer:
    """Look at a copy; take along what is for that, waiting where it must be drawn first."""
    if not at.endswith("/unduh/"):
        return visitor.get(at)
    answer = visitor.post(at, {})
    if "/pesanan/" not in answer.url:
        return answer
    waiting = answer.url
    places.wait_for(
        lambda: "Simpan salinan" in visitor.get(waiting).text, "it is drawn", seconds=READY_SECONDS
    )
    return visitor.post(waiting, {})


def test_control_the_files_hold_what_is_looked_for(files: Files):
    for at, each in files.brought.files.items():
        hits = files.search.hits(laid_bare(each.content) + each.name.encode() + each.digest)
        found = {hit.split(" (")[0] for hit in hits}
        assert {f"{at} {what}" for what in HIDDEN | {"file name", "original"}} <= found
        assert all(hit.startswith(at) for hit in found)


def test_copies_hold_nothing_of_it(files: Files):
    assert {answer.status for answer in files.copies.values()} == {200}
    taken = [
        answer
        for answer in files.copies.values()
        if "/unduh/" in answer.url or "/pesanan/" in answer.url
    ]
    assert len(taken) >= len(LABELS)
    assert len(files.copies) > len(taken), "copies were also shown"
    kinds = {re.findall(r"(?m)^Content-Type: (\w+)", answer.headers)[0] for answer in taken}
    assert {"image", "video", "audio", "application"} >= kinds >= {"image", "video", "audio"}
    copies = {
        at: answer.headers.encode() + laid_bare(answer.body) for at, answer in files.copies.items()
    }
    control = {"control": files.control + laid_bare(b"x")}
    assert files.assert_clean((copies | control).items()) == {"control"}


def test_pages_of_every_role(files: Files):
    read = {
        name
        for name, answers in files.pages.items()
        if any("/bukti/" in each.url and each.status == 200 for each in answers)
    }
    assert DESK in read
    pages = [
        (f"{name}: {each.url}", each.headers.encode() + each.body)
        for name, answers in files.pages.items()
        for each in answers
    ]
    assert files.assert_clean([*pages, ("control", files.control)]) == {"control"}


def test_stored_objects_and_their_names(files: Files):
    folder = files.stack.folder / "media"
    objects = [each for each in (folder / "evidence").rglob("*") if each.is_file()]
    assert len(objects) > 2 * len(LABELS) + 1, "originals, copies and the card lie here"
    found = files.assert_clean(places.files_below(folder))
    assert found == {str(folder / "evidence" / "file-control")}


def test_databases_and_the_log_of_changes(files: Files):
    """Dumps, every column as its bytes (outbox and sessions too), the cluster's files and its log."""
    urls = files.stack.urls
    for name, content in places.dumps(urls, files.stack.pg_dump):
        files.assert_clean([(name, content)])
    found = files.assert_clean(places.rows(urls))
    assert {place.split(":")[0] for place in found} >= set(urls)
    pieces = places.raw_cluster(files.stack.cluster, files.stack.url, files.known)
    found = files.assert_clean(pieces)
    assert [place for place in found if "/pg_wal/" in place]


def test_valkey_and_tasks_on_their_way(files: Files):
    files.assert_clean(places.keys(files.stack.valkey_socket, range(3)))
    # Listened to as well: a task is there for a moment only.
    sent = files.watch.seen("Valkey")
    assert any(b'"evidence"' in command and b'"headers"' in command for command in sent)
    assert any(b'"callbacks"' in command for command in sent), "bodies of tasks were unpacked"
    hits = files.search.hits(b"\n".join(sent))
    assert {hit.split(" (")[0] for hit in hits} == {"decoy name", "decoy digest"}


def test_logs_of_every_process(files: Files):
    for log in files.stack.logs:
        files.assert_clean((str(log), content) for content in places.chunks(log))


def test_command_lines_and_environments_while_copies_are_made(files: Files):
    files.assert_clean(files.watch.pieces("process"))
    assert any(b"complaints" in content for content in files.watch.seen("process"))


def test_temporary_files_and_shared_memory(files: Files):
    files.assert_clean(files.watch.pieces("temporary"))
    files.assert_clean(places.files_below(files.stack.temp))
    files.assert_clean(
        (str(each), content)
        for each in SHARED_MEMORY.glob("*")
        if each.is_file()
        for content in places.chunks(each)
    )
    fresh = places.written_since(files.began, Path("/tmp"), Path("/var/tmp"))
    held = ((str(each), content) for each in fresh for content in places.chunks(each))
    assert look(files.search, held) == {}
