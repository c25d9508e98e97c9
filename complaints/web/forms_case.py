"""Forms of a case's own steps: people heard, corrections, links, notes. Rules stand in the services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import HouseForm, RadioCards, Text
from complaints.models import CaseLink, CorrectionRequest, Hearing
from complaints.services.notes import MAX_NOTE
from complaints.states import TakeoverGround
from complaints.web.forms_desk import DayField, PlenaryForm

_MINUTE = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A day and an hour where the office is, from the browser's own picker.

    ``zone`` is set by the form; the value is that moment, aware of its zone.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.DateTimeInput(format=_MINUTE, attrs={"type": "datetime-local"})
        )
        super().__init__(input_formats=[_MINUTE, "%Y-%m-%d %H:%M"], **kwargs)
        self.zone = ZoneInfo("Asia/Jakarta")

    def to_python(self, value: Any) -> datetime | None:
        """Read the typed moment in the office's zone. Raises ValidationError for anything else."""
        if not value:
            return None
        for pattern in ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"):
            try:
                return datetime.strptime(f"{value}"[:16], pattern).replace(tzinfo=self.zone)
            except ValueError:
                continue
        raise ValidationError(_("Tulis tanggal dan jam, misalnya 2026-11-25 09:00"))


class NoteForm(HouseForm):
    """An officer's note for colleagues."""

    text = forms.CharField(
        label=_("Catatan internal"),
        max_length=MAX_NOTE,
        help_text=_("Hanya petugas. Pelapor tidak melihatnya."),
        widget=forms.Textarea({"rows": 3, "maxlength": MAX_NOTE}),
        error_messages={"required": _("Tulis catatannya")},
    )


class ExtendForm(HouseForm):
    """Why more information is needed."""

    reason = forms.CharField(
        label=_("Keterangan tambahan apa yang diperlukan"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4, "maxlength": 2000}),
    )


class CaseLinkForm(HouseForm):
    """How this case has to do with another."""

    reference = forms.CharField(
        label=_("Nomor perkara"),
        max_length=60,
        help_text=_("Nomor register atau nomor laporan perkara lain dalam wilayah Anda."),
    )
    kind = forms.ChoiceField(
        label=_("Kaitan"), choices=CaseLink.Kind.choices, initial=CaseLink.Kind.RELATED
    )


class _SessionForm(HouseForm):
    place_kind = forms.ChoiceField(
        label=_("Cara"), widget=RadioCards, choices=Hearing.Place.choices, initial="office"
    )
    place = forms.CharField(
        label=_("Tempat atau tautan pertemuan"),
        max_length=200,
        help_text=_("Bukan nama atau alamat pelapor."),
    )
    session_at = MomentField(label=_("Hari dan jam"))

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session_at"].zone = zone  # type: ignore[attr-defined]


class InvitationForm(_SessionForm):
    """Whom to hear, when and where (B.9)."""

    capacity = forms.ChoiceField(
        label=_("Sebagai"), widget=RadioCards, choices=Hearing.Capacity.choices, initial="reported"
    )
    official = forms.ChoiceField(label=_("Terlapor"), required=False)
    person = forms.CharField(
        label=_("Nama saksi, ahli, atau pihak terkait"),
        max_length=200,
        required=False,
        help_text=_("Jangan mengundang pelapor di sini: tanyakan lewat pesan ke kotak suratnya."),
    )

    field_order = ("capacity", "official", "person", "place_kind", "place", "session_at")
    reveals = {"official": "capacity=reported", "person": "capacity=witness,expert,party"}

    def __init__(self, *args: Any, officials: Sequence[tuple[str, Text]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["official"].choices = [("", _("Pilih terlapor")), *officials]  # type: ignore[attr-defined]


class SecondInvitationForm(_SessionForm):
    """The second and last session."""


class DeliveryForm(HouseForm):
    """The day an invitation reached the person."""

    delivered_on = DayField(label=_("Diterima pada"))


class RecordForm(HouseForm):
    """The record of a hearing (B.12), read back to the person and signed."""

    held_at = MomentField(label=_("Waktu klarifikasi"))
    record = forms.CharField(
        label=_("Berita acara klarifikasi"),
        max_length=20000,
        help_text=_("Tanya jawab seperti diucapkan, dibacakan kembali sebelum ditandatangani."),
        widget=forms.Textarea({"rows": 12, "maxlength": 20000}),
    )
    under_oath = forms.BooleanField(label=_("Di bawah sumpah atau janji"), required=False)
    signed = forms.ChoiceField(
        label=_("Tanda tangan"),
        widget=RadioCards,
        choices=[
            ("yes", _("Ditandatangani")),
            ("no", _("Menolak menandatangani")),
        ],
    )
    refusal = forms.CharField(
        label=_("Alasan menolak"),
        max_length=250,
        required=False,
        help_text=_("Dicatat dalam berita acara (ps 33)."),
    )

    reveals = {"refusal": "signed=no"}

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_at"].zone = zone  # type: ignore[attr-defined]


class PlainReasonForm(HouseForm):
    """A reason, where the table demands one."""

    reason = forms.CharField(
        label=_("Alasan"), max_length=2000, widget=forms.Textarea({"rows": 3, "maxlength": 2000})
    )


class NothingForm(HouseForm):
    """A step that needs no word."""


class CorrectionForm(HouseForm):
    """A request to correct what was recommended (B.19), as it was handed in."""

    requester = forms.ChoiceField(
        label=_("Yang meminta"), widget=RadioCards, choices=CorrectionRequest.Requester.choices
    )
    official = forms.ChoiceField(label=_("Terlapor"), required=False)
    points = forms.CharField(
        label=_("Bagian yang dipersoalkan"),
        max_length=4000,
        help_text=_("Tanpa nama dan tanpa petunjuk siapa pelapor."),
        widget=forms.Textarea({"rows": 4, "maxlength": 4000}),
    )
    asked = forms.CharField(
        label=_("Yang diminta"),
        max_length=4000,
        widget=forms.Textarea({"rows": 3, "maxlength": 4000}),
    )
    filed_on = DayField(label=_("Tanggal diterima"))

    reveals = {"official": "requester=official"}

    def __init__(self, *args: Any, officials: Sequence[tuple[str, Text]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["official"].choices = [("", _("Pilih terlapor")), *officials]  # type: ignore[attr-defined]


class TakeOverForm(PlenaryForm):
    """A decision to take a matter over without being asked, on one of the grounds of ps 40(3)."""

    takeover_ground = forms.ChoiceField(
        label=_("Alasan pengambilalihan"), widget=RadioCards, choices=TakeoverGround.choices
    )

    field_order = ("outcome", "takeover_ground")
