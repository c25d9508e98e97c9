"""Bodies that receive a neutrality referral: KASN, then BKN, then the one still to come."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.dated import (
    DatedQuerySet,
    known_choice,
    one_at_a_time,
    ordered_validity,
)


class RecipientKind(models.TextChoices):
    """What a body receives a case for; one act may go to one of each kind (domain.md §1D)."""

    CIVIL_SERVICE = "CIVIL_SERVICE", _("Pengawas aparatur sipil negara")
    CRIME_CHECK = "CRIME_CHECK", _("Pemeriksaan unsur pidana")


class RecipientBodyQuerySet(DatedQuerySet["RecipientBody"]):
    """Bodies in office on a day. A body without a first day has not begun."""


class RecipientBody(models.Model):
    """A body that referrals go to on a day; of each kind exactly one at a time.

    KASN stopped on 24 August 2024 and its cases went to BKN (Perpres 91 and 92/2024). MK
    121/PUU-XXII/2024 orders an independent body by 16 October 2027: the row without a first day.
    Sentra Gakkumdu looks at the criminal side of the same act (UU 7/2017 ps 486).
    """

    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=40)
    kind = models.CharField(
        max_length=13, choices=RecipientKind.choices, default=RecipientKind.CIVIL_SERVICE
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    legal_basis = models.CharField(max_length=200)

    objects = RecipientBodyQuerySet.as_manager()

    class Meta:
        ordering = ["valid_from", "code"]
        verbose_name = _("lembaga penerima")
        verbose_name_plural = _("lembaga penerima")
        constraints = [
            known_choice("kind", RecipientKind, "recipient_body_kind_known"),
            ordered_validity("recipient_body_validity_ordered"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=False) | Q(valid_to__isnull=True),
                name="recipient_body_ends_after_beginning",
            ),
            one_at_a_time(
                "recipient_body_one_at_a_time", "kind", condition=Q(valid_from__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name
