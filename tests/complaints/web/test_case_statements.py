"""Nothing of a case is shown before somebody has said that no tie keeps them away (check A26)."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from bawaslu_cases.audit.models import AuditEvent
from complaints.models import CaseStatement, InternalNote
from complaints.services.case_statements import state_no_conflict
from complaints.services.recusals import recuse_oneself
from complaints.web.case_statements import ROUTE
from tests.factories import AT, decided_case, person
from tests.support.vault import signed_in


@pytest.fixture(autouse=True)
def _asked(settings):
    settings.CASE_STATEMENTS = True


def door(who):
    return signed_in(Client(), person(who))


def statement_page(case):
    return reverse("desk:case_statement", args=[case.public_id])


@pytest.mark.django_db
def test_a26_the_case_is_shown_after_the_statement_and_not_before():
    case = decided_case()
    client, page = door("sari"), reverse("desk:case", args=[case.public_id])
    asked = client.get(f"{page}?t=orang")
    assert asked["Location"] == f"{statement_page(case)}?lanjut={page}"
    shown = client.get(asked["Location"])
    html = shown.content.decode()
    accused = [row.official.name for row in case.allegations.select_related("official")]
    for text in (*accused, case.title, case.reference, case.register_number, case.summary):
        assert text
        assert text not in html
    assert 'aria-keyshortcuts="T"' in html

    answer = client.post(statement_page(case), {"lanjut": page})
    assert answer["Location"] == page
    assert accused[0] in client.get(page).content.decode()
    row = CaseStatement.objects.get()
    assert (row.user, row.case) == (person("sari"), case)
    said = AuditEvent.objects.filter(action="conflict.none")
    assert [each.subject for each in said] == [f"case:{case.public_id.hex}"]
    # each person for themselves
    assert door("dewi").get(page).status_code == 302


@pytest.mark.django_db
def test_a26_no_page_under_the_case_is_open_and_nothing_that_is_sent_has_an_effect():
    case = decided_case()
    client = door("sari")
    addresses = [found for found in _routes(get_resolver()) if ROUTE in found]
    assert len(addresses) >= 20
    other = "0d6a2f3c-58b1-4d1a-9d5e-6f1c2b3a4d5e"
    for route in addresses:
        path = "/" + route.replace(ROUTE, f"perkara/{case.public_id}/")
        for kind, value in (("uuid", other), ("int", "1")):
            path = _filled(path, kind, value)
        if path.endswith(("/pernyataan/", f"{case.public_id}/mundur/")):
            continue
        for answer in (client.get(path), client.post(path, {"text": "Catatan."})):
            assert answer.status_code == 302, path
            assert answer["Location"].startswith(statement_page(case)), path
            assert answer.content == b"", path
    assert not InternalNote.objects.exists()


def _filled(path, kind, value):
    while f"<{kind}:" in path:
        start = path.index(f"<{kind}:")
        path = path[:start] + value + path[path.index(">", start) + 1 :]
    return path


def _routes(resolver, before=""):
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _routes(each, route)
        elif isinstance(each, URLPattern):
            yield route


@pytest.mark.django_db
def test_whoever_may_not_see_the_case_learns_nothing():
    case = decided_case()
    absent = "0d6a2f3c-58b1-4d1a-9d5e-6f1c2b3a4d5e"
    recuse_oneself(subject=case, user=person("sari"), reason="relative", at=AT)
    for client, status in ((door("sari"), 404), (door("anwar"), 403), (Client(), 302)):
        for public_id in (case.public_id, absent):
            page = reverse("desk:case", args=[public_id])
            answer = client.get(page)
            assert answer.status_code == status
            assert "pernyataan" not in answer.get("Location", "")
    assert door("sari").get(statement_page(case)).status_code == 404
    assert door("sari").post(statement_page(case)).status_code == 404


@pytest.mark.django_db
def test_standing_back_needs_no_statement():
    case = decided_case()
    client = door("sari")
    page = reverse("desk:recuse_case", args=[case.public_id])
    assert client.get(page).status_code == 200
    client.post(page, {"reason": "relative"})
    assert client.get(reverse("desk:case", args=[case.public_id])).status_code == 404
    assert not CaseStatement.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked", ["https://jahat.contoh/", "//jahat.contoh/kerja/", "/kerja/", "javascript:alert(1)"]
)
def test_only_a_page_of_this_case_is_gone_back_to(asked):
    case = decided_case()
    answer = door("sari").post(statement_page(case), {"lanjut": asked})
    assert answer["Location"] == reverse("desk:case", args=[case.public_id])


@pytest.mark.django_db
def test_said_again_changes_nothing_and_costs_one_query_a_page(settings):
    case = decided_case()
    for _again in range(2):
        state_no_conflict(case=case, user=person("sari"), at=timezone.now())
    assert CaseStatement.objects.count() == 1
    assert AuditEvent.objects.filter(action="conflict.none").count() == 1
    client, page = door("sari"), reverse("desk:case", args=[case.public_id])
    counts = []
    for settings.CASE_STATEMENTS in (False, False, True):  # the first fills what a process keeps
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        counts.append(len(asked))
    assert counts[2] == counts[1] + 1


@pytest.mark.django_db(transaction=True)
def test_said_twice_at_once_is_kept_once():
    case, user = decided_case(), person("sari")
    start, failed = threading.Barrier(4), []

    def say():
        try:
            start.wait(120)
            state_no_conflict(case=case, user=user, at=timezone.now())
        except Exception as error:  # noqa: BLE001 -- told to the test
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=say) for _number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert failed == []
    assert CaseStatement.objects.count() == 1
