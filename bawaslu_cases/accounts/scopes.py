"""What a client of the API may be let do, by name. Which endpoint needs which stands at its view."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """One right of an API client, inside its office's scope."""

    COMPLAINTS_READ = "complaints:read", _("Membaca laporan dan temuan")
    COMPLAINTS_WRITE = "complaints:write", _("Mengirim laporan dan temuan")
    EVIDENCE_WRITE = "evidence:write", _("Menambah bukti")
    PROPOSALS_WRITE = "proposals:write", _("Mengusulkan keputusan awal")
    CASES_READ = "cases:read", _("Membaca kasus dan tenggat")
    REFERRALS_READ = "referrals:read", _("Membaca rujukan dan tindak lanjut")
    REGISTRY_READ = "registry:read", _("Membaca data acuan")
    FIGURES_READ = "figures:read", _("Membaca angka")
    WEBHOOKS_MANAGE = "webhooks:manage", _("Mengatur pemberitahuan otomatis")
