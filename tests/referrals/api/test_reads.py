"""What clients of the API read: only theirs, field by field, in pages that hold, and only when it is new."""

import csv
import json
import re
from base64 import urlsafe_b64decode
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.registry.freshness import mark_changed
from bawaslu_cases.shared.api_etags import (
    MatchNeededError,
    StaleRecordError,
    etag_of,
    require_match,
)
from complaints.models import Case, Complaint, Deadline, Recusal
from complaints.states import Lane
from referrals.api.changes import SHAPES
from referrals.models import FollowUp
from tests.bawaslu_cases.audit.conftest import log
from tests.factories import AT, case, finding, office, report, tip
from tests.referrals.stages import recommended
from tests.support.api_clients import ApiPeer, api_client

pytestmark = pytest.mark.django_db(databases="__all__")
ROWS = Path(__file__).resolve().parents[2] / "complaints" / "api" / "fields.csv"
LISTS = ("complaints", "cases", "deadlines", "referrals", "follow-ups")
REFERENCE = ("regions", "offices", "agencies", "acts", "sanctions", "contests", "holidays")


@pytest.fixture
def peer() -> ApiPeer:
    return api_client(office("33"))


def items(peer: ApiPeer, path: str, **query: Any) -> list[Any]:
    response = peer.get(f"/{path}", query)
    assert response.status_code == 200, response.content
    return list(response.json()["items"])


def refused(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


# --- fields --------------------------------------------------------------------------------------


def fields(shape: Any, before: str = "") -> list[str]:
    """Return the paths of every field of a serializer."""
    found = []
    for name, field in shape.fields.items():
        if isinstance(field, serializers.ListSerializer):
            found += fields(field.child, f"{before}{name}[].")
        elif isinstance(field, serializers.Serializer):
            found += fields(field, f"{before}{name}.")
        else:
            found.append(before + name)
    return found


def paths(value: Any, before: str = "") -> set[str]:
    """Return the paths of every field of an answer."""
    if isinstance(value, dict):
        return {path for name in value for path in paths(value[name], f"{before}.{name}")}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {path for each in value for path in paths(each, f"{before}[]")}
    return {before.removeprefix(".")}


def listed() -> dict[str, list[str]]:
    with ROWS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["why it may leave"].strip() for row in rows)
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["record"], []).append(row["field"])
    return found


def test_p08_every_field_that_leaves_is_listed_with_its_reason():
    told = {str(kind): fields(shape()) for kind, shape in SHAPES.items()}

    assert {kind: sorted(found) for kind, found in told.items()} == {
        kind: sorted(found) for kind, found in listed().items()
    }


def test_p08_answers_hold_the_listed_fields_and_no_others(peer):
    recommended()
    records = dict(
        zip(LISTS, ("complaint", "case", "deadline", "referral", "follow_up"), strict=True)
    )

    for path, kind in records.items():
        found = {each for item in items(peer, path) for each in paths(item)}
        assert found == set(listed()[kind]), path


def test_of_a_reporters_side_days_alone(peer, vault_keys):
    report(lane=Lane.OPEN)
    told = json.dumps(items(peer, "complaints") + items(peer, "cases"))

    assert "2024-10-07" in told
    assert re.findall(r"\d\d:\d\d", told) == []
    # the search would see an hour
    assert re.findall(r"\d\d:\d\d", json.dumps(items(peer, "deadlines"))) != []


# --- what never leaves -----------------------------------------------------------------------------

CANARY = "QX-KANARI-7731"
NAME = {"name": f"Kartinah {CANARY}", "address": f"Jalan {CANARY}", "phone": "0812-7731-7731"}


