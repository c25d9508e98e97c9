"""Forms of what leaves the house: the approval of a draft, the copies that go with it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import CheckboxList, HouseForm
from referrals.packets.leaks import Finding


class ApproveForm(HouseForm):
    """The second person's approval, bound to the draft they read (check K07).

    ``initial`` brings the digest and the warnings, which are acknowledged one by one.
    """

    seen = forms.CharField(
        max_length=64,
        widget=forms.HiddenInput,
        error_messages={"required": _("Muat ulang halaman lalu baca isinya.")},
    )
    acknowledged = forms.MultipleChoiceField(
        label=_("Sudah saya baca dan tetap saya setujui"),
        required=False,
        widget=CheckboxList,
        error_messages={"invalid_choice": _("Peringatannya berubah. Muat ulang lalu baca lagi.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.pop("initial", None) or {})
        warnings: tuple[Finding, ...] = initial.pop("warnings", ())
        super().__init__(*args, initial=initial, **kwargs)
        if warnings:
            self.fields["acknowledged"].choices = [  # type: ignore[attr-defined]
                (each.key, _worded(each)) for each in warnings
            ]
            self.fields["acknowledged"].plain_label = True  # type: ignore[attr-defined]
        else:
            del self.fields["acknowledged"]


def _worded(finding: Finding) -> str:
    return f"{finding.name}: “{finding.words}”" if finding.words else str(finding.name)


class AttachForm(HouseForm):
    """One copy goes with the proposal. What a reporter sent is looked over first."""

    copy = forms.UUIDField(widget=forms.HiddenInput)
    is_checked = forms.BooleanField(
        label=_("Saya sudah memeriksa nama, bilah layar, dan pantulan"), required=False
    )
