"""The demo world: complete, in every state, and unchanged by a second run."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from bawaslu_cases.registry.models import Contest
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.world.demo import CONTEST_CODE, DEMO_CODES, SIGN_INS, Seeded, seed_world
from complaints.models import CaseEvent, Complaint, ComplaintEvent
from complaints.services.receipts import open_mailbox
from complaints.states import CaseStatus, ComplaintStatus
from referrals.models import (
    EscalationStep,
    FollowUp,
    FollowUpAnswer,
    FollowUpEvent,
    Referral,
    ReferralEvent,
)
from referrals.states import FollowUpStatus, ReferralStatus

NOW = datetime(2026, 11, 18, 5, 0, tzinfo=UTC)
"""A Wednesday noon, WIB, with no holiday near."""

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _demo(settings: Any) -> None:
    settings.DEMO = True


@pytest.fixture(autouse=True, scope="module")
def _without_the_contest(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Take the invented election out of the registry, which the flush after a test keeps."""
    yield
    with django_db_blocker.unblock():
        Contest.objects.filter(code=CONTEST_CODE).delete()


def everything() -> dict[str, list[tuple[Any, ...]]]:
    labels = {"shared", "registry", "accounts", "complaints", "referrals"}
    return {
        model._meta.label: sorted(model._default_manager.values_list(), key=repr)
        for model in apps.get_models()
        if model._meta.app_label in labels
    }


def test_the_world_is_complete_and_a_second_run_changes_nothing():
    """One seeding, several looks at it: twenty seconds each would buy nothing."""
    assert seed_world(now=NOW) == Seeded(people=28, records=69)
    before = everything()
    assert seed_world(now=NOW + timedelta(days=3)) == Seeded(people=0, records=0)
    after = everything()
    assert [name for name in before if before[name] != after[name]] == []
    check_it_passed_through_every_state_and_waits_in_most()
    check_queues_hold_overdue_today_and_later()
    check_nothing_happened_after_now()
    check_every_printed_account_and_code_works()


def check_it_passed_through_every_state_and_waits_in_most() -> None:
    passed = {
        "complaint": set(ComplaintEvent.objects.values_list("target", flat=True)),
        "case": set(CaseEvent.objects.values_list("target", flat=True)),
        "referral": set(ReferralEvent.objects.values_list("target", flat=True)),
        "follow-up": set(FollowUpEvent.objects.values_list("target", flat=True)),
    }
    assert passed == {
        # Reports with a sealed identity need keys: test_demo_vault.py.
        "complaint": set(ComplaintStatus.values) - {"awaiting", "refused", "forwarded", "takeover"},
        "case": set(CaseStatus.values),
        "referral": set(ReferralStatus.values),
        "follow-up": set(FollowUpStatus.values),
    }
    # approved and issued last for seconds, a draft until its second signature, not proven closes at once
    assert set(Referral.objects.values_list("status", flat=True)) == set(ReferralStatus.values) - {
        "approved",
        "issued",
        "drafted",
        "not_proven",
    }
    assert set(FollowUpAnswer.objects.values_list("kind", flat=True)) == {
        "sanction",
        "not_proven",
        "left_service",
        "accepted",
        "objection",
    }
    assert set(EscalationStep.objects.values_list("rung", flat=True)) >= {1, 2}
    assert set(FollowUp.objects.values_list("gap", flat=True)) == {"", "equal", "lighter", "none"}
    assert not OutboxMessage.objects.exclude(status="DONE").exists()


def check_queues_hold_overdue_today_and_later() -> None:
    end_of_today = NOW.replace(hour=16, minute=59, second=59)
    waiting = Complaint.objects.open()
    assert waiting.filter(due_at__lt=NOW).count() >= 5
    assert waiting.filter(due_at__gte=NOW, due_at__lte=end_of_today).count() >= 2
    assert waiting.filter(due_at__gt=end_of_today).count() >= 5
    follow_ups = FollowUp.objects.filter(status="awaiting")
    assert follow_ups.filter(due_at__lt=NOW).exists()
    assert follow_ups.filter(due_at__gt=NOW).exists()


def check_nothing_happened_after_now() -> None:
    for model in (ComplaintEvent, CaseEvent, ReferralEvent, FollowUpEvent):
        assert not model.objects.filter(at__gt=NOW).exists()


def check_every_printed_account_and_code_works() -> None:
    out = io.StringIO()
    call_command("seed_world", "--sign-ins", stdout=out)
    printed = out.getvalue()
    assert len(SIGN_INS) == 28
    for _label, email, password in SIGN_INS:
        assert email in printed
        assert authenticate(None, username=email, password=password) is not None
    statuses = []
    assert all(code in printed for _label, code in DEMO_CODES)
    for _label, code in DEMO_CODES[:2]:
        statuses.append(open_mailbox(typed=code, at=NOW).complaint.status)
    assert statuses == ["received", "found"]


def test_the_world_is_refused_outside_the_demo(settings: Any):
    settings.DEMO = False
    with pytest.raises(CommandError, match="demo settings"):
        call_command("seed_world")
    assert not Complaint.objects.exists()
