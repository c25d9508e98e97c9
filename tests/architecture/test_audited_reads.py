"""T12 and T14 over every address: one entry each, before anything is shown, and nothing without one."""

import json
import re
from contextlib import suppress
from uuid import UUID

import pytest
from django.db import OperationalError, connections, transaction
from django.http import HttpRequest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit.middleware import is_recorded, terms_hash
from tests.architecture.test_authorisation import (
    NEEDED,
    NUMBERED,
    PEOPLE,
    _scope,
    answer,
    arguments,
    lines,
    member,
)
from tests.bawaslu_cases.audit.conftest import log

pytestmark = pytest.mark.django_db

SHOWN = {"200", "302", "303", "409"}
TWINS = {"no_role", "suspended", "intake_officer", "plenary_member", "reviewer_kasn"}
"""People who may do nothing, and those who may what another may too."""
ROLES = sorted(set(PEOPLE) - TWINS)
PARTIES = [ROLES[start::3] for start in range(3)]
"""Each part walks through one world."""


def file_of(name, ids):
    """Return under which file the entry of an address stands: a record's own, or the case's."""
    key = NEEDED[name][0]
    if key in {"view", "person", "import", "legacy", "subject"}:
        return f"{key}:{ids[key].hex}"
    if key == "unseal":
        key = "report"
    if key == "evidence":
        key = "complaint"
    if key in {"complaint", "traced", "report", "below"}:
        return f"complaint:{ids[key].hex}"
    return f"case:{ids['case'].hex}"


FOR_CLIENTS = {"api_access:token", "api_access:revoke"}
"""No member of staff is anybody here: the service behind writes the entry (accounts/oauth.py)."""


OF_SERVICES = {
    "vault.": "vault:",
    "legacy.": "desk:",
    "case.": "referrals:",
    "conflict.": "desk:",
    "identity.": "desk:",
    "subject.": "referrals:",
}
"""Entries that a service writes itself, and whose addresses lead there."""


def recorded_lines(role):
    """Return the lines of the table that lead somebody to a page of staff."""
    return [
        line
        for line in lines()
        if is_recorded(line["name"])
        and line["name"] not in FOR_CLIENTS
        and line[role] not in {"login", "401", "405"}
    ]


@pytest.mark.long
@pytest.mark.parametrize("roles", PARTIES, ids=[roles[0] for roles in PARTIES])
def test_t12_t14_every_page_of_staff_leaves_one_entry_and_shows_nothing_without_it(roles):
    world = {"own": _scope(own=True), "other": _scope(own=False)}
    for role in roles:
        with transaction.atomic():  # nobody meets what another has left
            _leaves_one_entry_each(world, role)
            transaction.set_rollback(True)


def _leaves_one_entry_each(world, role):
    client, user = Client(), member(role)
    assert user is not None
    client.force_login(User.objects.get(pk=user.pk))
    wrong = []
    last = max((entry.seq for entry in log()), default=0)
    for line in recorded_lines(role):
        ids = world["other" if line["target"] == "other" else "own"]

        got = answer(client, line["name"], ids, line["method"])

        new = log(after=last)
        last = new[-1].seq if new else last
        told = [json.loads(entry.detail) for entry in new]
        where = (line["name"], line["target"], line["method"])
        if len(new) != 1 or new[0].actor != user.public_id.hex:
            wrong.append((where, got, [entry.action for entry in new]))
        elif line["name"] == "desk:trail" and line["method"] == "GET" and role == "auditor":
            assert new[0].action == "audit.read"
        elif new[0].action.startswith(tuple(OF_SERVICES)):
            # A step that writes an entry of its own, with its purpose.
            assert line["name"].startswith(OF_SERVICES[new[0].action.partition(".")[0] + "."]), (
                where
            )
            assert new[0].subject == file_of(line["name"], ids), where
        else:
            assert new[0].action == f"page.{line['name']}", where
            assert told[0]["status"] == int(got), where
            assert told[0]["method"] == line["method"], where
            # A word in an address names no file.
            named = [part for part in arguments(line["name"], ids) if isinstance(part, UUID)]
            if named and got in SHOWN:
                assert new[0].subject == file_of(line["name"], ids), where
            elif named:
                # Refused: named by what was asked for, or by the file it was found to belong to.
                asked = new[0].subject.rpartition(":")[2]
                assert asked in {named[0].hex, file_of(line["name"], ids)[-32:]}, where
            else:
                # A row that does not exist is named all the same, by the id in the address.
                words = {part.replace("-", "") for part in map(str, arguments(line["name"], ids))}
                asked = new[0].subject.rpartition(":")[2]
                assert asked in words or new[0].subject == f"list:{line['name']}", where
    assert wrong == []
    _shows_nothing_without_the_log(client, role, world)


