"""Signed messages between systems, by the Standard Webhooks specification (1.0.0).

Headers ``webhook-id`` (the same at every attempt), ``webhook-timestamp`` (seconds since 1970) and
``webhook-signature``: ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``. Several
signatures stand side by side, parted by a space, while a secret is being replaced.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
"""How far the two clocks may be apart; the id keeps an answer from being taken twice within it."""
MIN_SECRET_BYTES = 24


class SignatureError(Exception):
    """Not signed by the secret, or not now. Says nothing more."""


def secret_bytes(secret: str) -> bytes:
    """Return the key of a ``whsec_`` secret. Raises ValueError for what is none, or too short."""
    if not secret.startswith(PREFIX):
        raise ValueError("not a webhook secret")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("not a webhook secret") from error
    if len(key) < MIN_SECRET_BYTES:
        raise ValueError("a webhook secret has at least 24 bytes")
    return key


def signature(*, secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return one signature, ``v1,…``."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    mac = hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


def signed_headers(*, secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers of a message."""
    timestamp = int(at.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(
            secret=secret, message_id=message_id, timestamp=timestamp, body=body
        ),
    }


def verified_id(*, secret: str, headers: Mapping[str, str], body: bytes, at: datetime) -> str:
    """Return the id of a message that was signed with the secret just now. Raises SignatureError."""
    message_id = headers.get("webhook-id", "")
    told = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split(" ")
    if not message_id or not told.isascii() or not told.isdigit() or len(told) > 12:  # noqa: PLR2004
        raise SignatureError
    timestamp = int(told)
    if abs(at.timestamp() - timestamp) > TOLERANCE.total_seconds():
        raise SignatureError
    wanted = signature(secret=secret, message_id=message_id, timestamp=timestamp, body=body)
    if not any(hmac.compare_digest(wanted.encode(), each.encode()) for each in given):
        raise SignatureError
    return message_id
