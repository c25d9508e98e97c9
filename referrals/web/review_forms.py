"""Forms of the recipient body."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.shared.forms import HouseForm
from referrals.services.missing_items import MAX_WORDS, Missing
from referrals.services.review_questions import MAX_WORDS as MAX_QUESTION
from referrals.states import MissingKind

ROWS = 5
"""Rows of a return on the page; a body that lacks more than this writes them under the last."""


class ReturnForm(HouseForm):
    """The recipient sends a referral back: what is missing, row by row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Belum dipilih")), *MissingKind.choices]
        for number in range(ROWS):
            kind = forms.ChoiceField(
                label=_("Butir %(number)d") % {"number": number + 1},
                choices=choices,
                required=False,
                error_messages={"invalid_choice": _("Pilih butir yang kurang")},
            )
            words = forms.CharField(
                label=_("Yang diminta untuk butir %(number)d") % {"number": number + 1},
                max_length=MAX_WORDS,
                required=False,
            )
            kind.plain_label = words.plain_label = True  # type: ignore[attr-defined]
            self.fields[f"kind_{number}"], self.fields[f"words_{number}"] = kind, words
        self.fields["kind_0"].help_text = _(
            "Dibaca kantor Bawaslu pengirim. Versi berikutnya harus menjawab setiap butir."
        )

    def clean(self) -> dict[str, Any]:
        """Ask for one row at least, and for the kind of each."""
        given = super().clean() or self.cleaned_data
        for number in range(ROWS):
            if given.get(f"words_{number}") and not given.get(f"kind_{number}"):
                self.add_error(f"kind_{number}", _("Pilih butir yang kurang"))
        if not self.errors and not self.missing():
            self.add_error("kind_0", _("Sebut apa yang kurang"))
        return given

    def missing(self) -> list[Missing]:
        """Return the rows that were filled in."""
        given = self.cleaned_data
        return [
            Missing(MissingKind(given[f"kind_{number}"]), given.get(f"words_{number}", ""))
            for number in range(ROWS)
            if given.get(f"kind_{number}")
        ]


class RecommendForm(HouseForm):
    """What one reviewer would recommend; another one signs it. ``seen`` is the draft that stood there."""

    text = forms.CharField(
        label=gettext_lazy("Rekomendasi kepada PPK"),
        help_text=gettext_lazy(
            "Dibaca setiap PPK yang dituju. Jangan sebut orang dari instansi lain."
        ),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Tulis rekomendasi yang dibaca PPK")},
    )
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class SignForm(HouseForm):
    """The second signature: it carries which draft was read."""

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class AskForm(HouseForm):
    """A question to the sending office."""

    words = forms.CharField(
        label=gettext_lazy("Pertanyaan kepada Bawaslu"),
        help_text=gettext_lazy("Tentang berkas ini. Siapa yang melapor tidak diberitahukan."),
        max_length=MAX_QUESTION,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Tulis pertanyaannya")},
    )
