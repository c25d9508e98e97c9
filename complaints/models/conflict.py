"""Why somebody must keep away from whom, as they declared it; and where nobody was left to work."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Agency, Office
from complaints.models.case import Case
from complaints.models.complaint import Complaint
from complaints.models.work import ONE_SUBJECT


class ConflictDeclaration(models.Model):
    """One tie that a member of staff declared: kin, a former unit, the agency that lent them out.

    Of kin only a digest of the name under the server's secret is kept, never the name: it serves to
    compare and for nothing else. ``until`` empty: for good.
    """

    class Kind(models.TextChoices):
        RELATIVE = "relative", "Hubungan keluarga"
        FORMER_UNIT = "former_unit", "Pernah bekerja di instansi itu"
        HOME_AGENCY = "home_agency", "Diperbantukan dari instansi itu"
        OTHER = "other", "Hubungan lain"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
    name_digest = models.CharField(max_length=64, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="conflict_kind_known",
                condition=Q(kind__in=["relative", "former_unit", "home_agency", "other"]),
            ),
            models.CheckConstraint(
                name="conflict_names_kin_or_agency",
                condition=(Q(kind="relative") & ~Q(name_digest=""))
                | (~Q(kind="relative") & Q(agency__isnull=False, name_digest="")),
            ),
            models.CheckConstraint(
                name="conflict_dates_ordered",
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["name_digest"], name="conflict_name", condition=~Q(name_digest="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"


class CaseStatement(models.Model):
    """A person's word that they have no tie in one case, before its page is shown to them (ADR 0049)."""

    append_only = True

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="statements")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "case"], name="case_stated_on_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.case_id}"


class RoutingAlarm(models.Model):
    """That a record or case went up because of a conflict; ``office`` is where it was before.

    ``target`` has it now and sees the row; null: it was at Bawaslu RI already and stayed. Of a record whose
    identity nobody may open any more ``office`` is its desk, and ``target`` the level above that is told;
    without a record it is of the whole desk, and ``ended_at`` says since when somebody is there again.
    """

    class Kind(models.TextChoices):
        ACCUSED_STAFF = "accused_staff", _("Terlapor pegawai Bawaslu")
        NOBODY_LEFT = "nobody_left", _("Tidak ada lagi petugas yang boleh menangani")
        NO_VERIFIER = "no_verifier", _("Tidak ada lagi verifikator yang boleh membuka identitas")
        NO_CUSTODIAN = "no_custodian", _("Tidak ada lagi kustodian yang boleh melepas identitas")

    OF_DESKS = (Kind.NO_VERIFIER, Kind.NO_CUSTODIAN)

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="routing_alarm_has_one_subject",
                condition=ONE_SUBJECT
                | Q(
                    complaint__isnull=True,
                    case__isnull=True,
                    kind__in=["no_verifier", "no_custodian"],
                ),
            ),
            models.UniqueConstraint(
                fields=["kind", "office"],
                condition=Q(complaint__isnull=True, case__isnull=True, ended_at__isnull=True),
                name="one_open_alarm_of_a_desk",
            ),
            models.UniqueConstraint(
                fields=["kind", "complaint"],
                condition=Q(kind__in=["no_verifier", "no_custodian"], ended_at__isnull=True),
                name="one_open_alarm_of_an_identity",
            ),
            models.CheckConstraint(
                name="routing_alarm_kind_known",
                condition=Q(
                    kind__in=["accused_staff", "nobody_left", "no_verifier", "no_custodian"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
