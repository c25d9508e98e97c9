"""Forms of the outcome side. They shape input; what is allowed is the services' business."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import Agency, SanctionType
from bawaslu_cases.registry.selectors import agencies_on
from bawaslu_cases.shared.forms import DatalistInput, DayMonthYearField, HouseForm, RadioCards
from complaints.models import Allegation
from complaints.selectors.choices import agency_named
from referrals.models import MissingItem, ReviewQuestion
from referrals.selectors.ppk import sanction_choices
from referrals.services.follow_up import MAX_PROOF_BYTES, Answer
from referrals.services.missing_items import MAX_WORDS
from referrals.states import PROVEN_BY_FILE, AnswerKind


class ConfirmForm(HouseForm):
    """A step that needs nothing but the button."""


class ReasonForm(HouseForm):
    """A step that must be explained."""

    reason = forms.CharField(
        label=_("Alasan"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Tulis alasannya")},
    )


class ResubmitForm(HouseForm):
    """The answer to a return: what changed, and the next summary; ``seen`` is the version before."""

    reason = forms.CharField(
        label=_("Apa yang sudah dilengkapi?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Tulis apa yang sudah dilengkapi")},
    )
    summary = forms.CharField(
        label=_("Ringkasan peristiwa dalam surat"),
        help_text=_("Ditulis petugas. Jangan menyalin kata-kata pelapor."),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    seen = forms.CharField(max_length=10, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, items: Sequence[MissingItem] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {
            f"missing_{item.pk}": forms.CharField(
                label=_("Jawaban: %(what)s") % {"what": item.get_kind_display()},
                help_text=item.words or _("Diminta penerima; jawaban ini dibacanya."),
                max_length=MAX_WORDS,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            for item in items
        }
        for field in asked.values():
            field.plain_label = True  # type: ignore[attr-defined]
        self.fields = {**asked, **self.fields}

    def answers(self) -> dict[int, str]:
        """Return what was answered to each row, by its key."""
        return {
            int(name.removeprefix("missing_")): words
            for name, words in self.cleaned_data.items()
            if name.startswith("missing_")
        }


class CorrectForm(ResubmitForm):
    """A correction of what the recipient already holds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Apa yang diperbaiki, dan atas dasar apa?")
        self.fields["reason"].error_messages["required"] = _("Tulis apa yang diperbaiki")


class ReplyForm(HouseForm):
    """The sending office's answer to one question of a reviewer."""

    words = forms.CharField(
        label=_("Jawaban"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Tulis jawabannya")},
    )
    is_compared = forms.BooleanField(
        label=_("Verifikator sudah mencocokkannya: tidak ada yang menunjuk pelapor"),
        help_text=_("Perlu bila pernyataan pelapor tersegel."),
        required=False,
    )

    def __init__(self, *args: Any, question: ReviewQuestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].help_text = question.words


class DetailsForm(HouseForm):
    """What recipients return referrals for when it is missing (domain.md §4)."""

    name = forms.CharField(label=_("Nama"), max_length=200, required=False)
    nip = forms.CharField(
        label=_("NIP atau NIK"),
        help_text=_("NIP 18 angka; NIK 16 angka bila bukan PNS atau PPPK."),
        max_length=18,
        required=False,
    )
    position = forms.CharField(label=_("Jabatan"), max_length=120, required=False)
    grade = forms.CharField(label=_("Pangkat/golongan"), max_length=40, required=False)
    unit = forms.CharField(label=_("Unit kerja"), max_length=160, required=False)
    agency: "forms.ModelChoiceField[Agency]" = forms.ModelChoiceField(
        label=_("Instansi"),
        queryset=None,
        required=False,
        empty_label=_("Belum diketahui"),
    )
    place = forms.CharField(label=_("Tempat kejadian"), max_length=200, required=False)
    seen_official = forms.CharField(required=False, widget=forms.HiddenInput)
    seen_allegation = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, allegation: Allegation, on: date, **kwargs: Any) -> None:
        official = allegation.official
        kwargs["initial"] = {
            "name": official.name,
            "nip": official.nip,
            "position": official.position,
            "grade": official.grade,
            "unit": official.unit,
            "agency": official.agency_id,
            "place": allegation.place,
            "seen_official": official.digest,
            "seen_allegation": allegation.digest,
        }
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies_on(on)  # type: ignore[attr-defined]


PPK_ANSWERS = (
    AnswerKind.SANCTION,
    AnswerKind.NOT_PROVEN,
    AnswerKind.LEFT_SERVICE,
    AnswerKind.TRANSFERRED,
    AnswerKind.ACCEPTED,
    AnswerKind.MORE_TIME,
    AnswerKind.OBJECTION,
)
"""What the PPK's own page offers: first what ends its duty."""


