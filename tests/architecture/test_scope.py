"""What lists, searches, files and forms let through beyond one record's own address (checks.md, A).

The worlds are those of ``test_authorisation``: ``own`` lies with Bawaslu Jawa Tengah, ``other`` with Bali.
Nothing here names a page: addresses come from the table, so that a new page is asked on its first day.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID, uuid5

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bawaslu_cases.accounts.models import RoleGrant, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import Region
from complaints.models import Case, CaseDocument, Complaint, Evidence, Receipt, Recusal
from complaints.selectors.vault import pseudonym
from complaints.services.recusals import recuse_oneself
from referrals.models import FollowUp, Referral
from tests.architecture.test_authorisation import (
    NUMBERED,
    _scope,
    answer,
    arguments,
    lines,
    member,
)
from tests.factories import AT, office, person, tip
from tests.support.answers import FILES

pytestmark = pytest.mark.django_db

OFFICERS = ("case_officer", "chair", "verifier")
"""Whose reach is an office. Custodians are one group for the country; others read no record."""
SEARCHES = (
    "q=Contoh+Wiratama",
    "q=197001012000011904",
    "q=balai",
    "v=all",
    "v=overdue",
    "v=all&sort=new",
    "office=51",
    "region=51.71",
)
"""What is looked for, besides each list as it stands: names, numbers, words, another unit's code."""
CHANGING = re.compile(rb'(name="csrfmiddlewaretoken" value="|data-csrf=")[^"]+')


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(timezone.now().replace(hour=3, minute=0), tick=False):
        yield


def lists() -> list[str]:
    """Return every staff address that names no record."""
    return sorted(
        reverse(line["name"], args=[1] if line["name"] in NUMBERED else arguments(line["name"], {}))
        for line in lines()
        if (line["target"], line["method"], line["visitor"]) == ("-", "GET", "login")
    )


def body_of(response: Any) -> bytes:
    """Return the bytes of an answer, also of one that is a file."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def pages(user: User, addresses: Iterable[str]) -> dict[str, tuple[int, bytes]]:
    """Return status and body of each address as one person, leaving nothing behind."""
    client, found = Client(), {}
    for address in addresses:
        cache.clear()
        with transaction.atomic():
            client.force_login(User.objects.get(pk=user.pk))
            response = client.get(address)
            found[address] = (response.status_code, CHANGING.sub(b"", body_of(response)))
            transaction.set_rollback(True)
    return found


def names_of_rows() -> list[bytes]:
    """Return what would name any record in a page: ids and numbers."""
    told: set[str] = set()
    for rows, fields in (
        (Complaint.objects, ("public_id", "reference")),
        (Case.objects, ("public_id", "register_number")),
        (Referral.objects, ("public_id", "number")),
        (FollowUp.objects, ("public_id",)),
        (CaseDocument.objects, ("public_id",)),
        (Evidence.objects, ("public_id",)),
    ):
        for values in rows.values_list(*fields):
            told |= {str(value) for value in values if value}
    return [value.encode() for value in sorted(told)]


@pytest.mark.long
def test_a05_a20_no_list_shows_or_counts_another_provinces_or_what_one_keeps_away_from() -> None:
    """Lists, searches, filters and counts, as everybody who works in an office (checks A05, A20).

    Another province's world changes no byte of them; who was recused from everything reads no name of it.
    """
    addresses = [*lists(), *(f"{reverse('desk:queue')}?{query}" for query in SEARCHES)]
    _scope(own=True)
    people = {role: member(role) for role in OFFICERS}
    own = names_of_rows()
    before = {role: pages(user, addresses) for role, user in people.items() if user}
    seen = b"".join(body for found in before.values() for _status, body in found.values())
    assert sum(name in seen for name in own) >= 8, "control: lists do name what is one's own"

    _scope(own=False)

    for role, user in people.items():
        assert user is not None
        after = pages(user, addresses)
        assert [each for each in addresses if after[each] != before[role][each]] == [], role
    for user in people.values():
        assert user is not None
        for row in (*Complaint.objects.all(), *Case.objects.all()):
            key = "case" if isinstance(row, Case) else "complaint"
            Recusal.objects.create(user=user, reason="declared", since=AT, **{key: row})
        for address, (_status, body) in pages(user, addresses).items():
            assert [name for name in own if name in body] == [], address


def hidden_pages(role: str, ids: dict[str, Any], user: User) -> list[tuple[str, int, bytes, int]]:
    """Ask every address of another unit's records; return name, status, body and number of queries."""
    client, found = Client(), []
    for line in lines():
        if (line["target"], line["method"], line[role]) != ("other", "GET", "404"):
            continue
        address = reverse(line["name"], args=arguments(line["name"], ids))
        cache.clear()
        with transaction.atomic():
            client.force_login(User.objects.get(pk=user.pk))
            with CaptureQueriesContext(connection) as queries:
                response = client.get(address)
            body = CHANGING.sub(b"", response.content)
            for value in ids.values():
                body = body.replace(str(value).encode(), b"*")
            found.append((line["name"], response.status_code, body, len(queries)))
            transaction.set_rollback(True)
    return found


