"""The forms beside a proposal: what an officer recommends instead, and which PPK stands for election."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import Agency, SanctionClass
from bawaslu_cases.registry.selectors import agencies_on
from bawaslu_cases.shared.forms import CheckboxList, HouseForm
from referrals.rules.departure import LONGEST_BASIS, MOST_BASES, Departure
from referrals.selectors.proposals import ProposedItem, Recommendation

FORM_ID = "usulan"
"""The one form of the page: the fields beside each line belong to it, wherever they stand."""


class DepartureForm(HouseForm):
    """What stands instead of the rules' word for one line; nothing filled in leaves it."""

    sanction_class = forms.ChoiceField(label=_("Golongan sanksi"), required=False)
    types = forms.MultipleChoiceField(
        label=_("Jenis sanksi"),
        help_text=_("Kosong berarti semua jenis golongan itu."),
        required=False,
        widget=CheckboxList(),
    )
    bases = forms.CharField(
        label=_("Dasar hukum pengganti"),
        help_text=_("Satu dasar satu baris. Kosong berarti dasar menurut usulan."),
        max_length=MOST_BASES * (LONGEST_BASIS + 2),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.CharField(
        label=_("Alasan menyimpang"),
        help_text=_("Wajib bila ada yang berbeda. Dibaca orang kedua dan tersimpan."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, item: ProposedItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        proposed = item.recommended.sanction_class
        choices = self.fields["sanction_class"]
        choices.choices = [  # type: ignore[attr-defined]
            ("", _("Seperti usulan: %(sanction)s") % {"sanction": proposed.label}),
            *((each.value, each.label) for each in SanctionClass if each != proposed),
        ]
        types = self.fields["types"]
        types.choices = [  # type: ignore[attr-defined]
            (SanctionClass(each).label, [(kind.code, kind.name) for kind in offered])
            for each, offered in item.possible.items()
            if offered
        ]
        for field in self.fields.values():
            field.widget.attrs["form"] = FORM_ID
            field.plain_label = True  # type: ignore[attr-defined]

    def departure(self) -> Departure:
        """Return what was put in. Call after ``is_valid``."""
        cleaned = self.cleaned_data
        return Departure(
            reason=cleaned["reason"],
            sanction_class=cleaned["sanction_class"],
            types=tuple(cleaned["types"]),
            bases=tuple(cleaned["bases"].splitlines()),
        )

    @property
    def is_filled(self) -> bool:
        """Whether anything was put in, so that the page shows it open."""
        return self.is_bound and any(self.data.get(self.add_prefix(name)) for name in self.fields)


class CandidacyForm(HouseForm):
    """An agency's PPK stands for election in the case's contest."""

    agency: "forms.ModelChoiceField[Agency]" = forms.ModelChoiceField(
        label=_("Instansi yang PPK-nya calon"),
        queryset=None,
        empty_label=_("Pilih instansi"),
        error_messages={"required": _("Pilih instansi")},
    )
    source = forms.CharField(
        label=_("Sumber"),
        help_text=_("Misalnya nomor keputusan penetapan calon."),
        max_length=250,
        error_messages={"required": _("Tulis sumbernya")},
    )

    def __init__(
        self, *args: Any, proposal: Recommendation | None, on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        agencies = agencies_on(on)
        named = {item.official.agency_id for item in (proposal.items if proposal else ())} - {None}
        # whose case it is comes to mind first; a governor may stand for staff of a kabupaten, too
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        if len(named) == 1:
            self.fields["agency"].initial = next(iter(named))


def departure_forms(request: HttpRequest, items: Sequence[ProposedItem]) -> list[DepartureForm]:
    """Return one form a line, bound when the page was sent."""
    data = request.POST if request.method == "POST" else None
    return [
        DepartureForm(data, item=item, prefix=f"butir-{number}")
        for number, item in enumerate(items, start=1)
    ]


def departures_in(forms_sent: Sequence[DepartureForm]) -> Mapping[int, Departure] | None:
    """Return what was put in by the key of the allegation, or None when a form does not hold."""
    checked = [form.is_valid() for form in forms_sent]
    if not all(checked):
        return None
    return {
        form.item.allegation.pk: form.departure()
        for form in forms_sent
        if not form.departure().is_empty
    }
