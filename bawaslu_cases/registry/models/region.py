"""Provinces, regencies and cities, with the other names and old codes people use for them."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.dated import known_choice


class TimeZone(models.TextChoices):
    """The three zones of Indonesia by their IANA names."""

    WIB = "Asia/Jakarta", "WIB"
    WIB_WEST_KALIMANTAN = "Asia/Pontianak", "WIB"
    WITA = "Asia/Makassar", "WITA"
    WIT = "Asia/Jayapura", "WIT"


class RegionKind(models.TextChoices):
    """What kind of area a region is."""

    PROVINCE = "PROVINCE", _("Provinsi")
    KABUPATEN = "KABUPATEN", _("Kabupaten")
    KOTA = "KOTA", _("Kota")


class RegionQuerySet(models.QuerySet["Region"]):
    """Regions by level."""

    def provinces(self) -> Self:
        """Keep provinces."""
        return self.filter(kind=RegionKind.PROVINCE)

    def regencies(self) -> Self:
        """Keep kabupaten and kota."""
        return self.exclude(kind=RegionKind.PROVINCE)


class Region(models.Model):
    """A province (``33``) or a regency or city (``33.08``) under its Kemendagri code.

    Source: npm ``idn-area-data`` (ODbL, see data/IDN_AREA_DATA_NOTICE.md).
    """

    code = models.CharField(max_length=5, unique=True)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=9, choices=RegionKind.choices)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    # The six units of Jakarta are administrative: no election, no employing official of their own.
    is_autonomous = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=20, choices=TimeZone.choices)

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("wilayah")
        verbose_name_plural = _("wilayah")
        constraints = [
            known_choice("kind", RegionKind, "region_kind_known"),
            known_choice("time_zone", TimeZone, "region_time_zone_known"),
            models.CheckConstraint(
                condition=Q(kind=RegionKind.PROVINCE, parent__isnull=True, code__regex=r"^\d{2}$")
                | Q(
                    ~Q(kind=RegionKind.PROVINCE),
                    parent__isnull=False,
                    code__regex=r"^\d{2}\.\d{2}$",
                ),
                name="region_code_matches_level",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def province_code(self) -> str:
        """The two digits of the province this region is or lies in."""
        return self.code[:2]


class RegionAliasKind(models.TextChoices):
    """Why a region is also found under another word."""

    ABBREVIATION = "ABBREVIATION", _("Singkatan")
    OLD_CODE = "OLD_CODE", _("Kode lama")


class RegionAlias(models.Model):
    """Another name of a region, or a code it had before (Papua was split in 2022).

    An old code may since have been given to somebody else; a current code always wins a look-up.
    """

    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="aliases")
    alias = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=RegionAliasKind.choices)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["alias", "kind"]
        verbose_name = _("nama lain wilayah")
        verbose_name_plural = _("nama lain wilayah")
        constraints = [
            known_choice("kind", RegionAliasKind, "region_alias_kind_known"),
            models.UniqueConstraint(fields=["alias", "region"], name="region_alias_once"),
        ]

    def __str__(self) -> str:
        return self.alias
