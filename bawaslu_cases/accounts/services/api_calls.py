"""What a client called, and the sweeping of what is kept for its sake."""

import datetime as dt
from typing import Any, Final

from django.conf import settings

from bawaslu_cases.accounts.models import (
    ApiCall,
    ApiClient,
    ApiToken,
    KeptAnswer,
    SpentAssertion,
    WebhookMessage,
)
from bawaslu_cases.accounts.services.webhooks import KEPT_DAYS, TOPIC
from bawaslu_cases.shared.models import OutboxMessage

LONGEST_MS: Final = 2_000_000_000


def note_call(
    *, client: ApiClient, at: dt.datetime, method: str, route: str, status: int, ms: int
) -> None:
    """Write one line of the call log. No body, no query string, no id of a record. One query."""
    ApiCall.objects.create(
        client=client,
        at=at,
        method=method[:7],
        route=route[:80],
        status=status,
        ms=min(max(ms, 0), LONGEST_MS),
    )


def sweep_api(*, at: dt.datetime) -> int:
    """Delete tokens and assertions past their time, and logs and answers past theirs; return how many."""
    expired: tuple[tuple[Any, dict[str, Any]], ...] = (
        (ApiToken, {"expires__lt": at}),
        (SpentAssertion, {"expires_at__lt": at - dt.timedelta(minutes=1)}),
        (ApiCall, {"at__lt": at - dt.timedelta(days=settings.API_CALLS_KEPT_DAYS)}),
        (WebhookMessage, {"made_at__lt": at - dt.timedelta(days=KEPT_DAYS)}),
        (
            OutboxMessage,
            {
                "topic": TOPIC,
                "status": OutboxMessage.Status.DONE,
                "done_at__lt": at - dt.timedelta(days=1),
            },
        ),
        (KeptAnswer, {"at__lt": at - dt.timedelta(days=settings.API_ANSWERS_KEPT_DAYS)}),
    )
    return sum(model._default_manager.filter(**old).delete()[0] for model, old in expired)
