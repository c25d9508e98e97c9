"""What the change feed of the API is read from: which record changed in which transaction (ADR 0042).

Written by triggers of the database alone, so that no way of writing can pass it by. Rows name records
that offices may read by the API and never one of lane ``tip`` or ``sealed``.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models


class RecordKind(models.TextChoices):
    """What the feed tells of; written by the triggers as these words."""

    COMPLAINT = "complaint"
    CASE = "case"
    DEADLINE = "deadline"
    REFERRAL = "referral"
    FOLLOW_UP = "follow_up"


class RecordChange(models.Model):
    """That one record changed, as seen from one office.

    ``tx`` is the transaction (pg_current_xact_id) and with ``id`` the order of reading: rows below the
    oldest running transaction are complete for ever. ``office_id``, ``excluded`` and ``complaint_id`` or
    ``case_id`` (whose recusals hold) say who could see the record there; they are no foreign keys,
    because a tombstone outlives what it tells of. ``person_id`` is 0, or the only one to be told.
    ``on_day`` alone says when: no hour of a reporter's step stands here.
    """

    tx = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=RecordKind.choices)
    record_id = models.BigIntegerField()
    public_id = models.UUIDField()
    office_id = models.BigIntegerField()
    excluded = ArrayField(models.BigIntegerField(), default=list)
    complaint_id = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(default=0)
    on_day = models.DateField()

    class Meta:
        constraints = [
            # A transaction that touches a record ten times tells of it once.
            models.UniqueConstraint(
                fields=["record_id", "kind", "tx", "office_id", "person_id"],
                name="record_change_once_a_transaction",
            ),
            models.CheckConstraint(
                name="record_change_kind_known", condition=models.Q(kind__in=RecordKind.values)
            ),
        ]
        indexes = [
            models.Index(fields=["tx", "id"], name="record_change_order"),
            models.Index(fields=["on_day"], name="record_change_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class ChangeFeed(models.Model):
    """The feed itself, one row: cursors of another ``epoch`` or from below ``floor`` have expired.

    ``floor`` is the highest transaction of which rows were thrown away. A database that was restored
    counts its transactions anew and gets a new epoch.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    epoch = models.UUIDField(default=uuid.uuid4)
    floor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="one_change_feed", condition=models.Q(id=1)),
        ]

    def __str__(self) -> str:
        return f"{self.epoch}"
