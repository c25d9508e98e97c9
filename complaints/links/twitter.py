"""X, twitter as it was, and the sites that show its posts to people without an account."""

import re

from complaints.links.addresses import Address, write_query
from complaints.links.link import Kind, Thing

HOSTS = (
    "x.com",
    "twitter.com",
    "fxtwitter.com",
    "vxtwitter.com",
    "fixupx.com",
    "fixvx.com",
    "twittpr.com",
    "nitter.net",
    "xcancel.com",
)
_ID = re.compile(r"\d{3,25}")
_HANDLE = re.compile(r"\w{1,15}", re.ASCII)
_TAG = re.compile(r"\w{1,100}")
_ROOM = re.compile(r"[A-Za-z0-9]{8,20}")
_TABS = frozenset({"", "with_replies", "media", "likes", "highlights", "articles"})
_NOT_HANDLES = frozenset(
    """
    about account compose download explore hashtag home i intent jobs login logout messages
    notifications oauth privacy search settings share signup tos
    """.split()  # noqa: SIM905 -- a list that people read
)


def read(address: Address) -> Thing | None:  # noqa: PLR0911 -- one a shape
    """Return what the address names, or None for a page we do not know."""
    first, second, third = (address.segment(number) for number in range(3))
    account = first.casefold()
    if account == "i":
        return _numbered(second, address.segment(3) if second == "web" else third)
    if account == "search" and (words := address.param("q").casefold().strip()):
        query = write_query([("q", words)])
        return Thing(Kind.SEARCH, query.removeprefix("q="), f"search?{query}")
    if account == "hashtag" and _TAG.fullmatch(tag := second.casefold()):
        return Thing(Kind.HASHTAG, tag, f"hashtag/{tag}")
    if not _HANDLE.fullmatch(account) or account in _NOT_HANDLES:
        return None
    if second in {"status", "statuses", "article"}:
        if not _ID.fullmatch(third):
            return None
        return Thing(Kind.STATUS, third, f"{account}/status/{third}", account=account)
    if second in _TABS:
        return Thing(Kind.PROFILE, account, account, account=account)
    return None


def _numbered(word: str, ident: str) -> Thing | None:
    if word in {"status", "web", "article"} and _ID.fullmatch(ident):
        return Thing(Kind.STATUS, ident, f"i/status/{ident}")
    if word == "user" and _ID.fullmatch(ident):
        return Thing(Kind.PROFILE_ID, ident, f"i/user/{ident}", account=ident)
    if word in {"spaces", "broadcasts"} and _ROOM.fullmatch(ident):
        return Thing(Kind.SPACE, ident, f"i/{word}/{ident}")
    return None
