"""Which account somebody has at the provider of single sign-on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models.change import StaffChange
from bawaslu_cases.accounts.models.user import User


class ProviderLink(models.Model):
    """One person's subject at one provider (OpenID Connect Core 1.0, 2: ``iss`` and ``sub``).

    Made by the person, who proved password and second factor first, or by two administrators
    (``change``). An e-mail address links nothing: addresses are given to others one day.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="provider_link")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    change = models.ForeignKey(StaffChange, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("tautan ke penyedia identitas")
        verbose_name_plural = _("tautan ke penyedia identitas")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], name="provider_subject_of_one_person"
            ),
            models.CheckConstraint(
                name="provider_link_names_both", condition=~Q(issuer="") & ~Q(subject="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at:%Y-%m-%d}"
