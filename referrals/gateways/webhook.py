"""A recipient's own system: one signed message with the closed packet (Standard Webhooks)."""

import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared import outgoing
from bawaslu_cases.shared.outbox.topics import PermanentError
from bawaslu_cases.shared.webhook_signatures import secret_bytes, signed_headers
from referrals.gateways.base import Address, AddressError, Handed, Parcel

KNOWN_ALREADY = 409
LATER = frozenset({408, 425, 429})
MAX_RECEIPT = 120


class RefusedError(Exception):
    """The other side could not take it now; its answer stays there."""


class WebhookGateway:
    """Posts the packet; the other side answers 2xx, or 409 for one that it has."""

    carries = True
    fields: tuple[str, ...] = ("url", "secret")

    def checked(self, address: Address) -> dict[str, Any]:
        """Return address and secret. A name that does not resolve today is no fault of the form."""
        url, secret = str(address.get("url", "")).strip(), str(address.get("secret", "")).strip()
        try:
            _scheme, host, port, _path = outgoing.checked_url(url)
            outgoing.pinned_address(host, port)
        except outgoing.AddressRefusedError as error:
            raise AddressError(
                "url", str(_("Harus https:// dan bukan alamat jaringan sendiri."))
            ) from error
        except outgoing.UnreachableError:
            pass
        try:
            secret_bytes(secret)
        except ValueError as error:
            raise AddressError(
                "secret", str(_("Tulis rahasia yang diawali whsec_, minimal 24 bita."))
            ) from error
        return {"url": url, "secret": secret}

    def deliver(self, *, parcel: Parcel, address: Address) -> Handed:
        """Post once. The id is the same at every attempt: the other side takes it once."""
        headers = signed_headers(
            secret=address["secret"], message_id=parcel.key, at=parcel.at, body=parcel.content
        )
        headers["Content-Type"] = "application/age"
        headers["Idempotency-Key"] = parcel.key
        try:
            answer = outgoing.post(address["url"], parcel.content, headers)
        except outgoing.AddressRefusedError as error:
            raise PermanentError("address refused") from error
        if answer.status // 100 == 2 or answer.status == KNOWN_ALREADY:  # noqa: PLR2004 -- HTTP
            return Handed(receipt=_receipt(answer.body))
        if answer.status // 100 == 4 and answer.status not in LATER:  # noqa: PLR2004 -- HTTP
            raise PermanentError(f"answered {answer.status}")
        raise RefusedError(f"answered {answer.status}")


def _receipt(body: bytes) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    receipt = told.get("receipt", "") if isinstance(told, dict) else ""
    return receipt[:MAX_RECEIPT] if isinstance(receipt, str) and receipt.isprintable() else ""
