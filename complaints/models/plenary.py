"""What the plenary (rapat pleno) decided. Officers only propose."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bawaslu_cases.accounts.models import User
from complaints.models.case import Case
from complaints.models.complaint import Complaint
from complaints.models.correction import CorrectionRequest
from complaints.states import RefusalGround


class PlenaryDecision(models.Model):
    """One decision on one record, case or correction, with the minutes it stands in.

    ``quorum`` is what the office needed on that day. ``minutes_digest`` is the SHA-256 (hex) of the
    canonical minutes: subject, outcome, number, day, each member's vote and dissent. ``also`` names
    further kinds of violation in the same case (PB7 ps 37(3) does not exclude one another).
    """

    append_only = True

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, null=True, related_name="plenary_decisions"
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, related_name="plenary_decisions"
    )
    correction = models.ForeignKey(
        CorrectionRequest, on_delete=models.PROTECT, null=True, related_name="plenary_decisions"
    )
    outcome = models.CharField(max_length=40)
    ground = models.CharField(max_length=20, choices=RefusalGround.choices, blank=True)
    also = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    minutes_number = models.CharField(max_length=60)
    decided_on = models.DateField()
    members_present = models.PositiveSmallIntegerField()
    in_favour = models.PositiveSmallIntegerField()
    quorum = models.PositiveSmallIntegerField()
    minutes_digest = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plenary_decision_has_one_subject",
                condition=(
                    models.Q(complaint__isnull=True, case__isnull=False, correction__isnull=True)
                    | models.Q(complaint__isnull=False, case__isnull=True, correction__isnull=True)
                    | models.Q(complaint__isnull=True, case__isnull=True, correction__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="plenary_decision_had_quorum",
                condition=models.Q(members_present__gte=models.F("quorum"), quorum__gte=2),
            ),
            models.CheckConstraint(
                name="plenary_decision_had_a_majority",
                condition=models.Q(
                    in_favour__gt=models.F("members_present") - models.F("in_favour")
                )
                & models.Q(in_favour__lte=models.F("members_present")),
            ),
            models.CheckConstraint(
                name="plenary_ground_known",
                condition=models.Q(ground__in=["", *RefusalGround.values]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.decided_on}"


class PlenaryVote(models.Model):
    """How one member voted; whoever was against says why (dissent), which goes into the minutes."""

    append_only = True

    decision = models.ForeignKey(PlenaryDecision, on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    in_favour = models.BooleanField()
    dissent = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "member"], name="plenary_member_votes_once"
            ),
            models.CheckConstraint(
                name="plenary_dissent_has_words",
                condition=models.Q(in_favour=True, dissent="")
                | (models.Q(in_favour=False) & ~models.Q(dissent="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.member_id}"
