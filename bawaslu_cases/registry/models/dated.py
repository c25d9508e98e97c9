"""What dated rows share: a first day, a last day, and the constraints that keep both honest."""

import datetime as dt
from typing import Self, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _


class Confidence(models.TextChoices):
    """How well a legal fact is known; shown beside it wherever an officer relies on it."""

    PRIMARY_TEXT = "PRIMARY_TEXT", _("Dibaca dari naskah peraturan")
    TWO_SOURCES = "TWO_SOURCES", _("Dua sumber atau lebih")
    ONE_SOURCE = "ONE_SOURCE", _("Satu sumber")
    BACKGROUND = "BACKGROUND", _("Pengetahuan umum, belum diperiksa")
    GAP = "GAP", _("Belum ditemukan sumbernya, nilai usulan")


ModelT = TypeVar("ModelT", bound=models.Model)


class DatedQuerySet(models.QuerySet[ModelT]):
    """Rows with ``valid_from`` and ``valid_to``, both inclusive and both open when empty."""

    def in_force(self, on: dt.date) -> Self:
        """Keep the rows whose validity contains the day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=on),
            Q(valid_to__isnull=True) | Q(valid_to__gte=on),
        )


def known_choice(
    field: str, choices: type[models.TextChoices], name: str
) -> models.CheckConstraint:
    """Return the constraint that lets the column hold declared values only."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


def ordered_validity(name: str) -> models.CheckConstraint:
    """Return the constraint that a row does not end before it begins."""
    return models.CheckConstraint(
        condition=Q(valid_from__isnull=True)
        | Q(valid_to__isnull=True)
        | Q(valid_from__lte=F("valid_to")),
        name=name,
    )


def one_at_a_time(name: str, *same: str, condition: Q | None = None) -> ExclusionConstraint:
    """Return the constraint that rows equal in ``same`` never overlap in time.

    The range is closed on both sides, as ``valid_to`` is the last day in force.
    """
    validity = Func(
        F("valid_from"),
        F("valid_to"),
        Value("[]"),
        function="daterange",
        output_field=DateRangeField(),
    )
    return ExclusionConstraint(
        name=name,
        expressions=[(validity, RangeOperators.OVERLAPS)]
        + [(F(field), RangeOperators.EQUAL) for field in same],
        condition=condition,
        # checked when the statement ends: moving a boundary updates two rows at once
        deferrable=Deferrable.IMMEDIATE,
    )
