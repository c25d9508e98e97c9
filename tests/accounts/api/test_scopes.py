"""Each scope at each endpoint, from the resolver itself: an endpoint nobody thought of fails (P02, P03)."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, get_resolver

from bawaslu_cases.accounts import api_quota
from bawaslu_cases.accounts.api.document import openapi_document
from bawaslu_cases.accounts.api.views import METHODS, ClientView
from bawaslu_cases.accounts.scopes import Scope
from tests.factories import office
from tests.support.api_clients import ALL, ApiPeer, api_client, token_of

pytestmark = pytest.mark.django_db(databases="__all__")

WITHOUT_A_TOKEN = {
    # public by their nature
    "api:figures",
    "api:violation_rules",
    # signed by the recipient's own secret
    "api:answer_referral",
    # where a token comes from and ends
    "api_access:token",
    "api_access:revoke",
}
ANY_OF = {
    "api_referrals:changes": {Scope.COMPLAINTS_READ, Scope.CASES_READ, Scope.REFERRALS_READ},
}
"""Answers with what each of these scopes lets a client see; with none of them it is shut."""
NOBODY = UUID("00000000-0000-4000-8000-000000000000")
WORDS = {"uuid": NOBODY, "slug": "x", "str": "x", "int": 1}


def routes() -> Iterator[tuple[str, str, Any]]:
    """Yield name, path and view of every route under /api/."""

    def walk(resolver: URLResolver, space: str, path: str) -> Iterator[tuple[str, str, Any]]:
        for entry in resolver.url_patterns:
            here = path + str(entry.pattern)
            if isinstance(entry, URLResolver):
                inner = f"{entry.namespace}:" if entry.namespace else ""
                yield from walk(entry, space + inner, here)
            elif entry.callback is openapi_document:
                continue  # a file for anybody, no view of the framework
            elif isinstance(entry, URLPattern) and here.startswith("api/"):
                yield f"{space}{entry.name}", here, entry.callback

    yield from walk(get_resolver(), "", "")


def cells() -> list[tuple[str, str, str, Scope | None]]:
    """Return name, address, method and needed scope of everything a client may call."""
    found = []
    for name, path, view in routes():
        if name in WITHOUT_A_TOKEN:
            continue
        address = "/" + path
        for kind, word in WORDS.items():
            parts = address.split(f"<{kind}:")
            address = parts[0] + "".join(str(word) + part.partition(">")[2] for part in parts[1:])
        for method in METHODS:
            if hasattr(view.cls, method):
                needed = view.cls.scopes["GET" if method == "head" else method.upper()]
                found.append((name, address, method, needed))
    return found


def test_p02_every_endpoint_says_what_it_needs():
    views = {name: view.cls for name, _path, view in routes()}
    assert {name for name, cls in views.items() if not issubclass(cls, ClientView)} == (
        WITHOUT_A_TOKEN
    )
    for name, cls in views.items():
        if name in WITHOUT_A_TOKEN:
            continue
        handled = {method.upper() for method in METHODS if method in vars(cls)} - {"HEAD"}
        assert handled <= set(cls.scopes), name
        assert set(cls.scopes) <= {method.upper() for method in METHODS if hasattr(cls, method)}
        assert all(scope is None or scope in Scope for scope in cls.scopes.values()), name
    assert {needed for *_cell, needed in cells()} >= {
        Scope.CASES_READ,
        Scope.COMPLAINTS_WRITE,
        None,
    }


def call(peer: ApiPeer, method: str, address: str) -> Any:
    cache.clear()
    api_quota.forget()
    return peer.call(method, address)


def test_p02_each_scope_at_each_endpoint():
    """With the scope alone a client is let in and meets nobody; with every other scope it is not."""
    peer = api_client(office("33.08"), calls_a_minute=100_000)
    wrong = []
    for name, address, method, needed in cells():
        good = ANY_OF.get(name, {needed} if needed else set(ALL))
        tokens = [
            (token_of(peer.client, [scope]), False)
            for scope in sorted(good)[: 3 if name in ANY_OF else 1]
        ]
        tokens.append((token_of(peer.client, set(ALL) - good), True))
        for token, is_strange in tokens:
            peer.token = token
            response = call(peer, method, address)
            is_refused = response.status_code in {401, 403}
            is_open = needed is None and name not in ANY_OF
            if is_refused != (is_strange and not is_open) or response.status_code >= 500:
                wrong.append((name, method, is_strange, response.status_code))
            elif is_refused and method != "head":
                assert response.json()["code"] == "scope_missing", (name, method)
    assert wrong == []


def test_p01_no_endpoint_without_a_token():
    peer = api_client(office("33.08"))
    peer.token = ""
    wrong = [
        (name, method)
        for name, address, method, _needed in cells()
        if call(peer, method, address).status_code != 401
    ]
    assert wrong == []


def test_p03_a_region_that_is_named_changes_nothing():
    """Another office's region in query and header: refused as unknown, or the answer is the same."""
    peer = api_client(office("33.08"), calls_a_minute=100_000)
    asked = 0
    for name, address, method, _needed in cells():
        if method != "get" or str(NOBODY) in address:
            continue
        plain = call(peer, "get", address)
        if plain.status_code != 200:
            continue
        asked += 1
        for word in ("wilayah", "region", "office", "region_code"):
            other = call(peer, "get", f"{address}?{word}=51")
            if other.status_code != 400:
                assert _without_time(other.json()) == _without_time(plain.json()), (name, word)
        headed = peer.call("get", address, x_region="51", x_wilayah="51", x_office="51")
        assert _without_time(headed.json()) == _without_time(plain.json()), name
    assert asked >= 3


def _without_time(told: dict[str, Any]) -> dict[str, Any]:
    changing = {"server_time", "cursor", "next"}
    # The call log grows by the very call.
    items = {"items"} if any("route" in item for item in told.get("items", [])) else set()
    return {name: value for name, value in told.items() if name not in changing | items}
