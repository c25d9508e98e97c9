"""Why a case file could not be built, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAILURES: Mapping[str, str | Promise] = {
    "copies": _("Tanda tidak dapat dipasang pada salah satu salinan bukti. Coba lagi nanti."),
    "damaged": _("Salah satu berkas tidak utuh di penyimpanan. Periksa tab bukti dan dokumen."),
    "too_large": _(
        "Salinan bukti perkara ini lebih dari 512 MB. Ambil satu per satu dari tab bukti."
    ),
    "not_permitted": _("Perkara ini tidak dapat Anda buka lagi."),
}
"""Codes of ``CaseExport.failure``."""
