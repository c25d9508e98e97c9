"""The virus scanner: a real clamd with one signature of its own, and a peer for what it seldom says."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import time_machine

from complaints.gateways import antivirus
from complaints.gateways.antivirus import Scan, ScannerDownError, scan
from complaints.models import Evidence

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
FRESH, OLD = (
    "ClamAV 1.4.6/27800/Sat Nov 21 08:00:00 2026",
    "ClamAV 1.4.6/27800/Wed Nov 18 08:00:00 2026",
)
NOW = "2026-11-21T10:00:00+00:00"


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the socket of a daemon that knows EICAR and nothing else."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/bin")
    if not program:
        pytest.skip("clamd is not installed")
    folder = tmp_path_factory.mktemp("clamd")
    signatures = folder / "own"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Eicar-Own:0:*:{EICAR.hex()}\n")
    configuration = folder / "clamd.conf"
    configuration.write_text(
        f"LocalSocket {folder}/socket\nDatabaseDirectory {signatures}\nForeground yes\n"
        f"TemporaryDirectory {folder}\nStreamMaxLength 1M\n"
    )
    daemon = subprocess.Popen(
        [program, "--config-file", str(configuration)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 120
        while not (folder / "socket").exists():
            assert daemon.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield str(folder / "socket")
    finally:
        daemon.terminate()
        daemon.wait()


@pytest.fixture
def peer(tmp_path: Path, settings) -> Iterator[Callable[..., list[bytes]]]:
    """Return a function that starts a peer of clamd's protocol with these answers."""
    path = tmp_path / "peer"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    answers: dict[bytes, bytes] = {}
    heard: list[bytes] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _address = server.accept()
                with line, suppress(OSError):
                    command = line.recv(1, socket.MSG_PEEK) and _word(line)
                    if command == b"zINSTREAM" and not answers.get(b"early"):
                        heard.append(_stream(line))
                    line.sendall(answers.get(command, b""))

    threading.Thread(target=serve, daemon=True).start()

    def start(version: str, verdict: str, *, early: bool = False) -> list[bytes]:
        settings.CLAMD_SOCKET = str(path)
        answers.update(
            {
                b"zVERSION": version.encode() + b"\0",
                b"zINSTREAM": verdict.encode() + b"\0" if verdict else b"",
                b"early": b"1" if early else b"",
            }
        )
        return heard

    yield start
    server.close()


def _word(line: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"\0"):
        said += line.recv(1)
    return said[:-1]


def _stream(line: socket.socket) -> bytes:
    content = b""
    while size := int.from_bytes(line.recv(4, socket.MSG_WAITALL), "big"):
        content += line.recv(size, socket.MSG_WAITALL)
    return content


def test_values_are_those_of_the_evidence():
    assert {each.value for each in Scan} == set(Evidence.Scan.values)


def test_without_a_scanner_nothing_is_scanned_and_nothing_is_read(settings):
    settings.CLAMD_SOCKET = ""
    content = iter([b"isi"])
    assert scan(content) is Scan.NOT_SCANNED
    assert list(content) == [b"isi"]
    assert antivirus.trouble() == "none"


def test_e16_a_real_scanner_finds_eicar_in_any_piece(clamd, settings):
    settings.CLAMD_SOCKET = clamd
    assert scan([EICAR]) is Scan.HIT
    assert scan([b"x" * 5000, EICAR[:20], EICAR[20:], b"y" * 5000]) is Scan.HIT


def test_e16_signatures_of_unknown_age_do_not_count_as_a_scan(clamd, settings):
    settings.CLAMD_SOCKET = clamd
    assert antivirus.trouble() == "stale"  # one signature of our own has no date
    assert scan([b"halo"]) is Scan.STALE


def test_e16_more_than_the_scanner_takes_is_not_scanned(clamd, settings):
    settings.CLAMD_SOCKET = clamd
    assert scan(bytes(1 << 18) for _ in range(40)) is Scan.NOT_SCANNED


@time_machine.travel(NOW, tick=False)
def test_what_is_clean_is_clean_and_the_scanner_saw_every_byte(peer):
    heard = peer(FRESH, "stream: OK")
    content = [b"a" * 300_000, b"", b"b" * 10]
    assert scan(content) is Scan.CLEAN
    assert heard == [b"".join(content)]
    assert antivirus.trouble() == ""


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("version", "verdict", "found"),
    [
        (OLD, "stream: OK", Scan.STALE),
        ("ClamAV 1.4.6", "stream: OK", Scan.STALE),
        (OLD, "stream: Win.Test.EICAR_HDB-1 FOUND", Scan.HIT),
        (FRESH, "stream: Win.Test.EICAR_HDB-1 FOUND", Scan.HIT),
        (FRESH, "INSTREAM size limit exceeded. ERROR", Scan.NOT_SCANNED),
    ],
)
def test_e16_every_answer(peer, version, verdict, found):
    peer(version, verdict)
    assert scan([b"isi"]) is found


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("verdict", ["", "stream: Can't allocate memory ERROR", "apa?"])
def test_e16_an_answer_that_is_none_is_a_scanner_that_is_down(peer, verdict):
    peer(FRESH, verdict)
    with pytest.raises(ScannerDownError):
        scan([b"isi"])


@time_machine.travel(NOW, tick=False)
def test_a_scanner_that_hangs_up_in_the_middle_is_still_heard(peer):
    peer(FRESH, "INSTREAM size limit exceeded. ERROR", early=True)
    assert scan([bytes(1 << 20)] * 20) is Scan.NOT_SCANNED


@pytest.mark.parametrize("address", ["/nowhere/clamd", "127.0.0.1:9"])
def test_e16_a_scanner_that_is_gone_is_said_to_be(settings, address):
    settings.CLAMD_SOCKET = address
    with pytest.raises(ScannerDownError):
        scan([b"isi"])
    assert antivirus.trouble() == "down"
