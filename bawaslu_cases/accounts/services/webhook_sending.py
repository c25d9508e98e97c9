"""Sending what waits for a subscription: in order, signed, one address at a time (ADR 0048)."""

import datetime as dt
import time
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from bawaslu_cases.accounts.models import (
    SCOPE_OF_EVENT,
    WebhookEvent,
    WebhookMessage,
    WebhookSubscription,
)
from bawaslu_cases.accounts.services.webhooks import promise_sending
from bawaslu_cases.accounts.webhook_selectors import is_live, waiting_of
from bawaslu_cases.shared import outgoing
from bawaslu_cases.shared.webhook_signatures import signed_headers

AT_ONCE: Final = 20
LONGEST_SECONDS: Final = 10
"""After so many messages, or so long, the next sending is promised: a worker serves others between."""
ANSWER_SECONDS: Final = 20
"""For one answer, all of it."""
PAUSES: Final = tuple(
    dt.timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18000, 36000)
)
"""How long an address rests after the first failure, the second … and then each time."""
MOST_TRIES: Final = 8
State = WebhookMessage.State


def send_waiting(*, subject_id: str) -> None:
    """Send what waits for a subscription; a handler of the outbox.

    Runs in the transaction that marks the promise done, and ends with the next promise where something
    is left. A worker that dies sends the same ids again; whoever takes them takes each once. A failure
    is no error here: it stands in the log of the client, and the address rests.
    """
    row = (
        WebhookSubscription.objects.select_related("client__user")
        .filter(public_id=UUID(subject_id))
        .first()
    )
    if row is None or not is_live(row):
        # Whoever opens it again wakes it.
        return
    ends = time.monotonic() + LONGEST_SECONDS
    for message in waiting_of(row)[:AT_ONCE]:
        if not _may_know(row, message):
            message.state = State.WITHHELD
            message.save(update_fields=["state"])
        elif not _sent(row, message):
            return
        if time.monotonic() > ends:
            break
    if waiting_of(row).exists():
        promise_sending(subscription=row, after=dt.timedelta())


def _sent(row: WebhookSubscription, message: WebhookMessage) -> bool:
    """Post one message and write down how it went; say whether the next may follow."""
    at = timezone.now()
    status, problem = _posted(row, message, at)
    message.last_at, message.last_status, message.last_problem = at, status, problem
    message.attempts += 1
    message.tries += 1
    is_taken = not problem
    if is_taken:
        message.state = State.TAKEN
    elif message.tries >= MOST_TRIES:
        message.state = State.GIVEN_UP
    message.save(
        update_fields=["last_at", "last_status", "last_problem", "attempts", "tries", "state"]
    )
    mine = WebhookSubscription.objects.filter(pk=row.pk)
    if is_taken:
        if row.failures:
            mine.update(failures=0, failing_since=None, retry_at=None)
            row.failures = 0
        return True
    began = row.failing_since or at
    is_over = status == HTTPStatus.GONE or at - began >= dt.timedelta(
        days=settings.WEBHOOK_DISABLED_AFTER_DAYS
    )
    pause = PAUSES[min(row.failures, len(PAUSES) - 1)]
    mine.update(
        failures=F("failures") + 1,
        failing_since=began,
        retry_at=at + pause,
        disabled_at=at if is_over else None,
    )
    if not is_over:
        promise_sending(subscription=row, after=pause)
    return False


def _posted(
    row: WebhookSubscription, message: WebhookMessage, at: dt.datetime
) -> tuple[int | None, str]:
    """Return the status that came back and "", or why it does not count."""
    body = message.body()
    signed = [
        signed_headers(secret=secret, message_id=message.told_id, at=at, body=body)
        for secret in row.secrets_at(at)
    ]
    headers = signed[0] | {
        "webhook-signature": " ".join(each["webhook-signature"] for each in signed),
        "Content-Type": "application/json",
    }
    try:
        answer = outgoing.post(row.opened().url, body, headers, within=ANSWER_SECONDS)
    except outgoing.AddressRefusedError:
        return None, "address_refused"
    except outgoing.UnreachableError:
        return None, "unreachable"
    # 409: it has this id already.
    if answer.status // 100 == 2 or answer.status == HTTPStatus.CONFLICT:  # noqa: PLR2004 -- HTTP
        return answer.status, ""
    return answer.status, "redirected" if answer.status // 100 == 3 else "refused"  # noqa: PLR2004 -- HTTP


def _may_know(row: WebhookSubscription, message: WebhookMessage) -> bool:
    """Say whether the client may still read what this is about."""
    needed = SCOPE_OF_EVENT.get(WebhookEvent(message.event))
    return needed is None or needed in row.client.scopes
