"""How the OAuth library is bent to this house: client credentials only, digests only (ADR 0041).

It offers no ``private_key_jwt``; ``client_assertions`` adds it. Secrets and keys are rows of
``ApiCredential`` instead of one column, so that two may be good at once while one is exchanged.
"""

import base64
import datetime as dt
import secrets
from typing import Any
from urllib.parse import unquote_plus

from django.http import HttpRequest
from django.utils import timezone
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from bawaslu_cases.accounts.api_selectors import client_with_secret, digest_of
from bawaslu_cases.accounts.models import ApiClient, ApiToken
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.services.client_assertions import asserted_client
from bawaslu_cases.audit import services as audit

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_PREFIX = "bct_"  # noqa: S105 -- lets a scanner find a token that leaked


def new_token(request: Any, refresh_token: bool = False) -> str:  # noqa: ARG001, FBT001, FBT002 -- the library's call
    """Return a token of 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


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
        if sum(map(bool, (basic, request.client_secret, request.client_assertion))) != 1:
            return False
        at = timezone.now()
        if not request.client_assertion:
            named, secret = _basic(basic) if basic else (request.client_id, request.client_secret)
            client = client_with_secret(client_id=named or "", digest=digest_of(secret), at=at)
        elif request.client_assertion_type == ASSERTION_TYPE:
            client = asserted_client(
                assertion=request.client_assertion,
                named=request.client_id or "",
                audience=request.uri.partition("?")[0],
                at=at,
            )
        else:
            client = None
        request.client = client
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


def _basic(text: str) -> tuple[str, str]:
    """Return id and secret of a basic header, both empty when it is none (RFC 6749 2.3.1)."""
    try:
        named, _colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(named), unquote_plus(secret)
