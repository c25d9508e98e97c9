"""The public API: what it gives, and how it refuses."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import RequestFactory
from rest_framework.response import Response

from bawaslu_cases.shared.api_errors import problem_response
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.world.demo_figures import publish_demo_figures
from referrals.selectors import figures as reads

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def published():
    reads.forget()
    publish_demo_figures(datetime(2024, 11, 20, 3, tzinfo=UTC))
    yield
    reads.forget()


def test_figures(client, published, django_assert_num_queries):
    client.get("/api/v1/figures")

    with django_assert_num_queries(1):
        body = client.get("/api/v1/figures").json()

    assert list(body) == [
        "through", "published_on", "is_current", "hidden_below", "licence", "figures", "tables",
    ]  # fmt: skip
    assert (body["through"], body["is_current"], body["hidden_below"]) == ("2024-10-01", True, 5)
    assert [figure["name"] for figure in body["figures"]] == [
        "received", "cases", "referred", "recommended", "answered", "sanctioned",
    ]  # fmt: skip
    received = reads.publication().totals["received"]
    assert received is not None
    assert body["figures"][0] == {
        "name": "received",
        "label": "Laporan dan temuan diterima",
        "unit": "laporan",
        "value": received[0],
        "month": "2024-10-01",
    }
    assert body["tables"] == []


def test_k17_tables_by_name_hide_what_is_small(client, published):
    tables = client.get("/api/v1/figures", {"table": "agencies:73"}).json()["tables"]

    cells = [value for table in tables for value in table["cells"].values()]
    assert {table["table"] for table in tables} == {"agencies:73"}
    assert None in cells
    assert min(value for value in cells if value is not None) >= 5


def test_figures_before_the_first_publication(client):
    reads.forget()

    body = client.get("/api/v1/figures").json()

    assert body["through"] is None
    assert {figure["value"] for figure in body["figures"]} == {None}


def test_rules_are_those_of_the_day(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        now = client.get("/api/v1/violation-rules", {"on": "2024-10-07"}).json()
    before = client.get("/api/v1/violation-rules", {"on": "2021-01-04"}).json()

    assert now["on"] == "2024-10-07"
    codes = [rule["code"] for rule in now["rules"]]
    assert codes == sorted(codes)
    assert len(codes) == len(set(codes))
    rule = next(rule for rule in now["rules"] if rule["code"] == "DS-04")
    assert (rule["category"], rule["sanction_class"]) == ("DISCIPLINE", "SEVERE")
    old = next(rule for rule in before["rules"] if rule["code"] == "DS-04")
    assert old["legal_bases"] != rule["legal_bases"]
    assert old["valid_to"] < rule["valid_from"]


@pytest.mark.parametrize("query", [{}, {"on": ""}, {"on": "7 Oktober"}, {"on": "2024-13-01"}])
def test_bad_day_is_a_problem_document(client, query):
    response = client.get("/api/v1/violation-rules", query)

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], body["code"], body["type"]) == (400, "invalid", "about:blank")
    assert list(body["errors"]) == ["on"]


def test_other_methods_are_a_problem_document(client):
    response = client.post("/api/v1/figures", {"a": 1}, content_type="application/json")

    assert response.status_code == 405
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("error", "status"),
    [(DomainError("Tidak."), 422), (ConflictError("Tidak."), 409), (NotPermittedError("T."), 403)],
)
def test_refusals_of_the_domain_have_their_status(error, status):
    response = problem_response(error, {"request": RequestFactory().get("/")})

    assert isinstance(response, Response)
    assert (response.status_code, response.data["code"]) == (status, error.code)


def test_refusal_names_its_field():
    response = problem_response(DomainError("Tulis alasannya.", field="reason"), {})

    assert response is not None
    assert response.data["errors"] == {"reason": ["Tulis alasannya."]}


def test_real_failure_is_no_problem_document():
    assert problem_response(RuntimeError("x"), {}) is None


def test_committed_schema_is_current(tmp_path):
    written = tmp_path / "openapi.yml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(written))

    assert written.read_text() == (ROOT / "docs" / "openapi.yml").read_text()
