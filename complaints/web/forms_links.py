"""Forms of the links of a record: shape only, rules stand in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import HouseForm, RadioCards
from complaints.links import MAX_LENGTH
from complaints.models import LinkCapture
from complaints.services.captures import MAX_CAPTURE
from complaints.web.forms_desk import DayField


class HourField(forms.TimeField):
    """An hour and a minute from the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
        super().__init__(**kwargs)


class LongLinkForm(HouseForm):
    """A link that tells what it leads to."""

    url = forms.CharField(
        label=_("Alamat panjang"),
        help_text=_("Salin dari bilah alamat peramban, bukan dari tombol Bagikan"),
        max_length=MAX_LENGTH,
        widget=forms.TextInput(
            {"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Tempel tautannya")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class CaptureForm(HouseForm):
    """What an officer saw at a link. Days and hours are those of the record's office."""

    act = forms.ChoiceField(
        label=_("Apa yang dilakukan terlapor di sini?"),
        choices=LinkCapture.Act.choices,
        widget=RadioCards,
        error_messages={"required": _("Pilih perbuatannya")},
    )
    account = forms.CharField(
        label=_("Nama akun terlapor"),
        help_text=_("Seperti tertulis di media sosial, misalnya @nama"),
        max_length=120,
    )
    posted_on = DayField(label=_("Tanggal unggahan"), required=False)
    posted_time = HourField(label=_("Jam unggahan"), required=False)
    captured_on = DayField(label=_("Tanggal ditangkap"))
    captured_time = HourField(label=_("Jam ditangkap"))
    file = forms.FileField(
        label=_("Tangkapan buatan petugas"),
        help_text=_("Gambar, PDF, atau video sampai 5 MB. Bukan tangkapan layar dari pelapor"),
        error_messages={
            "required": _("Pilih berkas tangkapannya, paling besar 5 MB"),
            "empty": _("Berkas kosong"),
        },
    )

    def clean_file(self) -> Any:
        """Refuse what is too large for a capture of one screen."""
        file = self.cleaned_data["file"]
        if file.size > MAX_CAPTURE:
            raise forms.ValidationError(_("Berkas lebih dari 5 MB. Kecilkan dulu."))
        return file
