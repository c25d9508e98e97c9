"""The counter's two forms: a code, then a picture of the card of whoever stands there."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import HouseForm, RadioCards
from complaints.vault.crypto.cards import IMAGE_BYTES_MAX

_CHOOSE = _("Foto KTP-nya, atau pilih berkas fotonya, paling besar 5 MB.")


class VisitCodeForm(HouseForm):
    """The twelve digits; spaces and dashes are fine."""

    code = forms.CharField(
        label=_("Kode temu"),
        help_text=_("12 angka dari pelapor, boleh dengan spasi"),
        max_length=40,
        widget=forms.TextInput(
            {"inputmode": "numeric", "class": "code-input", "autocomplete": "off"}
        ),
        error_messages={
            "required": _("Tulis 12 angka kode temu."),
            "max_length": _("Kode temu terdiri dari 12 angka."),
        },
    )


class CardForm(HouseForm):
    """A picture of the card, and what the officer saw with their own eyes."""

    code = forms.CharField(max_length=40, widget=forms.HiddenInput)
    card = forms.FileField(
        label=_("Foto KTP"),
        help_text=_("JPEG atau PNG, paling besar 5 MB. Seluruh kartu tampak dan terbaca."),
        widget=forms.FileInput({"accept": "image/jpeg,image/png", "capture": "environment"}),
        error_messages={"required": _CHOOSE, "empty": _CHOOSE, "invalid": _CHOOSE},
    )
    is_of_bearer = forms.ChoiceField(
        label=_("Apakah foto di KTP itu orang yang ada di depan Anda?"),
        choices=(("yes", _("Ya, orangnya sama")), ("no", _("Tidak, atau saya ragu"))),
        widget=RadioCards,
        error_messages={
            "required": _("Pilih salah satu. Pelapor tetap dilayani apa pun jawabannya.")
        },
    )

    def clean_card(self) -> bytes:
        """Return the picture's bytes. What it is, the service decides."""
        file = self.cleaned_data["card"]
        if (file.size or 0) > IMAGE_BYTES_MAX:
            raise forms.ValidationError(_CHOOSE)
        return bytes(file.read())

    def __repr__(self) -> str:
        return "CardForm(…)"
