"""An answer that comes byte by byte: each byte is in time, the whole is not, and it is cut off."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bawaslu_cases.shared.outgoing import UnreachableError, post

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n"


@contextmanager
def dripping(first: bytes) -> Iterator[tuple[str, threading.Event]]:
    """A server that answers with something, then a byte now and again; the event says it was cut off."""
    over, cut = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _address = server.accept()
            with line:
                line.recv(65536)
                line.sendall(first)
                while not over.wait(0.05):
                    try:
                        line.sendall(b"X")
                    except OSError:
                        cut.set()
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://localhost:{server.getsockname()[1]}/masuk", cut
        finally:
            over.set()
            thread.join(120)


@pytest.fixture(autouse=True)
def _own_network(settings):
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"localhost"})


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\nX-", HEAD], ids=["head", "body"])
def test_an_answer_without_end_is_cut_off(first):
    """Also where the status has come: what was read may end anywhere."""
    with dripping(first) as (url, cut):
        with pytest.raises(UnreachableError):
            post(url, b"{}", {}, within=0.5)
        assert cut.wait(120)
