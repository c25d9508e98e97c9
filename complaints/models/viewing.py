"""Who has looked at which piece of evidence or link: what lets an officer judge the evidence."""

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.models.evidence import Evidence, EvidenceLink

ONE_THING = models.Q(evidence__isnull=True, link__isnull=False) | models.Q(
    evidence__isnull=False, link__isnull=True
)


class EvidenceViewing(models.Model):
    """One officer opened one file or one link for the first time, at one office.

    The audit log tells of every opening; this row is what the checklist asks, so it is small and indexed.
    """

    evidence = models.ForeignKey(
        Evidence, on_delete=models.CASCADE, null=True, related_name="viewings"
    )
    link = models.ForeignKey(
        EvidenceLink, on_delete=models.CASCADE, null=True, related_name="viewings"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="viewing_is_of_one_thing", condition=ONE_THING),
            models.UniqueConstraint(
                fields=["evidence", "user", "office"],
                condition=models.Q(evidence__isnull=False),
                name="evidence_viewed_once",
            ),
            models.UniqueConstraint(
                fields=["link", "user", "office"],
                condition=models.Q(link__isnull=False),
                name="link_viewed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"viewing {self.at:%Y-%m-%d}"
