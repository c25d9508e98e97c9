"""Cursors of the API: a place in a list or a feed that only its own asker can come back to.

A cursor is sealed under the server's keyring, so it tells no key and no count, and bound to whom it was
made for, to the list and to its filters: another client's, an altered or an invented one opens nowhere.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException

from bawaslu_cases.shared.envelope import UnsealError, seal, unseal

LONGEST = 400
"""Characters; what is longer was not made here."""


class CursorInvalidError(APIException):
    """The cursor was not made for this client, this list and these filters. 400."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "cursor_invalid"
    default_detail = _("Penanda halaman tidak berlaku untuk permintaan ini.")


class CursorExpiredError(APIException):
    """What lay between the cursor and now is not kept any more: begin anew. 410."""

    status_code = status.HTTP_410_GONE
    default_code = "cursor_expired"
    default_detail = _("Penanda halaman sudah kedaluwarsa. Mulai lagi tanpa penanda.")


@dataclass(frozen=True)
class Holder:
    """Whose cursor of what: the client, the list (a route's name) and its filters as they were asked."""

    client: str
    route: str
    filters: Mapping[str, Any]

    @property
    def context(self) -> tuple[str, ...]:
        """What a cursor is bound to. The same for the same filters in any order."""
        filters = json.dumps(self.filters, sort_keys=True, default=str, separators=(",", ":"))
        return ("api cursor", self.client, self.route, filters)

    def seal(self, place: Mapping[str, Any]) -> str:
        """Return the text of a place."""
        packed = json.dumps(place, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(seal(packed, context=self.context)).decode().rstrip("=")

    def open(self, text: str) -> dict[str, Any]:
        """Return the place; raise CursorInvalidError for anything that was not sealed for this holder."""
        if not 0 < len(text) <= LONGEST or not text.isascii():
            raise CursorInvalidError
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            place: dict[str, Any] = json.loads(unseal(sealed, context=self.context))
        except (UnsealError, binascii.Error, ValueError) as error:
            raise CursorInvalidError from error
        return place
