"""The supervision report (*laporan hasil pengawasan*) that an officer's finding rests on."""

from django.db import models

from complaints.models.complaint import Complaint


class SupervisionReport(models.Model):
    """When it was made and what it is numbered, and under which assignment the officer was there.

    The days in which a finding is set run from ``report_on`` (PB7 ps 5(1) huruf b).
    """

    complaint = models.OneToOneField(
        Complaint, on_delete=models.CASCADE, primary_key=True, related_name="supervision"
    )
    report_on = models.DateField()
    report_number = models.CharField(max_length=60, blank=True)
    assignment_number = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"supervision report of {self.report_on}"
