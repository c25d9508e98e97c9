"""A client so thin that the product is measured and not the client: one socket, bytes in, bytes out.

About 0.1 ms of processor time a request; http.client and an HTML parser took thirty times that, on the
processors the product runs on.
"""

import gzip
import socket
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.browser import ORIGIN, TIMEOUT_SECONDS

CSRF = "a" * 32
"""Any secret of the right shape does: Django compares the form's with the cookie's."""


@dataclass(frozen=True)
class Answer:
    """What came back; ``body`` is empty for a redirect."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header of that name, "" without one."""
        found = self.head.lower().find(b"\r\n" + name.lower().encode() + b":")
        if found < 0:
            return ""
        line = self.head[found + 2 : self.head.find(b"\r\n", found + 2)]
        return line.split(b":", 1)[1].strip().decode()

    @property
    def text(self) -> str:
        """The page as it reads."""
        packed = self.header("Content-Encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


class Lean:
    """One reporter with one kept-alive connection, opened anew when the server closed it."""

    def __init__(self, port: int, *, cookie: str = "") -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self.cookie = cookie

    def get(self, path: str) -> Answer:
        """Fetch a page; nothing is followed."""
        return self._exchange(self._head("GET", path) + b"\r\n")

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form; nothing is followed."""
        body = urlencode({"csrfmiddlewaretoken": CSRF, **fields}).encode()
        head = self._head("POST", path)
        head += (
            f"Content-Type: application/x-www-form-urlencoded\r\nOrigin: {ORIGIN}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        return self._exchange(head + body)

    def forget(self) -> None:
        """Be somebody else: no cookie, and a connection of their own."""
        self.cookie = ""
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _head(self, method: str, path: str) -> bytes:
        cookie = f"__Host-t={CSRF}" + (f"; __Host-l={self.cookie}" if self.cookie else "")
        return (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n"
            f"Accept-Encoding: gzip\r\nAccept-Language: id\r\nCookie: {cookie}\r\n"
        ).encode()

    def _exchange(self, request: bytes) -> Answer:
        for attempt in (1, 2):
            try:
                answer = self._try(request)
            except OSError:
                self.close()
                if attempt == 2:  # noqa: PLR2004 -- the second time is the last
                    raise
            else:
                self._take_cookie(answer)
                return answer
        raise AssertionError

    def _try(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        answer = Answer(int(head[9:12]), head, b"")
        length = int(answer.header("Content-Length") or 0)
        while len(body) < length:
            body += self._more()
        if answer.header("Connection").lower() == "close":
            self.close()
        return Answer(answer.status, head, body)

    def _more(self) -> bytes:
        assert self._socket is not None
        part = self._socket.recv(65536)
        if not part:
            raise ConnectionResetError
        return part

    def _take_cookie(self, answer: Answer) -> None:
        at = answer.head.find(b"__Host-l=")
        if at >= 0:
            self.cookie = answer.head[at + 9 : answer.head.find(b";", at)].decode().strip('"')
