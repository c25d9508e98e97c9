"""A referral: one letter of one case to one recipient body, its lines, letters and deliveries.

Reverse relations into ``complaints`` are off (``related_name="+"``): nothing there reaches up here.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import (
    Agency,
    Confidence,
    Office,
    RecipientBody,
    SanctionClass,
    ViolationRule,
)
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models import Allegation, Case, Official, Recusal, StatutoryDeadline
from referrals.states import ReferralAction, ReferralStatus


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Filters of one table."""

    def visible_to(self, user: User) -> "ReferralQuerySet":
        """Keep the scope: Bawaslu by office, unless kept away; a recipient what was delivered to it.

        Whoever was recused from the case meets none of its referrals (check A20).
        """
        kept_away = Recusal.objects.filter(user=user, case=models.OuterRef("case"))
        rows = self.filter(~models.Exists(kept_away))
        if user.recipient_body_id is not None:
            return rows.filter(recipient_id=user.recipient_body_id).exclude(
                status__in=[
                    ReferralStatus.PROPOSED,
                    ReferralStatus.APPROVED,
                    ReferralStatus.ISSUED,
                    ReferralStatus.WITHDRAWN,
                ]
            )
        ids = user.scope_office_ids
        rows = rows if ids is None else rows.filter(office_id__in=ids)
        if user.office_id is None:
            return rows
        return rows.exclude(case__excluded_offices__contains=[user.office_id])


class Referral(models.Model):
    """One referral. The number comes with the letter; a returned one keeps it in its next version."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    # The case's own, so that a list and the policies ask one table: a key of both columns holds it true.
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    recipient = models.ForeignKey(RecipientBody, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=80, unique=True, null=True)  # noqa: DJ001 -- no number yet
    version = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=12, choices=ReferralStatus.choices)
    status_at = models.DateTimeField()
    summary = models.TextField()
    due_at = models.DateTimeField(null=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="referral_status_known",
                condition=models.Q(status__in=ReferralStatus.values),
            ),
            models.CheckConstraint(
                name="referral_numbered_once_issued",
                condition=(
                    models.Q(number__isnull=False)
                    | models.Q(
                        status__in=[
                            ReferralStatus.PROPOSED,
                            ReferralStatus.APPROVED,
                            ReferralStatus.WITHDRAWN,
                        ]
                    )
                ),
            ),
            models.UniqueConstraint(
                fields=["case", "recipient"],
                condition=~models.Q(status="withdrawn"),
                name="one_live_referral_per_case_and_recipient",
            ),
            # The list of an office, and what a follow-up's key of both columns points at.
            models.UniqueConstraint(fields=["office", "id"], name="referral_office_told"),
        ]
        indexes = [
            models.Index(fields=["recipient", "status", "due_at", "id"], name="referral_inbox"),
        ]

    def __str__(self) -> str:
        return self.number or f"usulan {self.pk}"

    def lines(self, version: int | None = None) -> "models.QuerySet[ReferralItem]":
        """Return the lines of one version, the newest unless named. One query when read."""
        return self.items.filter(version=version or self.version)


class ReferralVersion(models.Model):
    """What one version was laid down with: who, when, why, the summary and the state of the gate.

    ``gate`` is the completeness as it stood: a list of [words, state, what stood there]. ``written_by`` is
    null where the system laid it down anew (another body received on that day). Never changed; a
    superseded version stays readable beside its lines.
    """

    append_only = True

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField()
    summary = models.TextField()
    reason = models.TextField(blank=True)
    gate = models.JSONField(default=list)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "version"], name="referral_version_written_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} v{self.version}"


class ReferralItem(models.Model):
    """One line of one version: what is proposed for one official's allegation, and why.

    ``proposed`` keeps what the rules said: {"class", "types", "bases"}; where an officer departed,
    ``sanction_class``, ``sanction_types`` and ``legal_bases`` say something else and ``departure_reason``
    why. ``tracks`` are the rows that apply together, the leading one first: {"category", "code", "title",
    "class", "bases", "confidence"}. ``sanction_types``: {"code", "name", "basis"}, lightest first.
    ``explanation``: [words, article, confidence] in reading order. Never changed.
    """

    append_only = True

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="items")
    version = models.PositiveSmallIntegerField(default=1)
    allegation = models.ForeignKey(Allegation, on_delete=models.PROTECT, related_name="+")
    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(ViolationRule, on_delete=models.PROTECT, related_name="+")
    legal_bases = ArrayField(models.CharField(max_length=250))
    sanction_class = models.CharField(max_length=12, choices=SanctionClass.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    ppk_title = models.CharField(max_length=160)
    ppk_conflict = models.BooleanField(default=False)
    copy_title = models.CharField(max_length=160, blank=True)
    tracks = models.JSONField(default=list)
    sanction_types = models.JSONField(default=list)
    proposed = models.JSONField(default=dict)
    criminal_articles = ArrayField(models.CharField(max_length=250), default=list)
    confidence = models.CharField(max_length=12, choices=Confidence.choices, blank=True)
    explanation = models.JSONField(default=list)
    is_departure = models.BooleanField(default=False)
    departure_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "version", "allegation"],
                name="allegation_referred_once_a_version",
            ),
            models.CheckConstraint(
                name="departure_has_a_reason",
                condition=(
                    models.Q(is_departure=False, departure_reason="")
                    | (models.Q(is_departure=True) & ~models.Q(departure_reason=""))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.rule_id}"


class ReferralEvent(TransitionEvent):
    """History of a referral."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="referral_event_action_known",
                condition=models.Q(action__in=["create", *ReferralAction.values]),
            ),
        ]


class Letter(models.Model):
    """One version of the letter as it went out: sealed file, hash, size. Never changed."""

    append_only = True

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="letters")
    version = models.PositiveSmallIntegerField()
    template = models.CharField(max_length=40)
    storage_name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    rendered_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["referral", "version"], name="one_letter_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} v{self.version}"


class Delivery(models.Model):
    """One version of one referral reached one destination; the unique key is what makes it once."""

    append_only = True

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="deliveries")
    version = models.PositiveSmallIntegerField()
    destination = models.CharField(max_length=40)
    delivered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "version", "destination"], name="delivered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} v{self.version} → {self.destination}"


class ReferralDeadline(StatutoryDeadline):
    """The recipient's clock for a referral, or the PPK's for a follow-up."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="deadlines")
    follow_up = models.ForeignKey(
        "referrals.FollowUp", on_delete=models.CASCADE, null=True, related_name="deadlines"
    )

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "follow_up", "kind"],
                condition=models.Q(status="open"),
                nulls_distinct=False,
                name="one_open_deadline_per_referral_and_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="referral_deadline_open",
                condition=models.Q(status="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on}"

    def office(self) -> Office:
        """Return the office of the case. No query when loaded with it."""
        return self.referral.case.office