class AnswerForm(HouseForm):
    """What the PPK's office reports. Errors keep everything that was typed but the file."""

    kind = forms.ChoiceField(
        label=_("Apa hasilnya?"),
        choices=[(kind, AnswerKind(kind).label) for kind in PPK_ANSWERS],
        widget=RadioCards,
        error_messages={"required": _("Pilih hasilnya")},
    )
    sanction_type = forms.ChoiceField(label=_("Jenis sanksi"), required=False)
    decree_number = forms.CharField(
        label=_("Nomor keputusan"),
        help_text=_("Seperti tertulis di surat keputusan."),
        max_length=80,
        required=False,
    )
    decree_on = DayMonthYearField(
        label=_("Tanggal keputusan"), help_text=_("Contoh: 14 11 2026"), required=False
    )
    explanation = forms.CharField(
        label=_("Penjelasan"),
        help_text=_("Wajib bila tidak ada sanksi."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    new_agency = forms.CharField(
        label=_("Instansi yang baru"),
        help_text=_("Ketik sebagian namanya, lalu pilih dari daftar."),
        max_length=200,
        required=False,
    )
    # asked for in clean(): accepting and asking for time come without a document
    proof = forms.FileField(
        label=_("Berkas bukti"),
        required=False,
        help_text=_(
            "Surat keputusan atau surat keterangan. PDF, JPG, atau PNG, paling besar 5 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={
            "required": _("Pilih berkas bukti"),
            "empty": _("Berkas kosong. Pilih berkas lain"),
            "missing": _("Pilih berkas bukti"),
        },
    )
    reveals = {
        "sanction_type": f"kind={AnswerKind.SANCTION}",
        "decree_number": f"kind={AnswerKind.SANCTION}",
        "decree_on": f"kind={AnswerKind.SANCTION}",
        "new_agency": f"kind={AnswerKind.TRANSFERRED}",
        "proof": f"kind={','.join(sorted({*PROVEN_BY_FILE, AnswerKind.OBJECTION}))}",
    }

    def __init__(
        self, *args: Any, recommended: str, on: date, is_accepted: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if is_accepted:
            kinds = [kind for kind in PPK_ANSWERS if kind != AnswerKind.ACCEPTED]
            self.fields["kind"].choices = [  # type: ignore[attr-defined]
                (kind, AnswerKind(kind).label) for kind in kinds
            ]
        self.on = on
        names = agencies_on(on).values_list("name", flat=True)
        self.fields["new_agency"].widget = DatalistInput(names, {"maxlength": 200})
        groups = sanction_choices(on=on, recommended=recommended)
        self.types = {str(each.pk): each for _label, types in groups for each in types}
        for name in self.reveals:
            # needed once "sanction" is chosen, so "may be left empty" would mislead
            self.fields[name].plain_label = True  # type: ignore[attr-defined]
        field = self.fields["sanction_type"]
        field.choices = [  # type: ignore[attr-defined]
            ("", _("Belum dipilih")),
            *[
                (label, [(each.pk, f"{each.name} ({each.legal_basis})") for each in types])
                for label, types in groups
            ],
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the document of an answer that ends the PPK's duty."""
        given = super().clean() or self.cleaned_data
        if given.get("kind") in PROVEN_BY_FILE and not given.get("proof") and "proof" in given:
            self.add_error("proof", _("Pilih berkas bukti"))
        return given

    def clean_new_agency(self) -> Agency | None:
        """Return the agency that was named, None where nothing was typed. One query."""
        text = self.cleaned_data["new_agency"]
        found = agency_named(text, on=self.on)
        if text and found is None:
            raise forms.ValidationError(_("Pilih instansi dari daftar."))
        return found

    def clean_proof(self) -> bytes:
        """Return the bytes of the upload, none without one; a file too large is not read."""
        upload = self.cleaned_data["proof"]
        if not upload:
            return b""
        if upload.size > MAX_PROOF_BYTES:
            raise forms.ValidationError(_("Berkas lebih dari 5 MB"))
        content: bytes = upload.read()
        return content

    def chosen_type(self) -> SanctionType | None:
        """Return the sanction that was chosen, or None."""
        return self.types.get(self.cleaned_data["sanction_type"])


def answer_of(form: AnswerForm) -> Answer:
    """Return what a valid form tells: parts that do not belong to the kind are left out."""
    given = form.cleaned_data
    is_sanction = given["kind"] == AnswerKind.SANCTION
    return Answer(
        kind=AnswerKind(given["kind"]),
        proof=given["proof"],
        sanction_type=form.chosen_type() if is_sanction else None,
        decree_number=given["decree_number"] if is_sanction else "",
        decree_on=given["decree_on"] if is_sanction else None,
        explanation=given["explanation"],
        new_agency=given["new_agency"] if given["kind"] == AnswerKind.TRANSFERRED else None,
    )
