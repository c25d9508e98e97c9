"""Elections and their phases: the calendar that decides between ethics and discipline."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.dated import Confidence, known_choice
from bawaslu_cases.registry.models.region import Region


class Regime(models.TextChoices):
    """Which election law, and with it which clock, governs a complaint."""

    PEMILU = "PEMILU", _("Pemilu")
    PILKADA = "PILKADA", _("Pilkada")


class ElectionCode(models.TextChoices):
    """The election's letters in official numbers (Perbawaslu 7/2022, Format Penomoran)."""

    PL = "PL", _("DPR, DPD, dan DPRD")
    PP = "PP", _("Presiden dan Wakil Presiden")
    PG = "PG", _("Gubernur")
    PB = "PB", _("Bupati")
    PW = "PW", _("Wali Kota")


class ContestQuerySet(models.QuerySet["Contest"]):
    """Contests by day."""

    def running(self, on: dt.date) -> Self:
        """Keep the contests whose stages contain the day; an open end runs on."""
        return self.filter(Q(starts_on__lte=on), Q(ends_on__isnull=True) | Q(ends_on__gte=on))


class Contest(models.Model):
    """One kind of election held in one year, for the whole country or for named regions.

    Several contests run side by side (Pemilu 2024: PL and PP, with different determination
    dates). ``regions`` empty: not limited to regions.
    """

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=100)
    regime = models.CharField(max_length=7, choices=Regime.choices)
    election_code = models.CharField(max_length=2, choices=ElectionCode.choices)
    year = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    voting_on = models.DateField(null=True, blank=True)
    regions = models.ManyToManyField(Region, blank=True, related_name="contests")
    confidence = models.CharField(max_length=12, choices=Confidence.choices)
    source = models.CharField(max_length=250)

    objects = ContestQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "code"]
        verbose_name = _("pemilihan")
        verbose_name_plural = _("pemilihan")
        constraints = [
            known_choice("regime", Regime, "contest_regime_known"),
            known_choice("confidence", Confidence, "contest_confidence_known"),
            models.CheckConstraint(
                condition=Q(regime=Regime.PEMILU, election_code__in=["PL", "PP"])
                | Q(regime=Regime.PILKADA, election_code__in=["PG", "PB", "PW"]),
                name="contest_election_code_fits_regime",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="contest_days_ordered",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PhaseKind(models.TextChoices):
    """The phases of a contest; DETERMINED runs from the determination of candidates to the end."""

    PREPARATION = "PREPARATION", _("Persiapan dan pencalonan")
    REGISTRATION = "REGISTRATION", _("Pendaftaran calon")
    DETERMINED = "DETERMINED", _("Sesudah penetapan calon")
    CAMPAIGN = "CAMPAIGN", _("Masa kampanye")
    QUIET_PERIOD = "QUIET_PERIOD", _("Masa tenang")
    VOTING = "VOTING", _("Pemungutan suara")
    RECAPITULATION = "RECAPITULATION", _("Rekapitulasi")
    REPEAT_VOTING = "REPEAT_VOTING", _("Pemungutan suara ulang")


class ContestPhase(models.Model):
    """One stretch of one phase, both days inclusive; a repeat vote gives a phase a second one."""

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="phases")
    kind = models.CharField(max_length=14, choices=PhaseKind.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    confidence = models.CharField(max_length=12, choices=Confidence.choices)

    class Meta:
        ordering = ["contest", "starts_on", "kind"]
        verbose_name = _("tahapan")
        verbose_name_plural = _("tahapan")
        constraints = [
            known_choice("kind", PhaseKind, "contest_phase_kind_known"),
            known_choice("confidence", Confidence, "contest_phase_confidence_known"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="contest_phase_days_ordered",
            ),
            models.UniqueConstraint(
                fields=["contest", "kind", "starts_on"], name="contest_phase_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_on}"
