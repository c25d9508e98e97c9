"""The walls around the decoders: E24, E26, and what a decoder that was taken over could say."""

import io
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pikepdf
import pytest

from complaints.cleaner.errors import FailureError, RefusalError
from complaints.cleaner.facts import Facts, Part, read_answer
from complaints.gateways import sandbox
from complaints.gateways.syscalls import filter_program
from tests.canary.forms import fresh_word
from tests.support import evidence_files as files

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120


class Listener:
    """Counts who comes, and answers each with nothing useful."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.visits = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _address = self.server.accept()
                self.visits += 1
                with visitor, suppress(OSError):
                    visitor.settimeout(PATIENCE_S)
                    visitor.recv(1000)
                    visitor.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/jejak"


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.server.close()


def within(*command: str) -> subprocess.CompletedProcess[bytes]:
    """Run another program than the cleaner behind the same walls."""
    rules = os.memfd_create("rules")
    try:
        os.write(rules, filter_program())
        os.lseek(rules, 0, os.SEEK_SET)
        return subprocess.run(
            (*sandbox._sandbox(), "--seccomp", str(rules), "--", *command),
            check=False, capture_output=True, pass_fds=(rules,), env={"RAHASIA": "kunci"},
        )  # fmt: skip
    finally:
        os.close(rules)


def python_within(code: str) -> subprocess.CompletedProcess[bytes]:
    return within(os.path.realpath(sys.executable), "-S", "-c", code)


def playlist(address: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n".encode()


def pointing_video(tmp_path: Path, address: str) -> bytes:
    """Return an MP4 that says its samples lie elsewhere."""
    content = files.video(tmp_path)
    reference = b"url " + bytes(4) + address.encode() + b"\0"
    box = (len(reference) + 4).to_bytes(4, "big") + reference
    own = b"\0\0\0\x0curl \0\0\0\x01"
    assert own in content
    return content.replace(own, box)


def pointing_pdf(address: str) -> bytes:
    """Return a PDF whose picture, page, form and action lie elsewhere."""
    name, dictionary = pikepdf.Name, pikepdf.Dictionary
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(300, 400))
    elsewhere = dictionary(Type=name.Filespec, FS=name.URL, F=address)
    picture = pikepdf.Stream(
        made, b"", Type=name.XObject, Subtype=name.Image, Width=1, Height=1,
        ColorSpace=name.DeviceGray, BitsPerComponent=8,
    )  # fmt: skip
    picture.F = elsewhere
    page.Resources = dictionary(XObject=dictionary(P=picture))
    page.Contents = made.make_stream(b"100 0 0 100 0 0 cm /P Do")
    made.Root.OpenAction = dictionary(S=name.URI, URI=address)
    page.AA = dictionary(
        O=dictionary(S=name.SubmitForm, F=elsewhere), C=dictionary(S=name.GoToR, F=elsewhere)
    )
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def test_e24_no_crafted_file_reaches_anybody(listener, clean, tmp_path):
    address = listener.address
    svg = f'<svg xmlns:x="http://www.w3.org/1999/xlink"><image x:href="{address}"/></svg>'
    payloads = {
        "playlist": playlist(address),
        "concat": f"ffconcat version 1.0\nfile {address}\n".encode(),
        "playlist that claims to be a video": b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + playlist(address),
        "playlist that claims to be sound": b"OggS" + playlist(address),
        "video": pointing_video(tmp_path, address),
        "pdf": pointing_pdf(address),
        "svg": svg.encode(),
        "xml": f'<!DOCTYPE a [<!ENTITY b SYSTEM "{address}">]><a>&b;</a>'.encode(),
    }  # fmt: skip
    outcomes = {}
    for name, content in payloads.items():
        try:
            outcomes[name] = clean(content).facts.kind
        except sandbox.RefusedFileError as refusal:
            outcomes[name] = refusal.code
    assert listener.visits == 0
    assert outcomes["playlist"] == outcomes["concat"] == "text"
    assert outcomes["pdf"] == "pdf"
    assert outcomes["svg"] == outcomes["xml"] == "markup"


def test_e24_control_the_same_listener_is_reached_from_outside(listener, tmp_path):
    with urllib.request.urlopen(listener.address, timeout=PATIENCE_S) as answer:
        assert answer.status == 200
    assert listener.visits == 1
    path = tmp_path / "list.m3u8"
    path.write_bytes(playlist(f"{listener.address}.ts"))
    files.ffmpeg("-protocol_whitelist", "file,http,tcp", "-i", path)
    assert listener.visits > 1


def test_e24_not_even_a_decoder_that_was_taken_over_reaches_anybody(listener):
    told = within(
        "/cleaner/ffmpeg",
        "-nostdin",
        "-protocol_whitelist",
        "http,tcp,file",
        "-i",
        listener.address,
    )
    assert told.returncode != 0
    for family, address in (
        ("AF_INET", ("127.0.0.1", listener.port)),
        ("AF_INET6", ("::1", listener.port)),
        ("AF_UNIX", "/run/docker.sock"),
    ):
        told = python_within(f"import socket; socket.socket(socket.{family}).connect({address!r})")
        assert b"PermissionError" in told.stderr, family
    assert listener.visits == 0


def test_behind_the_walls_there_is_nothing_to_take():
    seen = python_within(
        "import json, os; print(json.dumps({"
        "'root': sorted(os.listdir('/')), 'environment': sorted(os.environ), 'user': os.getuid(),"
        "'etc': sorted(os.listdir('/etc')), 'code': sorted(os.listdir('/cleaner/code/complaints')),"
        "'dev': sorted(os.listdir('/dev'))}))"
    )
    told = json.loads(seen.stdout)
    assert told["user"] == 65534
    assert "RAHASIA" not in told["environment"]
    assert told["etc"] == ["ld.so.cache"]
    assert told["dev"] == ["null", "urandom"]
    assert told["code"] == ["__init__.py", "cleaner"]
    assert not {"proc", "sys", "run", "home", "var", "work", "srv"} & set(told["root"])


@pytest.mark.parametrize(
    "code",
    [
        "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
        "import ctypes; assert ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0",
        "import ctypes; assert ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, 0) == 0",
        "open('/cleaner/code/complaints/cleaner/clean.py', 'w')",
        "open('/usr/lib/x', 'w')",
        "open('/cleaner/ffmpeg', 'r+b')",
        "import os; os.setuid(0)",
    ],
)
def test_walls_cannot_be_changed_from_inside(code):
    assert python_within(code).returncode == 1


def test_a_process_cannot_take_more_than_its_share():
    limits_first = (
        "import sys; sys.path[:0] = ['/cleaner/code'];"
        "from complaints.cleaner.limits import confine_process; confine_process();"
    )
    memory = python_within(f"{limits_first} bytearray(1 << 30)")
    assert b"MemoryError" in memory.stderr
    opened = python_within(f"{limits_first} [open('/dev/null') for _ in range(70)]")
    assert b"Too many open files" in opened.stderr
    disk = python_within(
        f"{limits_first}\nwith open('/tmp/a', 'wb') as a:\n"
        " for _ in range(400): a.write(bytes(1 << 20))"
    )
    assert disk.returncode == 1


def processes_below(pid: int) -> set[int]:
    found, seen = {pid}, 0
    while len(found) != seen:
        seen = len(found)
        for each in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = int(each.read_text().rpartition(")")[2].split()[1])
                if parent in found:
                    found.add(int(each.parent.name))
    return found


def lies_anywhere(marker: bytes, since: float) -> list[str]:
    """Return files of the usual places for what is temporary, changed since, that hold the marker."""
    found = []
    for top in ("/tmp", "/dev/shm", "/var/tmp"):
        for folder, _folders, names in os.walk(top):
            for name in names:
                path = Path(folder, name)
                with suppress(OSError):
                    about = path.lstat()
                    recent = stat.S_ISREG(about.st_mode) and about.st_mtime >= since
                    if recent and marker in path.read_bytes():
                        found.append(str(path))
    return found


@cache
def long_video() -> tuple[bytes, bytes]:
    """Return a video whose copy takes a while, and a word that is in it; neither is on a disk then."""
    marker = fresh_word().encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "long.mp4")
        files.ffmpeg(
            "-f", "lavfi", "-i", "testsrc2=s=640x360:r=30:d=90", "-c:v", "libx264", "-preset",
            "ultrafast", path,
        )  # fmt: skip
        content = path.read_bytes()
    atom = b"free" + marker
    return content + (len(atom) + 4).to_bytes(4, "big") + atom, marker


def all_at_work(pid: int) -> set[int]:
    """Wait until ffmpeg runs behind the walls and return the processes, the walls' first."""
    until = time.monotonic() + PATIENCE_S
    while len(found := processes_below(pid)) < 4 or not any(map(encodes, found)):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def encodes(pid: int) -> bool:
    with suppress(OSError):
        return b"libx264" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


