"""Facebook. Ids of posts, photos and videos are its own for all of Facebook; owners are renamed."""

import re

from complaints.links.addresses import Address
from complaints.links.link import Kind, Thing, Why, hidden

HOSTS = ("facebook.com", "fb.com")
_ID = re.compile(r"\d{5,25}")
_ID_AT_END = re.compile(r"(?:.*[-.])?(\d{5,25})")
_HANDLE = re.compile(r"[A-Za-z0-9.\-]{2,75}")
_PFBID = re.compile(r"pfbid[A-Za-z0-9]{10,120}")
_TAG = re.compile(r"[\w.]{1,100}")
_PART = re.compile(r"[A-Za-z0-9_=-]{5,80}")
_NOT_HANDLES = frozenset(
    """
    ads business dialog events friends groups hashtag help home home.php l.php login login.php
    marketplace me media messages notes notifications p pages people permalink.php pg photo
    photo.php photos plugins policies privacy profile.php reel reels save saved search settings
    share share.php sharer sharer.php stories story.php video video.php videos watch
    """.split()  # noqa: SIM905 -- a list that people read
)


def read(address: Address) -> Thing | None:  # noqa: PLR0911 -- one a shape
    """Return what the address names, or None for a page we do not know."""
    segments = list(address.segments)
    within = tuple(
        (name, value)
        for name in ("comment_id", "reply_comment_id")
        if _PART.fullmatch(value := address.param(name))
    )
    if not segments:
        return None
    first = segments[0].casefold()
    if first == "share":
        return hidden("/".join(segments[1:]), Why.SHARE) if segments[1:] else None
    if first in _BY_QUERY:
        return _by_query(address, within)
    if first == "groups":
        return _group(address, within)
    if first in {"reel", "watch"} or (first == "video.php" and address.param("v")):
        # "watch/live/?v=" as well: a watched one has its id in the query, a reel in the path.
        in_path = address.segment(1)
        ident = in_path if first == "reel" else address.param("v") or in_path
        return _video(ident, within) if _ID.fullmatch(ident) else None
    if first == "hashtag" and _TAG.fullmatch(tag := address.segment(1).casefold()):
        return Thing(Kind.HASHTAG, tag, f"hashtag/{tag}")
    if first == "events" and _ID.fullmatch(address.segment(1)):
        return Thing(Kind.EVENT, address.segment(1), f"events/{address.segment(1)}/")
    if first == "stories" and _ID.fullmatch(address.segment(1)):
        return _story(address)
    if first == "media":
        album = address.param("set").removeprefix("a.").removeprefix("vb.")
        return _album(album) if _ID.fullmatch(album) else None
    return _of_owner(segments, within)


_BY_QUERY = frozenset({"permalink.php", "story.php", "photo", "photo.php", "profile.php"})


def _by_query(address: Address, within: tuple[tuple[str, str], ...]) -> Thing | None:
    first = address.segments[0].casefold()
    if first == "profile.php":
        ident = address.param("id")
        return _profile_id(ident) if _ID.fullmatch(ident) else None
    if first in {"photo", "photo.php"}:
        ident = address.param("fbid") or address.segment(1)
        return _photo(ident, within) if _ID.fullmatch(ident) else None
    story, owner = address.param("story_fbid"), address.param("id")
    if _PFBID.fullmatch(story):
        return hidden(story, Why.OPAQUE)
    if not _ID.fullmatch(story):
        return None
    return _post(story, owner if _ID.fullmatch(owner) else "", within)


def _group(address: Address, within: tuple[tuple[str, str], ...]) -> Thing | None:
    group, word, last = address.segment(1), address.segment(2).casefold(), address.segment(3)
    post = address.param("id") if address.param("view") == "permalink" else ""
    post = post or address.param("multi_permalinks")
    if word in {"posts", "permalink"}:
        post = last
    if _PFBID.fullmatch(post):
        return hidden(post, Why.OPAQUE)
    if not _HANDLE.fullmatch(group) or (word and not post):
        return None
    if _ID.fullmatch(post):
        return Thing(Kind.POST, post, f"groups/{group}/posts/{post}/", account=group, within=within)
    if post:
        return None
    kind = Kind.GROUP_ID if _ID.fullmatch(group) else Kind.GROUP
    return Thing(kind, group.casefold(), f"groups/{group}/", account=group)


def _of_owner(  # noqa: PLR0911 -- one a shape
    segments: list[str], within: tuple[tuple[str, str], ...]
) -> Thing | None:
    first = segments[0].casefold()
    if first in {"p", "people", "pages"}:
        # A page by its name and number; the name may change.
        ident = _ID_AT_END.fullmatch(segments[-1])
        return _profile_id(ident[1]) if ident and len(segments) > 1 else None
    if first == "pg":
        segments = segments[1:]
    owner = segments[0] if segments else ""
    if not _HANDLE.fullmatch(owner) or owner.casefold() in _NOT_HANDLES:
        return None
    word = segments[1].casefold() if len(segments) > 1 else ""
    last = segments[-1]
    if word in {"posts", "photos", "videos", "reels"} and len(segments) > 2:  # noqa: PLR2004
        if _PFBID.fullmatch(last):
            return hidden(last, Why.OPAQUE)
        ident = _ID_AT_END.fullmatch(last)
        if ident is None:
            return None
        if word == "posts":
            return _post(ident[1], owner, within)
        return _photo(ident[1], within) if word == "photos" else _video(ident[1], within)
    if word and word not in _TABS:
        return None
    if _ID.fullmatch(owner):
        return _profile_id(owner)
    # Full stops do not count in a user name.
    return Thing(Kind.PROFILE, owner.casefold().replace(".", ""), owner, account=owner)


_TABS = frozenset({"about", "photos", "videos", "reels", "posts", "mentions", "live", "photos_by"})


def _post(ident: str, owner: str, within: tuple[tuple[str, str], ...]) -> Thing:
    path = f"{owner}/posts/{ident}" if owner else f"permalink.php?story_fbid={ident}"
    return Thing(Kind.POST, ident, path, account=owner, within=within)


def _photo(ident: str, within: tuple[tuple[str, str], ...]) -> Thing:
    return Thing(Kind.PHOTO, ident, f"photo/?fbid={ident}", within=within)


def _video(ident: str, within: tuple[tuple[str, str], ...]) -> Thing:
    return Thing(Kind.VIDEO, ident, f"watch/?v={ident}", within=within)


def _album(ident: str) -> Thing:
    return Thing(Kind.ALBUM, ident, f"media/set/?set=a.{ident}")


def _profile_id(ident: str) -> Thing:
    return Thing(Kind.PROFILE_ID, ident, f"profile.php?id={ident}", account=ident)


def _story(address: Address) -> Thing:
    # What follows the owner's id is a code of the single story; it names no viewer, but is long.
    owner, code = address.segment(1), address.segment(2)
    if not code or not _PART.fullmatch(code):
        return _profile_id(owner)
    return Thing(Kind.STORY, f"{owner}/{code}", f"stories/{owner}/{code}/", account=owner)
