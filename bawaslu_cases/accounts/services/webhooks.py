"""Webhooks of a client: subscribing, a new secret, replay, ending (ADR 0048).

Everything here is asked for by the client itself, of its own subscriptions alone.
"""

import base64
import datetime as dt
import secrets
from collections.abc import Collection
from contextlib import suppress
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import (
    SCOPE_OF_EVENT,
    ApiClient,
    WebhookEvent,
    WebhookMessage,
    WebhookSubscription,
    WebhookTarget,
)
from bawaslu_cases.shared import outgoing
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.snapshots import horizon
from bawaslu_cases.shared.webhook_signatures import PREFIX

TOPIC: Final = "webhook.send"
SECRET_BYTES: Final = 32
LONGEST_HOST: Final = 253
KEPT_DAYS: Final = 30
"""How long messages are kept, and how far back they can be asked for again."""


@transaction.atomic
def subscribe(
    *, client: ApiClient, url: str, events: Collection[str], at: dt.datetime
) -> tuple[WebhookSubscription, str]:
    """Subscribe an address and return it with its secret, the only time that one is told.

    Raises DomainError for an address that leads into this network or is none, and for no or unknown
    events; NotPermittedError for one that the client may not read; ConflictError for one too many.
    """
    # Before anything is locked: a name may take its time.
    host = _checked_host(url)
    ApiClient.objects.select_for_update().get(pk=client.pk)
    if WebhookSubscription.objects.filter(client=client).count() >= WebhookSubscription.MOST:
        raise ConflictError(_("Sudah ada lima langganan. Hapus salah satunya dahulu."))
    secret = _new_secret()
    row = WebhookSubscription(
        client=client,
        host=host,
        events=_checked_events(client, events),
        made_at=at,
        began=horizon(),
    )
    row.close(WebhookTarget(url=url, secret=secret))
    row.save()
    return row, secret


@transaction.atomic
def end_subscription(*, subscription: WebhookSubscription) -> None:
    """Delete a subscription with what waits for it and its log. Waits for a sending to end."""
    _lock_messages(subscription)
    WebhookSubscription.objects.filter(pk=subscription.pk).delete()


@transaction.atomic
def rotate_secret(*, subscription: WebhookSubscription, at: dt.datetime) -> str:
    """Make a new secret and return it; the one before signs beside it for the overlap.

    Raises ConflictError while two sign already.
    """
    row = _held(subscription)
    if len(row.secrets_at(at)) > 1:
        raise ConflictError(_("Kata rahasia sebelumnya masih berlaku. Coba lagi setelah berakhir."))
    target, secret = row.opened(), _new_secret()
    row.close(WebhookTarget(url=target.url, secret=secret, previous=target.secret))
    row.previous_until = at + dt.timedelta(days=settings.API_OVERLAP_DAYS)
    row.save(update_fields=["target", "previous_until"])
    return secret


@transaction.atomic
def enable_subscription(*, subscription: WebhookSubscription) -> None:
    """Let a subscription be told again, from where it stood; harmless where it never stopped."""
    row = _held(subscription)
    row.disabled_at = row.failing_since = row.retry_at = None
    row.failures = 0
    row.save(update_fields=["disabled_at", "failing_since", "retry_at", "failures"])
    wake(subscription=row)


@transaction.atomic
def ping(*, subscription: WebhookSubscription, at: dt.datetime) -> WebhookMessage:
    """Promise a message that tells nothing. Raises ConflictError where the subscription is off."""
    row = _held(subscription)
    _check_on(row)
    message = WebhookMessage.objects.create(subscription=row, event=WebhookEvent.PING, made_at=at)
    _hurry(row)
    return message