def _shows_nothing_without_the_log(client, role, world):
    before = len(log())
    for line in recorded_lines(role):
        if line["method"] != "GET" or line["name"] in NUMBERED:
            continue
        ids = world["other" if line["target"] == "other" else "own"]
        with connections["audit"].execute_wrapper(_gone):
            response = client.get(reverse(line["name"], args=arguments(line["name"], ids)))

        assert response.status_code == 503, line["name"]
        text = response.content.decode()
        assert "Jejak audit sedang tidak dapat ditulis" in text
        assert "Contoh Wiratama" not in text
        assert response["Retry-After"] == "60"
    assert len(log()) == before


def _gone(*_arguments):
    raise OperationalError("server closed the connection")


def test_t12_no_address_is_open_but_those_that_show_nothing_protected():
    """A page that is added later is recorded until somebody writes its namespace here and there."""
    spaces = {
        name.partition(":")[0]
        for name in (line["name"] for line in lines())
        if ":" in name and not is_recorded(name)
    }
    assert spaces <= {
        *("public", "guide", "intake", "mailbox", "figures", "api", "proof"),
        *("copies", "packet_copies"),  # know no session and record each reading themselves
    }
    bare = {line["name"] for line in lines() if ":" not in line["name"]}
    assert {name for name in bare if is_recorded(name)} == set()
    assert is_recorded("some_new_page")
    assert is_recorded("vault:anything")
    assert get_resolver().namespace_dict.keys() >= {"desk", "referrals", "followup", "review"}


def test_t12_search_words_are_kept_as_a_hash_only():
    user = member("case_officer")
    assert user is not None
    client = Client()
    client.force_login(user)

    client.get(reverse("desk:queue"), {"q": "  Contoh   WIRATAMA "})
    client.get(reverse("desk:queue"), {"q": "contoh wiratama"})

    first, second = (json.loads(entry.detail) for entry in log())
    assert first["terms"] == second["terms"] == terms_hash("contoh wiratama")
    assert re.fullmatch("[0-9a-f]{16}", first["terms"])
    assert "iratama" not in "".join(entry.detail + entry.subject for entry in log()).casefold()


def test_t12_reporters_and_visitors_leave_no_entry():
    client = Client()
    for line in lines():
        if line["visitor"] in {"200", "303"} and line["method"] == "GET" and line["target"] == "-":
            with suppress(NoReverseMatch):  # an address of one answer or another
                client.get(reverse(line["name"]))
    # Nor does a member of staff who reads what everybody may.
    user = member("case_officer")
    assert user is not None
    client.force_login(user)
    for name in ("public:landing", "intake:form", "mailbox:open", "figures:data"):
        client.get(reverse(name))
    assert log() == []


def test_t14_without_the_log_a_reporter_notices_nothing(caplog):
    client = Client()
    with connections["audit"].execute_wrapper(_gone):
        for name in ("public:landing", "intake:form", "mailbox:open", "figures:data"):
            assert client.get(reverse(name)).status_code == 200
        assert client.post(reverse("intake:form"), {"go": "next"}).status_code in {200, 303}
    assert not [message for message in caplog.messages if message.startswith("audit.")]


def test_a_view_that_could_not_record_its_own_step_is_answered_with_503(rf):
    from bawaslu_cases.audit.errors import AuditUnavailableError
    from bawaslu_cases.audit.middleware import AuditReadsMiddleware

    request: HttpRequest = rf.get("/")
    middleware = AuditReadsMiddleware(lambda _request: None)  # type: ignore[arg-type, return-value]
    response = middleware.process_exception(request, AuditUnavailableError())
    assert response is not None
    assert response.status_code == 503
    assert middleware.process_exception(request, ValueError()) is None
