"""The abstract event row: who moved what from where to where, when and why. Never changed."""

from django.conf import settings
from django.db import models


class TransitionEvent(models.Model):
    """Base of every event table. Concrete tables add the subject and an append-only trigger.

    ``actor`` is null when the system or the reporter acted; ``actor_kind`` then says which.
    """

    class ActorKind(models.TextChoices):
        STAFF = "staff", "Petugas"
        SYSTEM = "system", "Sistem"
        REPORTER = "reporter", "Pelapor"

    append_only = True

    action = models.CharField(max_length=40)
    source = models.CharField(max_length=40, blank=True)
    target = models.CharField(max_length=40)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["pk"]
