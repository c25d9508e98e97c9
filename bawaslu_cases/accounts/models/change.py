"""Changes of somebody's rights that wait for, or were given, a second administrator's word."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models.user import User
from bawaslu_cases.accounts.states import ChangeAction, ChangeStatus
from bawaslu_cases.registry.models.dated import known_choice
from bawaslu_cases.shared.events import TransitionEvent


class StaffChangeKind(models.TextChoices):
    """What of an account two administrators change."""

    ROLES = "roles", _("Peran")
    UNIT = "unit", _("Unit")
    HOME_AGENCY = "home_agency", _("Instansi asal")
    SCOPES = "scopes", _("Cakupan klien API")
    SUBJECT = "subject", _("Akun SSO")


class StaffChange(models.Model):
    """One proposed change of one person's account.

    ``fields`` holds codes and keys only: ``{"add": [...], "remove": [...]}`` of roles, ``{"unit":
    "office", "id": 1}``, ``{"agency": 1}`` (null: none any more), or ``{"issuer": ..., "subject": ...}`` of
    single sign-on (empty subject: none any more). The database itself keeps the three people apart:
    whom it concerns, who proposes, and who settles it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=StaffChangeKind.choices)
    fields = models.JSONField()
    reason = models.CharField(max_length=250)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        max_length=10, choices=ChangeStatus.choices, default=ChangeStatus.PROPOSED
    )
    status_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("perubahan akun")
        verbose_name_plural = _("perubahan akun")
        constraints = [
            known_choice("kind", StaffChangeKind, "staff_change_kind_known"),
            known_choice("status", ChangeStatus, "staff_change_status_known"),
            models.CheckConstraint(name="staff_change_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="staff_change_not_of_oneself",
                condition=~Q(proposed_by=F("person"))
                & (Q(settled_by__isnull=True) | ~Q(settled_by=F("person"))),
            ),
            models.CheckConstraint(
                name="staff_change_approved_by_a_second",
                condition=~Q(status=ChangeStatus.APPROVED)
                | (Q(settled_by__isnull=False) & ~Q(settled_by=F("proposed_by"))),
            ),
            # Two proposals of one kind at once: the second would rest on what is gone.
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(status=ChangeStatus.PROPOSED),
                name="staff_change_one_open_per_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class StaffChangeEvent(TransitionEvent):
    """History of a proposed change."""

    change = models.ForeignKey(StaffChange, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="staff_change_event_action_known",
                condition=Q(action__in=["create", *ChangeAction.values]),
            ),
            known_choice(
                "actor_kind", TransitionEvent.ActorKind, "staff_change_event_actor_kind_known"
            ),
        ]
