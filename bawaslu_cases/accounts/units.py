"""The one unit somebody belongs to, and which roles exist in which kind of unit. No query of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import BAWASLU_ROLES, Role
from bawaslu_cases.registry.models import Agency, Office, RecipientBody


class UnitKind(TextChoices):
    """Where staff may belong to; the value is the field of an account."""

    OFFICE = "office", _("Kantor Bawaslu")
    RECIPIENT_BODY = "recipient_body", _("Lembaga penerima")
    AGENCY = "agency", _("Instansi")


_ROLES_OF = {
    UnitKind.OFFICE: frozenset(Role) - {Role.REVIEWER, Role.PPK_STAFF},
    UnitKind.RECIPIENT_BODY: frozenset({Role.REVIEWER}),
    UnitKind.AGENCY: frozenset({Role.PPK_STAFF}),
}
_MODELS: dict[UnitKind, Any] = {
    UnitKind.OFFICE: Office,
    UnitKind.RECIPIENT_BODY: RecipientBody,
    UnitKind.AGENCY: Agency,
}


@dataclass(frozen=True)
class Unit:
    """One unit: its kind and its row."""

    kind: UnitKind
    row: Office | RecipientBody | Agency

    @property
    def name(self) -> str:
        """Return the unit's name."""
        return self.row.name

    def as_fields(self) -> dict[str, Any]:
        """Return the three fields of an account, two of them None."""
        return {kind.value: self.row if kind is self.kind else None for kind in UnitKind}


def unit_with_key(kind: str, key: int) -> Unit | None:
    """Return a unit by its kind and key, None for one that is not there. One query."""
    row = _MODELS[UnitKind(kind)]._default_manager.filter(pk=key).first()
    return Unit(UnitKind(kind), row) if row is not None else None


def unit_named(kind: str, text: str) -> Unit | None:
    """Return the unit whose name was typed, None for none or several. One query."""
    text = " ".join(text.split())
    rows = list(_MODELS[UnitKind(kind)]._default_manager.filter(name__iexact=text)[:2])
    return Unit(UnitKind(kind), rows[0]) if len(rows) == 1 and text else None


def names_of(kind: UnitKind) -> list[str]:
    """Return the names of the units of a kind, to be typed ahead. One query."""
    rows = _MODELS[kind]._default_manager.order_by("name")
    return list(rows.values_list("name", flat=True))


def unit_names() -> list[str]:
    """Return the names of all units, to be typed ahead. Three queries."""
    names: list[str] = []
    for model in _MODELS.values():
        names += model._default_manager.order_by("name").values_list("name", flat=True)
    return names


def roles_fit(roles: Iterable[str], kind: UnitKind | None) -> bool:
    """Say whether all roles exist in such a unit; without a unit only those that see no matter."""
    if kind is None:
        return not {*roles} & {*BAWASLU_ROLES, Role.VERIFIER, Role.REVIEWER, Role.PPK_STAFF}
    return {*roles} <= _ROLES_OF[kind]
