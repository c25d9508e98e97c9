"""Reads on clients of the API: who holds a token, who proved what, what was called."""

import datetime as dt
import hashlib
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from bawaslu_cases.accounts.models import (
    ApiCall,
    ApiClient,
    ApiCredential,
    ApiToken,
    KeptAnswer,
    User,
)
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.prepared import Prepared

CLIENTS_SHOWN = 200
CALLS_SHOWN = 200


def digest_of(secret: str) -> str:
    """Return what is kept of a token or secret. A slow hash would guard nothing: all bits are random."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def token_holder(*, digest: str, at: dt.datetime) -> ApiToken | None:
    """Return the token with its client and account, None unless all three are good now. One query."""
    token = next(iter(_TOKENS.rows(digest=digest, at=at)), None)
    return token if token is not None and token.application.is_good_at(at) else None


_TOKENS: Final = Prepared[ApiToken](
    lambda digest, at: ApiToken.objects.select_related("application__user__office__region").filter(
        token_checksum=digest, expires__gt=at
    )
)
"""A checksum is unique: one row or none."""


def client_named(client_id: str) -> ApiClient | None:
    """Return a client by the id it calls itself, good or not. One query."""
    if not client_id.isascii() or "\x00" in client_id:
        return None
    rows = ApiClient.objects.select_related("user__office__region")
    found: ApiClient | None = rows.filter(client_id=client_id).first()
    return found


def client_with_secret(*, client_id: str, digest: str, at: dt.datetime) -> ApiClient | None:
    """Return the client whose secret this is, None unless both are good now. Two queries.

    Both are asked in any case, so that an unknown name takes as long as a wrong secret.
    """
    client = client_named(client_id)
    row = ApiCredential.objects.filter(digest=digest, kind=ApiCredential.Kind.SECRET).first()
    if client is None or row is None or row.client_id != client.pk:
        return None
    return client if row.is_good_at(at) and client.is_good_at(at) else None


def keys_of(client: ApiClient, *, at: dt.datetime) -> list[ApiCredential]:
    """Return the public keys of a client that are good now. One query."""
    rows = ApiCredential.objects.filter(client=client, kind=ApiCredential.Kind.KEY)
    return [row for row in rows if row.is_good_at(at)]


def calls_of(client: ApiClient, *, before: int | None = None) -> QuerySet[ApiCall]:
    """Return a client's calls, newest first; ``before`` is the key of the last one seen. One query."""
    rows = ApiCall.objects.filter(client=client).order_by("-pk")
    return rows.filter(pk__lt=before) if before is not None else rows


def kept_answer(*, client: ApiClient, key_digest: str) -> KeptAnswer | None:
    """Return what was answered to a key before. One query."""
    return next(iter(_ANSWERS.rows(client=client.pk, digest=key_digest)), None)


_ANSWERS: Final = Prepared[KeptAnswer](
    lambda client, digest: KeptAnswer.objects.filter(client=client, key_digest=digest)
)
"""A key is unique within its client: one row or none."""


def clients_for(user: User) -> QuerySet[ApiClient]:
    """Keep the clients that somebody may look at: administrators all, a chair those of the unit. A filter."""
    rows: QuerySet[ApiClient] = ApiClient.objects.select_related("user__office__region")
    if user.has_role(Role.ADMINISTRATOR):
        return rows
    return rows.filter(user__office=user.office_id)


def clients_shown(user: User) -> list[ApiClient]:
    """Return the clients of :func:`clients_for`, each with its last call (``seen``). One query."""
    calls = ApiCall.objects.filter(client=OuterRef("pk")).order_by("-pk")
    return list(clients_for(user).annotate(seen=Subquery(calls.values("at")[:1]))[:CLIENTS_SHOWN])


def client_for(user: User, public_id: UUID) -> ApiClient | None:
    """Return one client that somebody may look at, None otherwise. One query."""
    return clients_for(user).filter(public_id=public_id).first()


def credentials_of(client: ApiClient) -> list[ApiCredential]:
    """Return secrets and keys of a client, the newest first, ended ones too. One query."""
    return list(ApiCredential.objects.filter(client=client).select_related("made_by"))


def credential_of(client: ApiClient, public_id: str) -> ApiCredential | None:
    """Return one of them by its public id, None for a stranger's. One query."""
    try:
        return ApiCredential.objects.filter(client=client, public_id=UUID(public_id)).first()
    except ValueError:
        return None


def is_dormant(seen: dt.datetime | None, client: ApiClient, *, at: dt.datetime) -> bool:
    """Say whether nobody called as this client for so long as an account may lie unused. No query."""
    return (seen or client.created) < at - dt.timedelta(days=settings.STAFF_DORMANT_DAYS)
