"""What is forbidden, in which phase, on which basis, and what may follow."""

from django.contrib.postgres.fields import ArrayField
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


class Category(models.TextChoices):
    """The two tracks of the SKB of 22 September 2022, Lampiran II."""

    ETHICS = "ETHICS", _("Kode etik")
    DISCIPLINE = "DISCIPLINE", _("Disiplin")


class Stage(models.TextChoices):
    """Where an event lies relative to the determination of candidates (penetapan calon)."""

    BEFORE_DETERMINATION = "BEFORE_DETERMINATION", _("Sebelum penetapan calon")
    AFTER_DETERMINATION = "AFTER_DETERMINATION", _("Sesudah penetapan calon")
    ANY = "ANY", _("Setiap tahapan")


class SanctionClass(models.TextChoices):
    """How heavy a sanction is, lightest first; the order decides which rule is the strongest."""

    MORAL = "MORAL", _("Sanksi moral")
    LIGHT = "LIGHT", _("Hukuman disiplin ringan")
    MODERATE = "MODERATE", _("Hukuman disiplin sedang")
    SEVERE = "SEVERE", _("Hukuman disiplin berat")
    DISMISSAL = "DISMISSAL", _("Pemberhentian tidak dengan hormat")

    @property
    def rank(self) -> int:
        """0 for the lightest class."""
        return list(SanctionClass).index(self)


class Employment(models.TextChoices):
    """How the reported person is employed; decides whether the rules reach the person at all."""

    PNS = "PNS", _("PNS")
    PPPK = "PPPK", _("PPPK")
    PPNPN = "PPNPN", _("Pegawai non-ASN (honorer, kontrak)")
    NON_ASN = "NON_ASN", _("Bukan ASN")
    UNKNOWN = "UNKNOWN", _("Belum diketahui")

    @property
    def is_asn(self) -> bool:
        """Whether the person is, or until checked counts as, a civil servant (UU 20/2023 ps 1)."""
        return self in {Employment.PNS, Employment.PPPK, Employment.UNKNOWN}


class ViolationRuleQuerySet(DatedQuerySet["ViolationRule"]):
    """Rules in force on a day."""


class ViolationRule(models.Model):
    """One form of violation as it stood during one stretch of law.

    ``code`` is the row of the SKB (KE-01 … DS-13) or this project's sub-code (DS-13a … d, KE-H1)
    and stays the same across versions; the versions differ in basis and sanction class. What was
    in force before the SKB of 2022, and how sure we are, is told in docs/registry.md.
    """

    code = models.CharField(max_length=8)
    category = models.CharField(max_length=10, choices=Category.choices)
    stage = models.CharField(max_length=20, choices=Stage.choices)
    title_id = models.CharField(max_length=250)
    title_en = models.CharField(max_length=250)
    legal_bases = ArrayField(models.CharField(max_length=200))
    sanction_class = models.CharField(max_length=9, choices=SanctionClass.choices)
    applies_to = ArrayField(models.CharField(max_length=8, choices=Employment.choices))
    pair_code = models.CharField(max_length=8, blank=True)
    criminal_overlap = ArrayField(models.CharField(max_length=250), blank=True)
    confidence = models.CharField(max_length=12, choices=Confidence.choices)
    source = models.CharField(max_length=250)
    note = models.TextField(blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = ViolationRuleQuerySet.as_manager()

    class Meta:
        ordering = ["code", "valid_from"]
        verbose_name = _("aturan pelanggaran")
        verbose_name_plural = _("aturan pelanggaran")
        constraints = [
            known_choice("category", Category, "violation_rule_category_known"),
            known_choice("stage", Stage, "violation_rule_stage_known"),
            known_choice("sanction_class", SanctionClass, "violation_rule_sanction_known"),
            known_choice("confidence", Confidence, "violation_rule_confidence_known"),
            models.CheckConstraint(
                condition=Q(applies_to__contained_by=Employment.values, applies_to__len__gt=0),
                name="violation_rule_applies_to_known",
            ),
            # PP 42/2004 ps 15: an ethics row ends in a moral sanction, a discipline row never does
            models.CheckConstraint(
                condition=Q(category=Category.ETHICS, sanction_class=SanctionClass.MORAL)
                | Q(~Q(sanction_class=SanctionClass.MORAL), category=Category.DISCIPLINE),
                name="violation_rule_sanction_fits_category",
            ),
            models.CheckConstraint(
                condition=Q(legal_bases__len__gt=0), name="violation_rule_has_basis"
            ),
            ordered_validity("violation_rule_validity_ordered"),
            one_at_a_time("violation_rule_one_at_a_time", "code"),
        ]

    def __str__(self) -> str:
        return self.code


class SanctionTypeQuerySet(DatedQuerySet["SanctionType"]):
    """Sanction types in force on a day."""


class SanctionType(models.Model):
    """One sanction a PPK may impose, named by its regulation."""

    code = models.CharField(max_length=16)
    sanction_class = models.CharField(max_length=9, choices=SanctionClass.choices)
    name = models.CharField(max_length=160)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    # Moderate types of PP 53/2010 stand in while the allowance regulation is missing.
    is_transitional = models.BooleanField(default=False)
    legal_basis = models.CharField(max_length=200)
    confidence = models.CharField(max_length=12, choices=Confidence.choices)
    order = models.PositiveSmallIntegerField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = SanctionTypeQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("jenis sanksi")
        verbose_name_plural = _("jenis sanksi")
        constraints = [
            known_choice("sanction_class", SanctionClass, "sanction_type_class_known"),
            known_choice("confidence", Confidence, "sanction_type_confidence_known"),
            ordered_validity("sanction_type_validity_ordered"),
            one_at_a_time("sanction_type_one_at_a_time", "code"),
        ]

    def __str__(self) -> str:
        return self.name