@pytest.mark.long
def test_a04_what_is_hidden_is_answered_like_what_does_not_exist() -> None:
    """Same status, same page and as many queries, address by address (check A04)."""
    ids = _scope(own=False)
    none = {
        key: uuid5(value, "none") if isinstance(value, UUID) else value
        for key, value in ids.items()
    }
    asked = 0
    for role in ("case_officer", "verifier"):
        user = member(role)
        assert user is not None
        hidden, absent = hidden_pages(role, ids, user), hidden_pages(role, none, user)
        assert [status for _name, status, _body, _queries in hidden] == [404] * len(hidden)
        assert [
            name
            for (name, *told), (_name, *other) in zip(hidden, absent, strict=True)
            if told != other
        ] == []
        asked += len(hidden)
    assert asked >= 50


@pytest.mark.long
def test_a01_another_regency_of_the_province_is_as_far_away_as_another_province() -> None:
    """Whoever works in Kabupaten Cilacap meets with Magelang's records what Bali's meet (check A01).

    Nobody needs an assignment to see what lies in their office, so there is no column for those without.
    """
    ids, wrong, asked = _scope(own=True), [], 0
    for role in ("case_officer", "chair"):
        user = member(role)
        assert user is not None
        User.objects.filter(pk=user.pk).update(office=office("33.01"))
        client = Client()
        for line in lines():
            if line["target"] != "other" or line[role] not in {"403", "404", "405"}:
                continue
            client.force_login(User.objects.get(pk=user.pk))
            got = answer(client, line["name"], ids, line["method"])
            asked += 1
            if got != line[role]:
                wrong.append((role, line["name"], line["method"], line[role], got))
    assert asked >= 2 * 100
    assert wrong == []


EXTRAS = {
    **dict.fromkeys(("wilayah", "region", "office", "kantor"), "51.71"),
    **dict.fromkeys(("lane", "jalur"), "open"),
    **dict.fromkeys(("status", "target", "decision"), "closed"),
    **dict.fromkeys(("penulis", "author", "officer", "made_by", "proposer"), "1"),
    **dict.fromkeys(("disetujui_oleh", "approved_by", "signed_off_by", "approver"), "1"),
    **dict.fromkeys(("role", "roles", "peran"), "administrator"),
    **dict.fromkeys(("is_staff", "is_superuser", "is_active"), "true"),
    **dict.fromkeys(("id", "pk", "public_id", "number", "register_number", "reference"), "1"),
    "excluded_offices": "",
    "assignee": "1",
}
"""Fields of rows that no form has: who wrote, who agreed, where it lies, what it is."""
HELD: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        Complaint,
        ("office", "region", "lane", "status", "assignee", "reference", "excluded_offices"),
    ),
    (Case, ("office", "status", "decision", "assignee", "register_number", "excluded_offices")),
    (Referral, ("status", "number", "recipient", "case")),
    (FollowUp, ("status", "agency", "official")),
    (CaseDocument, ("status", "made_by", "signed_off_by", "number")),
    (User, ("office", "recipient_body", "agency", "is_active", "is_superuser", "home_agency")),
    (RoleGrant, ("user", "role")),
)


def held_rows() -> list[list[Any]]:
    return [
        list(model._default_manager.order_by("pk").values_list("pk", *fields))
        for model, fields in HELD
    ]


def posted(user: User, address: str, form: dict[str, str]) -> list[list[Any]]:
    """Post a form as somebody; return what the rows hold then, and leave nothing behind."""
    client = Client()
    cache.clear()
    with transaction.atomic():
        client.force_login(User.objects.get(pk=user.pk))
        client.post(address, form)
        found = held_rows()
        transaction.set_rollback(True)
    return found


