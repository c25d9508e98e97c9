"""The question of time and place: words like "yesterday" become days of the place they speak of."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import dates
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import Region
from bawaslu_cases.registry.remembered import remembered
from bawaslu_cases.shared.forms import DayMonthYearField, FixedChoices, RadioCards
from complaints.selectors.intake import provinces, regencies_of, regency
from complaints.web.forms_intake import StepForm

_MONTHS_BACK = 36
# Where it is already tomorrow while Jakarta sleeps: nobody is refused for living in the east.
EAST = "Asia/Jayapura"
_NOTHING = ("", "–")


class WhenForm(StepForm):
    """Step 5: when, when known, where."""

    EVENT = (
        ("today", _("Hari ini")),
        ("yesterday", _("Kemarin")),
        ("date", _("Tanggal lain")),
        ("month", _("Tidak ingat tanggal pastinya")),
        ("unknown", _("Tidak tahu")),
    )
    KNOWN = (
        ("same", _("Hari yang sama")),
        ("date", _("Tanggal lain")),
        ("unknown", _("Tidak ingat")),
    )
    reveals = {
        "event_on": "event=date",
        "event_month": "event=month",
        "known_on": "known=date",
    }

    event = forms.ChoiceField(
        label=_("Kapan kejadiannya?"),
        choices=EVENT,
        widget=RadioCards,
        error_messages={"required": _("Pilih kapan kejadiannya")},
    )
    event_on = DayMonthYearField(
        label=_("Kalau tanggal lain: kapan kejadiannya?"),
        help_text=_("Contoh: 14 11 2026"),
        required=False,
    )
    event_month = forms.ChoiceField(
        label=_("Kalau tidak ingat tanggalnya: bulan apa?"), required=False
    )
    known = forms.ChoiceField(
        label=_("Kapan Anda mengetahuinya?"),
        help_text=_("Batas 7 hari dihitung dari hari Anda mengetahuinya"),
        choices=KNOWN,
        widget=RadioCards,
        error_messages={"required": _("Pilih kapan Anda mengetahuinya")},
    )
    known_on = DayMonthYearField(
        label=_("Kalau tanggal lain: kapan Anda tahu?"),
        help_text=_("Contoh: 14 11 2026"),
        required=False,
    )
    province = forms.ChoiceField(
        label=_("Di provinsi mana?"),
        help_text=_("Sesudah itu, pilih kabupaten atau kotanya"),
        required=False,
        error_messages={"invalid_choice": _("Pilih provinsi kejadian")},
    )
    region = forms.ChoiceField(
        label=_("Di kabupaten atau kota mana?"),
        error_messages={
            "required": _("Pilih kabupaten atau kota"),
            "invalid_choice": _("Pilih kabupaten atau kota"),
        },
    )
    place = forms.CharField(
        label=_("Tempat"),
        help_text=_("Contoh: Lapangan Desa Sukamaju, atau grup WhatsApp RT"),
        max_length=200,
        required=False,
    )
    keeps_away = forms.BooleanField(
        label=_("Ada kantor Bawaslu yang tidak boleh melihat laporan ini"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = self.data if self.is_bound else self.initial
        self.province_code = _province_of(said)
        today = self.at.astimezone(ZoneInfo(EAST)).date()
        for name, choices in (
            ("province", _provinces()),
            ("region", _regencies_of(self.province_code)),
            ("event_month", _recent_months(today.replace(day=1), get_language())),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
            field.choices = choices
        if not self.province_code:
            del self.fields["region"]
        elif not self.is_bound and not said.get("region"):
            # the page comes back for this one answer: it leads there without script, too
            self.fields["region"].widget.attrs["autofocus"] = True
        self.asks_more = False
        self.regency: Region | None = None
        self.event_day: date | None = None
        self.known_day: date | None = None
        self.precision = "unknown"
        for name in ("event_on", "event_month", "known_on", "province"):
            self.fields[name].plain_label = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check the words against each other and turn them into days."""
        cleaned: dict[str, Any] = super().clean() or {}
        self._check_date("event", "event_on", _("Tulis tanggal kejadian, contoh 14 11 2026"))
        self._check_date("known", "known_on", _("Tulis tanggal Anda mengetahuinya"))
        if cleaned.get("event") == "month" and not cleaned.get("event_month"):
            self.add_error("event_month", _("Pilih bulan kejadian, atau pilih tidak tahu"))
        self._check_region()
        if not self.errors and not self.asks_more:
            self._read_days()
            if self.precision == "day" and self.event_day and self.known_day:
                self._check_order(self.event_day, self.known_day)
        return cleaned

    def _check_region(self) -> None:
        """Ask for the regency of a province that was only just chosen; that is no mistake."""
        if not self.province_code:
            self.errors.pop("province", None)
            self.add_error("province", _("Pilih provinsi kejadian"))
        elif "province" in self.errors:
            self.errors.pop("region", None)
        elif not str(self.data.get("region") or "").startswith(self.province_code) and (
            "region" not in self.data or self.data["region"]
        ):
            self.errors.pop("region", None)
            self.asks_more = not self.errors

    def _check_date(self, switch: str, name: str, missing: Any) -> None:
        """Check a typed date where it was asked for; elsewhere it cannot be wrong."""
        if self.cleaned_data.get(switch) != "date":
            self.errors.pop(name, None)
        elif name not in self.errors:
            day = self.cleaned_data.get(name)
            if not day:
                self.add_error(name, missing)
            elif day > self.at.astimezone(ZoneInfo(EAST)).date():
                self.add_error(
                    name,
                    _("Tanggal kejadian tidak boleh setelah hari ini")
                    if name == "event_on"
                    else _("Tanggal ini tidak boleh setelah hari ini"),
                )

    def _check_order(self, event_day: date, known_day: date) -> None:
        if known_day < event_day:
            self.add_error(
                "known_on" if self.cleaned_data["known"] == "date" else "known",
                _("Anda tidak mungkin tahu sebelum kejadian. Periksa lagi tanggalnya"),
            )

    def _read_days(self) -> None:
        """Fill ``event_day``, ``precision`` and ``known_day`` from valid answers.

        "Today" is the day it is in the region named, on the day it was said.
        """
        said = self.cleaned_data
        self.regency = regency(said["region"])
        assert self.regency is not None  # noqa: S101 -- its code was one of the choices
        today = self.at.astimezone(ZoneInfo(self.regency.time_zone)).date()
        match said["event"]:
            case "today":
                self.event_day, self.precision = today, "day"
            case "yesterday":
                self.event_day, self.precision = today - timedelta(days=1), "day"
            case "date":
                self.event_day, self.precision = said["event_on"], "day"
            case "month":
                year, month = said["event_month"].split("-")
                self.event_day, self.precision = date(int(year), int(month), 1), "month"
        if said["known"] == "date":
            self.known_day = said["known_on"]
        elif said["known"] == "same" and self.precision == "day":
            self.known_day = self.event_day


def _province_of(said: Mapping[str, Any]) -> str:
    """Return the province chosen, or that of the regency where only it is known; "" for none."""
    code = str(said.get("province") or said.get("region") or "")[:2]
    return code if code.isascii() and code.isdigit() else ""


@remembered
def _provinces() -> FixedChoices:
    return FixedChoices([_NOTHING, *provinces()])


@remembered
def _regencies_of(province: str) -> FixedChoices:
    return FixedChoices([_NOTHING, *(regencies_of(province) if province else [])])


@remembered
def _recent_months(newest: date, _language: str | None) -> FixedChoices:
    return FixedChoices([_NOTHING, *recent_months(newest)])


def recent_months(newest: date) -> list[tuple[str, str]]:
    """Return three years' months, newest first, as ("2026-11", "November 2026")."""
    last = newest.year * 12 + newest.month - 1
    return [
        (f"{number // 12}-{number % 12 + 1:02d}", f"{dates.MONTHS[number % 12 + 1]} {number // 12}")
        for number in range(last, last - _MONTHS_BACK, -1)
    ]
