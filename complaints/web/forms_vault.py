"""Forms of the vault's pages. What needs a key is filled in by the officer's client, not sent from here."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import CardNote, HouseForm, RadioCards
from complaints.models import OriginalOpening
from complaints.services.summaries import MAX_SUMMARY
from complaints.states import DenialReason, UnsealPurpose

MAX_REASON = 1500
MAX_FILE = 512 * 1024

PURPOSE_NOTES: dict[str, CardNote] = {
    UnsealPurpose.FORMAL_REQUIREMENTS: {
        "text": _("Nama, alamat, KTP: apakah syaratnya terpenuhi.")
    },
    UnsealPurpose.LEAK_CHECK: {"text": _("Apakah isi rujukan membuka siapa pelapornya.")},
    UnsealPurpose.LPSK_HANDOVER: {"text": _("Hanya dengan persetujuan bertanda tangan pelapor.")},
    UnsealPurpose.COURT_ORDER: {"text": _("Sebut nomor penetapannya dan lampirkan berkasnya.")},
    UnsealPurpose.CORRECTION: {"text": _("Pelapor meminta datanya diperbaiki.")},
}

# What nobody has chosen is what nobody has looked at.
ANSWERS = (("unexamined", _("Tidak diperiksa")), ("yes", _("Ya")), ("no", _("Tidak")))
FINDINGS = (
    ("name_present", _("Nama lengkap ada")),
    ("address_present", _("Alamat ada")),
    ("id_card_matches", _("Cocok dengan KTP")),
    ("signature_matches", _("Tanda tangan cocok")),
    ("adult_citizen", _("WNI dan sudah punya hak pilih")),
    ("not_the_reported", _("Bukan terlapor sendiri")),
    ("within_time_limit", _("Dilaporkan dalam tujuh hari sejak diketahui")),
)
"""What a verifier signs in place of the identity (protection.md B.4), in the order they are asked."""


class AskForm(HouseForm):
    """What a request says; the client signs it, so it is never posted as it stands."""

    purpose = forms.ChoiceField(
        label=_("Untuk apa identitas ini dibuka?"),
        choices=UnsealPurpose.choices,
        widget=RadioCards(choices=UnsealPurpose.choices, notes=PURPOSE_NOTES),
    )
    reference = forms.CharField(
        label=_("Dasar hukum atau persetujuan"),
        help_text=_("Nomor dan tanggal dokumennya."),
        max_length=200,
        required=False,
    )
    document = forms.FileField(
        label=_("Berkas dasar"),
        help_text=_("Tidak dikirim. Hanya sidik jarinya (SHA-256) yang ikut ditandatangani."),
        required=False,
    )
    reason = forms.CharField(
        label=_("Alasan untuk kustodian"),
        help_text=_("Jangan menulis nama siapa pun."),
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 3}),
    )
    reveals = {
        "reference": "purpose=court_order,lpsk_handover",
        "document": "purpose=court_order,lpsk_handover",
    }


class DenyForm(HouseForm):
    """A denial: one reason of the list."""

    reason = forms.ChoiceField(
        label=_("Mengapa ditolak?"), choices=DenialReason.choices, widget=RadioCards()
    )


class SummaryForm(HouseForm):
    """The neutral summary; ``seen`` is the digest of the one that was read."""

    text = forms.CharField(
        label=_("Ringkasan netral"),
        help_text=_(
            "Untuk petugas yang tidak boleh membaca kata-kata pelapor. Tanpa kutipan, tanpa rincian "
            "yang hanya diketahui sedikit orang."
        ),
        max_length=MAX_SUMMARY,
        widget=forms.Textarea({"rows": 8}),
        error_messages={"required": _("Tulis ringkasannya")},
    )
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class OriginalForm(HouseForm):
    """What an original is opened for."""

    purpose = forms.ChoiceField(
        label=_("Tujuan"),
        choices=OriginalOpening.Purpose.choices,
        widget=RadioCards(choices=OriginalOpening.Purpose.choices),
        error_messages={"required": _("Pilih tujuannya.")},
    )
    reason = forms.CharField(
        label=_("Alasan"),
        help_text=_("Tersimpan tersegel. Jangan menulis nama siapa pun."),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Tulis alasannya.")},
    )


class AttestForm(HouseForm):
    """The seven answers; signed by the client, never posted as they stand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in FINDINGS:
            self.fields[name] = forms.ChoiceField(label=label, choices=ANSWERS, widget=forms.Select)


class FileForm(HouseForm):
    """A file that ``vaultctl`` wrote."""

    file = forms.FileField(label=_("Berkas dari vaultctl"))
