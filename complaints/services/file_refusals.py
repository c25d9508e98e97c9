"""What a refusal of a file means and what to do about it, in words for whoever sent it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_AS_PDF: Text = _(
    "Berkas jenis ini tidak bisa diterima. Simpan sebagai PDF atau gambar, lalu pilih lagi."
)
_TOO_LARGE: Text = _(
    "Berkas terlalu besar. Potong videonya, kecilkan gambarnya, atau kirim tautannya."
)

_NOT_HERE: Text = _("Berkas ini belum terkirim. Pilih lagi berkasnya.")

REFUSALS: Mapping[str, Text] = {
    "empty": _("Berkas ini kosong. Pilih berkas lain."),
    "unknown": _("Berkas harus JPG, PNG, WebP, HEIC, PDF, MP4, MOV, MP3, M4A, OGG, AMR, atau TXT."),
    "picture": _(
        "Gambar jenis ini tidak bisa diterima. Simpan sebagai JPG atau PNG, lalu pilih lagi."
    ),
    "markup": _AS_PDF,
    "mail": _AS_PDF,
    "office": _AS_PDF,
    # Word files are archives too, and the first bytes do not always tell them apart.
    "archive": _(
        "Berkas Word, Excel, ZIP, atau RAR tidak bisa diterima. "
        "Simpan isinya sebagai PDF atau gambar, lalu pilih lagi."
    ),
    "program": _("Berkas program tidak bisa diterima."),
    "password": _("Berkas terkunci kata sandi. Simpan lagi tanpa kata sandi, lalu pilih lagi."),
    "damaged": _(
        "Berkas ini rusak atau tidak utuh. Kirim lagi, atau simpan sebagai PDF atau gambar."
    ),
    "too_large": _TOO_LARGE,
    "longer_than_told": _TOO_LARGE,
    "too_many_files": _("Paling banyak 10 berkas untuk satu laporan."),
    "report_full": _("Semua berkas bersama paling besar 300 MB. Kirim tautannya saja."),
    "storage_full": _(
        "Tempat berkas sedang penuh. Laporan tetap bisa dikirim, berkasnya menyusul."
    ),
    "torn": _("Sinyal terputus di tengah jalan. Pilih lagi berkasnya."),
    "too_many_pixels": _("Gambar ini terlalu besar. Kecilkan dulu, atau kirim tangkapan layarnya."),
    "too_many_pages": _("PDF paling banyak 100 halaman. Kirim halaman yang penting saja."),
    "too_long": _("Rekaman terlalu panjang. Potong bagian yang penting, lalu pilih lagi."),
}
"""Code of the cleaner (complaints/cleaner/errors.py) or of the door → what it means and what to do."""


def refusal_words(code: str, otherwise: Text = _NOT_HERE) -> Text:
    """Return what to say for a refusal's code; ``otherwise`` where its own words are enough."""
    return REFUSALS.get(code, otherwise)
