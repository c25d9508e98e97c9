"""Trying the API out: what the pages show without scripts is the committed document's, and it works."""

import json
import shlex
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from django.urls import reverse

from bawaslu_cases.accounts.api.document import FILE
from bawaslu_cases.accounts.api.operations import operations
from complaints.models import Complaint
from complaints.states import Lane
from tests.factories import office
from tests.support.api_clients import ApiPeer, api_client

DOCUMENT: dict[str, Any] = yaml.load(FILE.read_bytes(), yaml.CSafeLoader)
KILOBYTES_40 = 40 * 1024


def fits(text: str, schema: dict[str, Any]) -> None:
    jsonschema.validate(
        json.loads(text),
        {**schema, "components": DOCUMENT["components"]},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


def test_every_operation_has_a_page_and_examples_that_its_schema_allows():
    known = {
        each["operationId"] for methods in DOCUMENT["paths"].values() for each in methods.values()
    }
    assert {each.name for each in operations().values()} == known

    for each in operations().values():
        told = DOCUMENT["paths"][each.path][each.method.lower()]
        for answer in each.answers:
            if answer.body:
                content = next(iter(told["responses"][answer.status]["content"].values()))
                fits(answer.body, content["schema"])
        if each.body_kind == "application/json":
            assert each.body
            fits(each.body, told["requestBody"]["content"][each.body_kind]["schema"])
        assert any(answer.status < "300" for answer in each.answers)


def test_needed_parameters_are_filled():
    for each in operations().values():
        assert all(one.example for one in each.parameters if one.is_needed), each.name
        assert "{" not in each.curl.splitlines()[-1], each.name


def test_a_page_asks_nothing_sets_nothing_and_may_be_kept(client, django_assert_num_queries):
    for address in ("/pengembang/coba/", "/en/pengembang/coba/create-finding/"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.cookies == {}
        assert answer["Cache-Control"] == "public, max-age=300"
        assert len(answer.content) < KILOBYTES_40
        again = client.get(address, headers={"if-none-match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get("/pengembang/coba/tidak-ada/").status_code == 404


def test_nothing_on_a_page_can_get_into_an_address(client):
    """A field without a name and without a form is sent by no browser."""
    for each in operations().values():
        page = client.get(reverse("public:try_out", args=[each.slug])).text
        inside = page.partition('<main id="content"')[2].partition("</main>")[0]
        assert "<form" not in inside
        assert " name=" not in inside


def test_what_needs_secrets_or_bytes_is_shown_and_not_sent(client):
    shown_only = {each.name for each in operations().values() if not each.may_be_sent}

    assert shown_only == {"token", "revoke", "answer_referral", "send_part"}
    page = client.get(reverse("public:try_out", args=["token"])).text
    assert "js/try_out" not in page
    assert "data-token" not in page
    assert "$SERVER/api/v1/token" in page


@pytest.fixture
def peer(db: None) -> ApiPeer:
    return api_client(office("33"))


def sent(peer: ApiPeer, name: str) -> Any:
    """Send an operation as its command says it, read as a shell would."""
    words = shlex.split(operations()[name].curl.replace("\\\n", ""))
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    assert headers.pop("Authorization") == "Bearer $token"
    kind = headers.pop("Content-Type", None)
    body = json.loads(words[words.index("--data-binary") + 1]) if kind else None
    named = {key.lower().replace("-", "_"): value for key, value in headers.items()}
    method = operations()[name].method.lower()
    return peer.call(method, words[-1].removeprefix("$SERVER"), body, **named)


@pytest.mark.parametrize(
    ("name", "status"),
    [("create-finding", 201), ("create-complaint", 201), ("create-complaints", 200)],
)
def test_examples_of_bodies_are_taken(peer, name, status):
    answer = sent(peer, name)

    assert answer.status_code == status, answer.text
    assert Complaint.objects.get().lane == (Lane.FINDING if "finding" in name else Lane.TIP)


@pytest.mark.parametrize(
    "name",
    ["me", "list-complaints", "list-changes", "list-deadlines", "list-webhooks", "vault-keys"],
)
def test_examples_of_reads_are_answered(peer, vault_keys, name):
    assert sent(peer, name).status_code == 200
