"""Orders end: what was not fetched goes with its time, what was altered is told, nothing is drawn twice."""

from collections import Counter
from collections.abc import Generator
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import Outcome, deliver
from complaints.cleaner.marks import MOST_BOXES, Box
from complaints.models import CopyOrder, Derivative
from complaints.rules.retention import ErasureReason
from complaints.selectors.evidence_retention import names_in_use, names_still_in_use
from complaints.services.copy_orders import (
    KEPT,
    TOPIC,
    expire_copy_orders,
    fetch_marked_copy,
    order_marked_copy,
    order_redaction,
)
from complaints.services.evidence_copies import draw_copy
from complaints.services.evidence_retention import erase_evidence
from tests.factories import person, tip
from tests.support.evidence import cleaned_evidence, photo

pytestmark = [
    pytest.mark.django_db(databases=["default", "keyring", "audit"], transaction=True),
    pytest.mark.usefixtures("vault_keys"),
]
BOX = Box(1, 0.25, 0.25, 0.5, 0.5)


@pytest.fixture
def copy(vault_keys):
    now = timezone.now()
    return cleaned_evidence(tip(now), photo(), at=now).derivatives.get()


def marked(copy):
    return order_marked_copy(copy=copy, words="Tanda", officer=person("sari"), at=timezone.now())


def work() -> list[Outcome]:
    """Do what waits for the evidence worker, through the outbox."""
    waiting = OutboxMessage.objects.filter(topic=TOPIC, status="PENDING")
    return [deliver(message.pk) for message in waiting]


def exists(name: str) -> bool:
    return object_storage.evidence_storage().exists(name)


def test_it_is_drawn_through_the_outbox_and_once(copy):
    order = marked(copy)

    assert work() == [Outcome.DONE]

    order.refresh_from_db()
    assert (order.status, order.failure) == ("ready", "")
    assert exists(order.object_name)
    assert set(names_in_use()) >= {order.object_name}
    assert names_still_in_use([order.object_name]) == {order.object_name}
    before = order.object_name
    with transaction.atomic():
        draw_copy(subject_id=order.pk.hex)
    order.refresh_from_db()
    assert order.object_name == before


def test_two_at_once_fetch_it_once(copy):
    order = marked(copy)
    work()
    order.refresh_from_db()
    gate = Barrier(2)
    outcomes: list[Any] = []

    def fetch():
        gate.wait(120)
        try:
            content = b"".join(fetch_marked_copy(order=order, at=timezone.now()))
            outcomes.append(content[:2])
        except ConflictError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert Counter(outcomes) == {b"\xff\xd8": 1, "refused": 1}


def test_what_was_not_fetched_goes_with_its_time(copy):
    waiting, drawn = marked(copy), marked(copy)
    deliver(OutboxMessage.objects.get(subject_id=drawn.pk.hex).pk)
    drawn.refresh_from_db()

    assert expire_copy_orders(at=drawn.asked_at + KEPT - timedelta(seconds=1)) == 0
    assert exists(drawn.object_name)
    assert expire_copy_orders(at=waiting.asked_at + KEPT + timedelta(seconds=9)) == 2
    assert not exists(drawn.object_name)
    assert not CopyOrder.objects.exists()
    assert expire_copy_orders(at=waiting.asked_at + KEPT + timedelta(seconds=9)) == 0
    # The promise that is left finds nothing to do.
    assert work() == [Outcome.DONE]


def test_an_answer_that_breaks_off_leaves_nothing_that_opens(copy):
    order = marked(copy)
    work()
    order.refresh_from_db()

    content = fetch_marked_copy(order=order, at=timezone.now())
    assert isinstance(content, Generator)
    next(content)
    content.close()

    assert not exists(order.object_name)
    with pytest.raises(ConflictError):
        fetch_marked_copy(order=order, at=timezone.now())


def test_erasing_evidence_takes_what_was_drawn_of_it_along(copy):
    drawn, waiting = marked(copy), marked(copy)
    deliver(OutboxMessage.objects.get(subject_id=drawn.pk.hex).pk)
    drawn.refresh_from_db()

    erase_evidence(evidence=copy.evidence, why=ErasureReason.TERM, at=timezone.now())

    assert not exists(drawn.object_name)
    assert not CopyOrder.objects.filter(pk__in=[drawn.pk, waiting.pk]).exists()


def test_a_copy_that_was_altered_in_the_storage_is_told(copy):
    order = marked(copy)
    object_storage.delete([copy.file.object_name])

    assert work() == [Outcome.DONE]

    order.refresh_from_db()
    assert (order.status, order.failure, order.object_name) == ("failed", "unreadable", "")


def test_a_redaction_is_one_step_or_none(copy):
    order = order_redaction(copy=copy, boxes=[BOX], officer=person("sari"), at=timezone.now())
    assert work() == [Outcome.DONE]

    order.refresh_from_db()
    assert order.status == "ready"
    made = Derivative.objects.get(generation=1)
    assert (made.made_of_id, made.made_by_id) == (copy.pk, person("sari").pk)
    event = copy.evidence.events.get(action="redact")
    assert (event.actor_id, event.actor_kind) == (person("sari").pk, "staff")
    with pytest.raises(ConflictError):
        order_redaction(copy=copy, boxes=[BOX], officer=person("sari"), at=timezone.now())


@pytest.mark.parametrize("boxes", [[], [BOX] * (MOST_BOXES + 1)])
def test_no_region_or_too_many_are_refused_before_anything_is_filed(copy, boxes):
    with pytest.raises(DomainError):
        order_redaction(copy=copy, boxes=boxes, officer=person("sari"), at=timezone.now())

    assert not CopyOrder.objects.exists()
    assert not OutboxMessage.objects.filter(topic=TOPIC).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"object_name": "ab/" + "ab" * 16},
        {"key": b"1"},
        {"status": "gone"},
        {"purpose": "other"},
        {"status": "ready", "object_name": "ab/" + "ab" * 16, "key": b"1", "size_bytes": None},
    ],
)
def test_the_table_refuses_what_cannot_be(copy, changes):
    order = marked(copy)

    with pytest.raises(IntegrityError), transaction.atomic():
        CopyOrder.objects.filter(pk=order.pk).update(**changes)
