"""Headers, policies and cookies of every answer (checks.md, H): each page, role and status."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import gunicorn
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from complaints.web import public
from tests.architecture.test_authorisation import (
    NUMBERED,
    ROLES,
    Somebody,
    _scope,
    arguments,
    member,
    named_addresses,
)
from tests.factories import person

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


def test_h03_the_parser_sees_each_kind():
    """The control: each kind of inline content is found."""
    for html in (
        "<script>1</script>",
        "<style>p{}</style>",
        '<p onclick="x()">',
        '<p style="color:red">',
        '<a href="javascript:x()">',
        '<img src="data:image/png;base64,">',
        '<script src="https://cdn.contoh/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.contoh/x.css">',
        '<base href="/">',
    ):
        assert Inline(html).found, html
    assert not Inline('<script src="/static/js/form.js"></script><a href="https://x.y/">').found


def _cookies(name: str, response: Any, user: Any) -> list[str]:
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


@pytest.mark.long
@pytest.mark.django_db
def test_h01_h03_h10_every_page_of_every_role():
    """One policy word for word, nothing inline, no cookie but the known ones, at every address."""
    own = _scope(own=True)
    addresses = {
        name: reverse(name, args=[1] if name in NUMBERED else arguments(name, own))
        for name in sorted(named_addresses())
    }
    pages, wrong = 0, []
    for role in ROLES:
        user = member(role)
        somebody = Somebody(user)
        for name, address in addresses.items():
            client = somebody.client
            cache.clear()
            with transaction.atomic():
                response = client.get(address)
                transaction.set_rollback(True)
            pages += 1
            if policy_of(response) not in allowed_policies(name):
                wrong.append((role, name, "policy"))
            wrong += [
                (role, name, header)
                for header, value in ALWAYS.items()
                # one of the vault's own answers is stricter
                if response.headers.get(header) not in {value, "no-referrer"}
            ]
            wrong += [(role, name, header) for header in TELLING & set(response.headers)]
            if "no-store" not in response["Cache-Control"] and not name.startswith(SHARED):
                wrong.append((role, name, response["Cache-Control"]))
            wrong += [(role, name, found) for found in _cookies(name, response, user)]
            if response["Content-Type"].startswith("text/html") and not response.streaming:
                wrong += [(role, name, found) for found in Inline(response.content.decode()).found]
    assert pages == len(ROLES) * len(addresses) > 1000
    assert wrong == []


# --- every status ---------------------------------------------------------------------------------


def _moved(client: Client) -> Any:
    return client.get("/bolehkah")


def _https(client: Client) -> Any:
    return client.get("/f/")


def _crash(client: Client) -> Any:
    client.raise_request_exception = False
    return client.get("/privasi")


def _many(client: Client) -> Any:
    tries = (
        client.post("/masuk/", {"login": "siapa@contoh.id", "password": "salah-salah"})
        for _ in range(60)
    )
    return next(response for response in tries if response.status_code == 429)


STATUSES: dict[str, tuple[int, Any]] = {
    "page": (200, lambda client: client.get("/perlindungan")),
    "moved": (301, _moved),
    "login": (302, lambda client: client.get("/kerja/")),
    "see other": (303, lambda client: client.post("/f/", {"do": "start"})),
    "refused host": (400, lambda client: client.get("/", headers={"host": "jahat.contoh"})),
    "form token": (
        403,
        lambda _client: Client(enforce_csrf_checks=True).post("/f/", {"do": "start"}),
    ),
    "missing": (404, lambda client: client.get("/tidak-ada")),
    "method": (405, lambda client: client.delete("/f/")),
    "too large": (
        400,
        lambda client: client.post("/f/", {"do": "start", "story": "x" * 2_000_000}),
    ),
    "too many": (429, _many),
    "crash": (500, _crash),
    "static": (200, lambda client: client.get("/static/js/form.js")),
}


def _checked(response: Any, status: int) -> list[str]:
    assert response.status_code == status
    wrong = [] if policy_of(response) == POLICY else ["policy"]
    wrong += [name for name, value in ALWAYS.items() if response.headers.get(name) != value]
    return wrong + sorted(TELLING & set(response.headers))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", STATUSES)
def test_h04_headers_of_every_status(kind, client, monkeypatch):
    cache.clear()
    if kind == "crash":
        monkeypatch.setattr(public, "render", None)
    status, ask = STATUSES[kind]
    response = ask(client)
    assert _checked(response, status) == []
    response.close()
    cache.clear()


def test_h04_redirect_to_https_has_the_headers_too(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert _checked(Client().get("/f/"), 301) == []


def test_h06_two_years_of_https_in_production(settings):
    text = (Path(settings.BASE_DIR) / "bawaslu_cases/settings/base.py").read_text()
    found = re.search(r"^SECURE_HSTS_SECONDS = (\d+)$", text, re.MULTILINE)
    assert found
    seconds = int(found[1])
    assert seconds >= 2 * 365 * 24 * 3600
    settings.SECURE_HSTS_SECONDS = seconds
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    told = Client().get("/s/", secure=True)["Strict-Transport-Security"]
    assert told.startswith(f"max-age={seconds}; includeSubDomains")


# --- names, robots ---------------------------------------------------------------------------------


def test_h13_the_server_names_no_version():
    assert gunicorn.SERVER == "gunicorn"


@pytest.mark.django_db
def test_h16_search_engines_find_no_page_of_the_form():
    for address in ("/f/", "/s/", "/en/f/", "/en/s/"):
        assert Client().get(address)["X-Robots-Tag"] == "noindex, nofollow", address
    for address in ("/sitemap.xml", "/f/sitemap.xml"):
        assert Client().get(address).status_code == 404
    landing = Client().get("/").content.decode()
    assert "noindex" not in landing


@pytest.mark.django_db
def test_h11_no_page_names_where_it_came_from():
    """No page loosens the policy for one of its links; a vault page may only tighten it."""
    client = Client()
    client.force_login(person("sari"))
    for address in ("/", "/perlindungan", "/f/", "/s/", "/kerja/"):
        page = client.get(address)
        assert page["Referrer-Policy"] == "same-origin"
        assert "referrerpolicy" not in page.content.decode()
