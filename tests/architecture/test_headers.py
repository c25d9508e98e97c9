"""Headers and policies of every status, of names and of robots (checks.md, H).

Those of each page for each role are looked at where everybody walks through all of them:
``test_authorisation.py``.
"""

import re
from pathlib import Path
from typing import Any

import gunicorn
import pytest
from django.core.cache import cache
from django.test import Client

from complaints.web import public
from tests.factories import person
from tests.support.answers import ALWAYS, POLICY, TELLING, Inline, policy_of


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
