"""What a change of each table must say. Used when it is proposed and once more when it is approved."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import (
    ChangeTable,
    Confidence,
    HolidayCategory,
    LimitUnit,
    Region,
)
from bawaslu_cases.shared.forms import HouseForm


class HolidayForm(HouseForm):
    """A day off that is to be added."""

    date = forms.DateField(label=_("Tanggal"), widget=forms.DateInput({"type": "date"}))
    category = forms.ChoiceField(label=_("Jenis hari libur"), choices=HolidayCategory.choices)
    name = forms.CharField(label=_("Nama hari libur"), max_length=120)
    region = forms.CharField(
        label=_("Kode wilayah"),
        help_text=_("Hanya untuk libur daerah, misalnya 33 atau 33.08."),
        max_length=5,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Let a local holiday have a region that exists, and no other have one."""
        data = super().clean() or self.cleaned_data
        local = data.get("category") == HolidayCategory.LOCAL
        code = data.get("region", "")
        if local and not Region.objects.filter(code=code).exists():
            self.add_error("region", _("Tulis kode wilayah yang ada"))
        elif code and not local and "category" in data:
            self.add_error("region", _("Hanya libur daerah yang menyebut wilayah"))
        return data


class RemovalForm(HouseForm):
    """A day off that is to go: the row says which, nothing else is asked."""


class TimeLimitForm(HouseForm):
    """The next version of a time limit. Clocks that run keep the limit they began with."""

    value = forms.IntegerField(label=_("Jumlah hari"), min_value=1, max_value=365)
    unit = forms.ChoiceField(label=_("Dihitung dalam"), choices=LimitUnit.choices)
    legal_basis = forms.CharField(label=_("Dasar hukum"), max_length=200)
    confidence = forms.ChoiceField(label=_("Seberapa pasti"), choices=Confidence.choices)
    valid_from = forms.DateField(label=_("Berlaku sejak"), widget=forms.DateInput({"type": "date"}))


class RecipientBodyForm(HouseForm):
    """The first day of the body that takes over."""

    valid_from = forms.DateField(label=_("Berlaku sejak"), widget=forms.DateInput({"type": "date"}))
    legal_basis = forms.CharField(label=_("Dasar hukum"), max_length=200)


FORMS: Mapping[ChangeTable, type[HouseForm]] = {
    ChangeTable.HOLIDAY_ADDED: HolidayForm,
    ChangeTable.HOLIDAY_REMOVED: RemovalForm,
    ChangeTable.TIME_LIMIT: TimeLimitForm,
    ChangeTable.RECIPIENT_BODY: RecipientBodyForm,
}


def as_json(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form's cleaned data as JSON keeps it: days as ISO text."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in cleaned.items()
    }
