"""A step of a record that the office's own system suggests. An officer takes it or does not."""

import uuid

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models.complaint import Complaint
from complaints.states import ComplaintAction, ProposalAction, ProposalStatus


class StepProposal(models.Model):
    """What a system suggests and why; ``made_by`` is its service account.

    ``requirements`` says of each requirement looked at whether it is met, by code. ``seen_at`` is when
    the record had come into the status that the system saw: a record that moved since makes it stale.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="proposals")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    action = models.CharField(max_length=20, choices=ComplaintAction.choices)
    reason = models.TextField()
    requirements = models.JSONField(default=dict)
    seen_at = models.DateTimeField()
    status = models.CharField(
        max_length=10, choices=ProposalStatus.choices, default=ProposalStatus.OPEN
    )
    status_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="step_proposal_status_known",
                condition=models.Q(status__in=ProposalStatus.values),
            ),
            models.CheckConstraint(
                name="step_proposal_action_known",
                condition=models.Q(action__in=ComplaintAction.values),
            ),
        ]
        indexes = [
            models.Index(
                fields=["complaint"],
                name="step_proposal_open",
                condition=models.Q(status="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.action}"

    @property
    def is_stale(self) -> bool:
        """Whether the record moved since the system saw it. Reads ``complaint``."""
        return self.status == ProposalStatus.OPEN and self.complaint.status_at != self.seen_at


class StepProposalEvent(TransitionEvent):
    """Who made it, who took or dismissed it, when and why."""

    proposal = models.ForeignKey(StepProposal, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="step_proposal_event_action_known",
                condition=models.Q(action__in=["create", *ProposalAction.values]),
            ),
        ]
