"""Clients of the API: registering one, what it may, what proves it, and its end (ADR 0041).

Rights come by two administrators, as those of people do: a client begins without a scope, and each scope
it gains is proposed by one and approved by another. Taking away is one person's, at once.
"""

import datetime as dt
import secrets
from collections.abc import Collection
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.api_selectors import digest_of
from bawaslu_cases.accounts.models import (
    ApiClient,
    ApiCredential,
    ApiToken,
    StaffChange,
    StaffChangeKind,
    User,
)
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.selectors import stands
from bawaslu_cases.accounts.services.changes import propose_scopes
from bawaslu_cases.accounts.services.client_assertions import KeyRefusedError, public_key
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError

DOMAIN: Final = "klien.invalid"
SECRET_PREFIX: Final = "bcs_"  # noqa: S105 -- lets a scanner find one that leaked
LIFE: Final = dt.timedelta(days=365)
"""How long a client is good before an administrator looks at it again."""
AT_ONCE: Final = 2
"""Secrets and keys that may be good together: the one in use and its successor."""
Kind = ApiCredential.Kind


@transaction.atomic
def register_client(
    *,
    name: str,
    office: Office,
    purpose: str,
    contact: str,
    scopes: Collection[str],
    administrator: User,
    at: dt.datetime,
) -> tuple[ApiClient, StaffChange]:
    """Register a client without any scope, and propose those it needs.

    Raises NotPermittedError, DomainError for no or unknown scopes.
    """
    _check_administers(administrator)
    account = User(
        email=f"{uuid4().hex}@{DOMAIN}", name=name.strip(), office=office, is_service=True
    )
    account.set_unusable_password()
    account.save()
    client = ApiClient.objects.create(
        user=account,
        name=name.strip(),
        purpose=purpose.strip(),
        contact=contact.strip(),
        expires_at=at + LIFE,
        created_by=administrator,
    )
    change = propose_scopes(
        client=client, scopes=scopes, proposer=administrator, reason=client.purpose, at=at
    )
    return client, change


@transaction.atomic
def change_scopes(
    *,
    client: ApiClient,
    scopes: Collection[str],
    administrator: User,
    reason: str,
    at: dt.datetime,
    seen: str = "",
) -> StaffChange | None:
    """Take scopes away now; return the proposal where some are to be gained, None where none is.

    ``seen`` is what :func:`stands` said when they were read, "" for a caller that shows nothing. Errors as
    in :func:`propose_scopes`; ConflictError too where it says something else by now.
    """
    _check_administers(administrator)
    held = ApiClient.objects.select_for_update().get(pk=client.pk)
    if seen and stands(held.user, StaffChangeKind.SCOPES) != seen:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    wanted = {*scopes} & set(Scope.values)
    if wanted - {*held.scopes}:
        return propose_scopes(
            client=held, scopes=wanted, proposer=administrator, reason=reason, at=at
        )
    if wanted == {*held.scopes}:
        raise DomainError(_("Tidak ada cakupan yang berubah."), field="scopes")
    held.scopes = sorted(wanted)
    held.save(update_fields=["scopes", "updated"])
    return None


@transaction.atomic
def new_secret(*, client: ApiClient, administrator: User, at: dt.datetime) -> str:
    """Make a secret and return it, the only time it is known; earlier ones end after the overlap.

    Raises NotPermittedError, ConflictError while two are good already.
    """
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    _add(client, administrator, at, kind=Kind.SECRET, digest=digest_of(secret))
    return secret


@transaction.atomic
def add_key(*, client: ApiClient, jwk: str, administrator: User, at: dt.datetime) -> ApiCredential:
    """Register a public key (JWK); earlier keys end after the overlap.

    Raises NotPermittedError, KeyRefusedError (also for one that is known), ConflictError as above.
    """
    kept, thumbprint = public_key(jwk)
    if ApiCredential.objects.filter(digest=thumbprint).exists():
        raise KeyRefusedError(_("Kunci ini sudah terdaftar."), field="jwk")
    return _add(client, administrator, at, kind=Kind.KEY, digest=thumbprint, jwk=kept)


@transaction.atomic
def end_credential(*, credential: ApiCredential, administrator: User, at: dt.datetime) -> None:
    """End a secret or key now, and with it every token of its client. Raises NotPermittedError."""
    _check_administers(administrator)
    rows = ApiCredential.objects.filter(pk=credential.pk).exclude(ends_at__lt=at)
    rows.update(ends_at=at)
    ApiToken.objects.filter(application=credential.client_id).delete()


@transaction.atomic
def suspend_client(*, client: ApiClient, administrator: User) -> None:
    """Shut a client; its tokens are gone before the next request. Raises NotPermittedError."""
    _check_administers(administrator)
    User.everyone.filter(pk=client.user_id).update(is_active=False)
    ApiToken.objects.filter(application=client).delete()


@transaction.atomic
def resume_client(*, client: ApiClient, administrator: User, at: dt.datetime) -> None:
    """Open a client again, for a year from now where its day had passed. Raises NotPermittedError."""
    _check_administers(administrator)
    User.everyone.filter(pk=client.user_id).update(is_active=True)
    ApiClient.objects.filter(pk=client.pk).update(expires_at=at + LIFE)


def _add(
    client: ApiClient,
    administrator: User,
    at: dt.datetime,
    *,
    kind: str,
    digest: str,
    jwk: dict[str, str] | None = None,
) -> ApiCredential:
    _check_administers(administrator)
    ApiClient.objects.select_for_update().get(pk=client.pk)
    good = [
        row for row in ApiCredential.objects.filter(client=client, kind=kind) if row.is_good_at(at)
    ]
    if len(good) >= AT_ONCE:
        raise ConflictError(_("Sudah ada dua yang berlaku. Akhiri salah satunya dahulu."))
    overlap = at + dt.timedelta(days=settings.API_OVERLAP_DAYS)
    for row in good:
        if row.ends_at is None or row.ends_at > overlap:
            row.ends_at = overlap
            row.save(update_fields=["ends_at"])
    return ApiCredential.objects.create(
        client=client, kind=kind, digest=digest, jwk=jwk, made_at=at, made_by=administrator
    )


def _check_administers(administrator: User) -> None:
    if not administrator.has_role(Role.ADMINISTRATOR):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
