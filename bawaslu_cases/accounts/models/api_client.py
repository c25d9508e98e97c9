"""Clients of the API: who they are, what proves it, their tokens, and what they called (ADR 0041)."""

import datetime as dt
import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractAccessToken, AbstractApplication

from bawaslu_cases.accounts.models.user import User
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.registry.models import Office
from bawaslu_cases.registry.models.dated import known_choice


class ApiClient(AbstractApplication):  # type: ignore[misc]  # the library has no types
    """One confidential client of one office. It acts as ``user``, a service account of that office.

    Suspended when its account is not active. What proves who it is are rows of
    :class:`ApiCredential`; the library's own columns for other grants do not exist.
    """

    client_type = AbstractApplication.CLIENT_CONFIDENTIAL
    authorization_grant_type = AbstractApplication.GRANT_CLIENT_CREDENTIALS
    registration_source = AbstractApplication.RegistrationSource.MANUAL
    client_secret = ""
    hash_client_secret = True
    redirect_uris = ""
    post_logout_redirect_uris = ""
    allowed_origins = ""
    skip_authorization = False
    algorithm = ""
    cimd_expires_at = None

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="api_client")
    name = models.CharField(max_length=100)
    # Stands in the audit log beside every call.
    purpose = models.CharField(max_length=200)
    # Who answers for it at the office.
    contact = models.CharField(max_length=150)
    scopes = ArrayField(
        models.CharField(max_length=20, choices=Scope.choices), default=list, blank=True
    )
    # NULL: settings.API_CALLS_A_MINUTE.
    calls_a_minute = models.PositiveIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("klien API")
        verbose_name_plural = _("klien API")
        constraints = [
            models.CheckConstraint(
                name="api_client_scopes_known",
                condition=Q(scopes__contained_by=sorted(Scope.values)),
            ),
            models.CheckConstraint(name="api_client_has_purpose", condition=~Q(purpose="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def office(self) -> Office:
        """The office it belongs to."""
        office: Office | None = self.user.office
        assert office is not None  # noqa: S101 -- constraint user_service_of_an_office
        return office

    @property
    def region_code(self) -> str:
        """The code of the region whose records it sees; "ID" for the whole country."""
        region = self.office.region
        return region.code if region is not None else "ID"

    def is_good_at(self, at: dt.datetime) -> bool:
        """Say whether it is neither suspended nor past its day."""
        return self.user.is_active and at < self.expires_at

    def is_usable(self, request: Any) -> bool:  # noqa: ARG002 -- the library's contract
        """Say the same to the library."""
        return self.is_good_at(timezone.now())


class CredentialKind(models.TextChoices):
    """How a client proves who it is."""

    SECRET = "secret", _("Kata rahasia")
    KEY = "key", _("Kunci publik")


class ApiCredential(models.Model):
    """A secret or a public key of a client. Of a secret nothing but a digest is kept.

    ``ends_at`` is the day a rotated one stops; until then both are good.
    """

    Kind = CredentialKind

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=6, choices=CredentialKind.choices)
    # SHA-256 of a secret of 256 random bits, or the JWK thumbprint (RFC 7638) of a key.
    digest = models.CharField(max_length=64, unique=True)
    jwk = models.JSONField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            known_choice("kind", CredentialKind, "api_credential_kind_known"),
            models.CheckConstraint(
                name="api_credential_key_is_public",
                condition=Q(kind="secret", jwk__isnull=True)
                | Q(kind="key", jwk__isnull=False) & ~Q(jwk__has_key="d"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    def is_good_at(self, at: dt.datetime) -> bool:
        """Say whether it has not ended."""
        return self.ends_at is None or at < self.ends_at


class ApiToken(AbstractAccessToken):  # type: ignore[misc]  # as above
    """A token of a client, for minutes. Only its digest is kept; ``token`` is no column here."""

    token = None
    source_refresh_token = None
    id_token = None
    user = None

    application = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="tokens")

    class Meta:
        verbose_name = _("token API")
        verbose_name_plural = _("token API")
        indexes = [models.Index(fields=["expires"], name="api_token_expires")]


class SpentAssertion(models.Model):
    """The ``jti`` of a client assertion that was taken; it is taken once (RFC 7523)."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "digest"], name="assertion_spent_once")
        ]

    def __str__(self) -> str:
        return f"{self.client_id}"


class ApiCall(models.Model):
    """One call of a client: which route, how it ended, how long it took. No body, no query, no id."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    method = models.CharField(max_length=7)
    route = models.CharField(max_length=80)
    status = models.PositiveSmallIntegerField()
    ms = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["client", "-id"], name="api_call_of_client"),
            models.Index(fields=["at"], name="api_call_at"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"


class KeptAnswer(models.Model):
    """The answer to a write, kept for the same Idempotency-Key. Committed together with what it did.

    Of the key and of the request there are digests only; the answer is sealed under the key (ADR 0043).
    """

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+")
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "key_digest"], name="answer_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.status}"
