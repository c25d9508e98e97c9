"""Proposals of offices' systems: suggested by the API, taken or dismissed on the desk, read by the API."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from complaints.models import Case, Complaint, StepProposal
from complaints.services.cases import register_finding
from complaints.states import Lane
from tests.factories import finding, office, person, report, tip
from tests.support.api_clients import ApiPeer, api_client

pytestmark = [pytest.mark.django_db(databases="__all__")]
REASON = "Pola perbuatannya sama dengan dua temuan terdahulu."


@pytest.fixture
def peer() -> ApiPeer:
    return api_client(office("33"), name="SiPantau Jateng")


@pytest.fixture
def record() -> Complaint:
    return finding(timezone.now())


def etag(peer: ApiPeer, record: Complaint) -> str:
    return str(peer.get(f"/complaints/{record.public_id}")["ETag"])


def suggest(peer: ApiPeer, record: Complaint, match: str = "", **changes: Any) -> Any:
    body = {"action": "register", "reason": REASON, "requirements": {"evidence": False}} | changes
    return peer.post(
        f"/complaints/{record.public_id}/proposals", body, if_match=match or etag(peer, record)
    )


def officer(key: str = "sari") -> Client:
    client = Client()
    client.force_login(person(key))
    return client


def page(record: Complaint, tail: str = "") -> str:
    return f"/kerja/laporan/{record.public_id}/{tail}"


def test_an_officer_takes_it_by_the_ordinary_form(peer, record):
    made = suggest(peer, record, action="cancel")
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["status"], told["answer"], told["complaint"]) == (
        "open",
        "",
        str(record.public_id),
    )
    client = officer()

    shown = client.get(page(record)).content.decode()
    assert "Usulan dari SiPantau Jateng" in shown
    assert REASON in shown
    form = client.get(page(record, f"tindakan/cancel/?proposal={told['id']}"))
    assert REASON in form.content.decode()
    taken = client.post(
        page(record, "tindakan/cancel/"),
        {"reason": f"{REASON} Diperiksa.", "seen": "recorded", "proposal": told["id"]},
    )
    assert taken.status_code == 302

    record.refresh_from_db()
    assert record.status == "archived"
    last = record.events.latest("pk")
    assert (last.actor, last.reason) == (person("sari"), f"{REASON} Diperiksa.")
    now = peer.get(f"/proposals/{told['id']}").json()
    assert (now["status"], now["answer"]) == ("taken", "")
    assert "Dipakai" in client.get(page(record)).content.decode()


def test_an_officer_dismisses_it_and_says_why(peer, record):
    told = suggest(peer, record).json()
    client, place = officer(), page(record, f"usulan/{suggest_id(record)}/")

    without = client.post(place, {"reason": ""})
    assert (without.status_code, StepProposal.objects.get().status) == (200, "open")
    answer = client.post(place, {"reason": "Tempat kejadiannya lain."})

    assert answer.status_code == 302
    now = peer.get(f"/proposals/{told['id']}").json()
    assert (now["status"], now["answer"]) == ("dismissed", "Tempat kejadiannya lain.")
    record.refresh_from_db()
    assert record.status == "recorded"
    assert client.post(place, {"reason": "Sekali lagi."}).status_code == 404


def suggest_id(record: Complaint) -> Any:
    return StepProposal.objects.get(complaint=record).public_id


def test_one_of_another_record_or_step_is_not_followed(peer, record):
    other = finding(timezone.now())
    told = suggest(peer, other).json()
    client = officer()

    client.post(page(record, "tindakan/register/"), {"seen": "recorded", "proposal": told["id"]})
    client.post(
        page(other, "tindakan/cancel/"),
        {"reason": "Salah catat.", "seen": "recorded", "proposal": told["id"]},
    )

    assert Case.objects.count() == 1
    assert StepProposal.objects.get().status == "open"
    assert peer.get(f"/proposals/{told['id']}").json()["status"] == "stale"
    assert "Sudah usang" in client.get(page(other)).content.decode()


def test_what_the_system_read_must_be_what_the_record_is(peer, record):
    before = etag(peer, record)
    without = peer.post(
        f"/complaints/{record.public_id}/proposals", {"action": "register", "reason": REASON}
    )
    register_finding(complaint=record, officer=person("sari"), at=timezone.now())
    late = suggest(peer, record, match=before)
    closed = suggest(peer, record)

    assert [(each.status_code, each.json()["code"]) for each in (without, late, closed)] == [
        (428, "if_match_missing"),
        (412, "record_changed"),
        (409, "conflict"),
    ]
    assert not StepProposal.objects.exists()


@pytest.mark.usefixtures("vault_keys")
def test_of_tips_and_sealed_reports_nothing_is_suggested(peer):
    at = timezone.now()
    rows = [tip(at), report(at, Lane.SEALED), finding(at, "budi", region=office("51").region)]

    answers = [suggest(peer, row, match="*") for row in rows]

    assert [each.status_code for each in answers] == [404] * 3


def test_another_client_reads_nothing_of_it(peer, record):
    told = suggest(peer, record).json()

    assert api_client(office("33")).get(f"/proposals/{told['id']}").status_code == 404
    assert peer.get(f"/proposals/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": "approve_register"}, "action"),
        ({"action": None}, "action"),
        ({"reason": "ya"}, "reason"),
        ({"reason": "x" * 1501}, "reason"),
        ({"requirements": {"evidence": "yes"}}, "requirements.evidence"),
        ({"requirements": {"lain": True}}, "requirements.lain"),
        ({"requirements": [1]}, "requirements"),
        ({"decide": True}, "decide"),
    ],
)
def test_p07_what_is_wrong_is_named(peer, record, change, field):
    answer = suggest(peer, record, **change)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_whoever_only_reads_the_record_settles_nothing(peer, record):
    suggest(peer, record)

    shown = officer("dewi").get(page(record)).content.decode()

    assert "Usulan dari SiPantau Jateng" in shown
    assert ">Pakai" not in shown
    assert (
        officer("dewi")
        .post(page(record, f"usulan/{suggest_id(record)}/"), {"reason": "Tidak."})
        .status_code
        == 403
    )
