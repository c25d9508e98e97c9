"""The public pages, the quick exit and the error pages, through the whole middleware."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from complaints.selectors.guide import current_guide
from complaints.services.reporter_session import read_session, start_session
from complaints.web import public
from referrals.selectors.figures import publication

PAGES = ["landing", "protection", "traces", "help", "privacy", "accessibility"]


@pytest.mark.usefixtures("one_day")
@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_page_needs_no_query_and_sets_no_cookie(client, django_assert_max_num_queries, name):
    # The landing shows a few of the guide's questions and the published counts: each is read once by
    # a process, so a first test of a process must not pay for it.
    current_guide(timezone.localdate())
    publication()
    with django_assert_max_num_queries(1 if name == "landing" else 0):
        response = client.get(reverse(f"public:{name}"))
    assert response.status_code == 200
    assert response.cookies == {}
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_page_refuses_a_post(client, name):
    assert client.post(reverse(f"public:{name}")).status_code == 405


@pytest.mark.django_db
def test_english_phone_gets_one_language(client):
    page = client.get("/", headers={"accept-language": "en-US,en;q=0.9"}).text
    assert '<html lang="id">' in page
    assert "Laporkan dengan aman." in page


@pytest.mark.django_db
def test_landing_shows_three_lanes_that_are_open(client):
    page = client.get("/").text
    assert len(re.findall(r'class="card matrix__lane"', page)) == 3
    assert "segera</span>" not in page


def _session() -> tuple[str, datetime]:
    now = datetime.now(UTC)
    return start_session(held={"draft": {"story": "x"}}, at=now, idle=timedelta(minutes=5)), now


@pytest.mark.django_db
def test_quick_exit_by_link_ends_everything(client):
    token, now = _session()
    client.cookies[settings.REPORTER_COOKIE_NAME] = token
    response = client.get("/keluar")
    assert response.status_code == 303
    assert response["Location"] == settings.QUICK_EXIT_URL
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert response.cookies[settings.REPORTER_COOKIE_NAME]["max-age"] == 0
    assert read_session(token=token, at=now) is None


@pytest.mark.django_db
def test_quick_exit_by_beacon_needs_no_token_of_the_form():
    token, now = _session()
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.REPORTER_COOKIE_NAME] = token
    response = client.post("/keluar")
    assert response.status_code == 204
    assert response.content == b""
    assert read_session(token=token, at=now) is None


@pytest.mark.django_db
def test_quick_exit_without_a_session_leaves_all_the_same(client):
    assert client.get("/keluar").status_code == 303
    assert client.get("/keluar", headers={"cookie": "l=unknown"}).status_code == 303


@pytest.mark.django_db
def test_quick_exit_leaves_while_the_database_is_down(client, monkeypatch):
    def down(**_arguments: object) -> None:
        raise DatabaseError("down")

    monkeypatch.setattr(public, "end_with_files", down)
    client.cookies[settings.REPORTER_COOKIE_NAME] = "any"
    response = client.get("/keluar")
    assert response.status_code == 303
    assert response.cookies[settings.REPORTER_COOKIE_NAME]["max-age"] == 0


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (public.bad_request, 400),
        (public.forbidden, 403),
        (public.csrf_failure, 403),
        (public.not_found, 404),
        (public.too_many_requests, 429),
        (public.server_error, 500),
        (public.unavailable, 503),
    ],
)
def test_error_page_draws_without_a_database(view, status):
    """No ``django_db`` mark: a query would fail the test."""
    response = view(RequestFactory().get("/f/"))
    assert response.status_code == status
    assert "data-quick-exit" in response.text
    for word in ("bawaslu</", "netral", "aduan"):
        assert word not in response.text.lower()


@pytest.mark.django_db
def test_unknown_address_is_answered_in_the_house_look(client):
    response = client.get("/tidak-ada")
    assert response.status_code == 404
    assert "Halaman tidak ditemukan" in response.text


@pytest.mark.django_db
def test_form_without_its_token_is_explained():
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "x"})
    assert response.status_code == 403
    assert "Sesi sudah berakhir" in response.text


def test_cookies_of_a_reporter_end_with_the_browser():
    assert settings.CSRF_COOKIE_AGE is None
    assert settings.SESSION_EXPIRE_AT_BROWSER_CLOSE is True
