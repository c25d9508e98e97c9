"""Agencies that employ civil servants, and the dated rules that say who answers for whom."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.dated import (
    Confidence,
    DatedQuerySet,
    known_choice,
    one_at_a_time,
    ordered_validity,
)
from bawaslu_cases.registry.models.region import Region


class AgencyKind(models.TextChoices):
    """What kind of employer an agency is."""

    MINISTRY = "MINISTRY", _("Kementerian")
    BODY = "BODY", _("Lembaga")
    PROVINCE = "PROVINCE", _("Pemerintah provinsi")
    KABUPATEN = "KABUPATEN", _("Pemerintah kabupaten")
    KOTA = "KOTA", _("Pemerintah kota")


class UnitKind(models.TextChoices):
    """The kind of unit a person works in, where that decides whose staff the person is."""

    GENERAL = "GENERAL", _("Kantor atau dinas")
    BASIC_SCHOOL = "BASIC_SCHOOL", _("PAUD, SD, atau SMP negeri")
    UPPER_SECONDARY_SCHOOL = "UPPER_SECONDARY_SCHOOL", _("SMA, SMK, atau SLB negeri")
    MADRASAH = "MADRASAH", _("Madrasah negeri")
    RELIGIOUS_AFFAIRS = "RELIGIOUS_AFFAIRS", _("KUA atau kantor Kementerian Agama")
    HEALTH = "HEALTH", _("Puskesmas atau rumah sakit")
    DISTRICT = "DISTRICT", _("Kecamatan, distrik, atau kelurahan")
    HIGHER_EDUCATION = "HIGHER_EDUCATION", _("Perguruan tinggi negeri")


class AgencyQuerySet(DatedQuerySet["Agency"]):
    """Agencies in force on a day."""


class Agency(models.Model):
    """An employer of civil servants with the title of its employing official (PPK).

    ``valid_from`` empty: since before our records. Ministries of the 2019–2024 cabinet stay for
    old events and name their successors.
    """

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=140)
    short_name = models.CharField(max_length=80)
    kind = models.CharField(max_length=9, choices=AgencyKind.choices)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="agencies"
    )
    ppk_title = models.CharField(max_length=120)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    successors = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="predecessors"
    )
    note = models.CharField(max_length=255, blank=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("instansi")
        verbose_name_plural = _("instansi")
        constraints = [
            known_choice("kind", AgencyKind, "agency_kind_known"),
            ordered_validity("agency_validity_ordered"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[AgencyKind.PROVINCE, AgencyKind.KABUPATEN, AgencyKind.KOTA],
                    region__isnull=False,
                )
                | Q(kind__in=[AgencyKind.MINISTRY, AgencyKind.BODY]),
                name="agency_local_has_region",
            ),
            one_at_a_time(
                "agency_one_government_per_region",
                "region",
                condition=Q(kind__in=[AgencyKind.PROVINCE, AgencyKind.KABUPATEN, AgencyKind.KOTA]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PpkTarget(models.TextChoices):
    """Whose employing official answers when a rule applies."""

    OWN = "OWN", _("Instansi sendiri")
    PROVINCE = "PROVINCE", _("Pemerintah provinsi di wilayah itu")
    AGENCY = "AGENCY", _("Instansi yang disebut")


class PpkRuleQuerySet(DatedQuerySet["PpkRule"]):
    """Rules in force on a day, the strongest first."""


class PpkRule(models.Model):
    """One exception to "the PPK is the head of the person's own agency".

    A rule applies when every condition it names holds; the lowest ``priority`` wins. A condition
    left empty does not matter. ``position_pattern`` is a PostgreSQL/Python regular expression on
    the position in lower case.
    """

    code = models.SlugField(max_length=40)
    priority = models.PositiveSmallIntegerField()
    unit_kind = models.CharField(max_length=24, choices=UnitKind.choices, blank=True)
    agency_kind = models.CharField(max_length=9, choices=AgencyKind.choices, blank=True)
    only_non_autonomous = models.BooleanField(default=False)
    position_pattern = models.CharField(max_length=120, blank=True)
    target = models.CharField(max_length=8, choices=PpkTarget.choices)
    target_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The PPK is judge in his own house: the letter needs another addressee beside him.
    is_conflict = models.BooleanField(default=False)
    reason = models.TextField()
    legal_basis = models.CharField(max_length=200)
    confidence = models.CharField(max_length=12, choices=Confidence.choices)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = PpkRuleQuerySet.as_manager()

    class Meta:
        ordering = ["priority", "code"]
        verbose_name = _("aturan PPK")
        verbose_name_plural = _("aturan PPK")
        constraints = [
            models.CheckConstraint(
                condition=Q(unit_kind__in=["", *UnitKind.values]), name="ppk_rule_unit_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(agency_kind__in=["", *AgencyKind.values]),
                name="ppk_rule_agency_kind_known",
            ),
            known_choice("target", PpkTarget, "ppk_rule_target_known"),
            known_choice("confidence", Confidence, "ppk_rule_confidence_known"),
            models.CheckConstraint(
                condition=Q(target=PpkTarget.AGENCY, target_agency__isnull=False)
                | Q(~Q(target=PpkTarget.AGENCY), target_agency__isnull=True),
                name="ppk_rule_names_its_agency",
            ),
            ordered_validity("ppk_rule_validity_ordered"),
            one_at_a_time("ppk_rule_one_at_a_time", "code"),
        ]

    def __str__(self) -> str:
        return self.code
