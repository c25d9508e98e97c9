"""TikTok. A video and a row of photos share one series of numbers."""

import re

from complaints.links.addresses import Address
from complaints.links.link import Kind, Thing, Why, hidden

HOSTS = ("tiktok.com", "tiktokv.com")
_ID = re.compile(r"\d{5,25}")
_HANDLE = re.compile(r"[\w.]{1,30}", re.ASCII)
_SOUND = re.compile(r"(?:.*-)?(\d{5,25})", re.DOTALL)
_TAG = re.compile(r"\w{1,100}")


def read(address: Address) -> Thing | None:  # noqa: PLR0911 -- one a shape
    """Return what the address names, or None for a page we do not know."""
    first, second, third = (address.segment(number) for number in range(3))
    if first.startswith("@"):
        return _of_account(first[1:].casefold(), second.casefold(), third)
    if first == "t" and second:
        return hidden(second, Why.SHORT)
    if first == "v":
        return _video(second.removesuffix(".html"))
    if first == "embed":
        return _video(third if second == "v2" else second)
    if first == "player":
        return _video(third)
    if first == "share" and second == "video":
        return _video(third)
    if first == "music" and (sound := _SOUND.fullmatch(second)):
        return Thing(Kind.SOUND, sound[1], f"music/-{sound[1]}")
    if first == "tag" and _TAG.fullmatch(tag := second.casefold()):
        return Thing(Kind.HASHTAG, tag, f"tag/{tag}")
    return None


def _of_account(account: str, word: str, ident: str) -> Thing | None:
    if word in {"video", "photo"}:
        return _video(ident, account=account if _HANDLE.fullmatch(account) else "")
    if _HANDLE.fullmatch(account) and word in {"", "live"}:
        return Thing(Kind.PROFILE, account, f"@{account}", account=account)
    return None


def _video(ident: str, *, account: str = "") -> Thing | None:
    if not _ID.fullmatch(ident):
        return None
    return Thing(Kind.VIDEO, ident, f"@{account}/video/{ident}", account=account)
