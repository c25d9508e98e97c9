"""Words of the ledger: what a row records, how far a sanction is from what was recommended, the rungs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EntryKind(models.TextChoices):
    """What one row of the ledger records."""

    RECOMMENDED = "recommended", _("Sanksi direkomendasikan")
    ACCEPTED = "accepted", _("PPK menerima rekomendasi")
    TIME_ASKED = "time_asked", _("PPK meminta tambahan waktu")
    OBJECTED = "objected", _("PPK berkeberatan")
    UPHELD = "upheld", _("Rekomendasi dipertahankan")
    DROPPED = "dropped", _("Rekomendasi dicabut")
    IMPOSED = "imposed", _("Sanksi dijatuhkan")
    NOT_PROVEN = "not_proven", _("Tidak terbukti menurut PPK")
    LEFT_SERVICE = "left_service", _("Sudah bukan pegawai")
    TRANSFERRED = "transferred", _("Dinyatakan pindah instansi")
    MOVED = "moved", _("Beralih ke PPK yang baru")
    RETURNED = "returned", _("Jawaban dikembalikan")
    VERIFIED = "verified", _("Bukti diperiksa orang kedua")
    APPEAL_FILED = "appeal_filed", _("Upaya administratif diajukan")
    APPEAL_DECIDED = "appeal_decided", _("Upaya administratif diputus")


class Gap(models.TextChoices):
    """How what was imposed compares with what was recommended."""

    LIGHTER = "lighter", _("Lebih ringan")
    EQUAL = "equal", _("Sesuai")
    HEAVIER = "heavier", _("Lebih berat")
    OTHER_KIND = "other_kind", _("Jenis lain")
    NONE = "none", _("Tanpa sanksi")


class Remedy(models.TextChoices):
    """The two administrative remedies of PP 79/2021."""

    OBJECTION = "objection", _("Keberatan kepada atasan")
    APPEAL = "appeal", _("Banding ke BPASN")


class AppealOutcome(models.TextChoices):
    """What a superior or BPASN may decide (PP 79/2021), and a remedy that its author gives up."""

    CONFIRMED = "confirmed", _("Menguatkan")
    LIGHTENED = "lightened", _("Meringankan")
    AGGRAVATED = "aggravated", _("Memberatkan")
    CHANGED = "changed", _("Mengubah")
    ANNULLED = "annulled", _("Membatalkan")
    WITHDRAWN = "withdrawn", _("Dicabut pemohon")


REPLACES_SANCTION = frozenset(
    {AppealOutcome.LIGHTENED, AppealOutcome.AGGRAVATED, AppealOutcome.CHANGED}
)
"""Outcomes that put another sanction in the place of the first."""


class Rung(models.IntegerChoices):
    """The steps of the ladder, in their order."""

    REMINDER_1 = 1, _("Pengingat pertama")
    REMINDER_2 = 2, _("Pengingat kedua")
    WARNING = 3, _("Permintaan peringatan BKN")
    DATA_BLOCK = 4, _("Usul blokir data kepegawaian")
    HOME_AFFAIRS = 5, _("Surat kepada Menteri")
    PUBLICATION = 6, _("Publikasi")


class HoldKind(models.TextChoices):
    """Somebody stops a ladder or lets it go on."""

    STOP = "stop", _("Eskalasi dihentikan")
    RESUME = "resume", _("Eskalasi dilanjutkan")
