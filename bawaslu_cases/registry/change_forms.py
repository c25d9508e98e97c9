"""What a change of each table must say. Used when it is proposed and once more when it is approved."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import (
    ChangeTable,
    Confidence,
    Contest,
    Employment,
    HolidayCategory,
    LimitUnit,
    PhaseKind,
    Region,
    SanctionClass,
    ViolationRule,
)
from bawaslu_cases.shared.forms import CheckboxList, HouseForm


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


class LinesField(forms.Field):
    """Several texts, one a line; cleaned to a list. A list that was cleaned before stays what it is."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": 4}), **kwargs)
        self.longest = longest

    def to_python(self, value: Any) -> list[str]:
        """Return the lines that say something."""
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [line for line in (" ".join(str(each).split()) for each in lines) if line]

    def prepare_value(self, value: Any) -> str:
        """Return what stands in the field: one text a line."""
        return "\n".join(value) if isinstance(value, list) else value

    def run_validators(self, value: Any) -> None:
        """Let no line be longer than its column, nor hold what no column takes."""
        if any("\x00" in line for line in value):
            raise forms.ValidationError(_("Karakter kosong tidak diizinkan."))
        if any(len(line) > self.longest for line in value):
            raise forms.ValidationError(
                _("Satu baris paling panjang %(longest)s huruf.") % {"longest": self.longest}
            )


class ViolationRuleForm(HouseForm):
    """The next version of a form of violation; code, category and stage stay."""

    title_id = forms.CharField(label=_("Bentuk pelanggaran"), max_length=250)
    title_en = forms.CharField(label=_("Dalam bahasa Inggris"), max_length=250)
    legal_bases = LinesField(
        label=_("Dasar hukum"), help_text=_("Satu dasar satu baris."), longest=200
    )
    sanction_class = forms.ChoiceField(label=_("Golongan sanksi"), choices=SanctionClass.choices)
    applies_to = forms.MultipleChoiceField(
        label=_("Berlaku bagi"), choices=Employment.choices, widget=CheckboxList
    )
    criminal_overlap = LinesField(
        label=_("Unsur pidana yang diperiksa"),
        help_text=_("Satu pasal satu baris."),
        longest=250,
        required=False,
    )
    confidence = forms.ChoiceField(label=_("Seberapa pasti"), choices=Confidence.choices)
    note = forms.CharField(
        label=_("Catatan"), widget=forms.Textarea({"rows": 3}), max_length=2000, required=False
    )
    valid_from = forms.DateField(label=_("Berlaku sejak"), widget=forms.DateInput({"type": "date"}))


def _rule_choices() -> list[tuple[str, str]]:
    """Return the rules that are in force today or come later, by code. One query."""
    rows = ViolationRule.objects.filter(valid_to__isnull=True).order_by("code")
    return [(row.code, f"{row.code} {row.title_id}") for row in rows]


class ActRuleForm(HouseForm):
    """The rule that an act falls under from a day on; act, stage and rank stay."""

    rule_code = forms.ChoiceField(label=_("Aturan"), choices=_rule_choices)
    remark = forms.CharField(
        label=_("Catatan"),
        help_text=_("Tampil di samping usulan aturan."),
        max_length=250,
        required=False,
    )
    valid_from = forms.DateField(label=_("Berlaku sejak"), widget=forms.DateInput({"type": "date"}))


class PhaseForm(HouseForm):
    """The days of a phase. Only what lies ahead moves."""

    starts_on = forms.DateField(label=_("Hari pertama"), widget=forms.DateInput({"type": "date"}))
    ends_on = forms.DateField(
        label=_("Hari terakhir"), widget=forms.DateInput({"type": "date"}), required=False
    )
    confidence = forms.ChoiceField(label=_("Seberapa pasti"), choices=Confidence.choices)

    def clean(self) -> dict[str, Any]:
        """Let the last day not come before the first."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("Tanggal akhir mendahului tanggal mulai."))
        return data


def _contest_choices() -> list[tuple[str, str]]:
    """Return the contests that are not over, by code. One query."""
    rows = Contest.objects.exclude(ends_on__lt=timezone.localdate())
    return [(row.code, row.name) for row in rows]


class NewPhaseForm(PhaseForm):
    """A phase that a contest does not have yet."""

    contest = forms.ChoiceField(label=_("Pemilihan"), choices=_contest_choices)
    kind = forms.ChoiceField(label=_("Tahapan"), choices=PhaseKind.choices)
    field_order = ("contest", "kind", "starts_on", "ends_on", "confidence")


class SeatsForm(HouseForm):
    """How many members an office has (UU 7/2017 ps 92)."""

    seats = forms.TypedChoiceField(
        label=_("Jumlah anggota"),
        choices=[(number, str(number)) for number in (3, 5, 7)],
        coerce=int,
    )


FORMS: Mapping[ChangeTable, type[HouseForm]] = {
    ChangeTable.HOLIDAY_ADDED: HolidayForm,
    ChangeTable.HOLIDAY_REMOVED: RemovalForm,
    ChangeTable.TIME_LIMIT: TimeLimitForm,
    ChangeTable.RECIPIENT_BODY: RecipientBodyForm,
    ChangeTable.VIOLATION_RULE: ViolationRuleForm,
    ChangeTable.ACT_RULE: ActRuleForm,
    ChangeTable.PHASE_ADDED: NewPhaseForm,
    ChangeTable.CONTEST_PHASE: PhaseForm,
    ChangeTable.OFFICE_SEATS: SeatsForm,
}


def as_json(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form's cleaned data as JSON keeps it: days as ISO text."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in cleaned.items()
    }
