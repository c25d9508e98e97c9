"""Reads on webhooks: a client's own subscriptions, what waits, what was told."""

import datetime as dt
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from bawaslu_cases.accounts.models import ApiClient, WebhookMessage, WebhookSubscription
from bawaslu_cases.accounts.scopes import Scope


def subscriptions_of(client: ApiClient) -> QuerySet[WebhookSubscription]:
    """Return a client's subscriptions, each with how many messages wait (``waiting``). One query.

    ``last_taken`` is when an address took one last, as far as the log goes back.
    """
    states = WebhookMessage.State
    return WebhookSubscription.objects.filter(client=client).annotate(
        waiting=Count("messages", filter=Q(messages__state=states.WAITING)),
        last_taken=Max("messages__last_at", filter=Q(messages__state=states.TAKEN)),
    )


def subscription_of(client: ApiClient, public_id: UUID) -> WebhookSubscription | None:
    """Return one of them, None for a stranger's. One query."""
    return subscriptions_of(client).filter(public_id=public_id).first()


def messages_of(subscription: WebhookSubscription) -> QuerySet[WebhookMessage]:
    """Return what a subscription was told or waits to be. A filter."""
    return WebhookMessage.objects.filter(subscription=subscription)


def waiting_of(subscription: WebhookSubscription) -> QuerySet[WebhookMessage]:
    """Return what a subscription waits for, the oldest first. A filter."""
    return messages_of(subscription).filter(state=WebhookMessage.State.WAITING).order_by("pk")


def live_subscriptions(*, at: dt.datetime) -> QuerySet[WebhookSubscription]:
    """Return those that may be told anything now: neither off nor of a client that is shut. A filter."""
    return WebhookSubscription.objects.select_related("client__user__office__region").filter(
        disabled_at=None,
        client__user__is_active=True,
        client__expires_at__gt=at,
        client__scopes__contains=[Scope.WEBHOOKS_MANAGE],
    )


def subscriptions_to_wake(*, at: dt.datetime) -> QuerySet[WebhookSubscription]:
    """Return the live ones that have something to be told and do not rest after a failure. A filter."""
    waiting = WebhookMessage.objects.filter(
        subscription=OuterRef("pk"), state=WebhookMessage.State.WAITING
    )
    rests = Q(retry_at__gt=at)
    return live_subscriptions(at=at).filter(~rests | Q(retry_at=None)).filter(Exists(waiting))


def is_live(subscription: WebhookSubscription) -> bool:
    """Say whether it may be told anything now. One query."""
    return live_subscriptions(at=timezone.now()).filter(pk=subscription.pk).exists()
