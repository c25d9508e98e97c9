"""Statutory time limits as dated, editable rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.contest import Regime
from bawaslu_cases.registry.models.dated import (
    Confidence,
    DatedQuerySet,
    known_choice,
    one_at_a_time,
    ordered_validity,
)


class LimitUnit(models.TextChoices):
    """How the days of a limit are counted."""

    WORKING_DAY = "WORKING_DAY", _("hari kerja")
    CALENDAR_DAY = "CALENDAR_DAY", _("hari kalender")


class TimeLimitQuerySet(DatedQuerySet["TimeLimit"]):
    """Limits in force on a day."""


class TimeLimit(models.Model):
    """One limit: so many days of one unit, counted from the day after ``starts_from``.

    ``regime`` empty: the limit does not depend on the election law.
    """

    code = models.SlugField(max_length=32)
    name = models.CharField(max_length=120)
    regime = models.CharField(max_length=7, choices=Regime.choices, blank=True)
    value = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=12, choices=LimitUnit.choices)
    starts_from = models.CharField(max_length=120)
    legal_basis = models.CharField(max_length=200)
    confidence = models.CharField(max_length=12, choices=Confidence.choices)
    note = models.CharField(max_length=250, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = TimeLimitQuerySet.as_manager()

    class Meta:
        ordering = ["code", "regime", "valid_from"]
        verbose_name = _("batas waktu")
        verbose_name_plural = _("batas waktu")
        constraints = [
            models.CheckConstraint(
                condition=Q(regime__in=["", *Regime.values]), name="time_limit_regime_known"
            ),
            known_choice("unit", LimitUnit, "time_limit_unit_known"),
            known_choice("confidence", Confidence, "time_limit_confidence_known"),
            models.CheckConstraint(condition=Q(value__gte=1), name="time_limit_at_least_one_day"),
            ordered_validity("time_limit_validity_ordered"),
            one_at_a_time("time_limit_one_at_a_time", "code", "regime"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.value} {self.unit}"
