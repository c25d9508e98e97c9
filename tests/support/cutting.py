"""A line that drops: a TCP proxy before a server that cuts what passes, at places a seed chooses."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"


class CuttingProxy:
    """Passes bytes on between its own port and a server; ``cut_of`` answers in 12 are cut.

    A cut comes before the request reached the server, after the server acted and before the first
    byte of its answer, or at a random byte of it. ``asked`` counts requests, ``cuts`` what was cut how.
    """

    WAYS = ("before", "unanswered", "inside")

    def __init__(self, url: str, *, seed: int, cut_of: int) -> None:
        place = urlsplit(url)
        self._server = (place.hostname or "", place.port or 0)
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self.cut_of = cut_of
        self.asked = 0
        self.cuts: dict[str, int] = dict.fromkeys(self.WAYS, 0)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self._door.getsockname()[1]}"
        self._is_open = True
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._is_open = False
        with suppress(OSError):
            socket.create_connection(self._door.getsockname(), timeout=1).close()
        self._door.close()

    def _listen(self) -> None:
        while self._is_open:
            with suppress(OSError):
                line, _peer = self._door.accept()
                threading.Thread(target=self._serve, args=[line], daemon=True).start()

    def _way(self) -> tuple[str, int]:
        """Return how the next answer ends, and after how many of its bytes."""
        with self._lock:
            self.asked += 1
            if self._chance.randrange(12) >= self.cut_of:
                return "", 0
            way = self._chance.choice(self.WAYS)
            self.cuts[way] += 1
            return way, self._chance.randrange(1, 900)

    def _serve(self, line: socket.socket) -> None:
        """Pass on requests of one connection, one after the other, until one is cut."""
        with line, suppress(OSError):
            while request := _message(line):
                way, kept = self._way()
                if way == "before":
                    return
                with socket.create_connection(self._server, timeout=60) as server:
                    server.sendall(_closing(request))
                    answer = b""
                    while piece := server.recv(65536):
                        answer += piece
                if way == "unanswered":
                    return
                if way == "inside":
                    # Short of its end, whatever it is.
                    line.sendall(answer[: min(kept, len(answer) - 1)])
                    return
                line.sendall(answer)
                return


def _closing(request: bytes) -> bytes:
    """Ask the server to close behind its answer, so that its end is known."""
    head, _end, body = request.partition(HEAD_END)
    kept = [each for each in head.split(b"\r\n") if not each.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + HEAD_END + body


def _message(line: socket.socket) -> bytes:
    """Return one whole request, empty where the other side is gone."""
    content = b""
    while HEAD_END not in content:
        piece = line.recv(65536)
        if not piece:
            return b""
        content += piece
    head, _end, body = content.partition(HEAD_END)
    length = 0
    for each in head.split(b"\r\n"):
        name, _colon, value = each.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        piece = line.recv(65536)
        if not piece:
            return b""
        body += piece
    return head + HEAD_END + body


@contextmanager
def cutting_proxy(url: str, *, seed: int, cut_of: int = 4) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(url, seed=seed, cut_of=cut_of)
    try:
        yield proxy
    finally:
        proxy.close()
