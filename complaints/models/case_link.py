"""How cases have to do with each other: related, split from, joined."""

from django.db import models
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from complaints.models.case import Case


class CaseLink(models.Model):
    """One officer's note that ``case`` has to do with ``other``; it changes neither of them.

    For ``split_from`` the first was taken out of the second. Taken back by ``ended_at``, never deleted.
    """

    class Kind(models.TextChoices):
        RELATED = "related", _("Berkaitan")
        SPLIT_FROM = "split_from", _("Dipisah dari")
        JOINED = "joined", _("Ditangani bersama")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links_out")
    other = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links_in")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="case_link_joins_two", condition=~models.Q(case=models.F("other"))
            ),
            models.CheckConstraint(
                name="case_link_kind_known",
                condition=models.Q(kind__in=["related", "split_from", "joined"]),
            ),
            models.CheckConstraint(
                name="case_link_ended_by_somebody",
                condition=models.Q(ended_by__isnull=True, ended_at__isnull=True)
                | models.Q(ended_by__isnull=False, ended_at__isnull=False),
            ),
            models.UniqueConstraint(
                Least("case", "other"),
                Greatest("case", "other"),
                condition=models.Q(ended_at__isnull=True),
                name="one_open_link_of_two_cases",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.other_id}"
