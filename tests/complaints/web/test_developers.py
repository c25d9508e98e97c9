"""The page for programmers of the offices, and the document it leads to."""

import re
from html import unescape
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.test import Client

from bawaslu_cases.accounts.scopes import Scope
from complaints.web import developers

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs/api.md").read_text()
KILOBYTES_40 = 40 * 1024
ADDRESSES = {"id": "/pengembang/", "en": "/en/pengembang/"}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ADDRESSES)
def test_page_is_light_asks_nothing_and_may_be_kept(client, django_assert_num_queries, language):
    with django_assert_num_queries(0):
        answer = client.get(ADDRESSES[language])

    assert answer.status_code == 200
    assert answer.cookies == {}
    assert answer["Cache-Control"] == "public, max-age=300"
    assert len(answer.content) < KILOBYTES_40
    assert f'<html lang="{language}"' in answer.text
    again = client.get(ADDRESSES[language], headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.django_db
def test_page_tells_every_right_in_both_languages(client):
    pages = {language: client.get(path).text for language, path in ADDRESSES.items()}

    for scope in Scope:
        assert f"<code>{scope.value}</code>" in pages["id"]
        assert f'<td data-label="Untuk">{scope.label}</td>' in pages["id"]
        assert f"<code>{scope.value}</code>" in pages["en"]
        assert f">{scope.label}</td>" not in pages["en"]
    for page in pages.values():
        assert 'href="/api/v1/openapi.yml"' in page
    assert 'href="/pengembang/"' in client.get("/bantuan").text


@pytest.mark.django_db
def test_quota_is_the_one_that_is_kept(client, settings):
    settings.API_CALLS_A_MINUTE = 4321
    assert "<dd>4321<small>" in client.get("/pengembang/").text


@pytest.mark.django_db
def test_quick_start_is_the_one_that_a_test_runs(client):
    """docs/api.md is run against a server (tests/e2e/test_quick_start.py); the page has its blocks."""
    shown = re.findall(
        r"<pre [^>]*><code[^>]*>(.*?)</code></pre>", client.get("/pengembang/").text, re.DOTALL
    )

    assert len(shown) == len(developers.QUICK_START) == 3
    for block in shown:
        assert f"```sh\n{unescape(block)}```" in GUIDE


def test_refusals_and_versions_are_the_documents():
    changes = (ROOT / "docs/api-changelog.md").read_text()

    assert [entry["version"] for entry in developers.VERSIONS] == re.findall(
        r"^## (\S+)", changes, re.MULTILINE
    )
    assert developers.VERSIONS[0]["version"] == settings.SPECTACULAR_SETTINGS["VERSION"]
    for problem in developers.PROBLEMS:
        assert str(problem["status"]) in GUIDE
        assert str(problem["code"]) in GUIDE


@pytest.mark.django_db
def test_document_is_the_committed_one_for_anybody(django_assert_num_queries):
    client = Client()
    with django_assert_num_queries(0):
        answer = client.get("/api/v1/openapi.yml")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/yaml; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer.cookies == {}
    assert answer.content == (ROOT / "docs/openapi.yml").read_bytes()
    assert yaml.safe_load(answer.content)["info"]["version"] == developers.VERSIONS[0]["version"]
    for held in (answer["ETag"], f"W/{answer['ETag']}"):
        again = client.get("/api/v1/openapi.yml", headers={"if-none-match": held})
        assert (again.status_code, again.content) == (304, b"")
    assert client.post("/api/v1/openapi.yml").status_code == 405


def test_image_carries_the_document():
    assert "COPY docs/openapi.yml docs/openapi.yml" in (ROOT / "Dockerfile").read_text()
    assert "!docs/openapi.yml" in (ROOT / ".dockerignore").read_text().splitlines()
