"""An office's old register: the import of a spreadsheet, and the legacy cases it makes (ADR 0044)."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Agency, Office, Region
from complaints.models.complaint import Complaint
from complaints.models.work import Recusal


class LegacyImportQuerySet(models.QuerySet["LegacyImport"]):
    """Filters of one table."""

    def visible_to(self, user: User) -> "LegacyImportQuerySet":
        """Keep the imports of the person's own office: nobody else's file is anybody's business."""
        return self.filter(office=user.office_id) if user.office_id else self.none()


class LegacyImport(models.Model):
    """One file on its way in. ``stage`` moves forward only; ``turn`` counts tries with other columns.

    ``storage_name`` is the sealed file: what was uploaded, then its rows alone; empty once it is gone.
    ``columns`` names for each column of the file what it is ("" is left out). ``done_rows`` of
    ``total_rows`` were read in this stage. ``failure`` is a code of ``rules/legacy_words``.
    """

    class Stage(models.TextChoices):
        READING = "reading", _("Dibaca")
        COLUMNS = "columns", _("Menunggu kolom")
        CHECKING = "checking", _("Diperiksa")
        CHECKED = "checked", _("Siap diimpor")
        IMPORTING = "importing", _("Diimpor")
        DONE = "done", _("Selesai")
        FAILED = "failed", _("Tidak terbaca")
        DROPPED = "dropped", _("Dibuang")
        EXPIRED = "expired", _("Lewat tujuh hari")
        UNDONE = "undone", _("Dibatalkan")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=9, choices=Stage.choices, default=Stage.READING)
    turn = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=20, blank=True)
    storage_name = models.CharField(max_length=80, blank=True)
    columns = models.JSONField(default=list, blank=True)
    total_rows = models.PositiveIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    good_rows = models.PositiveIntegerField(default=0)
    known_rows = models.PositiveIntegerField(default=0)
    bad_rows = models.PositiveIntegerField(default=0)
    made_rows = models.PositiveIntegerField(default=0)
    uploaded_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = LegacyImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="legacy_import_stage_known",
                condition=models.Q(
                    stage__in=[
                        "reading",
                        "columns",
                        "checking",
                        "checked",
                        "importing",
                        "done",
                        "failed",
                        "dropped",
                        "expired",
                        "undone",
                    ]
                ),
            ),
            # What is over holds nothing of the file.
            models.CheckConstraint(
                name="legacy_import_file_goes_with_the_end",
                condition=~models.Q(stage__in=["done", "failed", "dropped", "expired", "undone"])
                | models.Q(storage_name=""),
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.public_id}"


class LegacyProblem(models.Model):
    """A row of a file that cannot be taken: its number, and column and code of each thing wrong."""

    legacy_import = models.ForeignKey(
        LegacyImport, on_delete=models.CASCADE, related_name="problems"
    )
    row = models.PositiveIntegerField()
    codes = models.JSONField()

    class Meta:
        ordering = ["row"]
        constraints = [
            models.UniqueConstraint(
                fields=["legacy_import", "row"], name="legacy_problem_once_a_row"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legacy_import_id}: {self.row}"


class LegacyColumns(models.Model):
    """How an office's files are to be read: folded head of a column → what it is. Kept from the last time."""

    office = models.OneToOneField(
        Office, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    columns = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"columns of {self.office_id}"


class LegacyCaseQuerySet(models.QuerySet["LegacyCase"]):
    """Filters of one table."""

    def visible_to(self, user: User) -> "LegacyCaseQuerySet":
        """Keep what lies in the person's office and its children, without matters they are recused from."""
        ids = user.scope_office_ids
        rows = self if ids is None else self.filter(office_id__in=ids)
        if user.office_id is None:
            return rows
        return (
            rows.exclude(recusals__user=user)
            .exclude(finding__recusals__user=user)
            .exclude(finding__excluded_offices__contains=[user.office_id])
        )


class LegacyCase(models.Model):
    """One line of an office's old register, in the office's own words.

    Neither a report nor a finding: it has no lane, no clock and no history here, and claims none.
    ``finding`` is the finding that an officer recorded from it. ``row_key`` is the digest of what the row
    said. ``description`` is sealed under the server's keyring.
    """

    class Standing(models.TextChoices):
        RUNNING = "running", _("Masih berjalan")
        REFERRED = "referred", _("Diteruskan ke instansi")
        SANCTIONED = "sanctioned", _("Dijatuhi sanksi")
        STOPPED = "stopped", _("Dihentikan")
        CLOSED = "closed", _("Selesai")
        UNKNOWN = "unknown", _("Tidak disebutkan")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(LegacyImport, on_delete=models.PROTECT, related_name="cases")
    row = models.PositiveIntegerField()
    row_key = models.CharField(max_length=64)
    register_number = models.CharField(max_length=80, blank=True)
    registered_on = models.DateField(null=True)
    event_on = models.DateField(null=True)
    name = models.CharField(max_length=200, blank=True)
    nip = models.CharField(max_length=18, blank=True)
    position = models.CharField(max_length=120, blank=True)
    unit = models.CharField(max_length=160, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
    agency_text = models.CharField(max_length=200, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=40)
    place = models.CharField(max_length=200, blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.UNKNOWN)
    outcome = models.CharField(max_length=400, blank=True)
    description = models.BinaryField(null=True)
    finding = models.OneToOneField(
        Complaint, on_delete=models.PROTECT, null=True, related_name="legacy_case"
    )
    search_text = models.TextField(blank=True)
    search = models.GeneratedField(
        expression=SearchVector("search_text", config="indonesian"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    due_at = None
    """No clock runs for it; lists of records ask all the same."""

    objects = LegacyCaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["office", "row_key"], name="legacy_row_once_an_office"),
            models.CheckConstraint(
                name="legacy_case_names_somebody", condition=~models.Q(name="", position="")
            ),
            models.CheckConstraint(
                name="legacy_case_has_a_day",
                condition=models.Q(event_on__isnull=False) | models.Q(registered_on__isnull=False),
            ),
            models.CheckConstraint(
                name="legacy_case_standing_known",
                condition=models.Q(
                    standing__in=[
                        "running",
                        "referred",
                        "sanctioned",
                        "stopped",
                        "closed",
                        "unknown",
                    ]
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["office", "-id"], name="legacy_case_of_office"),
            GinIndex(fields=["search"], name="legacy_case_search"),
        ]

    def __str__(self) -> str:
        return self.register_number or self.name or self.position


class LegacyRecusal(models.Model):
    """One person who must not see one legacy case, from the moment it is here (conflict of interest).

    Made with the case or by a later declaration; the finding that is recorded from it takes them over.
    ``reason`` is a code: the row names no kin.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    legacy_case = models.ForeignKey(LegacyCase, on_delete=models.CASCADE, related_name="recusals")
    reason = models.CharField(max_length=12, choices=Recusal.Reason.choices)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["legacy_case", "user"], name="recused_once_from_legacy_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.reason}"
