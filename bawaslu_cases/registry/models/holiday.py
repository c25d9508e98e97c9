"""Days off, and the numbered versions of the calendar they make up."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.dated import known_choice
from bawaslu_cases.registry.models.region import Region


class HolidayCategory(models.TextChoices):
    """Why a day does not count as a working day."""

    NATIONAL = "NATIONAL", _("Hari libur nasional")
    JOINT_LEAVE = "JOINT_LEAVE", _("Cuti bersama")
    ELECTION_DAY = "ELECTION_DAY", _("Hari pemungutan suara")
    LOCAL = "LOCAL", _("Libur daerah")


class Holiday(models.Model):
    """One day off. Written by ``services.change_calendar`` only, so each change has a version."""

    date = models.DateField()
    category = models.CharField(max_length=12, choices=HolidayCategory.choices)
    name = models.CharField(max_length=120)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="holidays"
    )
    is_estimated = models.BooleanField(default=False)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["date", "category"]
        verbose_name = _("hari libur")
        verbose_name_plural = _("hari libur")
        constraints = [
            known_choice("category", HolidayCategory, "holiday_category_known"),
            models.UniqueConstraint(
                fields=["date", "category", "name", "region"],
                name="holiday_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~models.Q(category=HolidayCategory.LOCAL)
                | models.Q(region__isnull=False),
                name="holiday_local_has_region",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class CalendarVersion(models.Model):
    """One change of the holidays: what was added and removed, why, by whom.

    ``added`` and ``removed`` hold lists of ``{"date", "category", "name", "region"}``.
    ``actor_id`` is the primary key of the officer, empty when a file was loaded; accounts stand
    above this app, so it is no foreign key.
    """

    number = models.PositiveIntegerField(unique=True)
    created_at = models.DateTimeField()
    reason = models.CharField(max_length=250)
    actor_id = models.BigIntegerField(null=True, blank=True)
    added = models.JSONField(default=list)
    removed = models.JSONField(default=list)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("versi kalender")
        verbose_name_plural = _("versi kalender")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="calendar_version_has_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.reason}"
