"""The register of reported officials: one row per person, whatever number of files names them."""

import uuid

from django.apps import apps
from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Agency


class ReportedPersonQuerySet(models.QuerySet["ReportedPerson"]):
    """Filters of one table."""

    def visible_to(self, user: User) -> "ReportedPersonQuerySet":
        """Keep who is named in a case that this person may open."""
        case, allegation = (apps.get_model("complaints", name) for name in ("Case", "Allegation"))
        seen = case._default_manager.visible_to(user).filter(pk=models.OuterRef("case"))
        named = allegation._default_manager.filter(official__person=models.OuterRef("pk"))
        return self.filter(models.Exists(named.filter(models.Exists(seen))))


class ReportedPerson(models.Model):
    """Somebody named in one case or more, as officers know them now.

    Joined by an officer's word only, never by a rule: the same name is borne by many, and two different
    numbers (NIP) are two people. ``name_key`` is the name as it is compared (``matching/names``): one
    spelling, parts in order, no titles. Whoever sees none of the cases does not see the row.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=240)
    nip = models.CharField(max_length=18, blank=True)
    position = models.CharField(max_length=120, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateField()

    objects = ReportedPersonQuerySet.as_manager()

    class Meta:
        indexes = [
            # Not unique: refusing a number would tell that somebody elsewhere has a case (ADR 0025).
            models.Index(fields=["nip"], name="person_nip", condition=~models.Q(nip="")),
            models.Index(
                fields=["name_key"], name="person_name_key", condition=~models.Q(name_key="")
            ),
        ]

    def __str__(self) -> str:
        return self.name
