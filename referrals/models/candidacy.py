"""Which employing official stands for election: whoever is the candidate does not judge the helpers."""

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Agency, Contest


class PpkCandidacy(models.Model):
    """The PPK of an agency is a candidate in a contest, as an officer noted with a source.

    It sends every recommendation of that agency in that contest to the authority above (governor,
    minister), so it is noted once and holds for all cases. A wrong note ends on ``ended_on`` and stays.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=250)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noted_on = models.DateField()
    ended_on = models.DateField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "contest"],
                condition=models.Q(ended_on__isnull=True),
                name="one_open_candidacy_per_agency_and_contest",
            ),
            models.CheckConstraint(
                name="candidacy_ended_by_somebody",
                condition=models.Q(ended_on__isnull=True, ended_by__isnull=True)
                | models.Q(ended_on__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} in {self.contest_id}"
