"""Leaving the product over a network: only to public addresses, pinned, never redirected.

What a person enters as an address could otherwise lead the server to its own neighbours (server-side
request forgery, OWASP API7:2023). A name is resolved once, every answer must be a public address, and
the connection goes to the address that was looked at.
"""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings

CONNECT_SECONDS = 5
READ_SECONDS = 20
MAX_ANSWER_BYTES = 64 * 1024


class AddressRefusedError(Exception):
    """The address leads into this network, or is no address. Asking again does not help."""


class UnreachableError(Exception):
    """Nobody answered, or not in time. Asking again may help."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status code and at most 64 KiB of the body."""

    status: int
    body: bytes


def pinned_address(host: str, port: int) -> str:
    """Return the address to connect to. Raises AddressRefusedError, UnreachableError.

    ``settings.OUTGOING_PRIVATE_HOSTS`` names hosts of one's own network that are allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(type(error).__name__) from error
    addresses = [str(each[4][0]) for each in found]
    if host not in settings.OUTGOING_PRIVATE_HOSTS and not all(
        ipaddress.ip_address(each.partition("%")[0]).is_global for each in addresses
    ):
        raise AddressRefusedError("private")
    return addresses[0]


def checked_url(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path with query. Raises AddressRefusedError.

    Only https, and http to a host of ``settings.OUTGOING_PRIVATE_HOSTS``; no name or password inside.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefusedError("malformed") from error
    host = parts.hostname or ""
    plain = parts.scheme == "http" and host in settings.OUTGOING_PRIVATE_HOSTS
    if not host or parts.username is not None or parts.fragment:
        raise AddressRefusedError("malformed")
    if parts.scheme != "https" and not plain:
        raise AddressRefusedError("plain")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path


def post(url: str, body: bytes, headers: dict[str, str], *, within: float | None = None) -> Answer:
    """Post once: no redirect, no retry, certificates checked against the name.

    ``within``: seconds for all of it once the name is resolved; the time-outs alone would let an answer
    that comes byte by byte go on for hours. Raises AddressRefusedError, UnreachableError.
    """
    return _answer("POST", url, body, headers, within)


def get(url: str) -> Answer:
    """Fetch once, under the conditions of :func:`post`."""
    return _answer("GET", url, None, {"Accept": "application/json"})


def _answer(
    method: str,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    within: float | None = None,
) -> Answer:
    scheme, host, port, path = checked_url(url)
    address = pinned_address(host, port)
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    pool: urllib3.HTTPConnectionPool
    if scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address, port, timeout=timeout, server_hostname=host, assert_hostname=host
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    named = host if port in {80, 443} else f"{host}:{port}"
    with pool, _cut_after(pool, within) as is_cut:
        try:
            response = pool.urlopen(
                method,
                path,
                body=body,
                headers={"Host": named, "User-Agent": "kasus", **headers},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            try:
                answer = Answer(response.status, response.read(MAX_ANSWER_BYTES))
            finally:
                response.close()
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(type(error).__name__) from error
        if is_cut.is_set():
            # What was read may end anywhere.
            raise UnreachableError("slow")
        return answer


@contextmanager
def _cut_after(
    pool: urllib3.HTTPConnectionPool, seconds: float | None
) -> Iterator[threading.Event]:
    """Cut the pool's connections when the time is over, whatever they wait for; the event tells of it."""
    is_cut = threading.Event()
    if seconds is None:
        yield is_cut
        return
    lines: list[socket.socket] = []
    made = pool.ConnectionCls

    def make(**told: Any) -> Any:
        line: Any = made(**told)
        dial = line._new_conn  # noqa: SLF001 -- before TLS takes the socket over

        def dialled() -> socket.socket:
            found: socket.socket = dial()
            lines.append(found.dup())
            return found

        line._new_conn = dialled  # noqa: SLF001 -- as above
        return line

    def cut() -> None:
        is_cut.set()
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    pool.ConnectionCls = make  # type: ignore[assignment]  # called as the class would be
    watch = threading.Timer(seconds, cut)
    watch.daemon = True
    watch.start()
    try:
        yield is_cut
    finally:
        watch.cancel()
        watch.join()
        for line in lines:
            line.close()
