"""The two endpoints of OAuth: a token for a client, and a token's early end. No other grant, no page.

Answers have the shape of RFC 6749 and 7009, which clients' libraries expect, also when they refuse.
"""

import json
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from oauth2_provider.oauth2_backends import get_oauthlib_core
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bawaslu_cases.accounts.api_quota import WINDOW
from bawaslu_cases.accounts.oauth import ASSERTION_TYPE


class TokenIn(serializers.Serializer[dict[str, object]]):
    """What a client sends for a token. Its name and secret come by HTTP Basic or stand here."""

    grant_type = serializers.ChoiceField(choices=["client_credentials"])
    scope = serializers.CharField(
        required=False, help_text="Scopes parted by spaces; without it all that the client has."
    )
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)
    client_assertion_type = serializers.ChoiceField(choices=[ASSERTION_TYPE], required=False)
    client_assertion = serializers.CharField(
        required=False, help_text="A JWT signed by the client's own key (RFC 7523)."
    )


class TokenOut(serializers.Serializer[dict[str, object]]):
    """A token and what it is good for."""

    access_token = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField()
    region = serializers.CharField(help_text='Code of the office\'s region; "ID" for the country.')


class OAuthErrorOut(serializers.Serializer[dict[str, object]]):
    """A refusal as RFC 6749 5.2 shapes it."""

    error = serializers.CharField()
    error_description = serializers.CharField(required=False)


REFUSED = OpenApiResponse(OAuthErrorOut, description="RFC 6749 5.2.")


class RevokeIn(serializers.Serializer[dict[str, object]]):
    """Which token ends; the client proves who it is as for a token."""

    token = serializers.CharField()
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)


class OAuthView(APIView):
    """Hands a request to the library as it came."""

    parser_classes = (FormParser,)
    http_method_names = ("post",)

    def _answer(self, told: tuple[Any, dict[str, str], str | None, int]) -> Response:
        """Return the library's answer. A refusal of a known and of an unknown client are the same."""
        _uri, headers, body, status = told
        response = Response(json.loads(body) if body else None, status=status)
        if isinstance(response.data, dict):
            # Words about what was wrong would tell one refusal from another (check N17).
            response.data.pop("error_description", None)
        response["Cache-Control"] = "no-store"
        if status == HTTPStatus.UNAUTHORIZED:
            response["WWW-Authenticate"] = headers.get("WWW-Authenticate", 'Basic realm="api"')
        elif status == HTTPStatus.TOO_MANY_REQUESTS:
            response["Retry-After"] = str(WINDOW)
        return response


class TokenView(OAuthView):
    """A token for minutes."""

    @extend_schema(
        operation_id="token",
        request={"application/x-www-form-urlencoded": TokenIn},
        responses={200: TokenOut, 400: REFUSED, 401: REFUSED, 429: REFUSED},
        tags=["access"],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Give a token to a client that proves who it is (RFC 6749 4.4, RFC 7523)."""
        return self._answer(get_oauthlib_core().create_token_response(request._request))  # noqa: SLF001 -- the library reads Django's


class RevokeView(OAuthView):
    """A token's early end."""

    @extend_schema(
        operation_id="revoke",
        request={"application/x-www-form-urlencoded": RevokeIn},
        responses={200: None, 400: REFUSED, 401: REFUSED},
        tags=["access"],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """End one of the client's own tokens; any other text is answered the same (RFC 7009)."""
        return self._answer(get_oauthlib_core().create_revocation_response(request._request))  # noqa: SLF001 -- as above
