"""Reads of the keyring. Every function is one query on the database ``keyring`` unless it says more."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from bawaslu_cases.keyring.models import (
    GroupEpoch,
    KeyBundle,
    KeyGroup,
    MemberWrap,
    OfficerCertificate,
    OutsideKey,
    ReportWraps,
    RevocationList,
)


def current_epochs(*, groups: Iterable[str]) -> dict[str, GroupEpoch]:
    """Return the current epoch of each of the named groups that has one, by group code."""
    rows = GroupEpoch.objects.filter(group_id__in=list(groups), is_current=True)
    return {row.group_id: row for row in rows.select_related("group")}


def custodian_epoch() -> GroupEpoch | None:
    """Return the current epoch of the custodians' group."""
    rows = GroupEpoch.objects.filter(group__side=KeyGroup.Side.B, is_current=True)
    return rows.select_related("group").order_by("group_id").first()


def certificates(*, officers: Iterable[UUID]) -> dict[UUID, OfficerCertificate]:
    """Return the unrevoked certificate of each officer that has one."""
    rows = OfficerCertificate.objects.filter(officer__in=list(officers), revoked_on__isnull=True)
    return {row.officer: row for row in rows.select_related("group")}


def certificate_of(officer: UUID) -> OfficerCertificate | None:
    """Return an officer's unrevoked certificate."""
    return certificates(officers=[officer]).get(officer)


def certified_members(*, on: date) -> set[tuple[UUID, str]]:
    """Return officer and group of every certificate that is valid on a day and not revoked. One query."""
    rows = OfficerCertificate.objects.filter(revoked_on__isnull=True, not_after__gte=on)
    return set(rows.values_list("officer", "group_id"))


def outside_key(*, kind: str, on: date) -> OutsideKey | None:
    """Return the current recovery or LPSK key that is still valid on a day."""
    return OutsideKey.objects.filter(kind=kind, is_current=True, not_after__gte=on).first()


def revocations() -> RevocationList | None:
    """Return the newest revocation list."""
    return RevocationList.objects.order_by("-serial").first()


def bundle_of(officer: UUID) -> KeyBundle | None:
    """Return an officer's locked bundle."""
    return KeyBundle.objects.filter(officer=officer).first()


def member_wraps(officer: UUID) -> QuerySet[MemberWrap]:
    """Return every epoch's private key that is sealed to this officer."""
    rows = MemberWrap.objects.filter(officer=officer)
    return rows.select_related("group_epoch__group").order_by("group_epoch_id")


def wraps_of(report: UUID) -> ReportWraps | None:
    """Return the wraps of one report's key; None once they were erased."""
    return ReportWraps.objects.filter(report=report).first()
