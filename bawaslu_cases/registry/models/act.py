"""The acts a reporter can tick or an officer can find, and the rule each one points to."""

from typing import Self

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.dated import (
    DatedQuerySet,
    known_choice,
    one_at_a_time,
    ordered_validity,
)
from bawaslu_cases.registry.models.violation import Stage


class ActGroup(models.TextChoices):
    """The three headings of the question "Apa yang dilakukan ASN itu?"."""

    SOCIAL_MEDIA = "SOCIAL_MEDIA", _("Di media sosial")
    FIELD = "FIELD", _("Di lapangan")
    OFFICE = "OFFICE", _("Dengan jabatannya")
    OTHER = "OTHER", _("Lainnya")


class ActKindQuerySet(models.QuerySet["ActKind"]):
    """Acts by who may choose them."""

    def for_reporters(self) -> Self:
        """Keep the acts the public form asks for: twelve and "other"."""
        return self.filter(is_public=True)


class ActKind(models.Model):
    """One kind of act in plain words.

    Twelve and "other" are asked on the public form; the rest are finer and for officers only.
    """

    code = models.SlugField(max_length=24, unique=True)
    group = models.CharField(max_length=12, choices=ActGroup.choices)
    label_id = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120)
    is_public = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(unique=True)

    objects = ActKindQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        verbose_name = _("jenis perbuatan")
        verbose_name_plural = _("jenis perbuatan")
        constraints = [known_choice("group", ActGroup, "act_kind_group_known")]

    def __str__(self) -> str:
        return self.label_id

    @property
    def label(self) -> str:
        """The act in the language of the page; records keep ``label_id``."""
        return self.label_en if get_language() == "en" else self.label_id


class ActAlias(models.Model):
    """A word other systems and files use for an act; the importer looks acts up here."""

    alias = models.CharField(max_length=40, unique=True)
    act = models.ForeignKey(ActKind, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        ordering = ["alias"]
        verbose_name = _("nama lain perbuatan")
        verbose_name_plural = _("nama lain perbuatan")

    def __str__(self) -> str:
        return self.alias


class ActRuleQuerySet(DatedQuerySet["ActRule"]):
    """Mappings in force on a day."""


class ActRule(models.Model):
    """Which rule an act falls under in a stage, for a stretch of time.

    ``rule_code`` names a :class:`ViolationRule` by code, not by row: the version in force on the
    event's day is looked up then.
    """

    act = models.ForeignKey(ActKind, on_delete=models.CASCADE, related_name="rules")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    rule_code = models.CharField(max_length=8)
    # 0 is the proposal, higher numbers are alternatives an officer may prefer.
    rank = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=250, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = ActRuleQuerySet.as_manager()

    class Meta:
        ordering = ["act", "stage", "rank"]
        verbose_name = _("perbuatan dan aturannya")
        verbose_name_plural = _("perbuatan dan aturannya")
        constraints = [
            known_choice("stage", Stage, "act_rule_stage_known"),
            ordered_validity("act_rule_validity_ordered"),
            one_at_a_time("act_rule_one_at_a_time", "act", "stage", "rank"),
        ]

    def __str__(self) -> str:
        return f"{self.act_id} {self.stage} {self.rule_code}"
