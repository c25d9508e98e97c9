"""Every other site, news sites above all: only what is known to tell of a person is taken off.

A parameter we do not know stays: ``?p=131164`` is the article.
"""

import hashlib
import re
from collections.abc import Iterable

from complaints.links.addresses import Address, write_address, write_path, write_query
from complaints.links.link import MAX_KEY, Kind, Link, Platform, Thing, Why, hidden
from complaints.links.marks import names_sharer, taken_off

SHORTENERS = frozenset(
    """
    adf.ly amzn.to app.goo.gl bit.do bit.ly bitly.ws bl.ink buff.ly clck.ru cutt.ly dlvr.it
    dtk.id fb.me fb.watch forms.gle g.co gg.gg goo.gl ift.tt intip.in is.gd j.mp kum.pr kutt.it
    lnkd.in m.me maps.app.goo.gl n9.cl news.google.com ow.ly photos.app.goo.gl photos.google.com
    pin.it rb.gy rebrand.ly redd.it s.id share.google shope.ee short.io shorturl.at snip.ly soo.gd
    t.co t.ly tiny.cc tinyurl.com tmblr.co tmpo.co trib.al u.to v.gd vm.tiktok.com vt.tiktok.com
    wp.me youtu.be.link
    """.split()  # noqa: SIM905 -- a list that people read
)
SHORT_FAMILIES = (".page.link", ".app.link", ".onelink.me", ".sng.link", ".smart.link")
OWNED = {
    "fb.watch": Platform.FACEBOOK,
    "fb.me": Platform.FACEBOOK,
    "m.me": Platform.FACEBOOK,
    "vm.tiktok.com": Platform.TIKTOK,
    "vt.tiktok.com": Platform.TIKTOK,
}
"""Short hosts that lead to one platform only; t.co leads everywhere."""

SAME_SITE = ("www.", "m.", "mobile.", "amp.", "wap.")
_PAGE = re.compile(r"\d{1,4}|all", re.IGNORECASE)
_AMP = frozenset({"amp", "outputtype"})


def is_short(host: str) -> bool:
    """Say whether what stands after the host is a code that a share made."""
    return host in SHORTENERS or host.endswith(SHORT_FAMILIES)


def read_short(address: Address) -> Thing:
    """Return the code of a short link, to be compared with itself alone."""
    return hidden(f"{address.host}{write_path(address.segments)}", Why.SHORT)


def read_website(address: Address, gone: Iterable[str]) -> Link:
    """Return a page of a site: its key ignores host variants, AMP and the pages of one article."""
    params = [(name, value) for name, value in address.params if not names_sharer(name, value)]
    content = sorted((name, value) for name, value in params if not _is_view(address, name, value))
    where = f"{site_of(address.host)}:{address.port}" if address.port else site_of(address.host)
    query = write_query(content)
    path = write_path(_without_amp(address.segments))
    return Link(
        platform=Platform.WEB,
        kind=Kind.PAGE,
        key=short_key(f"web:page:{where}{path}{'?' if query else ''}{query}"),
        clean_url=write_address(
            host=address.host,
            scheme=address.scheme,
            port=address.port,
            segments=address.segments,
            params=params,
        ),
        host=address.host,
        stripped=tuple(
            dict.fromkeys([*gone, *taken_off(address, frozenset(name for name, _value in params))])
        ),
    )


def short_key(key: str) -> str:
    """Return a key that a column of ``MAX_KEY`` holds: the end of a longer one is a digest."""
    if len(key) <= MAX_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: MAX_KEY - len(digest) - 1]}#{digest}"


def site_of(host: str) -> str:
    """Return a host without the labels that only choose a device or a format."""
    for label in SAME_SITE:
        # "m.id" and "www.id" are sites of their own.
        if host.startswith(label) and "." in host.removeprefix(label):
            return site_of(host.removeprefix(label))
    return host


def _is_view(address: Address, name: str, value: str) -> bool:
    bare = name.casefold()
    if bare in _AMP or (bare == "single" and value in {"", "1"}):
        return True
    # The page of an article; of a script or a start page it may well be the content.
    is_article = bool(address.segments) and not address.segments[-1].endswith(".php")
    return bare in {"page", "showpage"} and is_article and bool(_PAGE.fullmatch(value))


def _without_amp(segments: tuple[str, ...]) -> tuple[str, ...]:
    while len(segments) > 1 and segments[0].casefold() == "amp":
        segments = segments[1:]
    while len(segments) > 1 and segments[-1].casefold() == "amp":
        segments = segments[:-1]
    if segments:
        last = re.sub(r"\.amp(\.html?)?$", r"\1", segments[-1], flags=re.IGNORECASE)
        segments = (*segments[:-1], last) if last else segments
    return segments
