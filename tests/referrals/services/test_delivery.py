"""Letter and delivery: one number, one file, one row, however often a message is handled."""

import hashlib

import pytest

from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import Outcome, deliver
from complaints.states import Milestone
from referrals.models import Delivery, Letter, ReferralEvent
from referrals.services.delivery import (
    LETTER_PURPOSE,
    issue_referral,
    outbox_subject,
)
from referrals.services.dispatches import deliver_referral
from tests.factories import AT
from tests.referrals import stages

pytestmark = pytest.mark.django_db


def test_issue_gives_number_and_sealed_letter():
    referral = stages.approved()

    issue_referral(subject_id=outbox_subject(referral), destination="", at=AT)

    referral.refresh_from_db()
    letter = Letter.objects.get()
    content = sealed_files.load(letter.storage_name, purpose=LETTER_PURPOSE)
    assert referral.number == "001/Rekom-DPPL/TM/PB/Prov/14.00/X/2024"
    assert content.startswith(b"%PDF-")
    assert letter.sha256 == hashlib.sha256(content).hexdigest()
    assert (letter.version, letter.template, letter.size_bytes) == (1, "b17-1", len(content))


def test_everything_twice_is_once():
    referral = stages.approved()
    subject = outbox_subject(referral)

    for _attempt in range(2):
        issue_referral(subject_id=subject, destination="", at=AT)
    for _attempt in range(2):
        deliver_referral(subject_id=subject, destination="inbox", at=AT)

    referral.refresh_from_db()
    assert referral.status == "delivered"
    assert Letter.objects.count() == 1
    assert Delivery.objects.count() == 1
    assert [e.action for e in ReferralEvent.objects.order_by("pk")] == [
        "create",
        "approve",
        "issue",
        "deliver",
    ]
    assert OutboxMessage.objects.filter(topic="referral.deliver").count() == 1


def test_message_of_an_old_version_does_nothing():
    referral = stages.approved()

    issue_referral(subject_id=f"{referral.public_id}:7", destination="", at=AT)

    assert Letter.objects.count() == 0


def test_delivery_starts_the_recipients_clock_and_tells_the_reporter():
    referral = stages.delivered()

    deadline = referral.deadlines.get()
    assert (deadline.kind, str(deadline.due_on)) == ("recipient_review", "2024-10-14")
    assert referral.due_at == deadline.due_at
    complaint = referral.case.complaints.get()
    assert complaint.milestones.filter(kind=Milestone.FORWARDED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_outbox_carries_approval_to_delivery():
    referral = stages.approved()

    issue = OutboxMessage.objects.get(topic="referral.issue")
    assert deliver(issue.pk) is Outcome.DONE
    handed = OutboxMessage.objects.get(topic="referral.deliver")
    assert deliver(handed.pk) is Outcome.DONE
    assert deliver(handed.pk) is Outcome.NOT_DUE

    assert stages.fresh(referral).status == "delivered"
    assert Delivery.objects.count() == 1
