"""The desk's forms: shape of what officers type. Rules stand in the services."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Employment, UnitKind
from bawaslu_cases.shared.forms import (
    CardNote,
    CheckboxList,
    DatalistInput,
    HouseForm,
    RadioCards,
    Text,
)
from bawaslu_cases.shared.nip import LENGTH as NIP_LENGTH
from bawaslu_cases.shared.nip import normal_nip
from complaints.selectors.choices import Grouped
from complaints.selectors.record_page import PLATFORM_NAMES
from complaints.services.intake import MAX_STORY, MIN_STORY
from complaints.services.messages import MAX_MESSAGE
from complaints.services.plenary import Vote
from complaints.states import ComplaintAction, RefusalGround, requirements_of

MAX_PEOPLE = 3
PLATFORMS = [("", _("Bukan di media sosial")), *PLATFORM_NAMES.items()]


class DayField(forms.DateField):
    """A date from the browser's own picker, which the keyboard fills fastest."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(**kwargs)


class ReasonForm(HouseForm):
    """One step of a record: a reason, where the table demands one."""

    reason = forms.CharField(
        label=_("Alasan"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4, "maxlength": 2000}),
        error_messages={"required": _("Tulis alasannya.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            self.fields["reason"].required = False


class PersonForm(HouseForm):
    """One reported person. A name, a post or an account is enough."""

    name = forms.CharField(label=_("Nama"), max_length=200, required=False)
    position = forms.CharField(label=_("Jabatan"), max_length=120, required=False)
    nip = forms.CharField(label=_("NIP"), max_length=40, required=False)
    agency = forms.CharField(label=_("Instansi"), max_length=200, required=False)
    unit = forms.CharField(label=_("Unit kerja"), max_length=160, required=False)
    unit_kind = forms.ChoiceField(
        label=_("Jenis unit"), choices=UnitKind.choices, initial=UnitKind.GENERAL, required=False
    )
    account = forms.CharField(label=_("Akun media sosial"), max_length=120, required=False)
    employment = forms.ChoiceField(
        label=_("Status kepegawaian"),
        choices=Employment.choices,
        initial=Employment.UNKNOWN,
        required=False,
    )

    def __init__(self, *args: Any, agencies: Iterable[Text] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].widget = DatalistInput(agencies, {"maxlength": 200})
        for field in self.fields.values():
            # Nothing here is demanded of itself; saying so at each field would only be noise.
            field.plain_label = True  # type: ignore[attr-defined]

    def clean_nip(self) -> str:
        """Return the bare digits; odd numbers are kept and remarked on, too long ones refused."""
        nip = normal_nip(self.cleaned_data["nip"])
        if len(nip) > NIP_LENGTH:
            raise ValidationError(_("NIP paling banyak 18 angka"))
        return nip

    def clean_unit_kind(self) -> str:
        """Return the kind of unit, the general one when left alone."""
        return self.cleaned_data["unit_kind"] or UnitKind.GENERAL

    def clean_employment(self) -> str:
        """Return the employment, unknown when left alone."""
        return self.cleaned_data["employment"] or Employment.UNKNOWN

    @property
    def is_filled(self) -> bool:
        """Whether anything was typed or prefilled, so that the page shows it."""
        names = ("name", "position", "account", "nip", "agency", "unit")
        return any(self[name].value() for name in names)

    @property
    def names_somebody(self) -> bool:
        """Whether anything identifies a person."""
        return any(self.cleaned_data.get(name) for name in ("name", "position", "account"))


class PeopleFormSet(BaseFormSet):  # type: ignore[type-arg]
    """Up to three people; the first must be somebody."""

    def total_form_count(self) -> int:
        """Return at least one: an empty formset still needs a place to say what is missing."""
        return max(super().total_form_count(), 1)

    def clean(self) -> None:
        """Refuse a finding about nobody."""
        if any(self.errors) or any(form.names_somebody for form in self.forms):
            return
        self.forms[0].add_error(
            "name", _("Tulis nama, jabatan, atau nama akun orang yang dilaporkan")
        )


PeopleForms = formset_factory(
    PersonForm, formset=PeopleFormSet, extra=MAX_PEOPLE, max_num=MAX_PEOPLE, absolute_max=MAX_PEOPLE
)


class FindingForm(HouseForm):
    """An officer's finding (temuan, B.2) on one page, in the order the facts are told."""

    acts = forms.MultipleChoiceField(
        label=_("Perbuatan"),
        widget=CheckboxList,
        error_messages={"required": _("Pilih paling sedikit satu perbuatan")},
    )
    event_on = DayField(label=_("Tanggal kejadian"))
    known_on = DayField(label=_("Tanggal diketahui Bawaslu"))
    region = forms.ChoiceField(label=_("Wilayah kejadian"))
    place = forms.CharField(label=_("Tempat"), max_length=200, required=False)
    platform = forms.ChoiceField(label=_("Media sosial"), choices=PLATFORMS, required=False)
    links = forms.CharField(
        label=_("Tautan"),
        required=False,
        help_text=_("Satu tautan satu baris. Disegel bersama uraian."),
        widget=forms.Textarea({"rows": 2}),
    )
    witness = forms.CharField(
        label=_("Saksi"), max_length=300, required=False, help_text=_("Disegel bersama uraian.")
    )
    story = forms.CharField(
        label=_("Uraian kejadian"),
        help_text=_(
            "Tulis apa yang dilihat atau ditemukan petugas, dengan kata-kata sendiri dan netral."
        ),
        min_length=MIN_STORY,
        max_length=MAX_STORY,
        widget=forms.Textarea({"rows": 7, "maxlength": MAX_STORY}),
        error_messages={
            "min_length": _("Ceritakan sedikit lebih panjang, paling sedikit 20 huruf"),
            "max_length": _("Cerita terlalu panjang, paling banyak 4.000 huruf"),
        },
    )
    report_on = DayField(
        label=_("Tanggal laporan hasil pengawasan"),
        required=False,
        help_text=_("Tujuh hari penetapan temuan dihitung dari sini (Perbawaslu 7/2022 ps 5)."),
    )
    report_number = forms.CharField(
        label=_("Nomor laporan hasil pengawasan"), max_length=60, required=False
    )
    assignment_number = forms.CharField(
        label=_("Nomor surat tugas pengawasan"), max_length=60, required=False
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, acts: Grouped, regions: Grouped, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["acts"].choices = acts  # type: ignore[attr-defined]
        self.fields["region"].choices = [("", _("Pilih wilayah")), *regions]  # type: ignore[attr-defined]

    def clean_links(self) -> list[str]:
        """Return the lines that hold something."""
        return [line.strip() for line in self.cleaned_data["links"].splitlines() if line.strip()]

    def clean(self) -> dict[str, Any]:
        """Ask for the day of a report whose number was given: the clock needs it."""
        data = super().clean() or {}
        numbered = data.get("report_number") or data.get("assignment_number")
        if numbered and not data.get("report_on") and "report_on" not in self.errors:
            self.add_error("report_on", _("Isi tanggal laporannya"))
        return data


class PlenaryForm(HouseForm):
    """What the plenary decided: who was there, who was against and why, and the minutes it stands in."""

    outcome = forms.ChoiceField(label=_("Putusan"), widget=RadioCards)
    ground = forms.ChoiceField(
        label=_("Dasar tidak diregistrasi"),
        required=False,
        choices=[("", _("Tidak berlaku untuk putusan ini")), *RefusalGround.choices],
    )
    into = forms.ChoiceField(
        label=_("Gabungkan ke perkara yang sedang dikaji"),
        required=False,
        help_text=_(
            "Hanya untuk registrasi: laporan menjadi bagian perkara itu, tanpa nomor baru."
        ),
    )
    also = forms.MultipleChoiceField(
        label=_("Pelanggaran lain dalam perkara yang sama"), required=False, widget=CheckboxList
    )
    minutes_number = forms.CharField(label=_("Nomor berita acara"), max_length=60)
    decided_on = DayField(label=_("Tanggal pleno"))
    present = forms.MultipleChoiceField(label=_("Anggota yang hadir"), widget=CheckboxList)
    against = forms.MultipleChoiceField(
        label=_("Anggota yang tidak setuju"), required=False, widget=CheckboxList
    )
    dissent = forms.CharField(
        label=_("Pendapat yang tidak setuju"),
        required=False,
        max_length=2000,
        help_text=_("Masuk ke berita acara. Wajib bila ada anggota yang tidak setuju."),
        widget=forms.Textarea({"rows": 3, "maxlength": 2000}),
    )
    reason = forms.CharField(
        label=_("Alasan"),
        required=False,
        max_length=2000,
        help_text=_("Wajib untuk putusan yang menghentikan atau mengembalikan."),
        widget=forms.Textarea({"rows": 4, "maxlength": 2000}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        outcomes: Sequence[tuple[str, Text]],
        members: Sequence[User],
        quorum: int,
        also: Sequence[tuple[str, Text]] = (),
        cases: Sequence[tuple[str, Text]] = (),
        **kwargs: Any,
    ) -> None:
        self.outcomes = outcomes
        self.members = {str(member.public_id): member for member in members}
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["outcome"].choices = outcomes
        names = [(key, member.name) for key, member in self.members.items()]
        fields["present"].choices = names
        fields["present"].help_text = _("Kuorum kantor ini: %(count)d anggota.") % {"count": quorum}
        fields["against"].choices = names
        fields["also"].choices = also
        if not also:
            del fields["also"]
        fields["into"].choices = [("", _("Buka perkara baru")), *cases]
        if not cases:
            del fields["into"]
        if ComplaintAction.REFUSE.value not in {value for value, _label in outcomes}:
            del fields["ground"]

    def cite(self, articles: Mapping[str, str]) -> None:
        """Say under each outcome where the law provides for it; ``articles`` is keyed by outcome."""
        outcome: Any = self.fields["outcome"].widget
        outcome.notes = {
            value: CardNote(text=article.replace("PB7", "Perbawaslu 7/2022"))
            for value, article in articles.items()
            if article
        }

    def clean(self) -> dict[str, Any]:
        """Refuse a vote of somebody who was not there."""
        data = super().clean() or {}
        if set(data.get("against", ())) - set(data.get("present", ())):
            self.add_error("against", _("Anggota yang tidak setuju harus hadir."))
        return data

    def votes(self) -> tuple[Vote, ...]:
        """Return the votes that were entered."""
        data = self.cleaned_data
        return tuple(
            Vote(
                self.members[key],
                in_favour=key not in data["against"],
                dissent=data["dissent"] if key in data["against"] else "",
            )
            for key in data["present"]
        )


class OfficialForm(PersonForm):
    """A reported person of a case, with what recipients ask for."""

    grade = forms.CharField(label=_("Pangkat/golongan"), max_length=40, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    field_order = (
        "name",
        "nip",
        "grade",
        "position",
        "unit",
        "unit_kind",
        "agency",
        "employment",
        "account",
    )


class AllegationForm(HouseForm):
    """What one official is said to have done on which day."""

    acts = forms.MultipleChoiceField(
        label=_("Perbuatan"),
        widget=CheckboxList,
        error_messages={"required": _("Pilih paling sedikit satu perbuatan")},
    )
    event_on = DayField(label=_("Tanggal kejadian"))
    place = forms.CharField(label=_("Tempat"), max_length=200, required=False)
    description = forms.CharField(
        label=_("Uraian netral"),
        required=False,
        max_length=4000,
        help_text=_("Ditulis petugas. Kata-kata pelapor tidak ikut ke luar."),
        widget=forms.Textarea({"rows": 5, "maxlength": 4000}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, acts: Grouped, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["acts"].choices = acts  # type: ignore[attr-defined]


class NewAllegationForm(AllegationForm):
    """A further day or act of somebody already named in the case."""

    official = forms.ChoiceField(label=_("Terlapor"))

    field_order = ("official", "acts", "event_on", "place", "description")

    def __init__(self, *args: Any, officials: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["official"].choices = officials  # type: ignore[attr-defined]


class AssessmentForm(HouseForm):
    """The neutral summary that leaves the house, and the assessment that stays.

    Half a text may be saved; the plenary gets it only when both are written.
    """

    summary = forms.CharField(
        label=_("Ringkasan netral"),
        required=False,
        max_length=6000,
        help_text=_("Ikut ke lembaga penerima: tanpa kata-kata pelapor, tanpa petunjuk siapa dia."),
        widget=forms.Textarea({"rows": 6, "maxlength": 6000}),
    )
    assessment = forms.CharField(
        label=_("Kajian"),
        required=False,
        max_length=20000,
        help_text=_("Dasar, fakta, analisis, kesimpulan. Rahasia sampai diputus (ps 36 ayat (4))."),
        widget=forms.Textarea({"rows": 12, "maxlength": 20000}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("summary", "assessment"):
            self.fields[name].plain_label = True  # type: ignore[attr-defined]


class LetterForm(HouseForm):
    """Words for the reporter, sealed to the key of their receipt."""

    text = forms.CharField(
        label=_("Pesan untuk pelapor"),
        help_text=_("Tanpa nama petugas. Salinannya tidak tersimpan di meja kerja"),
        max_length=MAX_MESSAGE,
        widget=forms.Textarea({"rows": 6, "maxlength": MAX_MESSAGE}),
        error_messages={"required": _("Tulis pesannya")},
    )


class RepairForm(LetterForm):
    """What the reporter is asked to complete."""

    requirements = forms.MultipleChoiceField(
        label=_("Yang perlu dilengkapi"),
        widget=CheckboxList,
        error_messages={"required": _("Pilih apa yang perlu dilengkapi")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("requirements", "text", "seen")

    def __init__(self, *args: Any, lane: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(item.value, item.label) for item in requirements_of(lane)]
        self.fields["requirements"].choices = choices  # type: ignore[attr-defined]
