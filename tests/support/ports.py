"""Ports for servers that a test starts."""

import socket
from contextlib import ExitStack


def free_ports(count: int) -> list[int]:
    """Return ports of this machine's loopback that nobody has, each another one.

    Held together while they are sought: given back one by one, the same may be found twice.
    """
    with ExitStack() as held:
        found = [held.enter_context(socket.socket()) for _number in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in found]
