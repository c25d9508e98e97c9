"""What goes wrong between reading a page and posting it: a clear answer, and one event row or none."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from bawaslu_cases.accounts.models import RoleGrant
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import HolidayCategory
from bawaslu_cases.registry.services.calendar import DayOffDraft, change_calendar
from complaints.models import InternalNote, PlenaryDecision
from complaints.services.deadlines import reckon_open_deadlines
from complaints.states import (
    TIP_LIFECYCLE,
    CaseAction,
    CaseStatus,
    ComplaintAction,
    ComplaintStatus,
    Lane,
)
from tests.architecture.test_authorisation import NEEDED
from tests.factories import (
    AT,
    STORY,
    assessed_case,
    case,
    finding,
    office,
    person,
    plenary_of,
    report,
    tip,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def history(row: Any) -> list[str]:
    return list(row.events.order_by("pk").values_list("action", flat=True))


def test_a_plenary_without_quorum_decides_nothing(client):
    found = assessed_case()
    before = history(found)
    one = plenary_of(office("33"))[0]
    client.force_login(person("dewi"))

    answer = client.post(
        reverse("desk:decide_case", args=[found.public_id]),
        {
            "outcome": "decide_stop",
            "seen": "assessed",
            "minutes_number": "12/BA/X/2024",
            "decided_on": "2024-10-07",
            "present": [str(one.public_id)],
            "reason": "Bukan pelanggaran.",
        },
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Pleno kantor ini memerlukan paling sedikit 3 anggota." in page
    assert "12/BA/X/2024" in page  # what was typed is still there
    found.refresh_from_db()
    assert (found.status, history(found)) == (CaseStatus.ASSESSED, before)
    assert not PlenaryDecision.objects.exists()


def test_a_deadline_that_passes_while_the_page_is_open_is_not_lengthened(client, clock):
    found = case()
    before = history(found)
    address = reverse("desk:extend", args=[found.public_id])
    due = found.deadlines.get().due_at
    clock.move_to(due - timedelta(seconds=1))
    client.force_login(person("sari"))
    assert client.get(address).status_code == 200

    clock.move_to(due + timedelta(seconds=1))
    answer = client.post(address, {"reason": "Menunggu ahli bahasa."})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Waktu penanganan sudah lewat, jadi tidak dapat diperpanjang." in page
    assert "Menunggu ahli bahasa." in page
    assert history(found) == before
    assert list(found.deadlines.values_list("kind", "status")) == [("handling", "open")]


def test_a_day_off_announced_later_moves_the_clock_and_is_told_on_the_page(client, clock):
    now = datetime(2024, 3, 18, 3, 0, tzinfo=UTC)  # a Monday of the Pemilu regime
    clock.move_to(now)
    row = finding(now, event_on=date(2024, 3, 16), known_on=date(2024, 3, 16))
    client.force_login(person("sari"))
    address = reverse("desk:record", args=[row.public_id])
    assert "Semula" not in client.get(address).content.decode()

    change_calendar(
        add=[DayOffDraft(date(2024, 3, 19), HolidayCategory.NATIONAL, "Libur contoh")],
        reason="SKB diubah",
        actor_id=person("agus").pk,
        at=now,
    )
    reckon_open_deadlines(at=now)

    page = client.get(address).content.decode()
    assert "Semula Rabu 20 Mar 2024: SKB diubah" in page
    assert "Libur contoh" in page
    row.refresh_from_db()
    kept = row.deadlines.get()
    assert (kept.due_on, kept.due_at) == (date(2024, 3, 21), row.due_at)
    assert [each["due_on"] for each in kept.history] == ["2024-03-20"]


@pytest.mark.parametrize("door", ["desk:case_note", "desk:extend", "desk:assess"])
def test_a18_a_role_that_was_withdrawn_meanwhile_does_nothing_any_more(client, door):
    """The page lies open; the role goes; the next request is refused and nothing is written."""
    found = case()
    before = history(found)
    sari = person("sari")
    client.force_login(sari)
    address = reverse(door, args=[found.public_id])
    assert client.get(reverse("desk:case", args=[found.public_id])).status_code == 200

    RoleGrant.objects.filter(user=sari).delete()

    words = {"text": "Catatan.", "reason": "Alasan.", "summary": "Ringkas.", "assessment": "Kaji."}
    assert client.post(address, words).status_code == 403
    assert client.get(reverse("desk:case", args=[found.public_id])).status_code == 403
    assert history(found) == before
    assert not InternalNote.objects.exists()


@pytest.mark.long
def test_a17_a_later_step_is_not_reached_by_its_address(client):
    """Every step of a record and of a case, posted where it does not follow, by somebody with every role."""
    row, found = tip(), case()
    before = (history(row), history(found))
    for who in ("sari", "dewi"):
        for role in (Role.INTAKE_OFFICER, Role.CASE_OFFICER, Role.PLENARY_MEMBER, Role.CHAIR):
            RoleGrant.objects.get_or_create(user=person(who), role=role)
    words = {
        "reason": "Alasan.",
        "minutes_number": "12/BA/X/2024",
        "decided_on": "2024-10-07",
        "present": [str(member.public_id) for member in plenary_of(office("33"))],
    }
    follows = TIP_LIFECYCLE.actions(ComplaintStatus.RECEIVED)
    asked = 0
    for who in ("sari", "dewi"):
        client.force_login(person(who))
        for action in ComplaintAction:
            if action in follows:
                continue
            for seen in ("received", "proposed"):
                form = {**words, "outcome": action.value, "seen": seen}
                for address in (
                    reverse("desk:act", args=[row.public_id, action.value]),
                    reverse("desk:decide_complaint", args=[row.public_id]),
                ):
                    assert client.post(address, form).status_code in {200, 403, 404, 409}
                    asked += 1
        for step in CaseAction:
            form = {**words, "outcome": step.value, "seen": "assessed"}
            address = reverse("desk:decide_case", args=[found.public_id])
            assert client.post(address, form).status_code in {200, 409}
            asked += 1
    row.refresh_from_db()
    found.refresh_from_db()
    assert (row.status, found.status) == ("received", "registered")
    assert (history(row), history(found)) == before
    assert not PlenaryDecision.objects.exists()
    assert asked >= 200


@pytest.mark.usefixtures("vault_keys")
def test_a13_a_regency_reads_nothing_of_tips_and_sealed_reports_about_its_own_place(client):
    """No address of theirs answers; the province's pages hold neither words nor what is sealed."""
    rows = (tip(), report(lane=Lane.SEALED))
    named = [
        name for name, wanted in NEEDED.items() if wanted[0] in {"complaint", "report", "traced"}
    ]
    rudi = person("rudi")
    for role in (Role.PLENARY_MEMBER, Role.CHAIR, Role.VERIFIER):
        RoleGrant.objects.get_or_create(user=rudi, role=role)
    # Without a password there is nothing to prove anew, so no page of the vault asks for it.
    rudi.set_unusable_password()
    rudi.save(update_fields=["password"])
    client.force_login(rudi)
    other = "00000000-0000-4000-8000-000000000000"
    for row in rows:
        for name in named:
            more = [each if isinstance(each, int) else other for each in NEEDED[name][1:]]
            if name == "desk:act":
                more = ["propose_tracing"]
            address = reverse(name, args=[row.public_id, *more])
            for ask in (client.get, client.post):
                assert ask(address).status_code in {403, 404, 405}, name
    sealed = rows[1]
    client.force_login(person("sari"))
    secrets = [bytes(sealed.statement.sealed), bytes(sealed.identity.ciphertext)]
    page = client.get(reverse("desk:record", args=[sealed.public_id])).content
    assert sealed.reference.encode() in page
    for secret in secrets:
        assert secret[:24].hex().encode() not in page
        assert b64encode(secret[:24]) not in page
    assert STORY.encode() not in page
