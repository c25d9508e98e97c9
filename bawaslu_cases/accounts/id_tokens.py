"""ID tokens of OpenID Connect: what one proves, or that it proves nothing. Pure.

The checks of OpenID Connect Core 1.0, 3.1.3.7, for tokens that came straight from the token endpoint.
The signature is looked at all the same: TLS alone would let whoever ends it say who signs in.
"""

import hmac
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jwcrypto.common import JWException
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS

ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
"""Signatures of a private key only: "none" proves nothing, and HS256 would take a public key as secret."""
LEEWAY: Final = timedelta(seconds=60)
"""How far the provider's clock may be from ours."""
OLDEST: Final = timedelta(minutes=10)
"""A token is asked for and read within seconds; an older one was kept by somebody."""
SUBJECT_LENGTH: Final = 255
_PARTS = 3


class TokenRefusedError(Exception):
    """The token proves nothing. The message is a code of ours, never a word of the token."""


@dataclass(frozen=True, slots=True)
class ProvenSubject:
    """Who signed in at the provider and how: ``acr``, ``amr`` and ``auth_time`` of the token."""

    issuer: str
    subject: str
    context: str
    methods: frozenset[str]
    proved_at: datetime | None

    def has_second_factor(
        self,
        *,
        contexts: Collection[str],
        methods: Collection[str],
        at: datetime,
        within: timedelta,
    ) -> bool:
        """Say whether the provider tells of a second factor, proved not longer ago than ``within``.

        Without a time (``auth_time``) nobody knows whether it was this morning or last month: no.
        """
        if self.proved_at is None or at - self.proved_at > within + LEEWAY:
            return False
        return self.context in contexts or not self.methods.isdisjoint(methods)


def proven_subject(
    token: str, *, keys: JWKSet, issuer: str, client_id: str, nonce: str, at: datetime
) -> ProvenSubject:
    """Return whom a token proves. Raises TokenRefusedError."""
    claims = _signed_claims(token, keys)
    if claims.get("iss") != issuer:
        raise TokenRefusedError("issuer")
    _check_audience(claims, client_id)
    _check_time(claims, at)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise TokenRefusedError("nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH:
        raise TokenRefusedError("subject")
    context, methods = claims.get("acr"), claims.get("amr")
    return ProvenSubject(
        issuer=issuer,
        subject=subject,
        context=context if isinstance(context, str) else "",
        methods=frozenset(each for each in methods if isinstance(each, str))
        if isinstance(methods, list)
        else frozenset(),
        proved_at=_proved_at(claims, at),
    )


def _signed_claims(token: str, keys: JWKSet) -> dict[str, Any]:
    """Return the claims of a token that one of the keys signed."""
    if token.count(".") != _PARTS - 1:
        raise TokenRefusedError("shape")
    try:
        signed = JWS()
        signed.allowed_algs = list(ALGORITHMS)
        signed.deserialize(token)
        header = signed.jose_header
        kid = header.get("kid")
        found = keys.get_keys(kid) if isinstance(kid, str) else set(keys)
        if not found:
            raise TokenRefusedError("key")
        for key in found:
            try:
                signed.verify(key)
            except JWException:
                continue
            claims = json.loads(signed.payload)
            break
        else:
            raise TokenRefusedError("signature")
    except (JWException, ValueError, TypeError, RecursionError) as error:
        raise TokenRefusedError("shape") from error
    if not isinstance(claims, dict):
        raise TokenRefusedError("shape")
    return claims


def _check_audience(claims: dict[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if client_id not in named:
        raise TokenRefusedError("audience")
    party = claims.get("azp")
    if party != client_id and (party is not None or len(named) > 1):
        raise TokenRefusedError("party")


def _check_time(claims: dict[str, Any], at: datetime) -> None:
    ends, made = _moment(claims.get("exp")), _moment(claims.get("iat"))
    if ends is None or ends <= at - LEEWAY:
        raise TokenRefusedError("expired")
    if made is None or not at - OLDEST <= made <= at + LEEWAY:
        raise TokenRefusedError("made")


def _proved_at(claims: dict[str, Any], at: datetime) -> datetime | None:
    moment = _moment(claims.get("auth_time"))
    return moment if moment is not None and moment <= at + LEEWAY else None


def _moment(value: object) -> datetime | None:
    """Return the moment of a NumericDate, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