@pytest.mark.long
@pytest.mark.parametrize("deepest", [True, False], ids=["decoder", "sandbox"])
def test_e26_killed_in_the_middle_it_is_a_failure_and_nothing_is_left(deepest):
    victims: set[int] = set()

    def kill(pid: int) -> None:
        def later() -> None:
            victims.update(all_at_work(pid))
            os.kill(next(filter(encodes, victims)) if deepest else pid, signal.SIGKILL)

        threading.Thread(target=later).start()

    content, marker = long_video()
    began = time.time() - 1
    with (
        pytest.raises(sandbox.CleanerFailedError) as caught,
        sandbox.clean([content], size=len(content), started=kill),
    ):
        pytest.fail("it was killed")
    assert caught.value.code == "crashed"
    wait_until_gone(victims)
    assert lies_anywhere(marker, began) == []


@pytest.mark.long
def test_e26_control_the_search_finds_what_lies_there(tmp_path):
    marker = fresh_word().encode()
    began = time.time() - 1
    (tmp_path / "a").write_bytes(b"..." + marker)
    assert lies_anywhere(marker, began) == [str(tmp_path / "a")]


def wait_until_gone(pids: set[int]) -> None:
    until = time.monotonic() + PATIENCE_S
    while alive := {pid for pid in pids if alive_still(pid)}:
        assert time.monotonic() < until, f"still alive: {alive}"
        time.sleep(0.05)


