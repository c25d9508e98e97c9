"""What became of a recommendation at one employing official (PPK): answers, proof, history."""

import uuid

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Agency, Office, SanctionClass, SanctionType
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models import Official, Recusal
from referrals.models.referral import Referral
from referrals.states import (
    ENDED,
    PROVEN_BY_FILE,
    AnswerKind,
    FollowUpAction,
    FollowUpStatus,
    Gap,
)

FINISHED = sorted(status.value for status in ENDED)


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Filters of one table."""

    def visible_to(self, user: User) -> "FollowUpQuerySet":
        """Keep the scope: a PPK's staff their own agency, a recipient body its own, Bawaslu by office.

        Whoever was recused from the case meets none of its follow-ups (check A20).
        """
        kept_away = Recusal.objects.filter(user=user, case=models.OuterRef("referral__case"))
        rows = self.filter(~models.Exists(kept_away))
        if user.agency_id is not None:
            return rows.filter(agency_id=user.agency_id)
        if user.recipient_body_id is not None:
            return rows.filter(referral__recipient_id=user.recipient_body_id)
        ids = user.scope_office_ids
        rows = rows if ids is None else rows.filter(office_id__in=ids)
        if user.office_id is None:
            return rows
        return rows.exclude(referral__case__excluded_offices__contains=[user.office_id])


class FollowUp(models.Model):
    """One official at one agency. ``recommended_class`` is what the recipient body recommended.

    ``imposed`` and ``gap`` repeat what the ledger says now, for lists (services/ledger.py writes them).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="follow_ups")
    # The referral's own, held true by a key of both columns.
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    ppk_title = models.CharField(max_length=160)
    recommended_class = models.CharField(max_length=12, choices=SanctionClass.choices)
    recommendation = models.TextField(blank=True)
    recommended_on = models.DateField()
    status = models.CharField(max_length=12, choices=FollowUpStatus.choices)
    status_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    imposed = models.ForeignKey(SanctionType, on_delete=models.PROTECT, null=True, related_name="+")
    gap = models.CharField(max_length=10, choices=Gap.choices, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="follow_up_status_known",
                condition=models.Q(status__in=FollowUpStatus.values),
            ),
            models.CheckConstraint(
                name="follow_up_gap_known", condition=models.Q(gap__in=["", *Gap.values])
            ),
            models.UniqueConstraint(
                fields=["referral", "official"], name="one_follow_up_per_official"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "status", "due_at", "id"], name="follow_up_inbox"),
            models.Index(fields=["office", "id"], name="follow_up_office_told"),
            models.Index(fields=["status", "due_at", "id"], name="follow_up_board"),
            # The table, and what ended last of many that ended.
            models.Index(fields=["due_at", "id"], name="follow_up_by_deadline"),
            models.Index(
                fields=["-status_at", "-id"],
                name="follow_up_ended",
                condition=models.Q(status__in=FINISHED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.official_id}"


class FollowUpAnswer(models.Model):
    """What the PPK answered, with the decree and its proof. An answer sent back stays as history."""

    append_only = True

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=14, choices=AnswerKind.choices)
    sanction_type = models.ForeignKey(
        SanctionType, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decree_number = models.CharField(max_length=80, blank=True)
    decree_on = models.DateField(null=True)
    explanation = models.TextField(blank=True)
    # where a person went who is no longer the agency's: that PPK is asked next
    new_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
    # empty for an answer that only says what will come (accepted, more time, objection)
    proof_name = models.CharField(max_length=80, blank=True)
    proof_sha256 = models.CharField(max_length=64, blank=True)
    proof_type = models.CharField(max_length=40, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="answer_kind_known", condition=models.Q(kind__in=AnswerKind.values)
            ),
            models.CheckConstraint(
                name="sanction_names_its_decree",
                condition=(
                    ~models.Q(kind=AnswerKind.SANCTION)
                    | (
                        models.Q(sanction_type__isnull=False, decree_on__isnull=False)
                        & ~models.Q(decree_number="")
                    )
                ),
            ),
            models.CheckConstraint(
                name="final_answer_comes_with_proof",
                condition=(~models.Q(kind__in=sorted(PROVEN_BY_FILE)) | ~models.Q(proof_name="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.kind}"


class FollowUpEvent(TransitionEvent):
    """History of a follow-up."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="follow_up_event_action_known",
                condition=models.Q(action__in=["create", *FollowUpAction.values]),
            ),
        ]
