"""The dialogue with the provider of single sign-on: authorization code flow with PKCE, over HTTP.

Nothing is remembered between two sign-ins: metadata and keys are fetched each time, which is rare (once
a working day and person), so a key that was changed or called off counts at once, and nobody can plant
one in a cache. Of the provider's answer the ID token alone is read; no token is kept, or written anywhere.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import quote, urlencode

from django.conf import settings
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK, JWKSet

from bawaslu_cases.accounts.id_tokens import ProvenSubject, proven_subject
from bawaslu_cases.shared import outgoing

_OK = 200
_KINDS = frozenset({"RSA", "EC", "OKP"})


class ProviderUnavailableError(Exception):
    """The provider does not answer, or not as a provider does. The message is a code of ours."""


class ProviderRefusedError(Exception):
    """The provider gives nothing for this code. The message is a code of ours."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider by the settings, and as which client this product is known there."""

    issuer: str
    client_id: str
    secret: str
    name: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What of the provider's description is used (OpenID Connect Discovery 1.0, 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    takes_basic: bool
    names_itself: bool

    @classmethod
    def of(cls, found: dict[str, Any], *, issuer: str) -> Self:
        """Read a description. Raises ProviderUnavailableError where it is not of this issuer."""
        if found.get("issuer") != issuer:
            raise ProviderUnavailableError("issuer")
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return cls(
            authorization_endpoint=_address(found.get("authorization_endpoint")),
            token_endpoint=_address(found.get("token_endpoint")),
            jwks_uri=_address(found.get("jwks_uri")),
            takes_basic=isinstance(methods, list) and "client_secret_basic" in methods,
            names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        )


def configured() -> Provider | None:
    """Return the provider of the settings, None where there is none."""
    if not settings.OIDC_ISSUER:
        return None
    return Provider(
        issuer=settings.OIDC_ISSUER,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET,
        name=settings.OIDC_NAME,
    )


def metadata_of(provider: Provider) -> Metadata:
    """Return what the provider says of itself. One request. Raises ProviderUnavailableError."""
    found = _fetched(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    return Metadata.of(found, issuer=provider.issuer)


def authorization_url(
    metadata: Metadata,
    provider: Provider,
    *,
    callback: str,
    state: str,
    nonce: str,
    verifier: str,
    max_age: int,
) -> str:
    """Return where the browser goes to sign in. ``max_age``: how old a sign-in there may be, in seconds.

    Asked for is ``openid`` alone: no name, no address, nothing that would have to be forgotten again.
    """
    challenge = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
        "max_age": str(max_age),
    }
    if settings.OIDC_SECOND_FACTOR_ACR:
        query["acr_values"] = " ".join(settings.OIDC_SECOND_FACTOR_ACR)
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(query)}"


def proven(
    provider: Provider,
    *,
    code: str,
    verifier: str,
    nonce: str,
    named: str,
    callback: str,
    at: datetime,
) -> ProvenSubject:
    """Return whom a code of the provider proves. Three requests.

    ``named`` is who the answer says it came from (RFC 9207). Raises ProviderRefusedError,
    TokenRefusedError, ProviderUnavailableError.
    """
    metadata = metadata_of(provider)
    if named != provider.issuer and (named or metadata.names_itself):
        raise ProviderRefusedError("another issuer")
    token = redeemed(metadata, provider, code=code, verifier=verifier, callback=callback)
    return proven_subject(
        token,
        keys=signing_keys(metadata),
        issuer=provider.issuer,
        client_id=provider.client_id,
        nonce=nonce,
        at=at,
    )


def has_second_factor(proven: ProvenSubject, *, at: datetime) -> bool:
    """Say whether the provider tells of a second factor, shown no longer ago than a session may last here."""
    return proven.has_second_factor(
        contexts=settings.OIDC_SECOND_FACTOR_ACR,
        methods=settings.OIDC_SECOND_FACTOR_AMR,
        at=at,
        within=timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )


def redeemed(
    metadata: Metadata, provider: Provider, *, code: str, verifier: str, callback: str
) -> str:
    """Give the code for an ID token, as it came. One request.

    Raises ProviderRefusedError for a code that holds no more, ProviderUnavailableError.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "code_verifier": verifier,
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    if provider.secret and metadata.takes_basic:
        # Both halves are form-encoded first (RFC 6749, 2.3.1).
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form["client_id"] = provider.client_id
        if provider.secret:
            form["client_secret"] = provider.secret
    try:
        answer = outgoing.post(metadata.token_endpoint, urlencode(form).encode(), headers)
    except (outgoing.UnreachableError, outgoing.AddressRefusedError) as error:
        raise ProviderUnavailableError("token") from error
    if answer.status in {400, 401, 403}:
        raise ProviderRefusedError(f"token {answer.status}")
    token = _object(answer).get("id_token")
    if not isinstance(token, str):
        raise ProviderUnavailableError("no id token")
    return token


def signing_keys(metadata: Metadata) -> JWKSet:
    """Return the provider's public keys of now. One request. Raises ProviderUnavailableError.

    Keys of kinds that are not known, and those to encrypt with, are left out.
    """
    listed = _fetched(metadata.jwks_uri).get("keys")
    keys = JWKSet()
    for each in listed if isinstance(listed, list) else []:
        if not isinstance(each, dict) or each.get("kty") not in _KINDS or each.get("use") == "enc":
            continue
        try:
            keys.add(JWK(**each))
        except (JWException, TypeError, ValueError):
            continue
    return keys


def _address(value: object) -> str:
    """Return an address that may be gone to: https, or a host of one's own network."""
    url = value if isinstance(value, str) else ""
    try:
        outgoing.checked_url(url)
    except outgoing.AddressRefusedError as error:
        raise ProviderUnavailableError("address") from error
    return url


def _fetched(url: str) -> dict[str, Any]:
    try:
        return _object(outgoing.get(url))
    except (outgoing.UnreachableError, outgoing.AddressRefusedError) as error:
        raise ProviderUnavailableError("unreachable") from error


def _object(answer: outgoing.Answer) -> dict[str, Any]:
    if answer.status != _OK:
        raise ProviderUnavailableError(f"status {answer.status}")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise ProviderUnavailableError("no JSON") from error
    if not isinstance(found, dict):
        raise ProviderUnavailableError("no JSON")
    return found
