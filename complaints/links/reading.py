"""The one way in: text to link. Deterministic and offline; a link is never followed."""

from collections.abc import Callable
from urllib.parse import quote

from complaints.links import drive, facebook, instagram, messengers, tiktok, twitter, youtube
from complaints.links.addresses import Address, read_address, write_path, write_query
from complaints.links.link import (
    MAX_LENGTH,
    Kind,
    Link,
    LinkRefusedError,
    Platform,
    Refusal,
    Thing,
    Why,
    hidden,
)
from complaints.links.marks import taken_off
from complaints.links.websites import (
    OWNED,
    is_short,
    read_short,
    read_website,
    short_key,
)
from complaints.links.wrappers import hidden_in_archive, wrapped

MAX_WRAPS = 5
Reader = Callable[[Address], Thing | None]
_READERS: tuple[tuple[Platform, tuple[str, ...], Reader, str], ...] = (
    (Platform.FACEBOOK, facebook.HOSTS, facebook.read, "www.facebook.com"),
    (Platform.INSTAGRAM, instagram.HOSTS, instagram.read, "www.instagram.com"),
    (Platform.TIKTOK, tiktok.HOSTS, tiktok.read, "www.tiktok.com"),
    (Platform.X, twitter.HOSTS, twitter.read, "x.com"),
    (Platform.YOUTUBE, youtube.HOSTS, youtube.read, "www.youtube.com"),
    (Platform.WHATSAPP, messengers.WHATSAPP_HOSTS, messengers.read_whatsapp, "whatsapp.com"),
    (Platform.TELEGRAM, messengers.TELEGRAM_HOSTS, messengers.read_telegram, "t.me"),
    (Platform.DRIVE, drive.HOSTS, drive.read, "drive.google.com"),
)
_WHATSAPP = {Kind.GROUP: "chat.whatsapp.com", Kind.PHONE: "wa.me"}
_APPS = {"whatsapp": _READERS[5], "tg": _READERS[6]}


def read_link(text: str) -> Link:
    """Return what a pasted text leads to.

    Raises LinkRefusedError for what is no http(s) address (or an app's own for WhatsApp and
    Telegram): other schemes, a name before the host, more than 2,048 characters, no host.
    """
    address = read_address(text)
    gone: list[str] = []
    for _depth in range(MAX_WRAPS):
        inside = wrapped(address)
        if not inside:
            break
        gone.append("*")
        try:
            address = read_address(inside)
        except LinkRefusedError as error:
            if error.reason in {Refusal.SCHEME, Refusal.USERINFO}:
                raise
            # Cut off while it was pasted: the reporter is not refused, nothing is shown of it.
            return _unreadable(address, gone)
    else:
        return _unreadable(address, gone)
    link = _read(address, gone)
    if len(link.clean_url) > MAX_LENGTH:
        raise LinkRefusedError(Refusal.TOO_LONG)
    return link


def _read(address: Address, gone: list[str]) -> Link:
    host = address.host.removeprefix("www.")
    if is_short(host):
        return _hidden(OWNED.get(host, Platform.WEB), address, read_short(address), gone)
    archived = hidden_in_archive(address)
    if archived is not None:
        return _hidden(Platform.WEB, address, archived, gone)
    found = _APPS.get(address.scheme) or _reader(host)
    if found is None:
        return read_website(address, gone)
    platform, _hosts, read, home = found
    thing = read(address)
    if thing is None:
        # A page of a platform we know that we do not: its path may be a code like any other.
        whole = f"{host}{write_path(address.segments)}?{write_query(address.params)}"
        thing = hidden(whole, Why.UNREADABLE)
    if thing.kind is Kind.HIDDEN:
        return _hidden(platform, address, thing, gone)
    if platform is Platform.WHATSAPP:
        home = _WHATSAPP.get(thing.kind, home)
    url = _url(home, thing, platform)
    kept = frozenset(name for name, _value in read_address(url).params)
    return Link(
        platform=platform,
        kind=thing.kind,
        key=short_key(f"{platform}:{thing.kind}:{thing.ident}"),
        clean_url=url,
        host=address.host,
        stripped=tuple(dict.fromkeys([*gone, *taken_off(address, kept)])),
        account=thing.account,
        within=thing.within,
    )


def _reader(host: str) -> tuple[Platform, tuple[str, ...], Reader, str] | None:
    for found in _READERS:
        if any(host == known or host.endswith(f".{known}") for known in found[1]):
            return found
    return None


def _url(home: str, thing: Thing, platform: Platform) -> str:
    path = quote(thing.path, safe="/?=&@%:+,!$'()*")
    # Instagram writes a comment into the path; the two others into the query.
    within = "" if platform is Platform.INSTAGRAM else write_query(thing.within)
    join = "&" if "?" in path else "?"
    return f"https://{home}/{path}{join if within else ''}{within}"


def _unreadable(address: Address, gone: list[str]) -> Link:
    return _hidden(Platform.WEB, address, hidden("", Why.UNREADABLE), gone)


def _hidden(platform: Platform, address: Address, thing: Thing, gone: list[str]) -> Link:
    return Link(
        platform=platform,
        kind=Kind.HIDDEN,
        key=None,
        clean_url="",
        host=address.host,
        stripped=tuple(dict.fromkeys([*gone, *taken_off(address, frozenset())])),
        why=thing.why,
        opaque=thing.opaque,
    )
