"""Forms of the papers' pages: which paper, and the second person's agreement."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import HouseForm
from complaints.selectors.documents import Offer
from complaints.services.documents import MAX_LETTER_NUMBER


class NewDocumentForm(HouseForm):
    """Which of the papers that may be made now, and to whom where the form leaves a choice."""

    paper = forms.ChoiceField(
        label=_("Formulir"), error_messages={"required": _("Pilih formulirnya")}
    )
    addressee = forms.ChoiceField(
        label=_("Alamat tujuan"),
        required=False,
        help_text=_("Hanya untuk rekomendasi dan penerusan (B.14, B.15, B.16)."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, offers: Sequence[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {offer.value: offer for offer in offers}
        papers: Any = self.fields["paper"]
        papers.choices = [("", _("Pilih")), *((row.value, _named(row)) for row in offers)]
        places = dict.fromkeys(place for row in offers for place in row.form.addressees)
        if places:
            choices: Any = self.fields["addressee"]
            choices.choices = [("", _("Tidak ada")), *((place, place) for place in places)]
        else:
            del self.fields["addressee"]


def _named(offer: Offer) -> str:
    about = f": {offer.about}" if offer.about else ""
    return f"{offer.form.code} {offer.form.title}{about}"


class SignOffForm(HouseForm):
    """The second person's agreement to what was looked at."""

    number = forms.CharField(
        label=_("Nomor surat dari sekretariat"), max_length=MAX_LETTER_NUMBER, required=False
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, is_letter: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_letter:
            self.fields["number"].plain_label = True  # type: ignore[attr-defined]
        else:
            del self.fields["number"]
