"""The registry as the API gives it out: whole lists, few columns, one or two queries each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from bawaslu_cases.registry.models import (
    ActKind,
    Agency,
    Contest,
    ContestPhase,
    Holiday,
    Office,
    Region,
    SanctionType,
)

Rows = Sequence[Mapping[str, Any]]


def regions() -> Rows:
    """Return provinces, regencies and cities by code. One query."""
    return list(
        Region.objects.order_by("code").values(
            "code",
            "name",
            "short_name",
            "kind",
            "is_autonomous",
            "time_zone",
            parent_code=F("parent__code"),
        )
    )


def offices() -> Rows:
    """Return Bawaslu's offices, each after the one above it. One query."""
    return list(
        Office.objects.order_by("path").values(
            "code",
            "name",
            "level",
            "bawaslu_code",
            "time_zone",
            region_code=F("region__code"),
            parent_code=F("parent__code"),
        )
    )


def agencies(on: date) -> Rows:
    """Return the agencies in force on a day, by code. One query."""
    return list(
        Agency.objects.in_force(on)
        .order_by("code")
        .values(
            "code",
            "name",
            "short_name",
            "kind",
            "ppk_title",
            "valid_from",
            "valid_to",
            region_code=F("region__code"),
        )
    )


def acts() -> Rows:
    """Return the kinds of acts in their order. One query."""
    return list(ActKind.objects.order_by("order").values("code", "group", "label_id", "label_en"))


def sanctions(on: date) -> Rows:
    """Return the sanctions in force on a day, the lightest first. One query."""
    return list(
        SanctionType.objects.in_force(on)
        .order_by("order", "code")
        .values(
            "code",
            "sanction_class",
            "name",
            "months",
            "percent",
            "is_transitional",
            "legal_basis",
            "valid_from",
            "valid_to",
        )
    )


def contests() -> Rows:
    """Return contests with their phases and regions, the newest first. One query."""
    phases = ContestPhase.objects.filter(contest=OuterRef("pk")).order_by("starts_on", "kind")
    places = Region.objects.filter(contests=OuterRef("pk")).order_by("code")
    return list(
        Contest.objects.order_by("-year", "code").values(
            "code",
            "name",
            "regime",
            "election_code",
            "year",
            "starts_on",
            "ends_on",
            "voting_on",
            region_codes=ArraySubquery(places.values("code")),
            steps=ArraySubquery(
                phases.values(
                    told=JSONObject(kind="kind", starts_on="starts_on", ends_on="ends_on")
                )
            ),
        )
    )


def holidays(year: int) -> Rows:
    """Return the days off of a year. One query."""
    return list(
        Holiday.objects.filter(date__year=year)
        .order_by("date", "category", "pk")
        .values("date", "category", "name", "is_estimated", region_code=F("region__code"))
    )
