"""What a reporter may send from the return page, one form a page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import RadioCards, ReporterForm
from complaints.services.checkins import Safety
from complaints.services.messages import MAX_MESSAGE
from complaints.web.forms_files import BringsFilesForm

LONGEST_LINE = 300


def _words(label: Any, hint: Any, missing: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea({"rows": 7, "data-counter": MAX_MESSAGE}),
        max_length=MAX_MESSAGE,
        error_messages={
            "required": missing,
            "max_length": _("Pesan terlalu panjang, paling banyak 4.000 huruf"),
        },
    )


class FilesForm(BringsFilesForm):
    """More evidence for a record."""


class WriteForm(ReporterForm):
    """A message to the desk."""

    heading_field = "text"

    text = _words(
        _("Tulis pesan untuk petugas"),
        _("Boleh berisi keterangan baru atau tautan. Jangan tulis nama Anda"),
        _("Tulis pesannya"),
    )


class RepairAnswerForm(ReporterForm):
    """What the desk asked for."""

    heading_field = "text"

    text = _words(
        _("Jawab permintaan petugas"),
        _("Tulis keterangan atau tautan yang diminta"),
        _("Tulis jawabannya"),
    )


class CheckInForm(ReporterForm):
    """How the reporter is doing since the report."""

    heading_field = "safety"
    reveals = {"text": f"safety={Safety.PRESSURE.value},{Safety.RETALIATION.value}"}

    safety = forms.ChoiceField(
        label=_("Bagaimana keadaan Anda sejak melapor?"),
        help_text=_("Jawaban ini membantu petugas mengatur langkah supaya Anda tetap aman"),
        choices=Safety.choices,
        widget=RadioCards,
        error_messages={"required": _("Pilih keadaan Anda")},
    )
    text = forms.CharField(
        label=_("Apa yang terjadi?"),
        widget=forms.Textarea({"rows": 5, "data-counter": MAX_MESSAGE}),
        max_length=MAX_MESSAGE - 100,
        required=False,
    )


class WithdrawForm(ReporterForm):
    """Taking the report back."""

    understood = forms.BooleanField(
        label=_("Saya mengerti, dan saya ingin menarik laporan ini"),
        error_messages={"required": _("Centang kalau Anda ingin menarik laporan")},
    )


class LpskForm(ReporterForm):
    """A request for protection, sealed to LPSK's own key. Nobody at Bawaslu can read it."""

    name = forms.CharField(
        label=_("Nama lengkap"),
        max_length=LONGEST_LINE,
        error_messages={"required": _("Tulis nama lengkap Anda")},
    )
    contact = forms.CharField(
        label=_("Cara menghubungi Anda"),
        help_text=_("Nomor HP, email, atau alamat yang aman bagi Anda"),
        max_length=LONGEST_LINE,
        error_messages={"required": _("Tulis cara LPSK menghubungi Anda")},
    )
    threat = _words(
        _("Apa yang Anda alami?"),
        _("Ancaman, tekanan, pemindahan, atau hal lain yang Anda takutkan"),
        _("Tulis apa yang Anda alami"),
    )
    use_identity = forms.BooleanField(
        label=_(
            "LPSK juga boleh menerima data diri yang sudah saya kunci di laporan ini. Verifikator "
            "dan kustodian membukanya sekali untuk itu."
        ),
        required=False,
    )

    def __init__(self, *args: Any, has_identity: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_identity:
            del self.fields["use_identity"]
