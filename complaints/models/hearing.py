"""Hearing people in a case (klarifikasi, PB7 ps 28-33; B.9 to B.12)."""

import uuid

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models.case import Case
from complaints.models.official import Official
from complaints.states import HearingAction, HearingStatus


class Hearing(models.Model):
    """One person heard once in one case: reported official, witness or expert, never a reporter.

    A sealed reporter is asked through the mailbox: summoning them to the office would name them.
    ``person`` is what an invitation calls a witness or an expert by; an official is linked.
    ``record`` is the minutes of the hearing (B.12), ``signed`` says whether the person signed it and
    ``refusal`` why not (ps 33).
    """

    class Capacity(models.TextChoices):
        REPORTED = "reported", "Terlapor"
        WITNESS = "witness", "Saksi"
        EXPERT = "expert", "Ahli"
        PARTY = "party", "Pihak terkait"

    class Place(models.TextChoices):
        OFFICE = "office", "Di kantor"
        ONLINE = "online", "Daring"
        VISIT = "visit", "Di tempat orang yang didengar"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hearings")
    capacity = models.CharField(max_length=10, choices=Capacity.choices)
    official = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=14, choices=HearingStatus.choices)
    status_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    under_oath = models.BooleanField(default=False)
    record = models.TextField(blank=True)
    signed = models.BooleanField(null=True)
    refusal = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="hearing_status_known", condition=models.Q(status__in=HearingStatus.values)
            ),
            models.CheckConstraint(
                name="hearing_is_of_somebody",
                condition=models.Q(capacity="reported", official__isnull=False)
                | (~models.Q(capacity="reported") & ~models.Q(person="")),
            ),
            models.CheckConstraint(
                name="hearing_heard_has_a_record",
                condition=~models.Q(status="heard")
                | (models.Q(held_at__isnull=False, signed__isnull=False) & ~models.Q(record="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.capacity}"


class Invitation(models.Model):
    """One letter B.9: when and where, and the day it reached the person (at least a day before)."""

    hearing = models.ForeignKey(Hearing, on_delete=models.PROTECT, related_name="invitations")
    number = models.PositiveSmallIntegerField()
    place_kind = models.CharField(max_length=8, choices=Hearing.Place.choices)
    place = models.CharField(max_length=200)
    session_at = models.DateTimeField()
    sent_on = models.DateField()
    delivered_on = models.DateField(null=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["hearing", "number"], name="invitation_counted_once"),
            models.CheckConstraint(
                name="two_invitations_at_most", condition=models.Q(number__in=[1, 2])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hearing_id}: {self.number}"


class HearingEvent(TransitionEvent):
    """History of a hearing."""

    hearing = models.ForeignKey(Hearing, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="hearing_event_action_known",
                condition=models.Q(action__in=["create", *HearingAction.values]),
            ),
        ]