@pytest.mark.long
def test_a14_fields_that_no_form_has_change_nothing() -> None:
    """Every address that is posted to, with everything a form never asks for (check A14).

    As one person with every role of an office, and as an administrator: what changes is what an empty
    form would have changed, too.
    """
    ids = _scope(own=True)
    everything = member("case_officer")
    assert everything is not None
    for role in (Role.INTAKE_OFFICER, Role.PLENARY_MEMBER, Role.CHAIR, Role.AUDITOR):
        RoleGrant.objects.create(user=everything, role=role)
    administrator = member("administrator")
    assert administrator is not None
    untouched, asked = held_rows(), 0
    for line in lines():
        if line["method"] != "POST" or line["target"] == "other" or line["visitor"] != "login":
            continue
        args = [1] if line["name"] in NUMBERED else arguments(line["name"], ids)
        address = reverse(line["name"], args=args)
        for user, column in ((everything, "case_officer"), (administrator, "administrator")):
            if user is administrator and line[column] in {"403", "405"}:
                continue
            asked += 1
            after = posted(user, address, EXTRAS)
            if after != untouched:
                assert after == posted(user, address, {}), line["name"]
    assert asked >= 70


def test_a32_files_are_asked_for_each_time_and_end_with_a_recusal() -> None:
    """One session, the same addresses: whole before, 404 as soon as one keeps away (check A32)."""
    ids = _scope(own=True)
    user = member("case_officer")
    assert user is not None
    client = Client()
    client.force_login(user)
    addresses = {
        line["name"]: reverse(line["name"], args=arguments(line["name"], ids))
        for line in lines()
        if line["name"] in FILES
        and (line["target"], line["method"], line["case_officer"]) == ("own", "GET", "200")
    }
    assert len(addresses) >= 6
    for name, address in addresses.items():
        response = client.get(address)
        assert response.status_code == 200, name
        assert not response["Content-Type"].startswith("text/html"), name
        assert "no-store" in response["Cache-Control"], name
        assert body_of(response), name
    stranger = Client()
    stranger.force_login(person("budi"))
    for row in (*Complaint.objects.all(), *Case.objects.all()):
        recuse_oneself(subject=row, user=user, reason="declared", at=AT)
    for name, address in addresses.items():
        assert client.get(address).status_code == 404, name
        assert stranger.get(address).status_code == 404, name
    for public in ("/media/", "/media/evidence/", "/static/evidence/", "/berkas/"):
        assert client.get(public).status_code == 404


def test_a33_two_people_in_turn_read_their_own_from_the_same_address() -> None:
    """Nothing that is in between may keep a page; nothing here does (check A33)."""
    bali = Region.objects.get(code="51.71")
    mine, theirs = (str(row.public_id).encode() for row in (tip(), tip(region=bali)))
    clients = []
    for key in ("sari", "budi"):
        client = Client()
        client.force_login(person(key))
        clients.append(client)
    address = reverse("desk:queue")
    for turn in range(30):
        response = clients[turn % 2].get(address)
        kept, never = (mine, theirs) if turn % 2 == 0 else (theirs, mine)
        assert kept in response.content
        assert never not in response.content
        assert "no-store" in response["Cache-Control"]


def test_a34_no_search_leads_from_a_secret_to_a_record() -> None:
    """Receipt handles, pseudonyms and digests of files find nothing, in scope or out of it (check A34)."""
    ids = _scope(own=True)
    report = Complaint.objects.get(public_id=ids["report"])
    evidence = Evidence.objects.get(public_id=ids["evidence"])
    receipt = Receipt.objects.get(complaint=report)
    copy = evidence.derivatives.get()
    secrets = [
        receipt.handle,
        pseudonym(report.public_id),
        bytes(copy.sha256).hex(),
        bytes(evidence.manifest_sha256).hex(),
    ]
    names = names_of_rows()
    for key in ("sari", "joko", "budi", "ratna"):
        client = Client()
        client.force_login(person(key))
        for secret in secrets:
            page = client.get(reverse("desk:queue"), {"q": secret, "v": "all"})
            assert page.status_code == 200
            assert [name for name in names if name in page.content] == [], (key, secret)
    control = Client()
    control.force_login(person("sari"))
    found = control.get(reverse("desk:queue"), {"q": report.reference, "v": "all"})
    assert report.reference in found.content.decode()
