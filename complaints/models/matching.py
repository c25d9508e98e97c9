"""Which records may tell of one event, and what officers decided about it.

Only structured facts are kept here; a reporter's words are opened in memory, compared and forgotten.
"""

from django.db import models

from bawaslu_cases.shared.events import TransitionEvent
from complaints.models.complaint import Complaint
from complaints.states import LikenessAction, LikenessStatus


class MatchKey(models.Model):
    """One key by which a record is found (``complaints/matching/keys.py``).

    ``near_on`` is the day of the event, or of the receipt where that is not known: a key is read from
    there in both directions, so that one with five thousand rows costs as much as one with fifty.
    """

    pk = models.CompositePrimaryKey("key", "near_on", "complaint")
    key = models.BigIntegerField()
    near_on = models.DateField()
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="match_keys")

    def __str__(self) -> str:
        return f"key of {self.complaint_id}"


class Likeness(models.Model):
    """Two records that an officer looked at beside each other; ``first`` has the smaller key.

    A joined pair makes its records members of one cluster (:class:`ClusterMember`).
    """

    first = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=10, choices=LikenessStatus.choices, default=LikenessStatus.OPEN
    )
    status_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="likeness_of_two_once"),
            models.CheckConstraint(
                name="likeness_in_order", condition=models.Q(first__lt=models.F("second"))
            ),
            models.CheckConstraint(
                name="likeness_status_known",
                condition=models.Q(status__in=LikenessStatus.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}: {self.status}"


class ClusterMember(models.Model):
    """A record joined to the one that leads. A lead is no member: clusters are one deep.

    Says nothing of reporters: each keeps their own record, receipt, lane and mailbox.
    """

    complaint = models.OneToOneField(
        Complaint, on_delete=models.PROTECT, primary_key=True, related_name="cluster"
    )
    lead = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="cluster_members")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cluster_lead_is_another",
                condition=~models.Q(complaint=models.F("lead")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} under {self.lead_id}"


class LikenessEvent(TransitionEvent):
    """Who joined, related, dismissed or undid, when and why."""

    likeness = models.ForeignKey(Likeness, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="likeness_event_action_known",
                condition=models.Q(action__in=LikenessAction.values),
            ),
        ]
