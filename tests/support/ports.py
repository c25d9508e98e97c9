"""Ports for servers that a test starts."""

import random
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

LOWEST = 10_000
OWN_CHOICE = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""The first and last port that the system gives to whoever names none."""


def free_ports(count: int) -> list[int]:
    """Return ports of this machine's loopback that nobody has, each another one.

    Below those that the system gives out itself: between this answer and the server's start, any
    connection of a test beside this one could get such a port for its own end; and who asks at one where
    nobody listens yet may be given that very port, and meet itself. Held together while
    they are sought: given back one by one, the same may be found twice.
    """
    end = int(OWN_CHOICE.read_text(encoding="ascii").split()[0])
    found: list[int] = []
    with ExitStack() as held:
        # The system's own chance, not the seed that every test process is given.
        for port in random.SystemRandom().sample(range(LOWEST, end), end - LOWEST):
            with suppress(OSError):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == count:
                return found
    raise AssertionError(f"fewer than {count} free ports from {LOWEST} to {end}")
