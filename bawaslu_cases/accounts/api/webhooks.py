"""Webhooks: a client says where it wants to be told that something changed (ADR 0048)."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.idempotency import idempotent
from bawaslu_cases.accounts.api.pages import holder_of
from bawaslu_cases.accounts.api.schema import IDEMPOTENCY_KEY, PROBLEM, PROBLEMS, WRITE_PROBLEMS
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.models import (
    SCOPE_OF_EVENT,
    WebhookEvent,
    WebhookMessage,
    WebhookSubscription,
)
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.services.webhooks import (
    enable_subscription,
    end_subscription,
    ping,
    replay,
    rotate_secret,
    subscribe,
)
from bawaslu_cases.accounts.webhook_selectors import (
    messages_of,
    subscription_of,
    subscriptions_of,
)
from bawaslu_cases.shared.api_inputs import CodeField, ManyField, StrictSerializer, TextField
from bawaslu_cases.shared.api_pages import PageOut, PageQueryIn, as_page, key_page

EVENTS = [event.value for event in SCOPE_OF_EVENT]
LONGEST_URL = 500
GONE = PROBLEMS | {404: PROBLEM}
WRITE_GONE = WRITE_PROBLEMS | {404: PROBLEM}


class SubscriptionIn(StrictSerializer):
    """Where to and what for."""

    url = TextField(max_length=LONGEST_URL, help_text="https, an address of the open internet.")
    events = ManyField(child=CodeField(choices=EVENTS), allow_empty=False, max_length=len(EVENTS))


class ReplayIn(StrictSerializer):
    """From when on."""

    since = serializers.DateTimeField(help_text="At most 30 days back.")


class SubscriptionOut(serializers.Serializer[dict[str, object]]):
    """One subscription. The secret is told once, when it is made."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(choices=EVENTS))
    made_at = serializers.DateTimeField()
    waiting = serializers.IntegerField(help_text="Messages that were not taken yet.")
    failing_since = serializers.DateTimeField(
        allow_null=True, help_text="Since when the address takes nothing; null while it does."
    )
    disabled_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when nothing is sent any more; see /enable."
    )
    previous_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret before signs as well."
    )


class NewSubscriptionOut(SubscriptionOut):
    """A new one, with what signs its messages."""

    secret = serializers.CharField(help_text="`whsec_…`; told this once.")


class SubscriptionsOut(serializers.Serializer[dict[str, object]]):
    """All of a client's, five at most."""

    items = SubscriptionOut(many=True)
    server_time = serializers.DateTimeField()


class MessageOut(serializers.Serializer[dict[str, object]]):
    """One message and how it went."""

    id = serializers.CharField(help_text="As `webhook-id` says it, the same at every attempt.")
    event = serializers.ChoiceField(choices=WebhookEvent.values)
    kind = serializers.CharField(allow_blank=True)
    record = serializers.UUIDField(allow_null=True)
    made_at = serializers.DateTimeField()
    state = serializers.ChoiceField(
        choices=WebhookMessage.State.values,
        help_text="given_up: refused eight times. withheld: its scope was taken from the client.",
    )
    attempts = serializers.IntegerField()
    last_at = serializers.DateTimeField(allow_null=True)
    last_status = serializers.IntegerField(
        allow_null=True, help_text="What the address answered; null where nobody did."
    )
    last_problem = serializers.ChoiceField(
        choices=["", "unreachable", "address_refused", "redirected", "refused"]
    )


class MessagesOut(PageOut):
    """A page of the log."""

    items = MessageOut(many=True)


class PingedOut(serializers.Serializer[dict[str, object]]):
    """What was promised."""

    id = serializers.CharField(help_text="As `webhook-id` will say it.")


class ReplayedOut(serializers.Serializer[dict[str, object]]):
    """How many were promised again."""

    queued = serializers.IntegerField()


