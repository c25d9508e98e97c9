"""What a recipient body says of a referral before it decides: what is missing, questions, drafts.

All of it belongs to one delivered version. Nothing here is ever changed.
"""

import uuid

from django.db import models

from bawaslu_cases.accounts.models import User
from referrals.models.referral import Referral
from referrals.states import MissingKind


class MissingItem(models.Model):
    """One thing a returned version lacked; the next version must say what became of it.

    ``asked_by`` is null for what a recipient's system returned over its line.
    """

    append_only = True

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="missing_items")
    version = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=MissingKind.choices)
    words = models.TextField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["version", "number"]
        constraints = [
            models.CheckConstraint(
                name="missing_kind_known", condition=models.Q(kind__in=MissingKind.values)
            ),
            models.UniqueConstraint(
                fields=["referral", "version", "number"], name="missing_item_numbered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} v{self.version}.{self.number}: {self.kind}"


class MissingItemAnswer(models.Model):
    """What the sender says became of it. It leaves with ``version``; the latest counts."""

    append_only = True

    item = models.ForeignKey(MissingItem, on_delete=models.PROTECT, related_name="answers")
    version = models.PositiveSmallIntegerField()
    words = models.TextField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "version"], name="missing_item_answered_once_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} in v{self.version}"


class ReviewQuestion(models.Model):
    """Something a reviewer asks the sending office about a delivered version."""

    append_only = True

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="questions")
    version = models.PositiveSmallIntegerField()
    words = models.TextField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.referral_id} v{self.version}: question {self.pk}"


class ReviewReply(models.Model):
    """The sending office's one answer to a question; it was looked through before it was kept.

    ``is_compared``: statements only a verifier can open stood in the case, and the officer says that
    nothing here points at who told it.
    """

    append_only = True

    question = models.OneToOneField(
        ReviewQuestion, on_delete=models.PROTECT, primary_key=True, related_name="reply"
    )
    words = models.TextField()
    is_compared = models.BooleanField(default=False)
    replied_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    replied_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reply to {self.question_id}"


class RecommendationDraft(models.Model):
    """What one reviewer would recommend to every PPK; another one signs exactly this, or nothing.

    ``written_by`` is null for what came over a line: nobody of the body wrote it here, so nobody can
    second it until a reviewer takes it over. ``sha256`` (hex) covers words and lines.
    """

    append_only = True

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="drafts")
    version = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    words = models.TextField()
    sha256 = models.CharField(max_length=64)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "number"], name="recommendation_draft_numbered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}: draft {self.number}"


class RecommendationSignature(models.Model):
    """The second signature under a draft; with it the recommendation stands."""

    append_only = True

    draft = models.OneToOneField(
        RecommendationDraft, on_delete=models.PROTECT, primary_key=True, related_name="signature"
    )
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"signature under {self.draft_id}"
