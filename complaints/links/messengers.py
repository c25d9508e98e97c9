"""WhatsApp and Telegram: groups, channels, numbers, messages."""

import re

from complaints.links.addresses import Address
from complaints.links.link import Kind, Thing, Why, hidden

WHATSAPP_HOSTS = ("whatsapp.com", "wa.me")
TELEGRAM_HOSTS = ("t.me", "telegram.me", "telegram.dog")
_GROUP = re.compile(r"[A-Za-z0-9]{16,32}")
_CHANNEL = re.compile(r"[A-Za-z0-9]{16,40}")
_PHONE = re.compile(r"\+?(\d{7,15})")
_NAME = re.compile(r"[A-Za-z]\w{3,31}", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}")
_NOT_CHANNELS = frozenset(
    {"addstickers", "addemoji", "share", "iv", "proxy", "socks", "login", "setlanguage", "boost"}
)


def read_whatsapp(address: Address) -> Thing | None:  # noqa: PLR0911 -- one a shape
    """Return what the address names, or None for a page we do not know."""
    first, second = address.segment(0), address.segment(1)
    if address.scheme == "whatsapp":
        return _group(address.param("code")) or _phone(address.param("phone"))
    if address.host == "chat.whatsapp.com":
        return _group(second if first == "invite" else first)
    if address.host == "wa.me":
        if first in {"message", "qr"} and second:
            return hidden(f"{first}/{second}", Why.SHORT)
        return _phone(second if first == "c" else first)
    if first == "send":
        return _phone(address.param("phone"))
    if first == "channel" and _CHANNEL.fullmatch(second):
        post = address.segment(2)
        if _NUMBER.fullmatch(post):
            return Thing(Kind.MESSAGE, f"{second}/{post}", f"channel/{second}/{post}")
        return Thing(Kind.CHANNEL, second, f"channel/{second}")
    return None


def read_telegram(address: Address) -> Thing | None:  # noqa: PLR0911 -- one a shape
    """Return what the address names, or None for a page we do not know."""
    segments = address.segments
    if address.scheme == "tg":
        if address.host != "resolve":
            return None
        segments = tuple(
            filter(None, [address.param("domain"), address.param("thread"), address.param("post")])
        )
    if not segments:
        return None
    if segments[0] == "s":
        segments = segments[1:]
    first = segments[0] if segments else ""
    if first == "joinchat" and segments[1:]:
        return hidden(segments[1], Why.SHARE)
    if first.startswith("+"):
        return _phone(first) or hidden(first[1:], Why.SHARE)
    if first == "c":
        return _message(f"c/{segments[1]}", segments[2:]) if _is_private(segments) else None
    if not _NAME.fullmatch(first) or first.casefold() in _NOT_CHANNELS:
        return None
    name = first.casefold()
    if segments[1:]:
        return _message(name, segments[1:])
    return Thing(Kind.CHANNEL, name, name, account=name)


def _is_private(segments: tuple[str, ...]) -> bool:
    return len(segments) > 2 and bool(_NUMBER.fullmatch(segments[1]))  # noqa: PLR2004 -- c/a/b


def _message(channel: str, numbers: tuple[str, ...]) -> Thing | None:
    # With topics, the topic stands before the message: the message's number is the last.
    if len(numbers) > 2 or not all(_NUMBER.fullmatch(each) for each in numbers):  # noqa: PLR2004
        return None
    account = "" if channel.startswith("c/") else channel
    ident = f"{channel}/{numbers[-1]}"
    return Thing(Kind.MESSAGE, ident, ident, account=account)


def _group(code: str) -> Thing | None:
    return Thing(Kind.GROUP, code, code) if _GROUP.fullmatch(code) else None


def _phone(typed: str) -> Thing | None:
    number = _PHONE.fullmatch(re.sub(r"[\s()-]", "", typed))
    return Thing(Kind.PHONE, number[1], number[1]) if number else None
