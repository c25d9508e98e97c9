"""The tables of the foundation: the outbox, the number series, and when the workers finished something."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class NumberSeries(models.Model):
    """The last number given out in one series. Written only by ``shared.numbering``."""

    series = models.CharField(max_length=120, unique=True)
    last_number = models.PositiveIntegerField()

    class Meta:
        verbose_name = "deret nomor"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_number__gte=1), name="number_series_starts_at_one"
            )
        ]


class Pulse(models.Model):
    """When something of one queue was finished last. Written only by ``shared.pulses``."""

    queue = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "denyut"


class OutboxMessage(models.Model):
    """Work promised in the transaction that made it necessary, until it is done.

    ``subject_id`` and ``destination`` are ids and codes, never personal data. Every moment here
    comes from the database's clock, so that two machines whose clocks differ agree.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", "Menunggu"
        DONE = "DONE", "Selesai"
        PARKED = "PARKED", "Ditahan"

    topic = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    destination = models.CharField(max_length=80, blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # From this moment on the sweep hands the message to a worker (again).
    next_attempt_at = models.DateTimeField(db_default=Now())
    # Nobody may take it before: the lease of the worker that has it, or the end of the back-off.
    held_until = models.DateTimeField(null=True, blank=True)
    # The exception's type only: its text may carry what a person wrote.
    last_error_code = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True, blank=True)
    retried_at = models.DateTimeField(null=True, blank=True)
    # No foreign key: the foundation imports no app, so it cannot name the user table.
    retried_by = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = "pesan keluar"
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "subject_id", "destination"], name="outbox_promised_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PENDING", "DONE", "PARKED"]), name="outbox_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="DONE", done_at__isnull=False)
                | (~Q(status="DONE") & Q(done_at__isnull=True)),
                name="outbox_done_has_time",
            ),
        ]
        indexes = [
            # the sweep: what is due, oldest first, without reading what is done
            models.Index(
                fields=["next_attempt_at"],
                name="outbox_due",
                condition=Q(status="PENDING"),
            ),
            # the staff page of parked messages
            models.Index(
                fields=["created_at"],
                name="outbox_parked",
                condition=Q(status="PARKED"),
            ),
        ]
