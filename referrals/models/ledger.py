"""The ledger of a follow-up and the ladder of what happens when the PPK does not answer.

The ledger is only added to: a mistake is put right by a row that stands in another's place. What holds
now, or held on a day, is worked out from the rows (``referrals.rules.standing``).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Agency, SanctionClass, SanctionType
from referrals.models.follow_up import FollowUp, FollowUpAnswer
from referrals.states import AppealOutcome, EntryKind, HoldKind, Remedy, Rung


class LedgerEntry(models.Model):
    """One dated fact. ``happened_on`` is the fact's own day (a decree's date), ``recorded_on`` ours.

    ``agency`` is whose PPK it concerned. ``replaces``: this row stands in that one's place.
    """

    append_only = True

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=14, choices=EntryKind.choices)
    happened_on = models.DateField()
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    sanction_class = models.CharField(max_length=9, choices=SanctionClass.choices, blank=True)
    sanction_type = models.ForeignKey(
        SanctionType, on_delete=models.PROTECT, null=True, related_name="+"
    )
    bases = ArrayField(models.CharField(max_length=250), default=list)
    decree_number = models.CharField(max_length=80, blank=True)
    remedy = models.CharField(max_length=9, choices=Remedy.choices, blank=True)
    outcome = models.CharField(max_length=10, choices=AppealOutcome.choices, blank=True)
    answer = models.ForeignKey(
        FollowUpAnswer, on_delete=models.PROTECT, null=True, related_name="+"
    )
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="ledger_kind_known", condition=models.Q(kind__in=EntryKind.values)
            ),
            models.CheckConstraint(
                name="ledger_sanction_names_its_decree",
                condition=(
                    ~models.Q(kind=EntryKind.IMPOSED)
                    | (models.Q(sanction_type__isnull=False) & ~models.Q(decree_number=""))
                ),
            ),
            models.CheckConstraint(
                name="ledger_appeal_names_its_remedy",
                condition=(
                    ~models.Q(kind__in=[EntryKind.APPEAL_FILED, EntryKind.APPEAL_DECIDED])
                    | models.Q(remedy__in=Remedy.values)
                ),
            ),
            models.UniqueConstraint(
                fields=["follow_up", "agency"],
                condition=models.Q(kind="time_asked"),
                name="time_is_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.kind} {self.happened_on}"


class Ladder(models.Model):
    """How far one follow-up has climbed, and when the next rung is due.

    ``round`` begins anew with another PPK; ``reached`` is the last rung of the round, 0 for none.
    ``anchor_on``: the day from which the next rung is counted (the PPK's last day, or the last rung's).
    ``next_on`` is empty while nobody owes an answer, while stopped, and after the last rung.
    """

    follow_up = models.OneToOneField(
        FollowUp, on_delete=models.CASCADE, primary_key=True, related_name="ladder"
    )
    round = models.PositiveSmallIntegerField(default=1)
    reached = models.PositiveSmallIntegerField(default=0)
    anchor_on = models.DateField()
    next_on = models.DateField(null=True)
    is_stopped = models.BooleanField(default=False)
    calendar_version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ladder_has_six_rungs",
                condition=models.Q(reached__gte=0, reached__lte=max(Rung)),
            ),
            models.CheckConstraint(
                name="ladder_ends_or_stands_without_a_day",
                condition=(
                    models.Q(next_on__isnull=True)
                    | models.Q(is_stopped=False, reached__lt=max(Rung))
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_on", "follow_up"],
                name="ladder_due",
                condition=models.Q(next_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.round}.{self.reached}"


class EscalationStep(models.Model):
    """One rung that was taken. The unique key is what makes it once, however often beat ticks."""

    append_only = True

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="steps")
    round = models.PositiveSmallIntegerField()
    rung = models.PositiveSmallIntegerField(choices=Rung.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    addressee = models.CharField(max_length=200)
    counted_from = models.DateField()
    taken_on = models.DateField()
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="rung_known", condition=models.Q(rung__in=Rung.values)),
            models.UniqueConstraint(fields=["follow_up", "round", "rung"], name="rung_taken_once"),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.round}.{self.rung}"


class EscalationLetter(models.Model):
    """The letter of one rung as it was set: reference, sealed file, hash. Never changed.

    Its number is the secretariat's, written on the signed paper (ADR 0033).
    """

    append_only = True

    step = models.OneToOneField(EscalationStep, on_delete=models.PROTECT, related_name="letter")
    reference = models.CharField(max_length=20, unique=True)
    template = models.CharField(max_length=40)
    storage_name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    rendered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference


class LadderHold(models.Model):
    """Somebody stopped the ladder of a follow-up, or let it go on, and why."""

    append_only = True

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=6, choices=HoldKind.choices)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="ladder_hold_known", condition=models.Q(kind__in=HoldKind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.kind}"
