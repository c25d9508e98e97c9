"""One entry of the log."""

from django.db import models


class AuditEvent(models.Model):
    """One thing that somebody of staff saw or did.

    Unmanaged: the table belongs to a role of its own and is written by ``audit_append`` alone. Only the
    owner of the database can read through this model; the product reads through ``audit_read``.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    action = models.TextField()
    subject = models.TextField()
    purpose = models.TextField()
    detail = models.TextField()
    prev = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_event"
        ordering = ["seq"]