def gets() -> list[tuple[str, type[ClientView]]]:
    """Return every address of the API that a client can GET, with its view."""
    found: list[tuple[str, type[ClientView]]] = []

    def walk(resolver: URLResolver, before: str) -> None:
        for entry in resolver.url_patterns:
            route = before + str(entry.pattern)
            if isinstance(entry, URLResolver):
                walk(entry, route)
            elif isinstance(entry, URLPattern):
                view = getattr(entry.callback, "cls", None)
                if view is not None and issubclass(view, ClientView) and hasattr(view, "get"):
                    found.append((f"/{route}", view))

    walk(get_resolver(), "")
    return found


@pytest.mark.long
def test_p08_nothing_of_tips_and_sealed_reports_at_any_address(peer, vault_keys):
    """Planted: names, words and places of a tip and of sealed reports, one of which became a case."""
    hidden: list[Any] = [tip(story=f"Cerita {CANARY}", place=f"Rumah {CANARY}")]
    hidden.append(report(identity=NAME, story=f"Kisah {CANARY}", place=f"Balai {CANARY}"))
    joined = report(identity=NAME, story=f"Kisah lain {CANARY}")
    hidden.append(joined)
    seen = report(lane=Lane.OPEN, identity=NAME, story=f"Terbuka {CANARY}")
    followed = recommended()
    the_case = followed.referral.case
    the_case.complaints.add(joined)
    Complaint.objects.filter(pk__in=[row.pk for row in hidden]).update(
        title=f"Judul {CANARY}", office=office("33"), summary=f"Ringkas {CANARY}"
    )
    # sent straight on, a case carries its report's reference: it is not the case's own
    Case.objects.filter(pk=the_case.pk).update(reference=joined.reference)
    sought = [CANARY, "0812-7731"]
    for row in hidden:
        row.refresh_from_db()
        sought += [str(row.public_id), row.public_id.hex, row.reference]
        sought += [str(each.public_id) for each in Deadline.objects.filter(complaint=row)]
    assert len(sought) > 9

    ids = [row.public_id for row in (*hidden, seen, the_case, followed.referral, followed)]
    pages = []
    for route, _view in gets():
        parameters = re.findall(r"<uuid:\w+>", route)
        for each in ids if parameters else [None]:
            address = re.sub(r"<uuid:\w+>", str(each), route)
            for language in ("id", "en"):
                query = {"region": "33.08", "lane": "sealed"} if "vault" in route else {}
                response = peer.get(address, query, accept_language=language)
                assert response.status_code in {200, 404}, (address, response.content)
                told = response.content.decode() + str(response.headers)
                pages.append(told.replace(address, ""))
    everything = "\n".join(pages)

    assert len(gets()) >= 18
    assert [word for word in sought if word in everything] == []
    # what may leave is there, so the walk went where it leaves
    assert all(
        word in everything
        for word in (str(seen.public_id), seen.reference, str(the_case.public_id), the_case.title)
    )
    # and a lane that were let through would have been found
    Complaint.objects.filter(pk=joined.pk).update(lane=Lane.OPEN)
    assert CANARY in peer.get(f"/complaints/{joined.public_id}").content.decode()


