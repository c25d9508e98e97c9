"""Imported by Python itself at its start: notes every connection and every name looked up, before it is.

One JSON line each in the file that ``WATCHED_SOCKETS`` names: process, event, address. Code that swallows
the error of a connection that nobody answers is noted all the same.
"""

import json
import os
import sys

EVENTS = {
    *("socket.connect", "socket.sendto", "socket.sendmsg"),
    *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"),
}


def note(event: str, arguments: tuple[object, ...]) -> None:
    """Write down what concerns another host or a name; addresses of files on this machine are paths."""
    if event in EVENTS:
        told = [value for value in arguments if not hasattr(value, "fileno")]
        line = json.dumps([os.getpid(), event, *told], default=str) + "\n"
        with open(os.environ["WATCHED_SOCKETS"], "a", encoding="utf-8") as notes:  # noqa: PTH123 -- as lean as may be
            notes.write(line)


if "WATCHED_SOCKETS" in os.environ:
    sys.addaudithook(note)
