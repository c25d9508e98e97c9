"""Agencies and the employing official who answers for a person."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bawaslu_cases.registry.models import (
    Agency,
    AgencyKind,
    PpkRule,
    PpkTarget,
    RecipientBody,
    RecipientKind,
)
from bawaslu_cases.registry.remembered import remembered


@dataclass(frozen=True, slots=True)
class PpkDesignation:
    """Whose PPK answers, by which title, and why.

    ``conflict``: the PPK judges himself or his closest official, so the letter needs a copy to
    the authority above; ``reason`` names it.
    """

    agency: Agency
    title: str
    reason: str
    conflict: bool
    legal_basis: str


def agencies_on(on: dt.date) -> QuerySet[Agency]:
    """Agencies that exist on the day, by name. One query."""
    return Agency.objects.in_force(on)


@remembered
def agencies_by_name(on: dt.date) -> Mapping[str, Agency]:
    """Return the agencies of the day by full and short name, as :func:`folded`. One query.

    None when remembered.
    """
    return {
        folded(name): agency
        for agency in Agency.objects.in_force(on)
        for name in (agency.name, agency.short_name)
        if name
    }


def folded(name: str) -> str:
    """Return a name as it is compared: single spaces, no capitals."""
    return " ".join(name.split()).casefold()


def ppk_rules() -> Sequence[PpkRule]:
    """Return every PPK rule of all times, for many people at once (:func:`ppk_for`). One query."""
    return list(PpkRule.objects.select_related("target_agency"))


def ppk_for(
    *,
    agency: Agency,
    unit_kind: str,
    position: str,
    on: dt.date,
    rules_at_hand: Sequence[PpkRule] | None = None,
) -> PpkDesignation:
    """Return the PPK of somebody who works in such a unit of the agency in such a position on the day.

    An agency that no longer exists is answered for by its successor. One query, none with the rules at
    hand; one more when the province or a successor must be looked up; ``agency.region`` is read once
    more if not loaded.
    """
    position = position.strip().lower()
    agency, history = _agency_on(agency, on)
    rules: Iterable[PpkRule]
    if rules_at_hand is None:
        rules = PpkRule.objects.in_force(on).select_related("target_agency")
    else:
        rules = (rule for rule in rules_at_hand if _holds(rule, on))
    rule = next((rule for rule in rules if _applies(rule, agency, unit_kind, position)), None)
    if rule is None:
        reason, legal_basis = _("PPK adalah pimpinan instansi itu sendiri."), "UU 20/2023 ps 29"
        return PpkDesignation(agency, agency.ppk_title, history + reason, False, legal_basis)  # noqa: FBT003 -- a plain record
    answering = _answering(rule, agency, on)
    return PpkDesignation(
        agency=answering,
        title=answering.ppk_title,
        reason=f"{history}{rule.reason} ({rule.legal_basis})",
        conflict=rule.is_conflict,
        legal_basis=rule.legal_basis,
    )


def _holds(rule: PpkRule, on: dt.date) -> bool:
    return (rule.valid_from or dt.date.min) <= on <= (rule.valid_to or dt.date.max)


def _agency_on(agency: Agency, on: dt.date) -> tuple[Agency, str]:
    """Return the agency, or its only successor when it has ended, and a sentence about that."""
    if agency.valid_to is None or on <= agency.valid_to:
        return agency, ""
    successors = list(agency.successors.in_force(on)[:2])
    if len(successors) != 1:
        note = _("%(agency)s sudah berakhir; pilih instansi penggantinya. ")
        return agency, note % {"agency": agency}
    note = _("%(agency)s sudah berakhir dan digantikan %(successor)s. ")
    return successors[0], note % {"agency": agency, "successor": successors[0]}


def _applies(rule: PpkRule, agency: Agency, unit_kind: str, position: str) -> bool:
    """Say whether every condition the rule names holds."""
    if rule.unit_kind and rule.unit_kind != unit_kind:
        return False
    if rule.agency_kind and rule.agency_kind != agency.kind:
        return False
    if rule.only_non_autonomous and (agency.region is None or agency.region.is_autonomous):
        return False
    return not rule.position_pattern or bool(re.search(rule.position_pattern, position))


def _answering(rule: PpkRule, agency: Agency, on: dt.date) -> Agency:
    """Return the agency whose PPK the rule names."""
    if rule.target == PpkTarget.AGENCY and rule.target_agency is not None:
        return rule.target_agency
    if rule.target == PpkTarget.PROVINCE and agency.region is not None:
        return Agency.objects.in_force(on).get(
            kind=AgencyKind.PROVINCE, region__code=agency.region.province_code
        )
    return agency


HOME_AFFAIRS = "M-DAGRI"


@remembered
def authority_above(agency: Agency, on: dt.date) -> Agency | None:
    """Return whose official stands above an agency's own: province over kabupaten, minister over province.

    None above a ministry or body: that is the President. Two queries at most, none when remembered.
    """
    if agency.kind == AgencyKind.PROVINCE:
        return Agency.objects.in_force(on).filter(code=HOME_AFFAIRS).first()
    if agency.kind in {AgencyKind.MINISTRY, AgencyKind.BODY} or agency.region is None:
        return None
    provinces = Agency.objects.in_force(on).filter(kind=AgencyKind.PROVINCE)
    return provinces.filter(region__code=agency.region.province_code).first()


@remembered
def recipient_on(on: dt.date, kind: RecipientKind = RecipientKind.CIVIL_SERVICE) -> RecipientBody:
    """Return the body of a kind that receives referrals on the day. One query, none remembered.

    Raises RecipientBody.DoesNotExist before KASN began (27 November 2014).
    """
    return RecipientBody.objects.filter(valid_from__isnull=False, kind=kind).in_force(on).get()


def recipient_bodies() -> list[RecipientBody]:
    """Return every body, also those that have ended or not begun, by code. One query."""
    return list(RecipientBody.objects.order_by("code"))