def test_a_hidden_record_and_none_are_the_same_404(peer, vault_keys):
    sealed, foreign = report(), finding(officer="budi")
    kept = finding()
    Recusal.objects.create(user=peer.user, complaint=kept, reason="declared", since=AT)

    answers = {
        (response.status_code, response.content)
        for response in (
            peer.get(f"/complaints/{each}")
            for each in (sealed.public_id, foreign.public_id, kept.public_id, uuid4())
        )
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


def test_p03_another_region_is_not_reached_by_asking_for_it(peer):
    foreign, own = case(officer="budi"), case()
    told = {row["id"] for row in items(peer, "cases")}
    assert told == {str(own.public_id)}

    assert items(peer, "cases", office=foreign.office.code) == []
    assert items(peer, "complaints", office=foreign.office.code) == []
    assert peer.get(f"/cases/{foreign.public_id}").status_code == 404
    for name in ("wilayah", "region_code", "scope", "user", "office_id"):
        response = peer.get("/cases", {name: "51"})
        assert refused(response) == (400, "invalid")
        assert list(response.json()["errors"]) == [name]
    with_header = peer.get("/cases", x_wilayah="51", x_office=foreign.office.code)
    assert {row["id"] for row in with_header.json()["items"]} == told
    assert items(api_client(office(None)), "cases", office=foreign.office.code)[0]["id"] == str(
        foreign.public_id
    )


def test_p02_each_list_needs_its_scope():
    needed = {
        **dict.fromkeys(("complaints",), Scope.COMPLAINTS_READ),
        **dict.fromkeys(("cases", "deadlines"), Scope.CASES_READ),
        **dict.fromkeys(("referrals", "follow-ups"), Scope.REFERRALS_READ),
        **dict.fromkeys(REFERENCE, Scope.REGISTRY_READ),
    }
    place = office("33.08")
    for scope in set(needed.values()):
        holder = api_client(place, [scope])
        got = {path: holder.get(f"/{path}").status_code for path in needed}
        assert got == {path: 200 if right == scope else 403 for path, right in needed.items()}


def test_p15_reading_a_case_stands_under_that_case(peer):
    the_case = case()
    peer.get(f"/cases/{the_case.public_id}")

    assert log()[-1].subject == f"case:{the_case.public_id.hex}"


# --- pages -----------------------------------------------------------------------------------------


def walked(peer: ApiPeer, path: str, **query: Any) -> list[str]:
    """Return the ids of a list, page by page."""
    found, cursor = [], ""
    while True:
        body = peer.get(f"/{path}", query | ({"cursor": cursor} if cursor else {})).json()
        found += [row["id"] for row in body["items"]]
        cursor = body["next"]
        if not cursor:
            return found


@pytest.mark.parametrize("path", ["complaints", "cases", "deadlines"])
def test_p09_pages_hold_everything_once(path, peer):
    for day in range(5):
        case(AT + timedelta(days=day % 2))
    whole = [row["id"] for row in items(peer, path, limit=200)]

    assert len(whole) == len(set(whole)) >= 5
    for limit in (1, 2, len(whole)):
        assert walked(peer, path, limit=limit) == whole


def test_p09_what_comes_in_meanwhile_shifts_nothing(peer):
    for _ in range(3):
        case()
    first = peer.get("/cases", {"limit": 2}).json()
    case()
    second = peer.get("/cases", {"limit": 2, "cursor": first["next"]}).json()

    told = [row["id"] for row in first["items"] + second["items"]]
    assert len(told) == len(set(told)) == 3


@pytest.mark.parametrize("limit", ["0", "-1", "201", "100000", "1e3", "99999999999999999999", "x"])
def test_p09_limits_that_are_none(limit, peer):
    response = peer.get("/complaints", {"limit": limit})

    assert refused(response) == (400, "invalid")
    assert list(response.json()["errors"]) == ["limit"]


def test_p09_there_is_no_offset(peer):
    assert refused(peer.get("/complaints", {"offset": "10000000"})) == (400, "invalid")
    assert refused(peer.get("/complaints", {"page": "2"})) == (400, "invalid")


def test_p09_a_cursor_is_good_for_its_own_client_list_and_filters_alone(peer):
    with connection.cursor() as bare:  # so long a number stands in no token by chance
        bare.execute("ALTER TABLE complaints_case ALTER COLUMN id RESTART WITH 7300000001")
    for _ in range(2):
        case()
    cursor = peer.get("/cases", {"limit": 1}).json()["next"]
    stranger = api_client(office("33"))

    assert peer.get("/cases", {"limit": 1, "cursor": cursor}).status_code == 200
    for holder, path, query in (
        (stranger, "cases", {}),
        (peer, "complaints", {}),
        (peer, "cases", {"status": "assessing"}),
    ):
        answer = holder.get(f"/{path}", query | {"cursor": cursor})
        assert refused(answer) in {(400, "cursor_invalid"), (400, "invalid")}
    for forged in (cursor[:-2] + "xx", cursor[1:], "a", "AAAA", '{"at":[1]}', "é", "%00", "=" * 8):
        assert refused(peer.get("/cases", {"cursor": forged})) == (400, "cursor_invalid")
    # sealed: nothing of the row it stands at can be read from it
    keys = sorted(Case.objects.values_list("pk", flat=True))
    assert keys == [7300000001, 7300000002]
    opened = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for key in keys:
        assert str(key) not in cursor
        assert not {str(key).encode(), key.to_bytes(8, "big"), key.to_bytes(8, "little")} & {
            opened[at : at + size] for size in (8, 10) for at in range(len(opened))
        }


def test_filters_cut_and_unknown_choices_are_refused(peer):
    early, late = case(AT), case(AT + timedelta(days=20))
    assert early.due_at is not None
    assert early.contest is not None
    soon = early.due_at.astimezone().date() + timedelta(days=1)

    def ids(**query: Any) -> set[str]:
        return {row["id"] for row in items(peer, "cases", **query)}

    both = {str(early.public_id), str(late.public_id)}
    assert ids() == ids(status=early.status) == ids(office=early.office.code) == both
    assert ids(contest=early.contest.code) == both
    assert ids(contest="tidak-ada") == set()
    assert ids(due_before=soon.isoformat()) == {str(early.public_id)}
    day = late.status_at.astimezone().date()
    assert ids(status_since=day.isoformat()) == {str(late.public_id)}
    assert ids(status_since=(day + timedelta(days=1)).isoformat()) == set()
    for query in ({"status": "apa"}, {"due_before": "besok"}, {"office": "x" * 61}):
        assert refused(peer.get("/cases", query)) == (400, "invalid")


def test_filters_of_records_deadlines_referrals_and_follow_ups(peer):
    followed = recommended()
    found = followed.referral.case.complaints.get()
    assert [row["id"] for row in items(peer, "complaints", lane="finding")] == [
        str(found.public_id)
    ]
    assert items(peer, "complaints", lane="open") == []
    assert refused(peer.get("/complaints", {"lane": "sealed"})) == (400, "invalid")
    running = items(peer, "deadlines")
    assert {row["status"] for row in running} == {"open"}
    assert items(peer, "deadlines", due_before="2020-01-01") == []
    assert len(items(peer, "deadlines", due_before="2030-01-01")) == len(running) > 0
    for path, name, right in (
        ("referrals", "case", followed.referral.case.public_id),
        ("follow-ups", "referral", followed.referral.public_id),
    ):
        assert len(items(peer, path, **{name: str(right)})) == 1
        assert items(peer, path, **{name: str(uuid4())}) == []
        assert len(items(peer, path, status=items(peer, path)[0]["status"])) == 1


@pytest.mark.parametrize("path", LISTS)
def test_a_page_asks_the_same_for_one_and_for_three(path, peer, django_assert_num_queries):
    """The token, the offices, the page and the note of the call: five at a hundred (issue 7)."""
    for _ in range(1 if path in {"referrals", "follow-ups"} else 3):
        recommended()
    assert items(peer, path)
    with django_assert_num_queries(5 if path == "deadlines" else 4):
        items(peer, path, limit=100)


# --- entity tags -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["complaints", "cases", "referrals"])
def test_what_is_held_is_not_sent_again(kind, peer):
    followed: FollowUp = recommended()
    held: Any = {
        "complaints": followed.referral.case.complaints.get(),
        "cases": followed.referral.case,
        "referrals": followed.referral,
    }[kind]
    address = f"/{kind}/{held.public_id}"
    first = peer.get(address)
    etag = first["ETag"]

    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    for named in (etag, f'"lain", {etag}', f"W/{etag}", "*"):
        again = peer.get(address, if_none_match=named)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert peer.get(address, if_none_match='"lain"').json() == first.json()
    type(held)._default_manager.filter(pk=held.pk).update(due_at=AT + timedelta(days=90))
    later = peer.get(address, if_none_match=etag)
    assert later.status_code == 200
    assert later["ETag"] != etag


def test_two_clients_who_see_the_same_hold_the_same(peer):
    the_case = case()
    address = f"/cases/{the_case.public_id}"

    assert peer.get(address)["ETag"] == api_client(office(None)).get(address)["ETag"]


def test_a_write_names_what_it_was_made_on():
    told = {"id": uuid4(), "due_on": date(2024, 10, 7)}
    etag = etag_of(told)

    def written(header: str | None) -> Request:
        named = {} if header is None else {"HTTP_IF_MATCH": header}
        return Request(APIRequestFactory().post("/", **named))

    for good in (etag, f"W/{etag}", f'"lain", {etag}', "*"):
        require_match(written(good), told)
    with pytest.raises(MatchNeededError):
        require_match(written(None), told)
    for stale in ('"lain"', etag.strip('"'), "x"):
        with pytest.raises(StaleRecordError):
            require_match(written(stale), told)
    with pytest.raises(StaleRecordError):
        require_match(written(etag), told | {"due_on": date(2024, 10, 8)})


# --- reference data --------------------------------------------------------------------------------


@pytest.mark.usefixtures("one_day")
@pytest.mark.parametrize("path", REFERENCE)
def test_reference_data_is_kept_until_the_registry_changes(path, peer, django_assert_num_queries):
    cache.clear()
    mark_changed()
    first = peer.get(f"/{path}")
    rows = first.json()["items"]
    assert rows or path == "holidays"
    assert first["Cache-Control"] == "private, max-age=3600"

    with django_assert_num_queries(2):  # the token and the note of the call
        held = peer.get(f"/{path}", if_none_match=first["ETag"])
    assert (held.status_code, held.content) == (304, b"")
    mark_changed()
    assert peer.get(f"/{path}", if_none_match=first["ETag"]).json()["items"] == rows


def test_without_a_version_the_answer_itself_is_the_tag(peer):
    cache.clear()
    first = peer.get("/regions")

    assert peer.get("/regions", if_none_match=first["ETag"]).status_code == 304
    assert peer.get("/regions", if_none_match='"lain"').json() == first.json()


def test_reference_data_says_what_the_registry_says(peer):
    regions = {row["code"]: row for row in items(peer, "regions")}
    assert regions["33.08"]["parent"] == "33"
    assert len(regions) == 552
    offices = {row["region"]: row for row in items(peer, "offices")}
    assert offices["33.08"]["parent"] == offices["33"]["code"]
    assert len(offices) == 553
    contests = items(peer, "contests")
    assert all(
        row["phases"] == sorted(row["phases"], key=lambda each: each["starts_on"])
        for row in contests
    )
    assert any(row["regions"] for row in contests)
    holidays = items(peer, "holidays", year="2024")
    assert ("2024-08-17", "NATIONAL") in {(row["date"], row["category"]) for row in holidays}
    assert {row["code"] for row in items(peer, "acts")} >= {"PRESSURE_OTHERS"}


def test_what_was_in_force_on_a_day(peer):
    now = {row["code"] for row in items(peer, "agencies", on="2025-06-01")}
    before = {row["code"] for row in items(peer, "agencies", on="2023-06-01")}
    assert now != before
    with time_machine.travel("2025-06-01T05:00:00Z", tick=False):
        holder = api_client(office("33"))
        assert {row["code"] for row in items(holder, "agencies")} == now
    for path, query in (
        ("agencies", {"on": "kemarin"}),
        ("sanctions", {"on": "2024-13-01"}),
        ("holidays", {"year": "0"}),
        ("holidays", {"year": "99999"}),
        ("regions", {"on": "2024-01-01"}),
    ):
        assert refused(peer.get(f"/{path}", query)) == (400, "invalid")
