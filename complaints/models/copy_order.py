"""What an officer ordered to be drawn of a copy, until it is drawn and fetched (ADR 0030)."""

import uuid

from django.db import models

from bawaslu_cases.accounts.models import User
from complaints.models.evidence import Derivative


class CopyOrder(models.Model):
    """One order to the evidence worker: regions to burn out, or a copy under its taker's mark.

    ``orders`` (canonical form of ``cleaner/marks.py``) is sealed under the server's keyring. A marked copy
    lies at ``object_name`` under a key of its own, sealed likewise in ``key``; the row goes when it is
    fetched, and whatever is left goes at ``expires_at``. ``failure`` is a code for
    ``rules/evidence_words.py``.
    """

    class Purpose(models.TextChoices):
        REDACT = "redact"
        MARK = "mark"

    class Status(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    copy = models.ForeignKey(Derivative, on_delete=models.PROTECT, related_name="orders")
    officer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    orders = models.BinaryField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.WAITING)
    failure = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    object_name = models.CharField(max_length=80, blank=True)
    key = models.BinaryField(null=True)
    size_bytes = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="copy_order_known",
                condition=models.Q(
                    purpose__in=["redact", "mark"], status__in=["waiting", "ready", "failed"]
                ),
            ),
            # Only a marked copy that is ready lies anywhere, and never without its key.
            models.CheckConstraint(
                name="copy_order_holds_what_is_ready",
                condition=models.Q(object_name="", key__isnull=True, size_bytes__isnull=True)
                | (
                    models.Q(
                        purpose="mark", status="ready", key__isnull=False, size_bytes__isnull=False
                    )
                    & ~models.Q(object_name="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"
