"""The questions about the reporter's own name: who may know it, and, where it is given, what it is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import CheckboxList, RadioCards, ReporterForm
from complaints.states import Lane
from complaints.web.forms_intake import StepForm

Text = str | Promise

NIK_DIGITS = 16
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_CONTACT = 10_000, 10_000, 200
"""Characters. Names and addresses have no length that could be called wrong; a flood has."""

_PHONE_DIGITS = range(9, 16)
_WRONG_EMAIL = _("Tulis email seperti nama@contoh.id")
_WRONG_PHONE = _("Nomor HP terlalu pendek atau terlalu panjang. Contoh: 0812 3456 7890")


class LaneCard(TypedDict):
    """One lane in words. ``knows`` and ``never`` say per audience who will know the name."""

    value: str
    tag: Text
    title: Text
    text: Text
    later: Text
    knows: list[Text]
    never: list[Text]


def lane_cards(recipient: str) -> list[LaneCard]:
    """Return the three lanes as the page tells them; ``recipient`` is the body referrals go to."""
    officers, keepers = _("petugas Bawaslu yang menangani"), _("verifikator bersama kustodian")
    employer, reported, public = _("kantor dan atasan"), _("orang yang dilaporkan"), _("umum")
    return [
        {
            "value": Lane.TIP,
            "tag": _("Tanpa nama"),
            "title": _("Tidak seorang pun"),
            "text": _("Nama, telepon, dan email tidak diminta. Kabar lewat kode 20 angka."),
            "later": "",
            "knows": [],
            "never": [officers, keepers, recipient, employer, reported, public],
        },
        {
            "value": Lane.SEALED,
            "tag": _("Dirahasiakan"),
            "title": _("Hanya verifikator"),
            "text": _(
                "Nama dikunci. Hanya dua orang dari dua unit yang bersama-sama bisa membukanya, "
                "dengan alasan tertulis. Anda diberi tahu setiap kali dibuka."
            ),
            "later": _(
                "Nanti: tunjukkan KTP dalam 2 hari kerja, di kantor Bawaslu mana pun atau kepada "
                "verifikator. Bila diperiksa dalam sidang, nama bisa diketahui pihak lain."
            ),
            "knows": [keepers],
            "never": [officers, recipient, employer, reported, public],
        },
        {
            "value": Lane.OPEN,
            "tag": _("Terbuka"),
            "title": _("Semua yang menangani"),
            "text": _("Nama tetap dikunci, tetapi boleh ditulis dalam berkas resmi."),
            "later": _("Nanti: tunjukkan KTP dalam 2 hari kerja. Anda bisa diundang bicara."),
            "knows": [keepers, officers, recipient, employer, reported],
            "never": [public],
        },
    ]


def suggested_lane(who: Mapping[str, str]) -> Lane | None:
    """Return the safest lane that fits a fellow civil servant, None for everybody else.

    In one agency a few people could have written it, and a name only adds to that. Elsewhere a
    sealed name costs little and makes the report a laporan.
    """
    if who.get("kind") != "asn":
        return None
    return Lane.SEALED if who.get("same_agency") == "no" else Lane.TIP


class LaneForm(StepForm):
    """Step 2. Nothing is preselected; the template draws the cards."""

    heading_field = "lane"

    lane = forms.ChoiceField(
        label=_("Siapa yang boleh tahu nama Anda?"),
        choices=(
            (Lane.TIP.value, _("Tidak seorang pun")),
            (Lane.SEALED.value, _("Hanya verifikator")),
            (Lane.OPEN.value, _("Semua yang menangani")),
        ),
        widget=RadioCards,
        error_messages={"required": _("Pilih siapa yang boleh tahu nama Anda")},
    )


class UnitsForm(StepForm):
    """Step 5, for who asked for it: Bawaslu offices that must not see the report."""

    heading_field = "units"

    units = forms.TypedMultipleChoiceField(
        label=_("Kantor mana yang tidak boleh melihat laporan ini?"),
        help_text=_("Bawaslu RI tetap menanganinya, jadi tidak ada dalam daftar"),
        coerce=int,
        required=False,
    )

    def __init__(self, *args: Any, offices: Sequence[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = self.fields["units"]
        assert isinstance(units, forms.TypedMultipleChoiceField)  # noqa: S101 -- declared above
        units.widget = CheckboxList()
        units.choices = list(offices)
        units.plain_label = True  # type: ignore[attr-defined]


class IdentityForm(ReporterForm):
    """The reporter's own name. Read in memory only, sealed at once, never kept as it was typed.

    ``to_seal`` is what goes under the seal; all of it is text (docs/vault-format.md 3).
    """

    heading_field = None

    name = forms.CharField(
        label=_("Nama lengkap"),
        help_text=_("Seperti di KTP"),
        max_length=LONGEST_NAME,
        error_messages={
            "required": _("Tulis nama lengkap Anda"),
            "max_length": _("Nama terlalu panjang. Tulis seperti di KTP"),
        },
    )
    address = forms.CharField(
        label=_("Alamat"),
        help_text=_("Kabupaten atau kota, kecamatan, dan desa atau kelurahan"),
        max_length=LONGEST_ADDRESS,
        widget=forms.Textarea({"rows": 3}),
        error_messages={
            "required": _("Tulis alamat Anda, paling sedikit kabupaten atau kota"),
            "max_length": _("Alamat terlalu panjang. Tulis seperti di KTP"),
        },
    )
    eligible = forms.BooleanField(
        label=_("Saya warga negara Indonesia, berumur 17 tahun ke atas atau sudah kawin"),
        error_messages={
            "required": _(
                "Centang kalau benar. Kalau tidak, kirim tanpa nama: laporan resmi hanya dari "
                "pemilih Indonesia"
            )
        },
    )
    contact = forms.CharField(
        label=_("Nomor HP atau email"),
        help_text=_("Pesannya hanya: Ada kabar untuk Anda. Tanpa menyebut laporan"),
        max_length=LONGEST_CONTACT,
        required=False,
        error_messages={"max_length": _("Tulis satu nomor HP atau satu email saja")},
    )
    no_contact = forms.BooleanField(
        label=_("Jangan hubungi saya. Saya akan membuka laporan dengan kode"), required=False
    )
    nik = forms.CharField(
        label="NIK",
        help_text=_("16 angka di KTP, supaya KTP Anda cepat dicocokkan"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
        error_messages={"max_length": _("NIK terdiri dari 16 angka. Kosongkan saja dulu")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What identity_step.mjs says in the browser, where nothing unsealed reaches this form.
        for name in ("name", "address", "eligible"):
            field = self.fields[name]
            field.widget.attrs["data-missing"] = field.error_messages["required"]
        self.fields["contact"].widget.attrs |= {
            "data-invalid-email": _WRONG_EMAIL,
            "data-invalid-phone": _WRONG_PHONE,
        }

    def clean_contact(self) -> str:
        """Refuse what is neither a number nor an address; nobody could be reached by it."""
        typed = str(self.cleaned_data["contact"]).strip()
        if not typed:
            return ""
        if "@" in typed or re.search(r"[A-Za-z]", typed):
            if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", typed):
                raise forms.ValidationError(_WRONG_EMAIL)
        elif len(re.sub(r"\D", "", typed)) not in _PHONE_DIGITS:
            raise forms.ValidationError(_WRONG_PHONE)
        return typed

    @property
    def nik_is_odd(self) -> bool:
        """Whether a NIK was typed that cannot be one. Remarked on, never refused."""
        digits = re.sub(r"[\s.\-]", "", self.cleaned_data.get("nik") or "")
        return bool(digits) and not (
            digits.isascii() and digits.isdigit() and len(digits) == NIK_DIGITS
        )

    @property
    def to_seal(self) -> dict[str, str]:
        """Return the valid answers as text under names."""
        said = self.cleaned_data
        return {
            "name": said["name"].strip(),
            "address": said["address"].strip(),
            "eligible": "yes",
            "contact": "" if said["no_contact"] else said["contact"],
            "no_contact": "yes" if said["no_contact"] else "",
            "nik": said["nik"].strip(),
        }

    def __repr__(self) -> str:
        return "IdentityForm(…)"
