"""E21: a real server is killed at random offsets of a file; its owner goes on and nothing is lost."""

import base64
import hashlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from bawaslu_cases.shared import object_storage
from complaints.models import Upload
from complaints.vault.crypto.streams import open_stream
from tests.complaints.web.test_uploads import PART, TUS, announce, files, picture
from tests.complaints.web.walk import start
from tests.support.outbox_workers import running_database_urls
from tests.support.ports import free_ports

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

PROJECT = Path(__file__).resolve().parents[3]
PIECE = 100_000
KILLED = 10
PATIENCE_S = 120


class Server:
    """One gunicorn against the test's database, with the launcher's class of worker."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.test",
            **running_database_urls(),
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "DATA_KEYRING": settings.DATA_KEYRING,
            "RECEIPT_PEPPER": settings.RECEIPT_PEPPER,
        }
        command = [sys.executable, "-m", "gunicorn", "bawaslu_cases.wsgi:application"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"]
        command += ["--workers", "1", "--threads", "4", "--no-control-socket"]
        with (self.folder / "gunicorn.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with suppress(OSError, http.client.HTTPException):
                self.ask("GET", "/health/live", {})
                return
            time.sleep(0.1)
        pytest.fail((self.folder / "gunicorn.log").read_text()[-2000:])

    def kill(self) -> None:
        """Kill all of it at once, as a power cut does."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ask(self, method: str, url: str, headers: dict[str, str], body: bytes = b"") -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        line.request(method, url, body=body or None, headers=headers)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    made.start()
    yield made
    made.kill()


def test_e21_ten_deaths_of_the_server_and_the_hash_is_right(server):
    client = Client()
    start(client)
    token = (
        client.get("/f/").content.decode().split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    )
    content = picture(30 * PIECE)
    url = announce(client, len(content))["Location"]
    cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    known = TUS | {"Cookie": cookies, "X-CSRFToken": token, "Content-Type": PART}
    chance = random.Random(21)

    def offset() -> int:
        return int(server.ask("HEAD", url, known).getheader("Upload-Offset"))

    for _death in range(KILLED):
        at = offset()
        told = known | {"Upload-Offset": str(at)}
        answer = server.ask("PATCH", url, told, content[at : at + PIECE])
        assert answer.status == 204
        at += PIECE
        torn = chance.randrange(PIECE)
        head = "".join(f"{name}: {value}\r\n" for name, value in known.items())
        head += f"Upload-Offset: {at}\r\nContent-Length: {PIECE}\r\nHost: 127.0.0.1\r\n\r\n"
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(f"PATCH {url} HTTP/1.1\r\n{head}".encode() + content[at : at + torn])
            time.sleep(chance.random() / 10)
            server.kill()
        server.start()
        assert at <= offset() <= at + torn

    while (at := offset()) < len(content):
        told = known | {"Upload-Offset": str(at)}
        assert server.ask("PATCH", url, told, content[at : at + PIECE]).status == 204
    (entry,) = files(client)
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    sealed = object_storage.read(Upload.objects.get().object_name)
    opened = open_stream(sealed, key=base64.b64decode(entry["key"]), object_id=entry["object"])
    assert b"".join(opened) == content


def test_a_line_that_breaks_keeps_what_came(server):
    client = Client()
    start(client)
    token = (
        client.get("/f/").content.decode().split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    )
    content = picture(PIECE)
    url = announce(client, len(content))["Location"]
    cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    known = TUS | {"Cookie": cookies, "X-CSRFToken": token, "Content-Type": PART}
    head = "".join(f"{name}: {value}\r\n" for name, value in known.items())
    head += f"Upload-Offset: 0\r\nContent-Length: {PIECE}\r\nHost: 127.0.0.1\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(f"PATCH {url} HTTP/1.1\r\n{head}".encode() + content[:40_000])
    end = time.monotonic() + PATIENCE_S
    kept = 0
    while not kept and time.monotonic() < end:
        kept = int(server.ask("HEAD", url, known).getheader("Upload-Offset"))
    assert kept == 40_000
    told = known | {"Upload-Offset": str(kept)}
    assert server.ask("PATCH", url, told, content[kept:]).status == 204
    assert files(client)[0]["sha256"] == hashlib.sha256(content).hexdigest()
