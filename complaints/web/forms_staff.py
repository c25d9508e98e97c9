"""Forms of the administrator: a new account, and what two administrators change of one."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.units import Unit, UnitKind, unit_named, unit_names
from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared.forms import CheckboxList, DatalistInput, HouseForm, RadioCards
from complaints.selectors.choices import agency_named


class UnitForm(HouseForm):
    """A unit by its kind and its name as the registry writes it."""

    kind = forms.ChoiceField(
        label=_("Jenis unit"),
        choices=UnitKind.choices,
        initial=UnitKind.OFFICE,
        widget=RadioCards,
        error_messages={"required": _("Pilih jenis unitnya.")},
    )
    unit = forms.CharField(
        label=_("Nama unit"),
        max_length=200,
        error_messages={"required": _("Tulis nama unitnya.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].widget = DatalistInput(unit_names(), {"maxlength": 200})

    def clean(self) -> dict[str, Any]:
        """Find the unit."""
        data = super().clean() or self.cleaned_data
        if data.get("kind") and data.get("unit"):
            self.chosen = unit_named(data["kind"], data["unit"])
            if self.chosen is None:
                self.add_error("unit", _now("Pilih unit dari daftar, sesuai jenisnya."))
        return data

    chosen: Unit | None = None


class NewStaffForm(UnitForm):
    """A new account: who and where. Which roles is for two administrators to say."""

    name = forms.CharField(
        label=_("Nama lengkap"),
        max_length=150,
        error_messages={"required": _("Tulis namanya.")},
    )
    email = forms.EmailField(
        label=_("Surel"),
        max_length=254,
        error_messages={
            "required": _("Tulis alamat surel"),
            "invalid": _("Tulis alamat surel yang lengkap"),
        },
    )
    field_order = ("name", "email", "kind", "unit")


class WhyForm(HouseForm):
    """Why a change is proposed; the decree that appoints, for instance. ``seen`` is what stood before it."""

    reason = forms.CharField(
        label=_("Alasan"),
        help_text=_("Misalnya nomor keputusan pengangkatan."),
        max_length=250,
        error_messages={"required": _("Tulis alasannya.")},
    )
    seen = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)


class RolesForm(WhyForm):
    """The roles somebody should hold; those held now are ticked."""

    roles = forms.MultipleChoiceField(
        label=_("Peran"), choices=Role.choices, required=False, widget=CheckboxList
    )
    field_order = ("roles", "reason")


class UnitChangeForm(UnitForm, WhyForm):
    """Another unit."""

    field_order = ("kind", "unit", "reason")


class HomeAgencyForm(WhyForm):
    """Who employs somebody on loan; empty for nobody."""

    agency = forms.CharField(
        label=_("Instansi asal"),
        help_text=_("Untuk pegawai yang diperbantukan. Kosongkan bila tidak ada lagi."),
        max_length=200,
        required=False,
    )
    field_order = ("agency", "reason")

    def __init__(self, *args: Any, agencies: list[str], on: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.fields["agency"].widget = DatalistInput(agencies, {"maxlength": 200})

    def clean(self) -> dict[str, Any]:
        """Find the agency."""
        data = super().clean() or self.cleaned_data
        text = data.get("agency", "")
        self.chosen = agency_named(text, on=self.on)
        if text and self.chosen is None:
            self.add_error("agency", _now("Pilih instansi dari daftar."))
        return data

    chosen: Agency | None = None


class SubjectForm(WhyForm):
    """Who somebody is at the provider of single sign-on; empty for nobody."""

    subject = forms.CharField(
        label=_("Nomor subjek di SSO"),
        help_text=_('Nilai "sub" dari pengelola SSO, bukan surel. Kosongkan untuk melepas tautan.'),
        max_length=255,
        required=False,
    )
    field_order = ("subject", "reason")


class RefuseForm(HouseForm):
    """Why a proposal is refused; the service asks for it where the table demands it."""

    reason = forms.CharField(label=_("Alasan menolak"), max_length=250, required=False)
