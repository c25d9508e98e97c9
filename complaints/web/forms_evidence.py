"""Forms of the evidence viewer: shape only."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import HouseForm

ROWS = 5
WHOLE = 100


def _share(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_value=WHOLE,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput({"step": "0.01", "inputmode": "decimal"}),
    )


class RegionForm(HouseForm):
    """One region of a picture, in hundredths of its width and height from the upper left corner."""

    x = _share(_("Kiri, %"))
    y = _share(_("Atas, %"))
    width = _share(_("Lebar, %"))
    height = _share(_("Tinggi, %"))

    def clean(self) -> dict[str, Any]:
        """Want all four or none, and a region that lies inside the picture."""
        held: dict[str, Any] = super().clean() or {}
        given = [held.get(name) for name in ("x", "y", "width", "height")]
        if any(value is not None for value in given) and not all(
            value is not None for value in given
        ):
            raise forms.ValidationError(_("Isi keempat angkanya, atau kosongkan semuanya."))
        if all(value is not None for value in given) and not (
            held["width"] > 0 and held["height"] > 0 and held["x"] < WHOLE and held["y"] < WHOLE
        ):
            raise forms.ValidationError(_("Bagian ini berada di luar gambar."))
        return held


RegionFormSet = formset_factory(RegionForm, extra=ROWS, max_num=100)


def shares_of(regions: "BaseFormSet[Any]") -> list[tuple[float, float, float, float]]:
    """Return the regions of a valid formset as shares of one, those left empty apart."""
    found = []
    for form in regions.forms:
        held = form.cleaned_data
        if held and held.get("x") is not None:
            x, y, width, height = (
                float(held[name]) / WHOLE for name in ("x", "y", "width", "height")
            )
            found.append((x, y, min(width, 1 - x), min(height, 1 - y)))
    return found
