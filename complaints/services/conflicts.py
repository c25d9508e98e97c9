"""A person's own declaration of ties that must keep them away from a matter."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared.errors import DomainError
from complaints.models import ConflictDeclaration
from complaints.rules.conflicts import name_digest
from complaints.services.legacy_recusals import hold_imports, recuse_declared
from complaints.services.recusals import apply_declaration

Kind = ConflictDeclaration.Kind


@transaction.atomic
def declare_conflict(
    *,
    user: User,
    kind: str,
    name: str,
    agency: Agency | None,
    since: date,
    until: date | None,
    at: datetime,
) -> ConflictDeclaration:
    """Keep a tie and recuse the person from every open matter and every old case it concerns, at once.

    Of kin's ``name`` a digest is kept. DomainError: no name of kin, no agency where one is meant, an end
    before the beginning.
    """
    if kind not in Kind.values:
        raise DomainError(_("Pilih jenis hubungannya."), field="kind")
    digest = name_digest(name) if kind == Kind.RELATIVE else ""
    if kind == Kind.RELATIVE and not digest:
        raise DomainError(_("Tulis nama lengkapnya."), field="name")
    if kind != Kind.RELATIVE and agency is None:
        raise DomainError(_("Pilih instansi dari daftar."), field="agency")
    if until is not None and until < since:
        raise DomainError(_("Tanggal akhir mendahului tanggal mulai."), field="until")
    hold_imports()
    row = ConflictDeclaration.objects.create(
        user=user,
        kind=kind,
        name_digest=digest,
        agency=agency,
        since=since,
        until=until,
        made_at=at,
    )
    apply_declaration(declaration=row, at=at)
    recuse_declared(declaration=row, at=at)
    return row


@transaction.atomic
def end_conflict(*, declaration: ConflictDeclaration, user: User, on: date) -> None:
    """Let a tie end today for what comes from now on; what it kept the person from stays so.

    DomainError for somebody else's row or one that ended already.
    """
    rows = ConflictDeclaration.objects.filter(pk=declaration.pk, user=user, until=None)
    if not rows.update(until=max(on, declaration.since)):
        raise DomainError(_("Pernyataan ini sudah berakhir."))
