"""Real servers of recipients for tests: HTTP, SMTP and SFTP, each on a free port of this machine.

None of the system's own choice: who asks at ``localhost`` may try ``::1`` first, where nobody listens, from
just that port, and meet itself.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import paramiko
import paramiko.common
import paramiko.sftp
from aiosmtpd.controller import Controller

from tests.support.ports import free_ports


@dataclass
class HttpPeer:
    """What a recipient's system took; ``answers`` are given one after the other, then 200."""

    port: int = 0
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    before_answer: Callable[[], None] | None = None
    """Called when something was taken and nobody was told so yet."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/masuk"


@contextmanager
def http_peer() -> Iterator[HttpPeer]:
    peer = HttpPeer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            known = {each["webhook-id"] for each, _body in peer.taken}
            status, told = peer.answers.pop(0) if peer.answers else (200, b'{"receipt": "BKN-7"}')
            if status == 200:
                if headers["webhook-id"] in known:
                    status = 409
                peer.taken.append((headers, body))
            if peer.before_answer:
                peer.before_answer()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/lain")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *args: Any) -> None:
            pass

    (peer.port,) = free_ports(1)
    with ThreadingHTTPServer(("127.0.0.1", peer.port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield peer
        server.shutdown()
        thread.join()


class _Mails:
    def __init__(self) -> None:
        self.taken: list[Message] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(message_from_bytes(envelope.content))
        return "250 OK"


@contextmanager
def mail_peer(settings: Any) -> Iterator[list[Message]]:
    """A mail server that the settings name; gives the mails that came."""
    mails = _Mails()
    (port,) = free_ports(1)
    server = Controller(mails, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = False
    try:
        yield mails.taken
    finally:
        server.stop()


@dataclass
class SftpPeer:
    """A recipient's SFTP server over a folder; ``names`` are the files in the order they appeared."""

    port: int
    folder: Path
    host_key: str
    names: list[str]


class _Files(paramiko.SFTPServerInterface):
    folder: ClassVar[Path]
    names: ClassVar[list[str]]

    def _at(self, path: str) -> Path:
        return self.folder / path.lstrip("/")

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:  # noqa: ARG002 -- the server's contract
        try:
            file = os.fdopen(os.open(self._at(path), flags, 0o600), "r+b")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = handle.writefile = file  # type: ignore[attr-defined]
        return handle

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        self._at(oldpath).replace(self._at(newpath))
        self.names.append(newpath)
        return int(paramiko.sftp.SFTP_OK)


class _Door(paramiko.ServerInterface):
    allowed: ClassVar[str]

    def check_auth_publickey(self, username: str, key: Any) -> int:
        is_known = username == "bawaslu" and key.get_base64() == self.allowed
        return int(paramiko.common.AUTH_SUCCESSFUL if is_known else paramiko.common.AUTH_FAILED)

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002 -- the server's contract
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002 -- contract
        return int(paramiko.common.OPEN_SUCCEEDED)


@contextmanager
def sftp_peer(folder: Path, *, host_key: Any, allowed: str) -> Iterator[SftpPeer]:
    """Serve a folder to the one public key ``allowed`` (base64)."""
    names: list[str] = []
    files = type("Files", (_Files,), {"folder": folder, "names": names})
    door = type("Door", (_Door,), {"allowed": allowed})
    shown = f"{host_key.get_name()} {host_key.get_base64()}"
    transports: list[paramiko.Transport] = []
    (port,) = free_ports(1)
    with socket.create_server(("127.0.0.1", port)) as server:

        def serve() -> None:
            while True:
                try:
                    line, _address = server.accept()
                except OSError:
                    return
                transport = paramiko.Transport(line)
                transport.add_server_key(host_key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, files)
                transports.append(transport)
                transport.start_server(event=threading.Event(), server=door())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield SftpPeer(port, folder, shown, names)
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
    for transport in transports:
        transport.close()
