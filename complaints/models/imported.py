"""Which line of which file became which record, so that a second import adds nothing."""

from django.db import models

from complaints.models.complaint import Complaint


class ImportedRecord(models.Model):
    """One imported line."""

    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=120)
    complaint = models.OneToOneField(Complaint, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="line_imported_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.external_id}"
