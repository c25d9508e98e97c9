"""What every answer of the product has to carry and may not: policies, headers, cookies, nothing inline."""

import re
from html.parser import HTMLParser
from typing import Any

from django.conf import settings

POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["'none'"],
}
"""The whole policy, word for word: a directive that is added or loosened is seen here."""

FILES = {
    "referrals:letter",
    "review:letter",
    "review:evidence_file",
    "review:evidence_download",
    "followup:proof",
    "followup:letter",
    "desk:capture_minutes",
    "desk:evidence_copy",
    "desk:evidence_download",
    "desk:copy_order",
    "desk:document_file",
    "desk:document_page",
    "desk:record_print",
    "desk:case_print",
    "vault:original_object",
    "vault:card",
}
VIEWERS = {
    "review:evidence",
    "desk:evidence",
    "desk:evidence_item",
    "desk:redact",
    # the record with its evidence beside the decision
    "desk:queue",
    "desk:record",
    "desk:act",
    "desk:assign",
    "desk:snooze",
    "desk:note",
}
"""Pages that may play copies besides drawing them."""
FILE = {"sandbox": [], "default-src": ["'none'"]}
"""Files that go out as downloads: nothing of them may run at all."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TELLING = {"Server", "X-Powered-By", "X-Request-ID", "X-Runtime", "Via"}
HANDLER = re.compile(r"on[a-z]+")
INVENTORY = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.REPORTER_COOKIE_NAME}
"""Staff from signing in; pages with a form; the form and the way back. Besides: Django's "messages"."""
NO_COOKIE = ("public:", "figures:", "api:", "api_", "health")
SHARED = (
    "public:landing",
    "public:guide",
    "public:developers",
    "public:try_out",
    "figures:",
    "api:",
)


def allowed_policies(name: str) -> tuple[dict[str, list[str]], ...]:
    """Return what an address may answer with; a refusal is a page like any other."""
    if name in FILES:
        return POLICY, FILE
    if name in VIEWERS:
        return POLICY, POLICY | {"media-src": ["'self'"]}
    return (POLICY,)


def policy_of(response: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in response.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in filter(None, parts)}


class Inline(HTMLParser):
    """Collects everything that a page carries in itself and a policy would have to allow."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.found.append("script without src")
        if tag in {"style", "base", "iframe", "object", "embed", "applet"}:
            self.found.append(tag)
        for name, value in attrs:
            if HANDLER.fullmatch(name) or name in {"style", "srcdoc"}:
                self.found.append(f"{tag} {name}")
            if re.match(r"\s*(javascript|data|vbscript):", value or "", re.IGNORECASE):
                self.found.append(f"{tag} {name}={value}")
            foreign = name in {"src", "srcset", "action", "poster", "data"} or (
                tag == "link" and name == "href"
            )
            if foreign and re.match(r"(?:[a-z]+:)?//", value or ""):
                self.found.append(f"{tag} {name}={value}")


def cookie_faults(name: str, response: Any, user: Any) -> list[str]:
    """Return what is wrong with the cookies of an answer."""
    given = {key: cookie for key, cookie in response.cookies.items() if cookie["max-age"] != 0}
    wrong = [f"cookie {key}" for key in given.keys() - INVENTORY - {"messages"}]
    if name.startswith(NO_COOKIE) or (user is None and settings.SESSION_COOKIE_NAME in given):
        wrong += [f"cookie {key} on a public page" for key in given]
    for key, cookie in given.items():
        # staff of the vault are signed out by the server's clock and by the cookie's
        if cookie["max-age"] != "" and not name.startswith("vault:"):
            wrong.append(f"cookie {key} outlives the browser")
        if (cookie["domain"], cookie["path"]) != ("", "/") or cookie["samesite"] != "Strict":
            wrong.append(f"cookie {key} is loose")
    return wrong


def faults(name: str, response: Any, user: Any) -> list[str]:
    """Return what is wrong with headers, cookies and content of an address's answer to somebody.

    ``user`` is None for a visitor (checks H01, H03, H08, H10, H13).
    """
    wrong = [] if policy_of(response) in allowed_policies(name) else ["policy"]
    wrong += [
        header
        for header, value in ALWAYS.items()
        # one of the vault's own answers is stricter
        if response.headers.get(header) not in {value, "no-referrer"}
    ]
    wrong += sorted(TELLING & set(response.headers))
    if "no-store" not in response["Cache-Control"] and not name.startswith(SHARED):
        wrong.append(response["Cache-Control"])
    wrong += cookie_faults(name, response, user)
    if response["Content-Type"].startswith("text/html") and not response.streaming:
        wrong += Inline(response.content.decode()).found
    return wrong
