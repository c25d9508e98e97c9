"""Addresses that only hold another one: redirects of platforms, AMP caches, web archives."""

import re

from complaints.links.addresses import Address, write_address, write_path
from complaints.links.link import Thing, Why, hidden

ARCHIVES = frozenset(
    {"archive.ph", "archive.today", "archive.is", "archive.md", "archive.vn", "archive.fo"}
)
_STAMP = re.compile(r"[\d.-]{4,20}(?:[a-z]{2}_)?\*?|newest|oldest|o|\*", re.IGNORECASE)
_SCHEME = re.compile(r"(https?):/*", re.IGNORECASE)
_CACHED = re.compile(r"cache:(?:[\w-]+:)?(.+)", re.DOTALL)
_AMP_CACHE = ".cdn.ampproject.org"
_FACEBOOK = frozenset({"l.php", "flx/warn", "sharer.php", "sharer/sharer.php"})


def wrapped(address: Address) -> str:  # noqa: PLR0911 -- one a shape
    """Return the text of the address inside, or nothing where this one holds none."""
    host, path = address.host, "/".join(address.segments)
    if host in {"l.facebook.com", "lm.facebook.com", "l.instagram.com", "l.threads.net"}:
        return address.param("u")
    if host.endswith("facebook.com"):
        return _on_facebook(address, path)
    if host.removeprefix("www.").startswith("google."):
        return _on_google(address, path)
    if host.endswith("youtube.com"):
        return _on_youtube(address, path)
    if host in {"t.me", "telegram.me"} and path in {"iv", "share/url"}:
        return address.param("url")
    if host == "webcache.googleusercontent.com":
        held = _CACHED.fullmatch(address.param("q"))
        return held[1].split(" ", 1)[0] if held else ""
    if host.endswith(_AMP_CACHE):
        return _amp(address.segments[1:])
    return _archived(address)


def hidden_in_archive(address: Address) -> Thing | None:
    """Return the code of a page in an archive that names it by a code alone."""
    if address.host in ARCHIVES | {"ghostarchive.org", "perma.cc"} and address.segments:
        return hidden(f"{address.host}{write_path(address.segments)}", Why.SHORT)
    return None


def _on_facebook(address: Address, path: str) -> str:
    if path in _FACEBOOK:
        return address.param("u")
    if path.startswith("plugins/"):
        return address.param("href")
    return ""


def _on_google(address: Address, path: str) -> str:
    if path == "url":
        return address.param("q") or address.param("url")
    if path == "imgres":
        return address.param("imgrefurl")
    if address.segments[:1] == ("amp",):
        return _amp(address.segments[1:])
    return ""


def _on_youtube(address: Address, path: str) -> str:
    if path == "redirect":
        return address.param("q")
    if path == "oembed":
        return address.param("url")
    inside = address.param("u") if path == "attribution_link" else ""
    return f"https://www.youtube.com{inside}" if inside.startswith("/watch") else ""


def _amp(segments: tuple[str, ...]) -> str:
    """Return the page behind an AMP cache: ``s`` marks https, a letter before it the kind."""
    while segments and segments[0] in {"c", "i", "v"}:
        segments = segments[1:]
    scheme = "http"
    if segments[:1] == ("s",):
        scheme, segments = "https", segments[1:]
    if not segments:
        return ""
    return write_address(scheme=scheme, host=segments[0], segments=segments[1:])


def _archived(address: Address) -> str:
    segments = address.segments
    if address.host in {"web.archive.org", "archive.org"} and segments[:1] == ("web",):
        segments = segments[1:]
    elif address.host not in ARCHIVES:
        return ""
    if not segments or not _STAMP.fullmatch(segments[0]):
        return ""
    segments = segments[1:]
    if (
        address.host in ARCHIVES
        and segments[:1]
        and "." not in segments[0]
        and ":" not in segments[0]
    ):
        segments = segments[1:]  # /o/CODE/https://…
    if not segments:
        return ""
    # Reading the path apart has made one slash of the two behind the scheme.
    scheme = "https"
    if named := _SCHEME.fullmatch(segments[0]):
        scheme, segments = named[1].lower(), segments[1:]
    if not segments:
        return ""
    return write_address(
        scheme=scheme, host=segments[0], segments=segments[1:], params=address.params
    )
