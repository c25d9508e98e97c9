"""How the OAuth library is bent to this house: client credentials only, digests only (ADR 0041).

It offers no ``private_key_jwt``; ``client_assertions`` adds it. Secrets and keys are rows of
``ApiCredential`` instead of one column, so that two may be good at once while one is exchanged.
"""

import base64
import datetime as dt
import secrets
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from bawaslu_cases.accounts.api_quota import spend
from bawaslu_cases.accounts.api_selectors import client_named, client_with_secret, digest_of
from bawaslu_cases.accounts.models import ApiClient, ApiToken
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.services.api_calls import note_call
from bawaslu_cases.accounts.services.client_assertions import asserted_client
from bawaslu_cases.audit import services as audit

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_ROUTE = "api_access:token"  # noqa: S105 -- the name of a route
TOKEN_PREFIX = "bct_"  # noqa: S105 -- lets a scanner find a token that leaked


def new_token(request: Any, refresh_token: bool = False) -> str:  # noqa: ARG001, FBT001, FBT002 -- the library's call
    """Return a token of 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


class TooManyTokensError(OAuth2Error):  # type: ignore[misc]  # the library has no types
    """More tokens in a minute than settings.API_TOKENS_A_MINUTE. Only whoever proved who it is hears it.

    Failed tries are not counted against a client: else anybody who knows its name could shut it out.
    """

    error = "slow_down"
    status_code = HTTPStatus.TOO_MANY_REQUESTS


class ClientScopes(BaseScopes):  # type: ignore[misc]  # the library has no types
    """The scopes of a client are those of its row; without a choice a token gets all of them."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope and its words."""
        return {scope.value: str(scope.label) for scope in Scope}

    def get_available_scopes(
        self, application: ApiClient | None = None, *_args: Any, **_kwargs: Any
    ) -> list[str]:
        """Return what the client may ask for. No query."""
        return list(application.scopes) if application is not None else []

    def get_default_scopes(
        self, application: ApiClient | None = None, *_args: Any, **_kwargs: Any
    ) -> list[str]:
        """Return what it gets when it asks for nothing. No query."""
        return self.get_available_scopes(application)


class ClientBackend(OAuthLibCore):  # type: ignore[misc]  # the library has no types
    """Gives the library whole addresses: an assertion names the endpoint it is meant for."""

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        return request.build_absolute_uri(super()._get_escaped_full_path(request))


class ClientValidator(OAuth2Validator):  # type: ignore[misc]  # the library has no types
    """Says who a client is and keeps its token."""

    def authenticate_client(self, request: Any, *_args: Any, **_kwargs: Any) -> bool:
        """Say whether the client proved who it is: by secret (basic or post) or by assertion.

        Two ways in one request are refused (RFC 6749 2.3). Two queries.
        """
        basic = self._extract_basic_auth(request)
        asserted = getattr(request, "client_assertion", None)
        if sum(map(bool, (basic, request.client_secret, asserted))) != 1:
            return False
        at, named = timezone.now(), request.client_id or ""
        if basic:
            named, secret = _basic(basic)
            client = client_with_secret(client_id=named, digest=digest_of(secret), at=at)
        elif request.client_secret:
            digest = digest_of(request.client_secret)
            client = client_with_secret(client_id=named, digest=digest, at=at)
        elif getattr(request, "client_assertion_type", None) == ASSERTION_TYPE:
            client = asserted_client(
                assertion=str(asserted), named=named, audience=request.uri.partition("?")[0], at=at
            )
        else:
            client = None
        request.client = client
        if client is None:
            _note_refusal(named, at)
        return client is not None

    def authenticate_client_id(self, client_id: str, request: Any, *_args: Any, **_kw: Any) -> bool:  # noqa: ARG002 -- contract
        """Refuse: there are no public clients."""
        return False

    def save_bearer_token(
        self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Keep the digest of a token and say which region it is for. Logged before it is given.

        It ends with its client at the latest.
        """
        client: ApiClient = request.client
        key = f"token:{client.pk}"
        if spend(key, limit=settings.API_TOKENS_A_MINUTE, now=time.time()).is_over:
            raise TooManyTokensError(request=request)
        left = int((client.expires_at - timezone.now()).total_seconds())
        token["expires_in"] = min(token["expires_in"], left)
        token["region"] = client.region_code
        audit.record(
            actor=client.user.public_id,
            action="api.token",
            subject=f"client:{client.public_id.hex}",
            purpose=client.purpose,
        )
        super().save_bearer_token(token, request, *args, **kwargs)
        _note(client, HTTPStatus.OK)

    def _create_access_token(
        self,
        expires: dt.datetime,
        request: Any,
        token: dict[str, Any],
        source_refresh_token: Any = None,  # noqa: ARG002 -- contract
    ) -> ApiToken:
        row = ApiToken(
            application=request.client,
            scope=token["scope"],
            expires=expires,
            resource=getattr(request, "resource", []),
        )
        self._set_token_value(row, token["access_token"])
        row.save()
        return row


def _note_refusal(named: str, at: dt.datetime) -> None:
    """Tell the owner that somebody failed under the client's name, not more often than tokens are given."""
    client = client_named(named) if named else None
    if client is None:
        return
    limit = settings.API_TOKENS_A_MINUTE
    if not spend(f"refused:{client.pk}", limit=limit, now=at.timestamp()).is_over:
        _note(client, HTTPStatus.UNAUTHORIZED)


def _note(client: ApiClient, status: HTTPStatus) -> None:
    note_call(
        client=client,
        at=timezone.now(),
        method="POST",
        route=TOKEN_ROUTE,
        status=status,
        ms=0,
    )


def _basic(text: str) -> tuple[str, str]:
    """Return id and secret of a basic header, both empty when it is none (RFC 6749 2.3.1)."""
    try:
        named, _colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(named), unquote_plus(secret)
