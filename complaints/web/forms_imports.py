"""Forms of the import of an office's old register."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import HouseForm
from complaints.imports.columns import COLUMNS
from complaints.imports.spreadsheet import MOST_BYTES
from complaints.selectors.legacy import HeadOffer


class SheetForm(HouseForm):
    """The file."""

    file = forms.FileField(
        label=_("Berkas register lama"),
        help_text=_("XLSX atau CSV, paling besar 20 MB dan 20.000 baris."),
        widget=forms.FileInput({"accept": ".xlsx,.csv,.txt"}),
        error_messages={
            "required": _("Pilih berkas, paling besar 20 MB"),
            "empty": _("Berkas ini kosong"),
        },
    )

    def clean_file(self) -> bytes:
        """Return the bytes. The name is not kept."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("Berkas ini terlalu besar, paling besar 20 MB"))
        content: bytes = file.read()
        return content


class ColumnsForm(HouseForm):
    """What each column of the file is; one field a column."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, offers: Sequence[HeadOffer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: list[str] = [""] * len(offers)
        choices = [("", _("Tidak diimpor"))] + [(each.name, each.label) for each in COLUMNS]
        for offer in offers:
            if offer.is_kept_out:
                continue
            name = self._names[offer.at] = f"column-{offer.at}"
            self.fields[name] = forms.ChoiceField(
                label=offer.head,
                help_text=" · ".join(offer.examples),
                choices=choices,
                required=False,
                initial=offer.chosen,
            )
            self.fields[name].plain_label = True  # type: ignore[attr-defined]

    @property
    def columns(self) -> list[str]:
        """Return what each column of the file is, "" for one that is left out."""
        return [self.cleaned_data.get(name, "") if name else "" for name in self._names]
