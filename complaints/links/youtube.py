"""YouTube. Eleven letters name a video on every one of its hosts."""

import re

from complaints.links.addresses import Address, write_query
from complaints.links.link import Kind, Thing, Why, hidden

HOSTS = ("youtube.com", "youtube-nocookie.com", "youtu.be")
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_LIST = re.compile(r"[A-Za-z0-9_-]{10,64}")
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_HANDLE = re.compile(r"[\w.\-·]{1,60}")
_TAG = re.compile(r"\w{1,100}")
_TIME = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?")
_COMMENT = re.compile(r"[A-Za-z0-9_.-]{10,80}")
_NUMBERED = frozenset({"v", "e", "embed", "shorts", "live", "watch"})


def read(address: Address) -> Thing | None:  # noqa: PLR0911 -- one a shape
    """Return what the address names, or None for a page we do not know."""
    first, second = address.segment(0), address.segment(1)
    within = _within(address)
    if address.host == "youtu.be":
        return _video(first, within)
    if first == "watch" and address.param("v"):
        return _video(address.param("v"), within)
    if first == "playlist" or (first == "embed" and second == "videoseries"):
        ident = address.param("list")
        return (
            Thing(Kind.PLAYLIST, ident, f"playlist?list={ident}")
            if _LIST.fullmatch(ident)
            else None
        )
    if first in _NUMBERED:
        return _video(second, within)
    if first in {"clip", "shared"}:
        # A clip is cut by somebody, and its code is theirs.
        return hidden(second or address.param("ci"), Why.SHARE)
    if first == "post" and _LIST.fullmatch(second):
        return Thing(Kind.POST, second, f"post/{second}")
    if first == "hashtag" and _TAG.fullmatch(tag := second.casefold()):
        return Thing(Kind.HASHTAG, tag, f"hashtag/{tag}")
    if first == "results" and (words := address.param("search_query").casefold().strip()):
        query = write_query([("search_query", words)])
        return Thing(Kind.SEARCH, query.removeprefix("search_query="), f"results?{query}")
    return _channel(first, second)


def _channel(first: str, second: str) -> Thing | None:
    if first == "channel" and _CHANNEL.fullmatch(second):
        return Thing(Kind.CHANNEL_ID, second, f"channel/{second}", account=second)
    if first.startswith("@") and _HANDLE.fullmatch(name := first[1:].casefold()):
        return Thing(Kind.PROFILE, name, f"@{name}", account=name)
    if first in {"c", "user"} and _HANDLE.fullmatch(second):
        # The names of these two older series need not be the handle of today.
        return Thing(
            Kind.CHANNEL, f"{first}/{second.casefold()}", f"{first}/{second}", account=second
        )
    return None


def _video(ident: str, within: tuple[tuple[str, str], ...]) -> Thing | None:
    if not _ID.fullmatch(ident):
        return None
    return Thing(Kind.VIDEO, ident, f"watch?v={ident}", within=within)


def _within(address: Address) -> tuple[tuple[str, str], ...]:
    held = []
    comment = address.param("lc")
    if _COMMENT.fullmatch(comment):
        held.append(("lc", comment))
    time = _TIME.fullmatch(address.param("t") or address.param("start"))
    if time and any(time.groups()):
        hours, minutes, seconds = (int(part or 0) for part in time.groups())
        held.append(("t", str(hours * 3600 + minutes * 60 + seconds)))
    return tuple(held)
