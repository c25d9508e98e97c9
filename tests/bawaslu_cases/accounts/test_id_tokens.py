"""What an ID token proves, claim by claim: real signatures, one thing wrong in each."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jws import JWS

from bawaslu_cases.accounts.id_tokens import (
    OLDEST,
    ProvenSubject,
    TokenRefusedError,
    proven_subject,
)

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ISSUER, CLIENT, NONCE = "https://sso.contoh.id", "kasus", "nonce-sekali-pakai"
KEYS = {
    "RS256": JWK.generate(kty="RSA", size=2048, kid="rsa"),
    "ES256": JWK.generate(kty="EC", crv="P-256", kid="ec"),
    "EdDSA": JWK.generate(kty="OKP", crv="Ed25519", kid="okp"),
}


def seconds(**ago: float) -> int:
    return int((NOW - timedelta(**ago)).timestamp())


def claims(**changes: Any) -> dict[str, Any]:
    plain = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "sub-sari",
        "nonce": NONCE,
        "iat": seconds(seconds=2),
        "exp": seconds(minutes=-5),
        "auth_time": seconds(minutes=1),
        "acr": "urn:contoh:dua",
        "amr": ["pwd", "otp", "mfa"],
    }
    merged = plain | changes
    return {name: value for name, value in merged.items() if value is not ...}


def token(
    alg: str = "ES256", key: JWK | None = None, header: dict[str, Any] | None = None, **changes: Any
) -> str:
    signer = key or KEYS[alg]
    signed = JWS(json.dumps(claims(**changes)))
    signed.allowed_algs = [alg]
    fields = {"alg": alg, "kid": signer.get("kid")} | (header or {})
    signed.add_signature(signer, protected=json.dumps(fields))
    return str(signed.serialize(compact=True))


def public(*keys: JWK) -> JWKSet:
    found = JWKSet()
    for key in keys or KEYS.values():
        found.add(JWK.from_json(key.export_public()))
    return found


def proven(text: str, *, keys: JWKSet | None = None, at: datetime = NOW) -> ProvenSubject:
    return proven_subject(
        text, keys=keys or public(), issuer=ISSUER, client_id=CLIENT, nonce=NONCE, at=at
    )


def refusal(text: str, **changes: Any) -> str:
    with pytest.raises(TokenRefusedError) as caught:
        proven(text, **changes)
    return str(caught.value)


@pytest.mark.parametrize("alg", KEYS)
def test_a_good_token_proves_its_subject(alg: str) -> None:
    assert proven(token(alg)) == ProvenSubject(
        issuer=ISSUER,
        subject="sub-sari",
        context="urn:contoh:dua",
        methods=frozenset({"pwd", "otp", "mfa"}),
        proved_at=NOW - timedelta(minutes=1),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://sso.contoh.id/"}, "issuer"),
        ({"iss": ...}, "issuer"),
        ({"aud": "lain"}, "audience"),
        ({"aud": ["lain", "pula"]}, "audience"),
        ({"aud": ...}, "audience"),
        ({"aud": {"kasus": 1}}, "audience"),
        ({"aud": [CLIENT, "lain"]}, "party"),
        ({"aud": [CLIENT, "lain"], "azp": "lain"}, "party"),
        ({"azp": "lain"}, "party"),
        ({"nonce": "yang lain"}, "nonce"),
        ({"nonce": ...}, "nonce"),
        ({"nonce": 1}, "nonce"),
        ({"exp": seconds(seconds=61)}, "expired"),
        ({"exp": ...}, "expired"),
        ({"exp": "2099-01-01"}, "expired"),
        ({"exp": True}, "expired"),
        ({"exp": 1e300}, "expired"),
        ({"iat": seconds(minutes=10, seconds=1)}, "made"),
        ({"iat": seconds(seconds=-61)}, "made"),
        ({"iat": ...}, "made"),
        ({"sub": ""}, "subject"),
        ({"sub": ...}, "subject"),
        ({"sub": 7}, "subject"),
        ({"sub": "x" * 256}, "subject"),
    ],
)
def test_one_wrong_claim_proves_nothing(changes: dict[str, Any], code: str) -> None:
    assert refusal(token(**changes)) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "lain"], "azp": CLIENT},
        {"exp": seconds(seconds=59)},
        {"iat": seconds(seconds=-60)},
        {"iat": int((NOW - OLDEST).timestamp())},
        {"exp": 253402300799},
        {"sub": "x" * 255},
    ],
)
def test_what_the_standard_allows_is_taken(changes: dict[str, Any]) -> None:
    assert proven(token(**changes)).issuer == ISSUER


def test_a_token_of_before_the_key_changed_is_refused_and_one_of_after_is_taken():
    after = JWK.generate(kty="EC", crv="P-256", kid="ec-2")
    assert refusal(token(), keys=public(after)) == "key"
    assert proven(token(key=after), keys=public(after, KEYS["ES256"])).subject == "sub-sari"


def test_another_key_under_the_same_name_signs_for_nobody():
    stranger = JWK.generate(kty="EC", crv="P-256", kid="ec")
    assert refusal(token(key=stranger)) == "signature"


def test_without_a_name_every_key_is_tried():
    bare = JWK.generate(kty="EC", crv="P-256")
    assert proven(token(key=bare), keys=public(*KEYS.values(), bare)).subject == "sub-sari"


def test_no_signature_and_shared_secrets_are_refused():
    unsigned = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "none"}, claims())
    )
    assert refusal(unsigned + ".") in {"shape", "signature"}
    # the public key, taken as a secret that both sides know
    pem = KEYS["RS256"].export_to_pem()
    secret = JWK(kty="oct", k=base64.urlsafe_b64encode(pem).decode().rstrip("="), kid="rsa")
    assert refusal(token("HS256", key=secret)) in {"shape", "signature"}


def test_a_changed_payload_is_refused():
    head, _payload, signature = token().split(".")
    other = base64.urlsafe_b64encode(json.dumps(claims(sub="lain")).encode()).decode().rstrip("=")
    assert refusal(f"{head}.{other}.{signature}") == "signature"


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "a.b.c.d.e", "{}", "é.é.é", "[" * 9000])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert refusal(text) == "shape"


def test_a_payload_that_is_no_object_is_refused():
    signed = JWS(json.dumps(["sub-sari"]))
    signed.add_signature(KEYS["ES256"], protected=json.dumps({"alg": "ES256", "kid": "ec"}))
    assert refusal(signed.serialize(compact=True)) == "shape"


def test_a_header_that_must_be_understood_and_is_not_is_refused():
    head, payload, signature = token().split(".")
    fields = {"alg": "ES256", "kid": "ec", "crit": ["x"], "x": 1}
    head = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    assert refusal(f"{head}.{payload}.{signature}") in {"shape", "signature"}


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"acr": ...}, True),
        ({"amr": ...}, True),
        ({"amr": ["pwd"], "acr": "urn:contoh:satu"}, False),
        ({"amr": "mfa", "acr": ...}, False),
        ({"amr": [["mfa"]], "acr": ["urn:contoh:dua"]}, False),
        ({"auth_time": ...}, False),
        ({"auth_time": seconds(hours=8, seconds=61)}, False),
        ({"auth_time": seconds(hours=8, seconds=59)}, True),
        ({"auth_time": seconds(minutes=-5)}, False),
    ],
)
def test_when_the_providers_second_factor_counts(changes: dict[str, Any], counts: bool) -> None:
    found = proven(token(**changes)).has_second_factor(
        contexts=["urn:contoh:dua"], methods=["mfa"], at=NOW, within=timedelta(hours=8)
    )
    assert found is counts


def test_nothing_counts_where_nothing_is_named():
    found = proven(token()).has_second_factor(
        contexts=[], methods=[], at=NOW, within=timedelta(hours=8)
    )
    assert not found
