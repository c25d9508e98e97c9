"""A real gunicorn with the product's own configuration: a crash ends the worker, and its memory with it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.canary import places
from tests.support.ports import free_ports

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120
STORY = "Kepala dinas membagikan kaus kepada enam pegawai di gudang {}"
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
"""No page that is asked here reads a database."""


class Server:
    """One worker, as ``./up`` and ``docker/run`` start it, with pages that crash."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.log = folder / "gunicorn.log"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.support.crashing_settings",
            "DATABASE_URL": NOWHERE,
            "WEB_LEAST_SECONDS": "0",
        }
        command = [sys.executable, "-m", "gunicorn", "bawaslu_cases.wsgi:application"]
        command += ["--config", "python:bawaslu_cases.web_server", "--no-control-socket"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"]
        command += ["--workers", "1", "--threads", "4", "--graceful-timeout", "120"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=PROJECT, env=environment, stdout=log, stderr=log
            )

    def wait(self) -> int:
        """Wait until the page answers; return the worker that is there."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with suppress(OSError, http.client.HTTPException, ValueError):  # one ends, one begins
                assert self.ask("GET", "/health/live") == 200
                (worker,) = places.family(self.process.pid)[1:]
                return worker
            time.sleep(0.1)
        pytest.fail(self.log.read_text()[-2000:])

    def ask(self, method: str, at: str, story: str = "") -> int:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        body = urlencode({"story": story}) if story else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if story else {}
        line.request(method, at, body=body, headers={"Host": "localhost", **kind})
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer.status

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    try:
        made.wait()
        yield made
    finally:
        made.stop()


def holds(pid: int, words: str) -> bool:
    return any(words.encode() in content for _place, content in places.memory([pid]))


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="reads another process's memory")
def test_c10_what_a_crash_leaves_behind_ends_with_its_process(server):
    kept, crashed = STORY.format("timur"), STORY.format("barat")
    worker = server.wait()
    assert server.ask("POST", "/simpan", kept) == 200
    assert holds(worker, kept), "the control: what stays in memory is found"
    assert server.wait() == worker, "no crash, no new process"
    with ThreadPoolExecutor() as beside:
        begun = beside.submit(server.ask, "GET", "/lambat")
        assert server.ask("GET", "/lambat-dimulai") == 204

        assert server.ask("POST", "/jatuh", crashed) == 500

        assert begun.result() == 200, "who was being answered is answered to the end"
    places.wait_for(lambda: not Path(f"/proc/{worker}").exists(), "it ends", seconds=PATIENCE_S)
    fresh = server.wait()
    assert fresh != worker
    for pid in (server.process.pid, fresh):
        assert not holds(pid, crashed)
        assert not holds(pid, kept)
    assert STORY[:20] not in server.log.read_text()


SMUGGLED = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
PROBES = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 0\r\n\r\nabcd",
    "lengths in one": b"Content-Length: 4, 0\r\n\r\nabcd",
    "signed length": b"Content-Length: +4\r\n\r\nabcd",
    "another coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "codings": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "folded": b"X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "blank before colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "bare line feed in a name": b"X-A\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "nul": b"X-A: b\x00c\r\n\r\n",
    "bad chunk": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
}
"""Requests that two servers in a row may cut at different places."""


def test_p13_what_two_servers_may_cut_differently_is_refused(server):
    """Nothing that stands behind such a request is answered as a request of its own."""

    def told(rest: bytes) -> list[bytes]:
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as line:
            line.sendall(b"POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\n" + rest)
            line.sendall(SMUGGLED)
            line.shutdown(socket.SHUT_WR)
            answer = b""
            with suppress(ConnectionError):
                while part := line.recv(65536):
                    answer += part
        return [text[:3] for text in answer.split(b"HTTP/1.1 ")[1:]]

    # The control: behind a sound request the next one is answered.
    assert told(b"Content-Length: 4\r\n\r\nabcd")[1:] == [b"200"]
    got = {name: told(rest) for name, rest in PROBES.items()}
    assert {name: statuses for name, statuses in got.items() if b"200" in statuses} == {}
    assert {name for name, statuses in got.items() if statuses[:1] not in ([b"400"], [b"501"])} == (
        set()
    )
