"""Regions and offices."""

from django.db.models import Prefetch, Q, QuerySet

from bawaslu_cases.registry.models import Office, OfficeLevel, Region, RegionAliasKind
from bawaslu_cases.registry.remembered import remembered


def provinces_with_regencies() -> QuerySet[Region]:
    """Return every province with its regencies in ``children``, for grouped choices. Two queries."""
    return Region.objects.provinces().prefetch_related(
        Prefetch("children", queryset=Region.objects.order_by("name"))
    )


def region_named(text: str) -> Region | None:
    """Return the region a code, name, abbreviation or old code means; None when none or several do.

    A current code wins over an old one, since old Papuan codes were given out again. One query
    for a current code, else up to two.
    """
    text = text.strip()
    region = Region.objects.filter(code=text).first()
    if region is not None:
        return region
    found = list(
        Region.objects.filter(
            Q(name__iexact=text)
            | Q(short_name__iexact=text)
            | Q(aliases__alias__iexact=text)
            | Q(aliases__alias=text, aliases__kind=RegionAliasKind.OLD_CODE)
        ).distinct()[:2]
    )
    return found[0] if len(found) == 1 else None


@remembered
def office_for(*, region: Region | None) -> Office:
    """Return the office whose area is the region; Bawaslu RI without one. One query, none remembered.

    Raises Office.DoesNotExist while the registry is not loaded.
    """
    if region is None:
        return Office.objects.get(level=OfficeLevel.RI)
    return Office.objects.get(region=region)


@remembered
def province_office(*, region: Region) -> Office:
    """Return the office of the province the region is or lies in. One query.

    Raises Office.DoesNotExist while the registry is not loaded.
    """
    return Office.objects.get(level=OfficeLevel.PROVINCE, region__code=region.province_code)


def offices_under(*, office: Office) -> QuerySet[Office]:
    """Return the office and all below it. One query."""
    return Office.objects.under(office.path)