@transaction.atomic
def replay(*, subscription: WebhookSubscription, since: dt.datetime, at: dt.datetime) -> int:
    """Promise every message since a moment once more, under its own id; return how many.

    Raises DomainError for a moment of before what is kept, or to come; ConflictError where it is off.
    """
    if not at - dt.timedelta(days=KEPT_DAYS) <= since <= at:
        raise DomainError(_("Pilih waktu dalam 30 hari terakhir."), field="since")
    _lock_messages(subscription)
    row = _held(subscription)
    _check_on(row)
    again = WebhookMessage.objects.filter(subscription=row, made_at__gte=since).exclude(
        state=WebhookMessage.State.WITHHELD
    )
    count = again.update(state=WebhookMessage.State.WAITING, tries=0)
    _hurry(row)
    return count


def wake(*, subscription: WebhookSubscription, after: dt.timedelta = dt.timedelta()) -> bool:
    """Promise that what waits is sent; return whether that was not promised before. Three queries.

    At most one promise a subscription is open: its messages go one after the other, and a slow or dead
    address takes the place of no other. To be called in a transaction.
    """
    WebhookSubscription.objects.select_for_update().filter(pk=subscription.pk).first()
    subject = subscription.public_id.hex
    # A statement of its own: it sees what the holder before us committed.
    if OutboxMessage.objects.filter(
        topic=TOPIC, subject_id=subject, status=OutboxMessage.Status.PENDING
    ).exists():
        return False
    promise_sending(subscription=subscription, after=after)
    return True


def promise_sending(*, subscription: WebhookSubscription, after: dt.timedelta) -> None:
    """Promise the next sending whatever is promised already: what a sending itself ends with."""
    publish(
        topic=TOPIC, subject_id=subscription.public_id.hex, destination=uuid4().hex, after=after
    )


def _hurry(row: WebhookSubscription) -> None:
    """Let something be sent now, also while the address rests after a failure."""
    row.retry_at = None
    row.save(update_fields=["retry_at"])
    # What a worker has just taken is locked, and waiting for it here could wait for ourselves.
    resting = OutboxMessage.objects.select_for_update(skip_locked=True).filter(
        topic=TOPIC, subject_id=row.public_id.hex, status=OutboxMessage.Status.PENDING, attempts=0
    )
    OutboxMessage.objects.filter(pk__in=[message.pk for message in resting]).delete()
    wake(subscription=row)


def _lock_messages(subscription: WebhookSubscription) -> None:
    """Lock what is told, before the subscription: the order in which a sending takes both."""
    rows = WebhookMessage.objects.select_for_update().filter(subscription=subscription.pk)
    list(rows.order_by("pk").values_list("pk", flat=True))


def _held(subscription: WebhookSubscription) -> WebhookSubscription:
    try:
        return WebhookSubscription.objects.select_for_update().get(pk=subscription.pk)
    except WebhookSubscription.DoesNotExist as error:
        raise ConflictError(_("Langganan ini sudah dihapus.")) from error


def _check_on(row: WebhookSubscription) -> None:
    if row.disabled_at is not None:
        raise ConflictError(_("Langganan ini dimatikan. Nyalakan dahulu."), code="webhook_disabled")


def _new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _checked_host(url: str) -> str:
    """Return the host of an address. A name that does not resolve today is no fault of the request."""
    words = _("Harus https:// dan bukan alamat jaringan sendiri.")
    if not url.isascii() or not url.isprintable() or " " in url:
        # Names and paths of other letters are written in their ASCII form.
        raise DomainError(words, field="url")
    try:
        _scheme, host, port, _path = outgoing.checked_url(url)
        with suppress(outgoing.UnreachableError):
            outgoing.pinned_address(host, port)
    except outgoing.AddressRefusedError as error:
        raise DomainError(words, field="url") from error
    if len(host) > LONGEST_HOST:
        raise DomainError(words, field="url")
    return host


def _checked_events(client: ApiClient, events: Collection[str]) -> list[str]:
    if not events or {*events} - {*SCOPE_OF_EVENT}:
        raise DomainError(_("Pilih sekurangnya satu peristiwa yang dikenal."), field="events")
    for event in sorted(events):
        if SCOPE_OF_EVENT[WebhookEvent(event)] not in client.scopes:
            raise NotPermittedError(
                _("Klien tidak memuat cakupan untuk peristiwa ini."),
                code="scope_missing",
                field="events",
            )
    return sorted({*events})
