"""Instagram. One code names a post whether it is called p, reel, reels or tv."""

import re

from complaints.links.addresses import Address
from complaints.links.link import Kind, Thing, Why, hidden

HOSTS = ("instagram.com", "instagr.am")
_WORDS = frozenset({"p", "reel", "reels", "tv"})
_CODE = re.compile(r"[A-Za-z0-9_-]{5,60}")
_PUBLIC_CODE = 11
_HANDLE = re.compile(r"[A-Za-z0-9_.]{1,30}")
_ID = re.compile(r"\d{5,25}")
_TAG = re.compile(r"\w{1,100}")
_NOT_HANDLES = frozenset(
    """
    about accounts api ar challenge create developer direct download emails explore g graphql
    help invites legal locations login n oauth press privacy qr s session share stories web
    your_activity
    """.split()  # noqa: SIM905 -- a list that people read
)


def read(address: Address) -> Thing | None:  # noqa: PLR0911 -- one a shape
    """Return what the address names, or None for a page we do not know."""
    segments = address.segments
    if not segments:
        return None
    first = segments[0].casefold()
    if first == "share" and segments[1:]:
        return hidden("/".join(segments[1:]), Why.SHARE)
    if first == "s" and segments[1:]:
        return hidden("/".join(segments[1:]), Why.OPAQUE)
    if first == "stories":
        return _story(address)
    tag = address.segment(2).casefold()
    if first == "explore" and address.segment(1) == "tags" and _TAG.fullmatch(tag):
        return Thing(Kind.HASHTAG, tag, f"explore/tags/{tag}/")
    if first in _WORDS and segments[1:]:
        return _media(segments[1:], account="")
    if not _HANDLE.fullmatch(first) or first in _NOT_HANDLES | _WORDS:
        return None
    if address.segment(1).casefold() in _WORDS and segments[2:]:
        return _media(segments[2:], account=first)
    if address.segment(1).casefold() in {"", "reels", "tagged", "channel"}:
        return Thing(Kind.PROFILE, first, f"{first}/", account=first)
    return None


def _media(rest: tuple[str, ...], *, account: str) -> Thing | None:
    code = rest[0]
    if not _CODE.fullmatch(code) or code.casefold() == "audio":
        return None
    # A post of a private account has a longer code; what follows the first eleven is a key to it.
    code = code[:_PUBLIC_CODE]
    within: tuple[tuple[str, str], ...] = ()
    path = f"p/{code}/"
    if len(rest) > 2 and rest[1] == "c" and _ID.fullmatch(rest[2]):  # noqa: PLR2004 -- /c/number
        within = (("comment_id", rest[2]),)
        path = f"{path}c/{rest[2]}/"
    return Thing(Kind.MEDIA, code, path, account=account, within=within)


def _story(address: Address) -> Thing | None:
    owner, ident = address.segment(1).casefold(), address.segment(2)
    if owner == "highlights" and _ID.fullmatch(ident):
        return Thing(Kind.HIGHLIGHT, ident, f"stories/highlights/{ident}/")
    if not _HANDLE.fullmatch(owner):
        return None
    if not ident:
        return Thing(Kind.PROFILE, owner, f"{owner}/", account=owner)
    if not _ID.fullmatch(ident):
        return None
    return Thing(Kind.STORY, ident, f"stories/{owner}/{ident}/", account=owner)
