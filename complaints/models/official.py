"""The person a record is about. Completing the identity is the officer's work, not the citizen's."""

import hashlib
import uuid

from django.db import models

from bawaslu_cases.registry.models import Agency, Employment, UnitKind
from complaints.models.complaint import Complaint
from complaints.models.person import ReportedPerson


def content_digest(*parts: str) -> str:
    """Return a short digest of some texts; equal only when all are equal. Tells nothing of them."""
    joined = "\0".join(parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


class Official(models.Model):
    """A reported person: name or post or account is enough. Numbers are checked softly.

    One row per file. ``person`` is who an officer said it is, across files; null until somebody did.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200, blank=True)
    position = models.CharField(max_length=120, blank=True)
    grade = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=160, blank=True)
    unit_kind = models.CharField(max_length=30, choices=UnitKind.choices, default=UnitKind.GENERAL)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
    agency_text = models.CharField(max_length=200, blank=True)
    account = models.CharField(max_length=120, blank=True)
    nip = models.CharField(max_length=18, blank=True)
    employment = models.CharField(
        max_length=10, choices=Employment.choices, default=Employment.UNKNOWN
    )
    person = models.ForeignKey(
        ReportedPerson, on_delete=models.PROTECT, null=True, related_name="officials"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="official_has_a_name_post_or_account",
                condition=~models.Q(name="", position="", account=""),
            ),
            models.CheckConstraint(
                name="official_employment_known",
                condition=models.Q(employment__in=Employment.values),
            ),
            models.CheckConstraint(
                name="official_unit_kind_known", condition=models.Q(unit_kind__in=UnitKind.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.position or self.account

    @property
    def digest(self) -> str:
        """What two people could write at once, in short: a form carries it to notice a change."""
        return content_digest(
            self.name,
            self.nip,
            self.position,
            self.grade,
            self.unit,
            self.unit_kind,
            f"{self.agency_id}",
            self.agency_text,
            self.account,
            self.employment,
        )


class PersonRefusal(models.Model):
    """An officer said that this official of a file is not that person: it is not suggested again."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="refused_persons")
    person = models.ForeignKey(ReportedPerson, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["official", "person"], name="person_refused_once_for_an_official"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.official_id}: not {self.person_id}"


class ComplaintOfficial(models.Model):
    """Who is named in which intake record."""

    complaint = models.ForeignKey(
        Complaint, on_delete=models.CASCADE, related_name="official_links"
    )
    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "official"], name="official_named_once_in_complaint"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.official_id}"
