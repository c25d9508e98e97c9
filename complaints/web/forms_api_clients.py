"""Forms of the administrator's pages of API clients."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.units import UnitKind, names_of, unit_named
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.forms import CheckboxList, DatalistInput, HouseForm


class ScopesForm(HouseForm):
    """What a client may; what it may now is ticked, and ``seen`` says it."""

    scopes = forms.MultipleChoiceField(
        label=_("Cakupan"), choices=Scope.choices, required=False, widget=CheckboxList
    )
    reason = forms.CharField(
        label=_("Alasan"),
        help_text=_("Hanya perlu untuk cakupan yang bertambah; administrator kedua membacanya."),
        max_length=250,
        required=False,
    )
    seen = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)


class NewClientForm(HouseForm):
    """A new client: whose, what for, and what it needs."""

    name = forms.CharField(
        label=_("Nama klien"),
        max_length=100,
        error_messages={"required": _("Tulis nama kliennya.")},
    )
    office = forms.CharField(
        label=_("Kantor Bawaslu"),
        max_length=200,
        error_messages={"required": _("Tulis nama kantornya.")},
    )
    purpose = forms.CharField(
        label=_("Tujuan"),
        help_text=_("Dicatat di jejak audit pada setiap panggilan."),
        max_length=200,
        error_messages={"required": _("Tulis tujuannya.")},
    )
    contact = forms.CharField(
        label=_("Penanggung jawab di kantor itu"),
        max_length=150,
        error_messages={"required": _("Tulis siapa penanggung jawabnya.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("Cakupan"),
        choices=Scope.choices,
        widget=CheckboxList,
        error_messages={"required": _("Pilih sekurangnya satu cakupan.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].widget = DatalistInput(names_of(UnitKind.OFFICE), {"maxlength": 200})

    def clean_office(self) -> Office:
        """Find the office."""
        unit = unit_named(UnitKind.OFFICE, self.cleaned_data["office"])
        if unit is None or not isinstance(unit.row, Office):
            raise forms.ValidationError(_now("Pilih kantor dari daftar."))
        return unit.row


class KeyForm(HouseForm):
    """A public key of the client's own."""

    jwk = forms.CharField(
        label=_("Kunci publik (JWK)"),
        help_text=_("Ed25519, P-256, P-384, atau RSA 2048 bit ke atas. Jangan kirim kunci privat."),
        max_length=4000,
        widget=forms.Textarea,
        error_messages={"required": _("Tempelkan kuncinya.")},
    )
