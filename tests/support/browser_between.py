"""A visitor whose requests reach one web server after the other, as behind a balancer."""

import http.client
from itertools import cycle

from bench.browser import TIMEOUT_SECONDS, Browser


class BetweenServers(Browser):
    """One visitor with a connection to each of several servers; they answer in turn."""

    def __init__(self, *ports: int) -> None:
        super().__init__(ports[0])
        self._lines = [self._connection] + [
            http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
            for port in ports[1:]
        ]
        self._next = cycle(self._lines)

    def close(self) -> None:
        """End every connection."""
        for line in self._lines:
            line.close()

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes, str]:
        self._connection = next(self._next)
        return super()._send(method, path, body)
