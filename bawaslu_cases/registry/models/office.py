"""Bawaslu's own offices, the tree along which every officer's scope is cut."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.dated import known_choice
from bawaslu_cases.registry.models.region import Region, TimeZone


class OfficeLevel(models.TextChoices):
    """The three permanent levels of Bawaslu."""

    RI = "RI", _("Pusat")
    PROVINCE = "PROVINCE", _("Provinsi")
    REGENCY = "REGENCY", _("Kabupaten/Kota")


DEFAULT_SEATS = {OfficeLevel.RI: 5, OfficeLevel.PROVINCE: 5, OfficeLevel.REGENCY: 3}
"""Seats where the registry names none: the smaller number of UU 7/2017 ps 92."""


class LevelCode(models.TextChoices):
    """How a level is written in official numbers (Perbawaslu 7/2022, Format Penomoran)."""

    RI = "RI", "RI"
    PROV = "Prov", "Prov"
    KAB = "Kab", "Kab"
    KOTA = "Kota", "Kota"


class OfficeQuerySet(models.QuerySet["Office"]):
    """Offices by their place in the tree."""

    def under(self, path: str) -> Self:
        """Keep the office at ``path`` and everything below it.

        The dot is part of the prefix, so ``00.3`` never reaches ``00.33``.
        """
        return self.filter(Q(path=path) | Q(path__startswith=f"{path}."))


class Office(models.Model):
    """One Bawaslu office: Bawaslu RI, a province's, or a regency's or city's.

    In Aceh the name is Panwaslih (UU 11/2006). ``bawaslu_code`` is the code of Lampiran Perbawaslu
    7/2022; empty means the printed table gives this office none, never that nobody looked.
    """

    Level = OfficeLevel

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    level = models.CharField(max_length=8, choices=OfficeLevel.choices)
    level_code = models.CharField(max_length=4, choices=LevelCode.choices)
    region = models.OneToOneField(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="office"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=8, unique=True)
    # NULL, not "": the printed table gives this office no code, and unique still holds.
    bawaslu_code = models.CharField(max_length=5, unique=True, null=True, blank=True)
    # The place as official numbers write it where the table gives no code.
    number_name = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=20, choices=TimeZone.choices)
    # Members of the plenary by appointment: 5 or 7 in a province, 3 or 5 in a regency (UU 7/2017 ps 92).
    seats = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name = _("kantor Bawaslu")
        verbose_name_plural = _("kantor Bawaslu")
        constraints = [
            known_choice("level", OfficeLevel, "office_level_known"),
            known_choice("level_code", LevelCode, "office_level_code_known"),
            known_choice("time_zone", TimeZone, "office_time_zone_known"),
            models.CheckConstraint(
                condition=Q(
                    level=OfficeLevel.RI,
                    level_code=LevelCode.RI,
                    region__isnull=True,
                    parent__isnull=True,
                    path="00",
                )
                | Q(
                    level=OfficeLevel.PROVINCE,
                    level_code=LevelCode.PROV,
                    region__isnull=False,
                    parent__isnull=False,
                    path__regex=r"^00\.\d{2}$",
                )
                | Q(
                    level=OfficeLevel.REGENCY,
                    level_code__in=[LevelCode.KAB, LevelCode.KOTA],
                    region__isnull=False,
                    parent__isnull=False,
                    path__regex=r"^00\.\d{2}\.\d{2}$",
                ),
                name="office_level_matches_place",
            ),
            models.CheckConstraint(
                condition=Q(bawaslu_code__isnull=True) | Q(bawaslu_code__regex=r"^\d{2}\.\d{2}$"),
                name="office_bawaslu_code_shape",
            ),
        ]
        indexes = [
            # path__startswith of every scoped list; the plain index does not serve LIKE
            models.Index(
                fields=["path"], name="office_path_prefix", opclasses=["varchar_pattern_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def quorum(self) -> int:
        """Fewest members a plenary of this office decides with: more than half of its seats."""
        return (self.seats or DEFAULT_SEATS[OfficeLevel(self.level)]) // 2 + 1

    @property
    def number_region(self) -> str:
        """The region part of an official number: Bawaslu's code, or the name where none exists."""
        return self.bawaslu_code or self.number_name
