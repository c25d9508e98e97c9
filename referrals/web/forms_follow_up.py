"""Forms of those who watch follow-ups: appeals, corrections, the day a ledger is read for."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import SanctionType
from bawaslu_cases.shared.forms import DayMonthYearField, HouseForm
from referrals.services.follow_up import MAX_PROOF_BYTES
from referrals.states import REPLACES_SANCTION, AppealOutcome
from referrals.web.forms import ReasonForm

Groups = Sequence[tuple[str, list[SanctionType]]]


class _ChoosesSanction(HouseForm):
    """A form in which a sanction is chosen from the registry's types."""

    sanction_type = forms.ChoiceField(label=_("Jenis sanksi"), required=False)

    def __init__(self, *args: Any, groups: Groups, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.types = {str(each.pk): each for _label, types in groups for each in types}
        self.fields["sanction_type"].choices = [  # type: ignore[attr-defined]
            ("", _("Belum dipilih")),
            *[
                (label, [(each.pk, f"{each.name} ({each.legal_basis})") for each in types])
                for label, types in groups
            ],
        ]

    def chosen_type(self) -> SanctionType | None:
        """Return the sanction that was chosen, or None."""
        return self.types.get(self.cleaned_data["sanction_type"])


class CorrectForm(_ChoosesSanction):
    """What the decree really says; ``seen`` is the row of the ledger that is put right."""

    sanction_type = forms.ChoiceField(
        label=_("Jenis sanksi"), error_messages={"required": _("Pilih jenis sanksi")}
    )
    decree_number = forms.CharField(
        label=_("Nomor keputusan"),
        max_length=80,
        error_messages={"required": _("Tulis nomor keputusan")},
    )
    decree_on = DayMonthYearField(label=_("Tanggal keputusan"), help_text=_("Contoh: 14 11 2026"))
    reason = forms.CharField(
        label=_("Apa yang keliru?"),
        help_text=_("Baris lama tetap terbaca. Orang kedua memeriksa lagi."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Tulis alasannya")},
    )
    seen = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)


class FileAppealForm(HouseForm):
    """A remedy that the punished official filed."""

    received_on = DayMonthYearField(
        label=_("Keputusan diterima pada"), help_text=_("Contoh: 14 11 2026")
    )
    filed_on = DayMonthYearField(label=_("Upaya diajukan pada"), help_text=_("Contoh: 21 11 2026"))
    note = forms.CharField(
        label=_("Catatan"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DecideAppealForm(_ChoosesSanction):
    """What the superior or BPASN decided."""

    outcome = forms.ChoiceField(
        label=_("Putusan"),
        choices=[("", _("Belum dipilih")), *AppealOutcome.choices],
        error_messages={"required": _("Pilih putusannya")},
    )
    number = forms.CharField(
        label=_("Nomor keputusan"),
        max_length=80,
        error_messages={"required": _("Tulis nomor keputusan")},
    )
    decided_on = DayMonthYearField(label=_("Tanggal keputusan"), help_text=_("Contoh: 14 11 2026"))
    note = forms.CharField(
        label=_("Catatan"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    proof = forms.FileField(
        label=_("Berkas bukti"),
        help_text=_("Keputusannya. PDF, JPG, atau PNG, paling besar 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={
            "required": _("Pilih berkas bukti"),
            "empty": _("Berkas kosong. Pilih berkas lain"),
            "missing": _("Pilih berkas bukti"),
        },
    )
    field_order = ("outcome", "sanction_type", "number", "decided_on", "note", "proof")

    def __init__(self, *args: Any, groups: Groups, **kwargs: Any) -> None:
        super().__init__(*args, groups=groups, **kwargs)
        wanted = ",".join(sorted(REPLACES_SANCTION))
        field = self.fields["sanction_type"]
        field.label = _("Sanksi yang baru")
        field.reveal = f"{self.add_prefix('outcome')}={wanted}"  # type: ignore[attr-defined]
        field.plain_label = True  # type: ignore[attr-defined]

    def clean_proof(self) -> bytes:
        """Return the bytes of the upload; a file too large is not read."""
        upload = self.cleaned_data["proof"]
        if upload.size > MAX_PROOF_BYTES:
            raise forms.ValidationError(_("Berkas lebih dari 5 MB"))
        content: bytes = upload.read()
        return content


class StopForm(ReasonForm):
    """Why nobody shall be reminded for now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Mengapa eskalasi dihentikan?")


class ResumeForm(ReasonForm):
    """Why the ladder goes on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Mengapa eskalasi dilanjutkan?")


def day_asked(text: str) -> date | None:
    """Return the day of an address (``2024-11-06``), or None for anything that is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
