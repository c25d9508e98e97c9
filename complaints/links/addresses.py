"""Text to address: what is refused, and one way to write what is left.

The standard library splits, ``idna`` writes the host as browsers do (UTS 46). Cleaners of addresses
that are kept up (courlan, w3lib, url-normalize) sort and strip parameters, but know neither the
platforms' kinds of things nor that a short link's path is itself the mark of who shared it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import idna

from complaints.links.link import MAX_LENGTH, LinkRefusedError, Refusal

APP_SCHEMES = frozenset({"whatsapp", "tg"})
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_PORT_NEXT = re.compile(r"\d{1,5}(?:[/?#]|$)")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_TOP = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_AROUND = " \t\r\n\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\ufeff<>\"'“”‘’"
_UNPRINTED = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\\]")
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=.*", re.IGNORECASE | re.DOTALL)
_PATH_SAFE = "~@:+,!$'()*=&;"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """A web address in parts, decoded; ``segments`` hold no empty one and no dots."""

    scheme: str
    host: str
    port: int | None
    segments: tuple[str, ...]
    params: tuple[tuple[str, str], ...]

    def param(self, name: str) -> str:
        """Return the first value under a name, or nothing."""
        return next((value for key, value in self.params if key == name), "")

    def segment(self, number: int) -> str:
        """Return one part of the path, or nothing where the path is shorter."""
        return self.segments[number] if number < len(self.segments) else ""


def read_address(text: str) -> Address:
    """Take a pasted text apart; a missing scheme is https. Raises LinkRefusedError."""
    text = text.strip(_AROUND)
    if not text:
        raise LinkRefusedError(Refusal.EMPTY)
    if len(text) > MAX_LENGTH:
        raise LinkRefusedError(Refusal.TOO_LONG)
    if _UNPRINTED.search(text):
        raise LinkRefusedError(Refusal.MALFORMED)
    text = _with_scheme(text)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise LinkRefusedError(Refusal.MALFORMED) from error
    if "@" in parts.netloc:
        raise LinkRefusedError(Refusal.USERINFO)
    in_app = parts.scheme in APP_SCHEMES
    return Address(
        scheme=parts.scheme,
        host=parts.netloc.lower() if in_app else read_host(parts.netloc),
        port=None if port == _DEFAULT_PORTS.get(parts.scheme) else port,
        segments=tuple(_segments(parts.path)),
        params=tuple(
            parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape", separator="&")
        ),
    )


def read_host(netloc: str) -> str:
    """Return a host in small ASCII letters, foreign ones as punycode. Raises LinkRefusedError."""
    host = re.sub(r":\d*$", "", netloc).rstrip(".")
    try:
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode()
    except UnicodeError as error:
        raise LinkRefusedError(Refusal.HOST) from error
    labels = host.lower().split(".")
    if len(labels) < 2 or not _TOP.fullmatch(labels[-1]):  # noqa: PLR2004 -- a name and its top
        raise LinkRefusedError(Refusal.HOST)
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise LinkRefusedError(Refusal.HOST)
    return ".".join(labels)


def write_address(
    *,
    host: str,
    scheme: str = "https",
    port: int | None = None,
    segments: Iterable[str] = (),
    params: Iterable[tuple[str, str]] = (),
    slash: bool = False,
) -> str:
    """Write an address in ASCII; ``slash`` ends the path with one."""
    path = write_path(segments)
    query = write_query(params)
    where = f"{host}:{port}" if port else host
    end = "/" if slash and not path.endswith("/") else ""
    return f"{scheme}://{where}{path}{end}{'?' if query else ''}{query}"


def write_path(segments: Iterable[str]) -> str:
    """Write a path in ASCII, without a slash at the end unless it is all there is."""
    return "/" + "/".join(
        quote(segment, safe=_PATH_SAFE, errors="surrogateescape") for segment in segments
    )


def write_query(params: Iterable[tuple[str, str]]) -> str:
    """Write parameters in ASCII, in the order given."""
    return urlencode(list(params), quote_via=quote, errors="surrogateescape")


def _with_scheme(text: str) -> str:
    if text.startswith("//"):
        return f"https:{text}"
    named = _SCHEME.match(text)
    if named is None:
        return f"https://{text}"
    scheme, rest = named[1].lower(), text[named.end() :]
    if scheme in {"http", "https"} | APP_SCHEMES:
        # "https:host" and "https:///host" are put right by browsers, each in its own way.
        if not rest.startswith("//") or rest.startswith("///"):
            raise LinkRefusedError(Refusal.MALFORMED)
        return f"{scheme}:{rest}"
    if "." in scheme and _PORT_NEXT.match(rest):
        return f"https://{text}"
    raise LinkRefusedError(Refusal.SCHEME)


def _segments(path: str) -> Iterable[str]:
    held: list[str] = []
    for written in path.split("/"):
        segment = _SESSION.sub("", unquote(written, errors="surrogateescape"))
        if segment == "..":
            held = held[:-1]
        elif segment not in {"", "."}:
            held.append(segment)
    return held
