"""The register of reported people: who an official may be, and one person across the cases one may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared.nip import masked_nip, nip_remark
from complaints.matching.names import name_parts
from complaints.models import Allegation, Case, PersonRefusal, ReportedPerson
from complaints.selectors.case_file import Row
from complaints.selectors.record_page import day_text
from complaints.states import CaseAction, CaseStatus

CASES_SHOWN = 30
SUGGESTED = 3
"""At most so many suggestions for one official."""


@dataclass(frozen=True)
class NamedOfficial:
    """One official of a case as its people tab shows them: who they may be, who answers for them."""

    facts: Row
    person: ReportedPerson | None
    suggested: Sequence[ReportedPerson]
    ppk: str
    ppk_why: str
    days: list[str]


def official_choices(case: Case) -> list[tuple[str, str]]:
    """Return the officials of a case as choices of a form, each once. One query."""
    rows = Allegation.objects.filter(case=case).select_related("official").order_by("pk")
    return list({str(row.official.public_id): str(row.official) for row in rows}.items())


def named_officials(case: Any, allegations: Sequence[Row], *, viewer: User) -> list[NamedOfficial]:
    """Return the officials of a case, each once, as ``case_page`` told their allegations.

    Five queries whatever their number; one more for each province or successor that must be looked up.
    """
    firsts = {row["public_id"]: row for row in allegations}
    rows = list(
        Allegation.objects.filter(case=case)
        .select_related("official__person__agency", "official__agency__region")
        .order_by("event_on", "pk")
    )
    officials = {row.official_id: row.official for row in rows}
    suggested = _suggestions(list(officials.values()), viewer)
    rules = registry.ppk_rules()
    found = []
    for official in officials.values():
        days = [row.event_on for row in rows if row.official_id == official.pk]
        ppk = (
            registry.ppk_for(
                agency=official.agency,
                unit_kind=official.unit_kind,
                position=official.position,
                on=days[-1],
                rules_at_hand=rules,
            )
            if official.agency
            else None
        )
        found.append(
            NamedOfficial(
                facts=firsts[str(official.public_id)],
                person=official.person,
                suggested=suggested.get(official.pk, ()),
                ppk=ppk.title if ppk else "",
                ppk_why=ppk.reason if ppk else "",
                days=[day_text(day) for day in dict.fromkeys(days)],
            )
        )
    return found


def _suggestions(officials: Sequence[Any], viewer: User) -> dict[int, list[ReportedPerson]]:
    """Return who the officials that nobody identified may be. Two queries.

    The same number (NIP), or the same name where no two numbers differ; nobody who was refused, and
    nobody of whom the viewer may see no case.
    """
    unknown = [each for each in officials if each.person_id is None]
    keys = {each.pk: " ".join(sorted(name_parts(each.name))) for each in unknown if each.name}
    numbers = {each.nip for each in unknown if each.nip}
    people = list(
        ReportedPerson.objects.visible_to(viewer)
        .filter(Q(name_key__in={key for key in keys.values() if key}) | Q(nip__in=numbers))
        .select_related("agency")
        .order_by("pk")
    )
    refused = set(
        PersonRefusal.objects.filter(official__in=unknown).values_list("official", "person")
    )
    found: dict[int, list[ReportedPerson]] = {}
    for official in unknown:
        alike = [
            person
            for person in people
            if (official.pk, person.pk) not in refused and _may_be(official, keys, person)
        ]
        alike.sort(key=lambda person: (person.nip != official.nip or not person.nip, person.pk))
        found[official.pk] = alike[:SUGGESTED]
    return found


def _may_be(official: Any, keys: dict[int, str], person: ReportedPerson) -> bool:
    if official.nip and person.nip:
        return bool(official.nip == person.nip)
    return bool(keys.get(official.pk)) and keys[official.pk] == person.name_key


@dataclass(frozen=True)
class PersonPage:
    """One reported person with the cases in which the viewer may read of them."""

    person: ReportedPerson
    nip: str
    nip_remark: str
    names: list[str]
    cases: list[Row]
    more: bool


def person_page(person: ReportedPerson, *, viewer: User, today: date) -> PersonPage:
    """Return the page of somebody in the register: cases, acts, outcomes, and the PPK of each day.

    Three queries; one more for each agency that ended or is answered for by its province.
    """
    seen = Case.objects.visible_to(viewer)
    rows = list(
        Allegation.objects.filter(official__person=person, case__in=seen)
        .select_related("case__office", "official__agency__region")
        .order_by("-event_on", "-pk")[: CASES_SHOWN + 1]
    )
    labels = dict(registry.acts_by_code())
    rules = registry.ppk_rules()
    remark = nip_remark(person.nip, on=today)
    return PersonPage(
        person=person,
        nip=masked_nip(person.nip),
        nip_remark=remark.text if remark else "",
        names=sorted({row.official.name for row in rows if row.official.name} - {person.name}),
        cases=[_named_in(row, labels, rules) for row in rows[:CASES_SHOWN]],
        more=len(rows) > CASES_SHOWN,
    )


def _named_in(row: Allegation, labels: dict[str, Any], rules: Sequence[Any]) -> Row:
    official, case = row.official, row.case
    agency: Agency | None = official.agency
    ppk = (
        registry.ppk_for(
            agency=agency,
            unit_kind=official.unit_kind,
            position=official.position,
            on=row.event_on,
            rules_at_hand=rules,
        )
        if agency
        else None
    )
    return {
        "case": case,
        "office": case.office.name,
        "acts": "; ".join(str(labels.get(code, code)) for code in row.acts),
        "day": day_text(row.event_on),
        "post": ", ".join(
            part
            for part in (
                official.position,
                official.unit,
                agency.name if agency else official.agency_text,
            )
            if part
        ),
        "ppk": ppk.title if ppk else _("instansi belum diketahui"),
        "status": CaseStatus(case.status).label,
        "outcome": str(CaseAction(case.decision).label) if case.decision else "",
    }
