"""A client of the API with a token, as tests call it."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from bawaslu_cases.accounts.models import ApiClient, ApiCredential, ApiToken, User
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.registry.models import Office
from tests.factories import person

ALL = tuple(Scope)
BASE = "/api/v1"


@dataclass
class ApiPeer:
    """One client as its own program: ``path`` is below /api/v1, ``json`` the body, ``key`` its key."""

    client: ApiClient
    user: User
    token: str
    secret: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        return self._sent(method, path, data, headers)

    def _sent(self, method: str, path: str, data: dict[str, Any], headers: dict[str, str]) -> Any:
        named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if self.token:
            named["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        address = path if path.startswith("/api/") else BASE + path
        return getattr(Client(), method)(address, **data, **named)

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        return self._sent("get", path, {"data": query or {}}, headers)

    def post(self, path: str, json: Any = None, key: str | None = "", **headers: str) -> Any:
        """``key=None`` sends none, "" a fresh one."""
        if key is not None:
            headers["idempotency_key"] = key or uuid4().hex
        return self.call("post", path, {} if json is None else json, **headers)


def api_client(
    office: Office, scopes: Iterable[str] = ALL, *, name: str = "Klien uji", **fields: Any
) -> ApiPeer:
    """Return a client of an office with all scopes or some, a secret and a token for ten minutes."""
    now, secret = timezone.now(), "bcs_" + secrets.token_urlsafe(32)
    user = User(email=f"{uuid4().hex}@klien.invalid", name=name, office=office, is_service=True)
    user.set_unusable_password()
    user.save()
    plain = {"purpose": "Sinkronisasi uji", "expires_at": now + timedelta(days=365)}
    client = ApiClient.objects.create(
        user=user,
        name=name,
        contact="Sari",
        scopes=[str(scope) for scope in scopes],
        created_by=person("agus"),
        **(plain | fields),
    )
    ApiCredential.objects.create(
        client=client,
        kind=ApiCredential.Kind.SECRET,
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        made_at=now,
        made_by=person("agus"),
    )
    return ApiPeer(client, user, token_of(client), secret)


def token_of(client: ApiClient, scopes: Iterable[str] | None = None, seconds: int = 600) -> str:
    """Return a token as the server would give it."""
    token = "bct_" + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        application=client,
        token_checksum=hashlib.sha256(token.encode()).hexdigest(),
        scope=" ".join(client.scopes if scopes is None else scopes),
        expires=timezone.now() + timedelta(seconds=seconds),
    )
    return token
