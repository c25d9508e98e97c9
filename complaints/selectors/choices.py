"""What the desk's forms offer: acts, regions, agencies."""

from datetime import date

from django.db.models import Q

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import (
    ActGroup,
    ActKind,
    Agency,
    AgencyKind,
    Office,
    Region,
    RegionKind,
)
from complaints.selectors.intake import regency

Choice = tuple[str, str]
Grouped = list[tuple[str, list[Choice]]]
_CENTRAL = (AgencyKind.MINISTRY, AgencyKind.BODY)


def act_choices() -> Grouped:
    """Return every act, also the finer ones only officers use, by heading. One query."""
    groups: dict[str, list[Choice]] = {group: [] for group in ActGroup.values}
    for act in ActKind.objects.all():
        groups[act.group].append((act.code, act.label_id))
    return [(str(ActGroup(group).label), acts) for group, acts in groups.items()]


def region_choices(user: User) -> Grouped:
    """Return the regions an officer's finding may lie in: the office's own area. One query.

    At Bawaslu RI that is the whole country.
    """
    rows = Region.objects.order_by("code")
    own = user.office.region if user.office else None
    if own is not None:
        rows = rows.filter(Q(pk=own.pk) | Q(parent=own))
    found = list(rows.values_list("code", "name", "kind"))
    names = {code: name for code, name, kind in found if kind == RegionKind.PROVINCE}
    groups: dict[str, list[Choice]] = {}
    for code, name, _kind in found:
        groups.setdefault(names.get(code[:2], name), []).append((code, name))
    return list(groups.items())


def region_with_code(code: str) -> Region | None:
    """Return the region of a code. One query."""
    return Region.objects.filter(code=code).first()


def agency_names(user: User, *, on: date) -> list[str]:
    """Return agencies to type ahead: the centre's and those of the office's province. One query.

    At Bawaslu RI the local governments are left out; a name typed in full is found all the same.
    """
    nearby = Q(kind__in=_CENTRAL)
    if user.office is not None and user.office.region is not None:
        province = user.office.region.province_code
        nearby |= Q(region__code=province) | Q(region__code__startswith=f"{province}.")
    else:
        nearby |= Q(kind=AgencyKind.PROVINCE)
    rows = Agency.objects.in_force(on).filter(nearby).order_by("name")
    return list(rows.values_list("name", flat=True))


def agency_named(text: str, *, on: date) -> Agency | None:
    """Return the agency whose name, short name or code was typed; None for anything else. One query."""
    text = " ".join(text.split())
    if not text:
        return None
    named = Q(name__iexact=text) | Q(short_name__iexact=text) | Q(code__iexact=text)
    found = list(Agency.objects.in_force(on).filter(named).select_related("region")[:2])
    return found[0] if len(found) == 1 else None


def offices_below(office: Office) -> list[Office]:
    """Return the offices right below one, by name: where it can delegate to. One query."""
    return list(Office.objects.filter(parent=office).order_by("name"))


def region_of_area(*, office: Office, code: str) -> Region | None:
    """Return a regency or city inside an office's own area, or None. One query at most, none remembered.

    A region elsewhere is as unknown as one that does not exist (check P03).
    """
    found = regency(code)
    area = office.region
    if found is None or area is None:
        return found
    return found if area.pk in {found.pk, found.parent_id} else None


def office_named(code: str) -> Office | None:
    """Return an office by its code, or None. One query. Nobody sees more of it for that."""
    return Office.objects.filter(code=code).first()
