"""Why a file of an office's old register could not be read, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAILURES: Mapping[str, str | Promise] = {
    "too_large": _("Berkas ini terlalu besar, paling besar 20 MB dan setelah dibuka 160 MB."),
    "too_many_rows": _("Berkas ini berisi lebih dari 20.000 baris. Bagi menjadi beberapa berkas."),
    "too_many_columns": _("Berkas ini berisi lebih dari 80 kolom. Hapus kolom yang tidak dipakai."),
    "old_format": _(
        "Berkas ini berformat lama (XLS) atau terkunci kata sandi. Simpan sebagai XLSX tanpa sandi, "
        "lalu unggah lagi."
    ),
    "locked": _("Berkas ini terkunci kata sandi. Simpan tanpa sandi, lalu unggah lagi."),
    "not_a_sheet": _("Berkas ini bukan lembar kerja XLSX atau CSV yang dapat dibaca."),
    "empty": _("Berkas ini tidak berisi baris di bawah judul kolom."),
    "lost": _("Berkas ini tidak dapat dibuka lagi dari penyimpanan. Unggah lagi."),
}
"""Codes of ``LegacyImport.failure``."""
