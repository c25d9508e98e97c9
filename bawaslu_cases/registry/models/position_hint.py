"""Words in a position that tell how a person is employed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.dated import known_choice
from bawaslu_cases.registry.models.violation import Employment


class HintField(models.TextChoices):
    """Which text a hint reads."""

    POSITION = "POSITION", _("Jabatan")
    TEXT = "TEXT", _("Uraian")


class PositionHint(models.Model):
    """One pattern: a position (or a phrase in the story) and what it says about employment.

    Read in ``order``; the first match decides. ``region_prefix`` limits a hint to a province or
    regency, because the same word means different things: a lurah is a civil servant in a city
    and the elected head of a village in the regencies of Yogyakarta.
    """

    code = models.SlugField(max_length=40, unique=True)
    order = models.PositiveSmallIntegerField()
    reads = models.CharField(max_length=8, choices=HintField.choices)
    pattern = models.CharField(max_length=400)
    region_prefix = models.CharField(max_length=5, blank=True)
    employment = models.CharField(max_length=8, choices=Employment.choices)
    reason = models.CharField(max_length=250)

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("petunjuk jabatan")
        verbose_name_plural = _("petunjuk jabatan")
        constraints = [
            known_choice("reads", HintField, "position_hint_reads_known"),
            known_choice("employment", Employment, "position_hint_employment_known"),
            models.CheckConstraint(
                condition=Q(region_prefix="") | Q(region_prefix__regex=r"^\d{2}(\.\d{2})?$"),
                name="position_hint_region_shape",
            ),
        ]

    def __str__(self) -> str:
        return self.code
