"""The address where a recipient's system answers: signature, replay, order (check K12)."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.webhook_signatures import signature, signed_headers
from referrals.models import Destination, Dispatch, FollowUp, ReceivedAnswer, Referral
from referrals.services.review import accept_referral
from referrals.services.signing import draft_recommendation, sign_recommendation
from referrals.states import Channel
from tests.factories import person
from tests.referrals.services.test_dispatches import SECRET, issued, place, run
from tests.support.peers import http_peer

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(settings: Any) -> tuple[Dispatch, Destination]:
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"localhost"})
    with http_peer() as peer:
        there = place(Channel.WEBHOOK, url=peer.url, secret=SECRET)
        issued()
        run()
    return Dispatch.objects.get(), there


def say(there: Destination, told: Any, *, nonce: str = "jawab-1", **changes: Any) -> Any:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    headers = signed_headers(secret=SECRET, message_id=nonce, at=timezone.now(), body=body)
    return Client().post(
        f"/api/v1/recipients/{changes.pop('code', there.code)}/answers",
        body,
        content_type="application/json",
        headers=headers | changes,
    )


def test_k12_a_signed_answer_is_taken_once(sent):
    dispatch, there = sent
    told = {"dispatch": str(dispatch.public_id), "status": "acknowledged"}

    answers = [say(there, told) for _attempt in range(3)]

    assert [(each.status_code, each.json()) for each in answers] == [
        (200, {"is_applied": True})
    ] * 3
    assert Dispatch.objects.get().status == "acknowledged"
    assert ReceivedAnswer.objects.count() == 1


def test_k12_a_return_needs_words_and_reaches_the_referral(sent):
    dispatch, there = sent
    told = {"dispatch": str(dispatch.public_id), "status": "returned"}
    bare = say(there, told)
    assert (bare.status_code, list(bare.json()["errors"])) == (422, ["reason"])
    assert say(there, told | {"reason": "Pangkat."}, nonce="2").json() == {"is_applied": True}
    late = say(there, told | {"status": "acknowledged"}, nonce="3")
    assert late.json() == {"is_applied": False}
    assert (Dispatch.objects.get().status, Referral.objects.get().status) == (
        "returned",
        "returned",
    )


def test_k12_a_line_that_recommends_lays_a_draft_before_two_people(sent):
    dispatch, there = sent
    told = {"dispatch": str(dispatch.public_id), "status": "recommended"}
    bare = say(there, told)
    assert (bare.status_code, list(bare.json()["errors"])) == (422, ["reason"])

    first = say(there, told | {"reason": "Sanksi berat."}, nonce="2")
    again = say(there, told | {"reason": "Sanksi lain."}, nonce="3")

    assert [each.json() for each in (first, again)] == [
        {"is_applied": True},
        {"is_applied": False},
    ]
    referral = Referral.objects.get()
    draft = referral.drafts.get()
    assert (Dispatch.objects.get().status, referral.status) == ("acknowledged", "drafted")
    assert (draft.words, draft.written_by, FollowUp.objects.count()) == ("Sanksi berat.", None, 0)
    with pytest.raises(DomainError):
        sign_recommendation(
            referral=referral, reviewer=person("bima"), at=timezone.now(), seen=draft.sha256
        )


def test_k12_a_line_overwrites_no_draft_of_a_person(sent):
    dispatch, there = sent
    referral = Referral.objects.get()
    accept_referral(referral=referral, reviewer=person("anwar"), at=timezone.now())
    draft_recommendation(
        referral=referral, reviewer=person("anwar"), at=timezone.now(), text="Sanksi sedang."
    )
    told = {"dispatch": str(dispatch.public_id), "status": "recommended", "reason": "Berat."}

    assert say(there, told).json() == {"is_applied": False}
    assert (referral.drafts.get().words, Dispatch.objects.get().status) == (
        "Sanksi sedang.",
        "sent",
    )


def test_k12_a_return_by_line_is_a_checklist_too_and_ends_a_draft(sent):
    dispatch, there = sent
    referral = Referral.objects.get()
    accept_referral(referral=referral, reviewer=person("anwar"), at=timezone.now())
    draft_recommendation(
        referral=referral, reviewer=person("anwar"), at=timezone.now(), text="Sanksi sedang."
    )

    told = {"dispatch": str(dispatch.public_id), "status": "returned", "reason": "Pangkat."}
    assert say(there, told).json() == {"is_applied": True}

    item = Referral.objects.get().missing_items.get()
    assert (item.kind, item.words, item.asked_by) == ("other", "Pangkat.", None)
    assert Referral.objects.get().status == "returned"


@pytest.mark.parametrize(
    "wrong",
    ["signature", "body", "old", "future", "no headers", "code", "ended", "long id", "word"],
)
def test_k12_what_is_not_signed_now_changes_nothing(sent, wrong):
    dispatch, there = sent
    told = {"dispatch": str(dispatch.public_id), "status": "acknowledged"}
    changes: dict[str, Any] = {}
    if wrong == "signature":
        other = signature(
            secret="whsec_" + "A" * 44, message_id="jawab-1", timestamp=int(time.time()), body=b"{}"
        )
        changes = {"webhook-signature": other}
    elif wrong == "body":
        changes = {"webhook-signature": "v1,AAAA"}
    elif wrong in {"old", "future"}:
        away = timedelta(minutes=6 if wrong == "old" else -6)
        with time_machine.travel(timezone.now() - away, tick=False):
            body = json.dumps(told).encode()
            changes = signed_headers(
                secret=SECRET, message_id="jawab-1", at=timezone.now(), body=body
            )
    elif wrong == "no headers":
        changes = {"webhook-id": "", "webhook-timestamp": "", "webhook-signature": ""}
    elif wrong == "code":
        changes = {"code": "bkn-lain"}
    elif wrong == "ended":
        Destination.objects.update(status="ended")
    elif wrong == "word":
        changes = {"webhook-timestamp": "kemarin"}

    answer = say(there, told, nonce="x" * 65 if wrong == "long id" else "jawab-1", **changes)

    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert (Dispatch.objects.get().status, ReceivedAnswer.objects.count()) == ("sent", 0)


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({}, {"dispatch", "status"}),
        ({"dispatch": "1", "status": "acknowledged"}, {"dispatch"}),
        ({"dispatch": "00000000-0000-4000-8000-000000000000", "status": "sanctioned"}, {"status"}),
        (
            {
                "dispatch": "00000000-0000-4000-8000-000000000000",
                "status": "refused",
                "reason": "x" * 2001,
            },
            {"reason"},
        ),
    ],
)
def test_what_is_wrong_is_named(sent, told, fields):
    _dispatch, there = sent
    answer = say(there, told)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, fields)


def test_what_is_no_json_is_a_problem_too(sent):
    _dispatch, there = sent
    answer = say(there, b"{")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
