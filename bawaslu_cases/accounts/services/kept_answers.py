"""One write for one Idempotency-Key, however often and at how many places at once it is asked for.

What was done and the answer to it are committed together: a server that dies between them has done
neither. While one request works on a key it holds a lock that ends with its transaction.
"""

import datetime as dt
import hashlib
from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.api_selectors import kept_answer
from bawaslu_cases.accounts.models import ApiClient, KeptAnswer
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.errors import ConflictError, DomainError

KEY_CHARACTERS: Final = 255
_ANSWER: Final = "kept-answer"


class KeyReusedError(DomainError):
    """The key came before with another request."""

    code = "idempotency_key_reused"


class KeyInProgressError(ConflictError):
    """Another request with this key is being worked on."""

    code = "idempotency_key_in_progress"


def key_digest_of(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def begin_write(*, client: ApiClient, key_digest: str, request_digest: str) -> KeptAnswer | None:
    """Hold a key until the transaction ends; return the answer where there is one. Two queries.

    To be called in a transaction. Raises KeyInProgressError, KeyReusedError.
    """
    lock = int.from_bytes(hashlib.sha256(f"{client.pk}:{key_digest}".encode()).digest()[:8], "big")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock - 2**63])
        (is_held,) = cursor.fetchone()
    if not is_held:
        raise KeyInProgressError(_("Permintaan dengan kunci ini sedang dikerjakan."))
    # A statement of its own: it sees what the holder before us committed.
    kept = kept_answer(client=client, key_digest=key_digest)
    if kept is not None and kept.request_digest != request_digest:
        raise KeyReusedError(_("Kunci ini sudah dipakai untuk permintaan lain."))
    return kept


def opened_body(kept: KeptAnswer, *, key: str) -> bytes:
    """Return what was answered, to whoever has the key. Raises UnsealError."""
    context = (_ANSWER, str(kept.client_id), kept.key_digest)
    inner = envelope.unseal(bytes(kept.body), context=context)
    return envelope.unseal_with(key.encode(), inner, context=context)


def keep_answer(
    *,
    client: ApiClient,
    key_digest: str,
    request_digest: str,
    key: str,
    status: int,
    body: bytes,
    headers: dict[str, str],
    at: dt.datetime,
) -> None:
    """Keep what was answered, in the transaction of what was done. One query.

    Sealed under the key, which nobody but the client has, and under the server's keyring: an answer may
    hold a reporter's receipt (ADR 0043).
    """
    context = (_ANSWER, str(client.pk), key_digest)
    sealed = envelope.seal(envelope.seal_with(key.encode(), body, context=context), context=context)
    KeptAnswer.objects.create(
        client=client,
        key_digest=key_digest,
        request_digest=request_digest,
        status=status,
        body=sealed,
        headers=headers,
        at=at,
    )
