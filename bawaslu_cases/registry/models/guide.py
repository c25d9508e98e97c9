"""The public self-check "Bolehkah ASN…?": what people ask, and where the answer is not plainly no.

Articles, sanctions and the plain "no" are not kept here: they are those of the rules an act points
to (:class:`ActRule`, :class:`ViolationRule`, :class:`SanctionType`). A case says what the rules leave
to judgement, or leave out, and why.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.act import ActKind
from bawaslu_cases.registry.models.dated import (
    Confidence,
    DatedQuerySet,
    known_choice,
    one_at_a_time,
    ordered_validity,
)
from bawaslu_cases.registry.models.violation import Employment, Stage


class Verdict(models.TextChoices):
    """The answers, strictest first; the order decides where two stages differ."""

    NO = "NO", _("Tidak boleh")
    UNCLEAR = "UNCLEAR", _("Belum jelas")
    BETTER_NOT = "BETTER_NOT", _("Sebaiknya jangan")
    CONDITION = "CONDITION", _("Ada syarat")
    YES = "YES", _("Boleh")

    @property
    def strictness(self) -> int:
        """0 for the strictest."""
        return list(Verdict).index(self)


DEPARTING = [value for value in Verdict.values if value != Verdict.NO]


class GuideSituation(models.Model):
    """A heading under which questions stand."""

    code = models.SlugField(max_length=24, unique=True)
    label_id = models.CharField(max_length=80)
    label_en = models.CharField(max_length=80)
    note_id = models.CharField(max_length=120)
    note_en = models.CharField(max_length=120)
    order = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ["order"]
        verbose_name = _("situasi panduan")
        verbose_name_plural = _("situasi panduan")

    def __str__(self) -> str:
        return self.label_id


class GuideObject(models.Model):
    """Whom or what an act is about: a candidate, a party, oneself, the organiser."""

    code = models.SlugField(max_length=16, unique=True)
    label_id = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120)
    note_id = models.CharField(max_length=120, blank=True)
    note_en = models.CharField(max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ["order"]
        verbose_name = _("objek panduan")
        verbose_name_plural = _("objek panduan")

    def __str__(self) -> str:
        return self.label_id


class GuideCircumstance(models.Model):
    """How somebody acts: privately, on duty, assigned, on leave, by accident, by contract."""

    code = models.SlugField(max_length=16, unique=True)
    label_id = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120)
    note_id = models.CharField(max_length=120, blank=True)
    note_en = models.CharField(max_length=120, blank=True)
    # Whose rules are asked for: contract staff are reached by fewer, and sanctioned by contract.
    employment = models.CharField(max_length=8, choices=Employment.choices)
    order = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ["order"]
        verbose_name = _("keadaan panduan")
        verbose_name_plural = _("keadaan panduan")
        constraints = [known_choice("employment", Employment, "guide_circumstance_employment")]

    def __str__(self) -> str:
        return self.label_id


class GuideCaseQuerySet(DatedQuerySet["GuideCase"]):
    """Cases in force on a day."""


class GuideCase(models.Model):
    """One line of the table act × object × circumstance × stage; the first that fits decides.

    No act, object or circumstance means every one. An empty verdict is that of the registry: "no"
    where a rule covers the act. ``rules`` names rules by code where not those of the act apply.
    """

    code = models.SlugField(max_length=40)
    order = models.PositiveSmallIntegerField()
    acts = models.ManyToManyField(ActKind, blank=True, related_name="+")
    objects_named = models.ManyToManyField(GuideObject, blank=True, related_name="+")
    circumstances = models.ManyToManyField(GuideCircumstance, blank=True, related_name="+")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    rules = ArrayField(models.CharField(max_length=8), blank=True)
    why_id = models.CharField(max_length=250)
    why_en = models.CharField(max_length=250)
    instead_id = models.CharField(max_length=250)
    instead_en = models.CharField(max_length=250)
    confidence = models.CharField(max_length=12, choices=Confidence.choices)
    source = models.CharField(max_length=250)
    reviewed_on = models.DateField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = GuideCaseQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        verbose_name = _("baris panduan")
        verbose_name_plural = _("baris panduan")
        constraints = [
            known_choice("stage", Stage, "guide_case_stage_known"),
            # "no" is the rules' own answer and is never typed
            models.CheckConstraint(
                condition=Q(verdict__in=["", *DEPARTING]),
                name="guide_case_verdict_departs",
            ),
            known_choice("confidence", Confidence, "guide_case_confidence_known"),
            ordered_validity("guide_case_validity_ordered"),
            one_at_a_time("guide_case_one_at_a_time", "code"),
            one_at_a_time("guide_case_order_one_at_a_time", "order"),
        ]

    def __str__(self) -> str:
        return self.code


class GuideQuestionQuerySet(DatedQuerySet["GuideQuestion"]):
    """Questions in force on a day."""


class GuideQuestion(models.Model):
    """A question people ask, worded to follow "Bolehkah ASN", and the cell that answers it.

    ``why`` and ``instead`` stand only where the case's own words are too general.
    """

    slug = models.SlugField(max_length=60)
    situation = models.ForeignKey(
        GuideSituation, on_delete=models.CASCADE, related_name="questions"
    )
    order = models.PositiveSmallIntegerField()
    # 1 to 12: the most asked, on the first page and on the poster.
    top = models.PositiveSmallIntegerField(null=True, blank=True)
    question_id = models.CharField(max_length=120)
    question_en = models.CharField(max_length=120)
    answer_id = models.CharField(max_length=160)
    answer_en = models.CharField(max_length=160)
    act = models.ForeignKey(ActKind, on_delete=models.CASCADE, related_name="+")
    about = models.ForeignKey(GuideObject, on_delete=models.CASCADE, related_name="+")
    circumstance = models.ForeignKey(GuideCircumstance, on_delete=models.CASCADE, related_name="+")
    why_id = models.CharField(max_length=250, blank=True)
    why_en = models.CharField(max_length=250, blank=True)
    instead_id = models.CharField(max_length=250, blank=True)
    instead_en = models.CharField(max_length=250, blank=True)
    violating_id = models.CharField(max_length=200)
    violating_en = models.CharField(max_length=200)
    allowed_id = models.CharField(max_length=200)
    allowed_en = models.CharField(max_length=200)
    keywords = models.CharField(max_length=250, blank=True)
    reviewed_on = models.DateField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = GuideQuestionQuerySet.as_manager()

    class Meta:
        ordering = ["situation__order", "order"]
        verbose_name = _("pertanyaan panduan")
        verbose_name_plural = _("pertanyaan panduan")
        constraints = [
            ordered_validity("guide_question_validity_ordered"),
            one_at_a_time("guide_question_one_at_a_time", "slug"),
            one_at_a_time(
                "guide_question_top_one_at_a_time", "top", condition=Q(top__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.slug