def alive_still(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


WORKER = """
import sys
from complaints.gateways import sandbox
content = sys.stdin.buffer.read()
def started(pid):
    print(pid, flush=True)
with sandbox.clean([content], size=len(content), started=started):
    pass
"""


@pytest.mark.long
def test_e26_a_killed_worker_takes_the_sandbox_with_it():
    content, marker = long_video()
    began = time.time() - 1
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert worker.stdin
    assert worker.stdout
    with worker.stdin, worker.stdout:
        worker.stdin.write(content)
        worker.stdin.close()
        victims = all_at_work(int(worker.stdout.readline()))
        worker.kill()
        worker.wait()
    wait_until_gone(victims)
    assert lies_anywhere(marker, began) == []


@pytest.mark.long
def test_e26_a_file_that_wants_too_much_is_a_failure_or_a_copy(clean):
    content, outcome = files.bomb_pdf(), ""
    try:
        outcome = clean(content).facts.kind
    except (sandbox.CleanerFailedError, sandbox.RefusedFileError) as error:
        outcome = error.code
    assert outcome in {"pdf", "damaged", "memory", "time", "crashed"}


def test_a_run_that_is_late_is_killed(monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS_AT_LEAST", 0.4)
    monkeypatch.setattr(sandbox, "SECONDS_PER_MEGABYTE", 0)
    pids: list[int] = []
    content, _marker = long_video()
    with (
        pytest.raises(sandbox.CleanerFailedError) as caught,
        sandbox.clean([content], size=len(content), started=pids.append),
    ):
        pytest.fail("it was late")
    assert caught.value.code == "time"
    wait_until_gone(set(pids))


def test_without_bubblewrap_nothing_is_tried(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *_words, **_more: None)
    sandbox._sandbox.cache_clear()
    try:
        assert sandbox.trouble() == "unavailable"
    finally:
        sandbox._sandbox.cache_clear()


def test_no_descriptor_is_left_open(clean):
    before = len(list(Path("/proc/self/fd").iterdir()))
    clean(b"halo")
    with pytest.raises(sandbox.RefusedFileError):
        clean(b"")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


FACTS = Facts("image", (Part("main", "image/jpeg", 0, 10, width=4, height=4),), image_hashes=(5,))


def altered(**changes: object) -> bytes:
    told = json.loads(FACTS.to_json())
    told["facts"].update(changes)
    return json.dumps(told).encode()


def part(**changes: object) -> dict[str, object]:
    told: dict[str, object] = json.loads(FACTS.to_json())["facts"]["parts"][0]
    return told | changes


def test_an_honest_answer_is_read_as_it_was_told():
    assert read_answer(FACTS.to_json(), output_bytes=10) == FACTS
    with pytest.raises(RefusalError):
        read_answer(b'{"refused": "office"}', output_bytes=0)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{}", b"[]", b"null", b"[" * 5000, b"\xff", b'{"refused": "x"}', b'{"failed": "x"}',
        b'{"refused": ["office"]}', b'{"facts": {}}', b'{"facts": null}',
        altered(kind="html"), altered(kind="pdf"), altered(kind=[]), altered(parts=[]),
        altered(parts=[part(part="page")]), altered(parts=[part(), part()]),
        altered(parts=[part(content_type="text/html")]), altered(parts=[part(offset=-1)]),
        altered(parts=[part(offset=5)]), altered(parts=[part(length=11)]),
        altered(parts=[part(length=0)]), altered(parts=[part(width=10**9)]),
        altered(parts=[part(length=True)]), altered(parts=[part(offset=0.5)]),
        altered(parts=[part()] + [part(part="page")] * 200),
        altered(removed=["<script>"]), altered(removed=[["exif"]]), altered(pages=101),
        altered(seconds=float("inf")), altered(seconds=float("nan")), altered(seconds="1"),
        altered(image_hashes=[2**63]), altered(image_hashes=[1.5]), altered(image_hashes=["1"]),
        altered(tools={"a": "b\n"}), altered(tools={"a": 1}), altered(tools=[]),
        altered(tools={"nama": "é"}),
    ],
    ids=lambda line: line[-60:].decode("latin-1"),
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_a_failure(line):
    with pytest.raises(FailureError) as caught:
        read_answer(line, output_bytes=10)
    assert caught.value.code == "answer"
