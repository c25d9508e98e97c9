"""Who calls: the holder of a bearer token, or nobody. Every refusal reads the same (check P01)."""

from dataclasses import dataclass
from typing import cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from bawaslu_cases.accounts.api_selectors import digest_of, token_holder
from bawaslu_cases.accounts.models import ApiClient, User
from bawaslu_cases.accounts.sight import see_as

MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ClientAccess:
    """``request.auth``: which client calls and what its token lets it do."""

    client: ApiClient
    scopes: frozenset[str]


def access_of(request: Request) -> ClientAccess:
    """Return who calls a :class:`ClientView`."""
    return cast("ClientAccess", request.auth)


class RefusedTokenError(AuthenticationFailed):
    """No token, or none that is good. Which of these is not said."""

    default_detail = _("Token akses yang berlaku diperlukan.")
    default_code = "token_needed"


class BearerAuthentication(BaseAuthentication):
    """Takes ``Authorization: Bearer …`` and nothing else: no query, no form, no cookie."""

    def authenticate(self, request: Request) -> tuple[User, ClientAccess]:
        """Return the service account and the access. Raises RefusedTokenError. One query."""
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.casefold() != "bearer" or not 0 < len(token) <= MAX_CHARACTERS:
            raise RefusedTokenError
        held = token_holder(digest=digest_of(token), at=timezone.now())
        if held is None or not held.allows_audience(request.build_absolute_uri(request.path)):
            raise RefusedTokenError
        client = held.application
        see_as(client.user)
        # A scope taken from the client is gone from its tokens at once.
        scopes = frozenset(held.scope.split()) & frozenset(client.scopes)
        return client.user, ClientAccess(client, scopes)

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 -- contract
        """Say how to prove who one is; with it a refusal is 401."""
        return 'Bearer realm="api"'
