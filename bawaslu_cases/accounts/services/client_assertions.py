"""``private_key_jwt``: a client proves who it is with a signature of its own key (RFC 7523).

The library for tokens offers none; the one for signatures (jwcrypto) comes with it.
"""

import datetime as dt
import hashlib
import json
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from jwcrypto.common import JWException, base64url_decode
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from bawaslu_cases.accounts.api_selectors import client_named, keys_of
from bawaslu_cases.accounts.models import ApiClient, SpentAssertion
from bawaslu_cases.shared.errors import DomainError

ALGORITHMS: Final = ("EdDSA", "ES256", "ES384", "PS256", "RS256")
"""Asymmetric ones only: with none or HS* a public key would be a secret."""
LONGEST: Final = dt.timedelta(minutes=5)
SKEW: Final = dt.timedelta(seconds=30)
MAX_CHARACTERS: Final = 4096
RSA_BITS: Final = 2048
KINDS: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError, JWException)
"""What reading something that is no JWT or no key may raise."""
CURVES: Final = frozenset({"Ed25519", "P-256", "P-384"})


class KeyRefusedError(DomainError):
    """What was given is no public key that a client may sign with."""

    code = "key_refused"


def public_key(text: str) -> tuple[dict[str, str], str]:
    """Return the public members of a JWK and its thumbprint. Raises KeyRefusedError.

    A private key is refused, not stripped: it has left its owner's hands.
    """
    try:
        given = json.loads(text)
        key = JWK(**given)
        if key.has_private or given.get("kty") not in KINDS:
            raise KeyRefusedError(_("Kirim kunci publik saja (JWK)."), field="jwk")
        kept = {"kty": given["kty"]} | {name: given[name] for name in KINDS[given["kty"]]}
        is_strong = _is_strong(kept)
    except UNREADABLE as error:
        raise KeyRefusedError(_("Ini bukan kunci publik (JWK)."), field="jwk") from error
    if not is_strong:
        raise KeyRefusedError(_("Kunci ini terlalu lemah."), field="jwk")
    return kept, key.thumbprint()


def _is_strong(jwk: dict[str, str]) -> bool:
    """Say whether curve or modulus are large enough. Raises ValueError for what is no base64."""
    if jwk["kty"] != "RSA":
        return jwk["crv"] in CURVES
    return int.from_bytes(base64url_decode(jwk["n"]), "big").bit_length() >= RSA_BITS


@transaction.atomic
def asserted_client(
    *, assertion: str, named: str, audience: str, at: dt.datetime
) -> ApiClient | None:
    """Return the client that signed this for us just now, None for whatever is wrong with it.

    ``named`` is the client_id beside it, empty without one. An assertion is good once, and for five
    minutes at most. Three queries.
    """
    if len(assertion) > MAX_CHARACTERS:
        return None
    try:
        signed = JWS()
        signed.allowed_algs = list(ALGORITHMS)
        signed.deserialize(assertion)
        claims: dict[str, Any] = json.loads(signed.objects["payload"])
        head: dict[str, Any] = dict(json.loads(signed.objects["protected"]).items())
        issuer, jti = str(claims["iss"]), str(claims["jti"])
        expires = _moment(claims["exp"])
        begins = [_moment(claims[name]) for name in ("iat", "nbf") if name in claims]
    except (*UNREADABLE, OverflowError):
        return None
    is_meant = (
        issuer == claims.get("sub")
        and named in ("", issuer)
        and claims.get("aud") in (audience, [audience])
        and at < expires <= at + LONGEST + SKEW
        and all(begin <= at + SKEW for begin in begins)
        and 0 < len(jti) <= MAX_CHARACTERS
    )
    client = client_named(issuer)
    if client is None or not is_meant or not client.is_good_at(at):
        return None
    if not any(_is_signed(signed, row.jwk, head, row.digest) for row in keys_of(client, at=at)):
        return None
    digest = hashlib.sha256(jti.encode(errors="surrogatepass")).hexdigest()
    _spent, is_first = SpentAssertion.objects.get_or_create(
        client=client, digest=digest, defaults={"expires_at": expires}
    )
    return client if is_first else None


def _is_signed(signed: JWS, jwk: Any, head: dict[str, Any], digest: str) -> bool:
    """Say whether this key made the signature, and the algorithm is one of its kind."""
    if head.get("kid") not in (None, digest):
        return False
    try:
        signed.verify(JWK(**jwk), alg=head.get("alg"))
    except (JWException, ValueError, TypeError):
        return False
    return True


def _moment(seconds: Any) -> dt.datetime:
    return dt.datetime.fromtimestamp(float(seconds), tz=dt.UTC)
