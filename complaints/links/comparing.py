"""Whether two links name the same thing. A doubt is said, not decided."""

from enum import StrEnum

from complaints.links.link import Kind, Link, Platform


class Same(StrEnum):
    """An answer about two links."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


_UNEQUAL_NAMES = frozenset(
    frozenset(pair)
    for pair in (
        # A post and the photo or video in it have numbers of their own.
        (Kind.POST, Kind.PHOTO),
        (Kind.POST, Kind.VIDEO),
        (Kind.POST, Kind.ALBUM),
        (Kind.STORY, Kind.HIGHLIGHT),
        # One account by its name and by its number.
        (Kind.PROFILE, Kind.PROFILE_ID),
        (Kind.GROUP, Kind.GROUP_ID),
        (Kind.CHANNEL, Kind.CHANNEL_ID),
        (Kind.PROFILE, Kind.CHANNEL_ID),
        (Kind.PROFILE, Kind.CHANNEL),
    )
)


def same_post(one: Link, other: Link) -> Same:
    """Say whether two links name the same post, account or page."""
    if one.key is None or other.key is None:
        return _of_hidden(one, other)
    if one.key == other.key:
        return Same.YES
    if one.platform == other.platform and frozenset({one.kind, other.kind}) in _UNEQUAL_NAMES:
        return Same.UNKNOWN
    if one.platform is Platform.YOUTUBE and one.kind is other.kind is Kind.CHANNEL:
        return Same.UNKNOWN
    return Same.NO


def _of_hidden(one: Link, other: Link) -> Same:
    if one.opaque and one.opaque == other.opaque and one.platform == other.platform:
        return Same.YES
    known = {one.platform, other.platform} - {Platform.WEB}
    return Same.NO if len(known) > 1 else Same.UNKNOWN
