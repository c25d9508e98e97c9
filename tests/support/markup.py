"""Texts that want to be markup, and what of a page is alive that came out of them (check E30).

Every payload carries :data:`MARK`. A page is inert when the mark stands in text alone, or in the value of
an attribute that shows text: whatever a parser makes of a payload, it made neither a tag nor an address.
"""

from html.parser import HTMLParser

MARK = "kanari7741"

PAYLOADS = (
    f"<script>alert('{MARK}')</script>",
    f"<SCRIPT SRC=//{MARK}.example/x.js></SCRIPT>",
    f"<script type=module>import('//{MARK}')</script>",
    f"<img src=x onerror=alert('{MARK}')>",
    f"<IMG SRC=x OnErRoR=alert('{MARK}')>",
    f"<img/src=x/onerror=alert('{MARK}')//",
    f"<svg onload=alert('{MARK}')>",
    f"<svg/onload=alert('{MARK}')//",
    f"<svg><script>alert('{MARK}')</script></svg>",
    f"<svg><a xlink:href=javascript:alert('{MARK}')><text>x",
    f"<math><mtext><img src=x onerror=alert('{MARK}')>",
    f"<iframe src=javascript:alert('{MARK}')>",
    f'<iframe srcdoc="<p>{MARK}">',
    f"<object data=javascript:alert('{MARK}')>",
    f"<embed src=javascript:alert('{MARK}')>",
    f"<a href=javascript:alert('{MARK}')>x</a>",
    f"<a href=' jAvAsCrIpT:alert(`{MARK}`)'>x</a>",
    f"<a href=data:text/html,{MARK}>x</a>",
    f"<form action=//{MARK}.example><button>x",
    f"<button formaction=javascript:alert('{MARK}')>x",
    f"<input autofocus onfocus=alert('{MARK}')>",
    f"<details open ontoggle=alert('{MARK}')>",
    f"<video><source onerror=alert('{MARK}')>",
    f"<body onload=alert('{MARK}')>",
    f"<base href=//{MARK}.example/>",
    f"<meta http-equiv=refresh content=0;url=//{MARK}>",
    f"<link rel=stylesheet href=//{MARK}.example/x.css>",
    f"<style>*{{background:url(//{MARK})}}</style>",
    f"<p style=background:url(//{MARK})>",
    f"\"><script>alert('{MARK}')</script>",
    f'\'><img src=x onerror=alert("{MARK}")>',
    f"\" onmouseover=alert('{MARK}') x=\"",
    f"</title><script>alert('{MARK}')</script>",
    f"</textarea><img src=x onerror=alert('{MARK}')>",
    f"--><script>alert('{MARK}')</script>",
    f"<!-- {MARK} -->",
    f"<template shadowrootmode=open><img src=x onerror=alert('{MARK}')>",
    f"<x-{MARK} onclick=alert(1)>",
)

_SHOWN = frozenset({"value", "title", "alt", "aria-label", "placeholder", "content"})
_ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "xlink:href", "srcset"})
_SCHEMES = ("javascript:", "data:", "vbscript:")
_RAW = frozenset({"script", "style"})


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.alive: list[str] = []
        self.told = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in _RAW else ""
        if MARK in tag:
            self.alive.append(f"<{tag}>")
        for name, given in attrs:
            value = given or ""
            if (
                MARK in name
                or name.startswith("on")
                or name in {"style", "srcdoc"}
                or (name in _ADDRESSES and value.strip().lower().startswith(_SCHEMES))
            ):
                self.alive.append(f"{tag} {name}={value}")
            elif MARK in value:
                own = value.startswith(("/", "?")) and not value.startswith("//")
                steers = "http-equiv" in dict(attrs)
                if steers or not (name in _SHOWN or (name in _ADDRESSES and own)):
                    self.alive.append(f"{tag} {name}={value}")
                self.told += f"{value}\n"

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 -- what the parser calls
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside and MARK in data:
            self.alive.append(f"in {self._inside}: {data}")
        self.told += data

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.alive.append(f"comment {data}")


def alive(html: str) -> list[str]:
    """Return what of a page came alive; empty for one that is inert."""
    return _read(html).alive


def told(html: str) -> list[str]:
    """Return the payloads that a reader of the page sees as they were written."""
    text = " ".join(_read(html).told.split())
    return [payload for payload in PAYLOADS if " ".join(payload.split()) in text]


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    return page