class WebhooksView(ClientView):
    """A client's subscriptions."""

    scopes: ClassVar = {"GET": Scope.WEBHOOKS_MANAGE, "POST": Scope.WEBHOOKS_MANAGE}

    @extend_schema(
        operation_id="list_webhooks",
        responses={200: SubscriptionsOut} | PROBLEMS,
        tags=["webhooks"],
    )
    def get(self, request: Request) -> Response:
        """Return the client's subscriptions, five at most. One query."""
        rows = subscriptions_of(access_of(request).client)
        told = {"items": [_told(row) for row in rows], "server_time": timezone.now()}
        return Response(SubscriptionsOut(told).data)

    @extend_schema(
        operation_id="create_webhook",
        parameters=[IDEMPOTENCY_KEY],
        request=SubscriptionIn,
        responses={201: NewSubscriptionOut} | WRITE_PROBLEMS,
        tags=["webhooks"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Subscribe an address to some events; the answer tells the secret, this once."""
        asked = SubscriptionIn(data=request.data)
        asked.is_valid(raise_exception=True)
        row, secret = subscribe(
            client=access_of(request).client,
            url=asked.validated_data["url"],
            events=asked.validated_data["events"],
            at=timezone.now(),
        )
        body = NewSubscriptionOut(_told(row) | {"secret": secret}).data
        return Response(body, status=status.HTTP_201_CREATED)


class WebhookView(ClientView):
    """One subscription."""

    scopes: ClassVar = {"GET": Scope.WEBHOOKS_MANAGE, "DELETE": Scope.WEBHOOKS_MANAGE}

    @extend_schema(
        operation_id="read_webhook",
        responses={200: SubscriptionOut} | GONE,
        tags=["webhooks"],
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """Return one subscription. One query."""
        return Response(SubscriptionOut(_told(_found(request, public_id))).data)

    @extend_schema(
        operation_id="delete_webhook",
        responses={204: OpenApiResponse(description="It is gone, with what waited.")} | GONE,
        tags=["webhooks"],
    )
    def delete(self, request: Request, public_id: UUID) -> Response:
        """End a subscription; what waits for it is not sent any more."""
        end_subscription(subscription=_found(request, public_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookSecretView(ClientView):
    """What signs."""

    scopes: ClassVar = {"POST": Scope.WEBHOOKS_MANAGE}

    @extend_schema(
        operation_id="rotate_webhook_secret",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={201: NewSubscriptionOut} | WRITE_GONE,
        tags=["webhooks"],
    )
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        """Make a new secret; the one before signs beside it until `previous_secret_until`."""
        secret = rotate_secret(subscription=_found(request, public_id), at=timezone.now())
        row = _found(request, public_id)
        body = NewSubscriptionOut(_told(row) | {"secret": secret}).data
        return Response(body, status=status.HTTP_201_CREATED)


class WebhookPingView(ClientView):
    """Trying it out."""

    scopes: ClassVar = {"POST": Scope.WEBHOOKS_MANAGE}

    @extend_schema(
        operation_id="ping_webhook",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={202: PingedOut} | WRITE_GONE,
        tags=["webhooks"],
    )
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        """Send a message that tells nothing; how it went stands in the log."""
        message = ping(subscription=_found(request, public_id), at=timezone.now())
        return Response(PingedOut({"id": message.told_id}).data, status=status.HTTP_202_ACCEPTED)


class WebhookReplayView(ClientView):
    """What was lost."""

    scopes: ClassVar = {"POST": Scope.WEBHOOKS_MANAGE}

    @extend_schema(
        operation_id="replay_webhook",
        parameters=[IDEMPOTENCY_KEY],
        request=ReplayIn,
        responses={202: ReplayedOut} | WRITE_GONE,
        tags=["webhooks"],
    )
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        """Send every message since a moment once more, each under its own id, the oldest first."""
        asked = ReplayIn(data=request.data)
        asked.is_valid(raise_exception=True)
        queued = replay(
            subscription=_found(request, public_id),
            since=asked.validated_data["since"],
            at=timezone.now(),
        )
        return Response(ReplayedOut({"queued": queued}).data, status=status.HTTP_202_ACCEPTED)


class WebhookEnableView(ClientView):
    """After it was turned off."""

    scopes: ClassVar = {"POST": Scope.WEBHOOKS_MANAGE}

    @extend_schema(
        operation_id="enable_webhook",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: SubscriptionOut} | WRITE_GONE,
        tags=["webhooks"],
    )
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        """Turn a subscription on again; it goes on where it stood."""
        enable_subscription(subscription=_found(request, public_id))
        return Response(SubscriptionOut(_told(_found(request, public_id))).data)


class WebhookDeliveriesView(ClientView):
    """The log of one subscription."""

    scopes: ClassVar = {"GET": Scope.WEBHOOKS_MANAGE}

    @extend_schema(
        operation_id="list_webhook_deliveries",
        parameters=[PageQueryIn],
        responses={200: MessagesOut} | GONE,
        tags=["webhooks"],
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """Return what was sent or waits, the newest first, for 30 days. Two queries."""
        row = _found(request, public_id)
        query = PageQueryIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked: dict[str, Any] = query.validated_data
        rows, following = key_page(
            messages_of(row),
            dressed=lambda rows: rows.values(
                *("id", "public_id", "event", "kind", "record", "made_at", "state"),
                *("attempts", "last_at", "last_status", "last_problem"),
            ),
            holder=holder_of(request, {"webhook": public_id.hex}),
            cursor=asked["cursor"],
            limit=asked["limit"],
        )
        items = [line | {"id": WebhookMessage.told_as(line["public_id"])} for line in rows]
        return Response(MessagesOut(as_page(items, following)).data)


def _found(request: Request, public_id: UUID) -> WebhookSubscription:
    """Return one of the client's own; a stranger's is not there. One query."""
    row = subscription_of(access_of(request).client, public_id)
    if row is None:
        raise Http404
    return row


def _told(row: WebhookSubscription) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "url": row.opened().url,
        "events": row.events,
        "made_at": row.made_at,
        "waiting": getattr(row, "waiting", 0),
        "failing_since": row.failing_since,
        "disabled_at": row.disabled_at,
        "previous_secret_until": row.previous_until,
    }
