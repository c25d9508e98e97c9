"""What a link turns out to be. Nothing here knows a framework or asks the network anything."""

from dataclasses import dataclass, field
from enum import StrEnum

MAX_LENGTH = 2048
"""Characters. The limit of protection.md C for an address."""
MAX_KEY = 300
"""Characters. A longer key ends in a digest of itself."""


class Platform(StrEnum):
    """Where a link leads. ``WEB`` is every site that no other word names."""

    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    X = "x"
    YOUTUBE = "youtube"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    DRIVE = "drive"
    WEB = "web"


class Kind(StrEnum):
    """What kind of thing a link names on its platform."""

    POST = "post"
    PHOTO = "photo"
    VIDEO = "video"
    MEDIA = "media"
    STORY = "story"
    HIGHLIGHT = "highlight"
    STATUS = "status"
    MESSAGE = "message"
    CHANNEL = "channel"
    CHANNEL_ID = "channel_id"
    PROFILE = "profile"
    PROFILE_ID = "profile_id"
    GROUP = "group"
    GROUP_ID = "group_id"
    ALBUM = "album"
    EVENT = "event"
    PLAYLIST = "playlist"
    SOUND = "sound"
    SPACE = "space"
    HASHTAG = "hashtag"
    SEARCH = "search"
    PHONE = "phone"
    FILE = "file"
    PAGE = "page"
    HIDDEN = "hidden"


FACTS = frozenset(Kind) - {Kind.PHONE, Kind.FILE, Kind.HIDDEN}
"""Kinds that may stand in the open: a public post, account or page, as much a fact as a name.

A telephone number may be the reporter's own, and a file in somebody's drive shows its owner, who is
mostly whoever sent the link.
"""


class Why(StrEnum):
    """Why a link has no key."""

    SHORT = "short"
    SHARE = "share"
    OPAQUE = "opaque"
    UNREADABLE = "unreadable"


class Refusal(StrEnum):
    """Why a text is taken for no link at all."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    SCHEME = "scheme"
    USERINFO = "userinfo"
    HOST = "host"
    MALFORMED = "malformed"


class LinkRefusedError(ValueError):
    """The text is no web address. Carries the reason, never the text."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Thing:
    """What a platform's reader makes of an address; ``path`` is rebuilt from what was recognised.

    ``within`` is a place inside the thing (a comment, a second of a video): a complaint about a
    comment is not one about the post, but both meet at the post. ``opaque`` is a code that only the
    platform can read; such a thing has no ``path``, because the code tells who shared it.
    """

    kind: Kind
    ident: str = ""
    path: str = ""
    account: str = ""
    within: tuple[tuple[str, str], ...] = ()
    opaque: str = field(default="", repr=False)
    why: Why | None = None


@dataclass(frozen=True)
class Link:
    """A link as it may leave the seal, or ``key`` None and ``clean_url`` empty where it may not.

    ``host`` is in ASCII (punycode for foreign letters). ``stripped`` are names of what was taken
    off, never values; a name we do not know stands as ``*``.
    """

    platform: Platform
    kind: Kind
    key: str | None
    clean_url: str
    host: str
    stripped: tuple[str, ...] = ()
    account: str = ""
    within: tuple[tuple[str, str], ...] = ()
    why: Why | None = None
    opaque: str = field(default="", repr=False)

    @property
    def is_unknown(self) -> bool:
        """Whether only the platform itself could say what this names."""
        return self.key is None

    @property
    def is_fact(self) -> bool:
        """Whether key and cleaned address may stand outside the seal (see ``FACTS``)."""
        return self.key is not None and self.kind in FACTS

    @property
    def has_foreign_letters(self) -> bool:
        """Whether the host is written in letters that may pass for others (E29)."""
        return any(label.startswith("xn--") for label in self.host.split("."))


def hidden(code: str, why: Why) -> Thing:
    """Return a thing that only its platform can name; ``code`` compares it with itself alone."""
    return Thing(Kind.HIDDEN, opaque=code, why=why)
