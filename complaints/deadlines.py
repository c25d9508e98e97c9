"""The statutory clocks of this app by name. Values, units and articles are dated data: registry.TimeLimit."""

from django.db import models


class DeadlineKind(models.TextChoices):
    """Which clock; the value is the code of the time limit in the registry."""

    INITIAL_REVIEW = "initial_review", "Kajian awal"
    REPAIR = "repair", "Perbaikan laporan"
    FINDING = "finding", "Penetapan temuan"
    FINDING_REGISTER = "finding_register", "Registrasi temuan"
    REPAIR_NOTICE = "repair_notice", "Pemberitahuan perbaikan"
    DELEGATION = "delegation", "Pelimpahan atau pengambilalihan"
    CORRECTION_REQUEST = "correction_request", "Permintaan koreksi"
    CORRECTION_EXAM = "correction_exam", "Pemeriksaan koreksi"
    HANDLING = "handling", "Penanganan"
    HANDLING_EXTENDED = "handling_extended", "Penanganan dengan keterangan tambahan"


REPORT_WINDOW = "report_window"
"""Seven days since the reporter came to know (UU 7/2017 ps 454(6); UU 10/2016 ps 134(4))."""

IDENTITY_CARD = "identity_card"
"""Days in which who reported online shows their identity at an office (Perbawaslu 7/2022 ps 12 huruf c)."""

DEFAULT_REGIME = "PEMILU"
"""Outside any contest the general law's working days apply (Perbawaslu 7/2022 ps 1 angka 42)."""

WINDOWS = frozenset({DeadlineKind.CORRECTION_REQUEST})
"""Times in which somebody else may act: they end by themselves and nobody is late."""
