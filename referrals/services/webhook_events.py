"""What webhooks are told: read off the change feed, as the client itself could read it (ADR 0048)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from bawaslu_cases.accounts.models import (
    SCOPE_OF_EVENT,
    ApiClient,
    WebhookEvent,
    WebhookMessage,
    WebhookSubscription,
)
from bawaslu_cases.accounts.services.webhooks import wake
from bawaslu_cases.accounts.webhook_selectors import (
    live_subscriptions,
    messages_of,
    subscriptions_to_wake,
    waiting_of,
)
from bawaslu_cases.shared.api_cursors import CursorExpiredError, Holder
from bawaslu_cases.shared.snapshots import one_snapshot
from complaints.models import RecordKind
from complaints.selectors.api_records import running
from complaints.selectors.changes import Change, Feed, changes_since, feed_place
from complaints.services.change_feed import begin_feed
from referrals.selectors.change_sources import readable_sources, status_moments
from referrals.states import FollowUpStatus, ReferralStatus

ROUTE: Final = "api_referrals:changes"
"""Whose cursors the messages carry: the client asks GET /changes with them."""
PAGE: Final = 200
PAGES: Final = 5
"""Changes told at most in one round."""
MOST_WAITING: Final = 2000
"""With so many untaken nothing is added: the place in the feed waits, and nothing is lost for 30 days."""
DUE_SOON: Final = dt.timedelta(days=3)
OVERDUE_TOLD: Final = dt.timedelta(days=7)
"""Of a deadline that is over for longer nobody is told any more; shorter than messages are kept."""
Event = WebhookEvent
CHANGED: Final = {
    RecordKind.COMPLAINT: Event.COMPLAINT_CHANGED,
    RecordKind.CASE: Event.CASE_CHANGED,
    RecordKind.DEADLINE: Event.DEADLINE_CHANGED,
    RecordKind.REFERRAL: Event.REFERRAL_CHANGED,
    RecordKind.FOLLOW_UP: Event.FOLLOW_UP_CHANGED,
}
REACHED: Final = (
    (Event.REFERRAL_DELIVERED, RecordKind.REFERRAL, ReferralStatus.DELIVERED),
    (Event.FOLLOW_UP_ANSWERED, RecordKind.FOLLOW_UP, FollowUpStatus.ANSWERED),
)
"""Told once for each time that a record comes to stand there."""


@dataclass(frozen=True)
class _Page:
    """Some changes with what else is to be known of them at the same moment."""

    feed: Feed
    moments: Mapping[UUID, dt.datetime]


def collect_webhooks(*, at: dt.datetime) -> int:
    """Write down what each subscription is to be told and see that it is sent; return how many messages.

    Twice, or two at once, tell nothing twice: place and messages are one transaction.
    """
    begin_feed()
    written = sum(_collected(row, at) for row in live_subscriptions(at=at))
    for row in subscriptions_to_wake(at=at):
        with transaction.atomic():
            wake(subscription=row)
    return written


def _collected(row: WebhookSubscription, at: dt.datetime) -> int:
    client = row.client
    if not any(_may_hear(client, event) for event in row.events):
        return 0
    written = _tell_deadlines(row, at)
    for _ in range(PAGES):
        if waiting_of(row).count() >= MOST_WAITING:
            return written
        told, has_more = _tell_page(row, at)
        written += told
        if not has_more:
            return written
    return written


def _tell_page(row: WebhookSubscription, at: dt.datetime) -> tuple[int, bool]:
    """Tell one page of changes; return how many messages and whether there is more."""
    user, sources = row.client.user, readable_sources(row.client.scopes)
    before = row.place
    place = before or feed_place(user=user, sources=sources, began=row.began)
    assert place is not None  # noqa: S101 -- the feed has begun
    page: _Page | None = None
    try:
        with one_snapshot():
            feed = changes_since(user=user, sources=sources, place=place, limit=PAGE)
            assert feed is not None  # noqa: S101 -- as above
            page = _Page(feed, _moments(feed.changes))
        after, messages = page.feed.place, list(_messages(row, page, place, at))
    except CursorExpiredError:
        # Other offices, scopes or a restored database: whoever keeps a copy begins anew as well.
        after = feed_place(user=user, sources=sources) or {}
        messages = [WebhookMessage(subscription=row, event=Event.CHANGES_RESTARTED, made_at=at)]
    with transaction.atomic():
        held = WebhookSubscription.objects.select_for_update().filter(pk=row.pk).first()
        if held is None or held.place != before or held.disabled_at is not None:
            # Another round was faster, or nobody is to be told any more.
            return 0, False
        WebhookMessage.objects.bulk_create(messages, ignore_conflicts=True)
        WebhookSubscription.objects.filter(pk=row.pk).update(place=after)
    row.place = after
    return len(messages), page is not None and page.feed.has_more


def _messages(
    row: WebhookSubscription, page: _Page, place: Mapping[str, Any], at: dt.datetime
) -> Iterator[WebhookMessage]:
    """Yield what a page tells this subscription. The cursor is of before it, so all of it comes after."""
    cursor = _cursor(row.client, place)
    for change in page.feed.changes:
        named: dict[str, Any] = {
            "subscription": row,
            "kind": change.kind,
            "record": change.id,
            "change": "upsert" if change.record is not None else "removed",
            "cursor": cursor,
            "made_at": at,
        }
        event = CHANGED[RecordKind(change.kind)]
        if event in row.events:
            yield WebhookMessage(event=event, **named)
        for reached, kind, status in REACHED:
            if reached not in row.events or change.kind != kind or change.record is None:
                continue
            since = page.moments.get(change.id)
            if change.record["status"] == status and since is not None and since >= row.made_at:
                yield WebhookMessage(event=reached, mark=since.isoformat(), **named)


def _moments(changes: Iterable[Change]) -> dict[UUID, dt.datetime]:
    found: dict[UUID, dt.datetime] = {}
    there = [change for change in changes if change.record is not None]
    for _event, kind, status in REACHED:
        found |= status_moments(
            kind,
            [
                change.id
                for change in there
                if change.kind == kind and change.record and change.record["status"] == status
            ],
        )
    return found


def _tell_deadlines(row: WebhookSubscription, at: dt.datetime) -> int:
    """Tell what time alone brings: a deadline near its end, or past it. Three queries each, two to write."""
    over = max(at - OVERDUE_TOLD, row.made_at)
    asked: dict[Event, dict[str, dt.datetime]] = {
        Event.DEADLINE_DUE_SOON: {"due_at__gt": at, "due_at__lte": at + DUE_SOON},
        Event.DEADLINE_OVERDUE: {"due_at__gt": over, "due_at__lte": at},
    }
    written = 0
    for event, window in asked.items():
        if event not in row.events or not _may_hear(row.client, event):
            continue
        known = set(messages_of(row).filter(event=event).values_list("record", "mark"))
        due = [
            (public_id, due_at.isoformat())
            for rows in running(row.client.user)
            for public_id, due_at in rows.filter(**window)
            .order_by("pk")
            .values_list("public_id", "due_at")
        ]
        messages = [
            WebhookMessage(
                subscription=row,
                event=event,
                kind=RecordKind.DEADLINE,
                record=public_id,
                change="upsert",
                mark=mark,
                made_at=at,
            )
            for public_id, mark in due
            if (public_id, mark) not in known
        ][:PAGE]
        if messages:
            with transaction.atomic():
                if not WebhookSubscription.objects.select_for_update().filter(pk=row.pk).exists():
                    return written
                WebhookMessage.objects.bulk_create(messages, ignore_conflicts=True)
        written += len(messages)
    return written


def _may_hear(client: ApiClient, event: str) -> bool:
    return SCOPE_OF_EVENT[Event(event)] in client.scopes


def _cursor(client: ApiClient, place: Mapping[str, Any]) -> str:
    return Holder(client.public_id.hex, ROUTE, {"kind": ""}).seal(place)
