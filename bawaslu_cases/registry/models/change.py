"""Changes of the registry that wait for, or were given, a second person's word."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models.dated import known_choice
from bawaslu_cases.registry.states import ChangeAction, ChangeStatus
from bawaslu_cases.shared.events import TransitionEvent


class ChangeTable(models.TextChoices):
    """What may be changed by two persons; the rest comes with the project's data files."""

    HOLIDAY_ADDED = "holiday_added", _("Hari libur: tambah")
    HOLIDAY_REMOVED = "holiday_removed", _("Hari libur: hapus")
    TIME_LIMIT = "time_limit", _("Batas waktu")
    RECIPIENT_BODY = "recipient_body", _("Lembaga penerima")
    VIOLATION_RULE = "violation_rule", _("Aturan pelanggaran")
    ACT_RULE = "act_rule", _("Perbuatan dan aturannya")
    PHASE_ADDED = "phase_added", _("Tahapan: tambah")
    CONTEST_PHASE = "contest_phase", _("Tahapan: ubah tanggal")
    OFFICE_SEATS = "office_seats", _("Jumlah anggota kantor")


class RegistryChange(models.Model):
    """One proposed change. ``row`` is the key of the row it ends or begins, null for a new one.

    ``fields`` holds what the table's form cleaned, as JSON, and under ``was`` what stood there where the
    row itself is corrected (days of a phase, seats); ``source`` is where the law or decree says so.
    Who proposed and who approved stands in the events. ``applied_at`` is when it came into the registry,
    not when it comes into force: the fields say that.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    table = models.CharField(max_length=16, choices=ChangeTable.choices)
    row = models.BigIntegerField(null=True)
    fields = models.JSONField()
    reason = models.CharField(max_length=250)
    source = models.CharField(max_length=200)
    status = models.CharField(
        max_length=10, choices=ChangeStatus.choices, default=ChangeStatus.PROPOSED
    )
    status_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("perubahan data acuan")
        verbose_name_plural = _("perubahan data acuan")
        constraints = [
            known_choice("table", ChangeTable, "registry_change_table_known"),
            known_choice("status", ChangeStatus, "registry_change_status_known"),
            models.CheckConstraint(
                condition=~models.Q(reason="") & ~models.Q(source=""),
                name="registry_change_has_reason_and_source",
            ),
            models.CheckConstraint(
                condition=models.Q(status=ChangeStatus.APPROVED, applied_at__isnull=False)
                | (~models.Q(status=ChangeStatus.APPROVED) & models.Q(applied_at__isnull=True)),
                name="registry_change_applied_when_approved",
            ),
            # Two proposals for one row at once: the second approval would rest on what is gone.
            models.UniqueConstraint(
                fields=["table", "row"],
                condition=models.Q(status=ChangeStatus.PROPOSED, row__isnull=False),
                name="registry_change_one_open_per_row",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.status}"


class RegistryChangeEvent(TransitionEvent):
    """History of a proposed change."""

    change = models.ForeignKey(RegistryChange, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="registry_change_event_action_known",
                condition=models.Q(action__in=["create", *ChangeAction.values]),
            ),
            known_choice(
                "actor_kind",
                TransitionEvent.ActorKind,
                "registry_change_event_actor_kind_known",
            ),
        ]
