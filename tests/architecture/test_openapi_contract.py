"""What breaks an office's program is found in the document, one planted offence at a time."""

import copy
from typing import Any

import pytest
import yaml

from tests.support.openapi_contract import PRESENT, RELEASED, Contract, main

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/things": {
            "get": {
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer"}},
                    {"in": "query", "name": "kind", "schema": {"type": "string"}},
                ],
                "security": [{"client": ["things:read"]}],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Page"}}
                        }
                    },
                    "304": {"description": ""},
                },
            },
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/ThingIn"}}
                    }
                },
                "responses": {"201": {"description": ""}},
            },
        }
    },
    "components": {
        "schemas": {
            "Page": {
                "type": "object",
                "required": ["items"],
                "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                },
            },
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "parent": {"$ref": "#/components/schemas/Thing"},
                    "size": {"type": "integer"},
                },
            },
            "ThingIn": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "maxLength": 80},
                    "kind": {"type": "string", "enum": ["open", "tip"]},
                },
            },
        }
    },
}
GET, POST = ("paths", "/things", "get"), ("paths", "/things", "post")
SCHEMAS = ("components", "schemas")


def changed(*way, **values):
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    for step in way:
        place = place[step]
    for name, value in values.items():
        if value is None:
            del place[name]
        else:
            place[name] = value
    return document


THING = (*SCHEMAS, "Thing")
THING_IN = (*SCHEMAS, "ThingIn", "properties")
OFFENCES = {
    "GET /things: gone": changed(*GET[:2], get=None),
    "GET /things: parameter kind (query) is gone": changed(
        *GET, parameters=DOCUMENT["paths"]["/things"]["get"]["parameters"][:1]
    ),
    "GET /things: parameter limit (query) is needed now": changed(
        *GET, "parameters", 0, required=True
    ),
    "GET /things: limit takes string and took integer": changed(
        *GET, "parameters", 0, schema={"type": "string"}
    ),
    "GET /things: needs more rights: things:all": changed(
        *GET, security=[{"client": ["things:all"]}]
    ),
    "GET /things: no longer answers 200": changed(*GET, responses={"304": {"description": ""}}),
    "GET /things: 200.items[].size is gone": changed(*THING, "properties", size=None),
    "GET /things: 200.items[].size is string and was integer": changed(
        *THING, "properties", size={"type": "string"}
    ),
    "GET /things: 200.items[].id may be missing now": changed(*THING, required=[]),
    "POST /things: body.name is refused now": changed(*THING_IN, name=None),
    "POST /things: body.name is needed now": changed(*THING_IN[:-1], required=["name"]),
    "POST /things: body.name: maxLength is 40": changed(
        *THING_IN, name={"type": "string", "maxLength": 40}
    ),
    "POST /things: body.kind no longer takes tip": changed(
        *THING_IN, kind={"type": "string", "enum": ["open"]}
    ),
    "POST /things: takes no body any more": changed(*POST, requestBody=None),
}


@pytest.mark.parametrize("line", OFFENCES)
def test_an_offence_is_named(line):
    assert Contract(DOCUMENT, OFFENCES[line]).broken() == [line]


def test_what_only_adds_breaks_nobody():
    more = changed(*THING, "properties", colour={"type": "string"})
    more["paths"]["/more"] = {"get": {"responses": {"200": {"description": ""}}}}
    more["components"]["schemas"]["ThingIn"]["properties"]["colour"] = {"type": "string"}
    more["components"]["schemas"]["ThingIn"]["properties"]["kind"]["enum"].append("sealed")
    more["paths"]["/things"]["get"]["parameters"].append(
        {"in": "query", "name": "colour", "schema": {"type": "string"}}
    )
    assert Contract(DOCUMENT, more).broken() == []


def test_the_present_document_breaks_nobody_who_uses_the_released_one():
    assert main() == 0


def test_the_comparison_reads_the_whole_document():
    """A control: take away each path of the real document, and each is missed."""
    released = yaml.safe_load(RELEASED.read_text())
    present = yaml.safe_load(PRESENT.read_text())
    for path in released["paths"]:
        without = present | {"paths": {k: v for k, v in present["paths"].items() if k != path}}
        assert [line for line in Contract(released, without).broken() if f" {path}: gone" in line]
