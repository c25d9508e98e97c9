"""What proves who a client is: its secret, or a signature of its own key (RFC 7523)."""

import base64
import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECONDS = 120
_P256_BYTES = 32


class Credential(Protocol):
    """Something that proves to the token endpoint who a client is."""

    @property
    def client_id(self) -> str:
        """The client's public name."""

    def proof(self, audience: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return the headers and the form fields to send to the token endpoint at ``audience``."""


@dataclass(frozen=True)
class Secret:
    """The secret that the office's page showed once. The repr does not show it."""

    client_id: str
    secret: str

    def __repr__(self) -> str:
        return f"Secret({self.client_id!r}, …)"

    def proof(self, audience: str) -> tuple[dict[str, str], dict[str, str]]:  # noqa: ARG002 -- contract
        """Return HTTP Basic, each half escaped as RFC 6749 2.3.1 wants it."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self.secret, safe='')}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}, {}


@dataclass(frozen=True)
class PrivateKey:
    """A key of the client's own: Ed25519 (EdDSA), P-256 (ES256) or RSA (PS256)."""

    client_id: str
    key: Any

    def __repr__(self) -> str:
        return f"PrivateKey({self.client_id!r}, …)"

    @classmethod
    def read(cls, client_id: str, pem: Path, *, password: bytes | None = None) -> Self:
        """Read a PEM file. Raises ValueError for a kind of key the server does not take."""
        key = load_pem_private_key(pem.read_bytes(), password)
        _algorithm(key)
        return cls(client_id, key)

    def proof(self, audience: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return an assertion that is good once and for two minutes."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": audience,
            "iat": now,
            "exp": now + _SECONDS,
            "jti": secrets.token_urlsafe(24),
        }
        head = {"alg": _algorithm(self.key), "typ": "JWT"}
        signed = ".".join(_plain(json.dumps(part).encode()) for part in (head, claims))
        assertion = f"{signed}.{_plain(_signature(self.key, signed.encode()))}"
        return {}, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def _algorithm(key: Any) -> str:
    match key:
        case Ed25519PrivateKey():
            return "EdDSA"
        case ec.EllipticCurvePrivateKey(curve=ec.SECP256R1()):
            return "ES256"
        case rsa.RSAPrivateKey():
            return "PS256"
    raise ValueError("a client's key is Ed25519, P-256 or RSA")


def _signature(key: Any, message: bytes) -> bytes:
    match key:
        case Ed25519PrivateKey():
            return key.sign(message)
        case ec.EllipticCurvePrivateKey():
            r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
            return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
    signature: bytes = key.sign(message, pss, SHA256())
    return signature


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
