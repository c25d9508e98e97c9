"""What happens to a piece of evidence."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.state_machine import StateMachine, Transition
from complaints.states.people import OFFICERS


class EvidenceStatus(models.TextChoices):
    """Where a piece of evidence stands between the sealed original and a copy that is safe to look at."""

    QUEUED = "queued", _("Salinan aman sedang dibuat")
    READY = "ready", _("Siap dilihat")
    MANUAL = "manual", _("Perlu pemeriksaan manual")
    REFUSED = "refused", _("Jenis berkas tidak diterima")
    BLOCKED = "blocked", _("Ditahan: terdeteksi berbahaya")
    ERASED = "erased", _("Sudah dihapus")


class EvidenceAction(models.TextChoices):
    """What happens to a piece of evidence."""

    CLEAN = "clean", "Salinan aman dibuat"
    PARK = "park", "Perlu pemeriksaan manual"
    REFUSE = "refuse", "Jenis berkas tidak diterima"
    BLOCK = "block", "Terdeteksi berbahaya"
    REDACT = "redact", "Tutup bagian gambar"
    ERASE = "erase", "Hapus"


_E = EvidenceStatus

EVIDENCE_LIFECYCLE: StateMachine[EvidenceStatus, EvidenceAction] = StateMachine(
    _E.QUEUED,
    {
        EvidenceAction.CLEAN: Transition(frozenset({_E.QUEUED}), _E.READY),
        EvidenceAction.PARK: Transition(frozenset({_E.QUEUED}), _E.MANUAL),
        EvidenceAction.REFUSE: Transition(frozenset({_E.QUEUED}), _E.REFUSED),
        EvidenceAction.BLOCK: Transition(frozenset({_E.QUEUED}), _E.BLOCKED),
        EvidenceAction.REDACT: Transition(frozenset({_E.READY}), _E.READY, OFFICERS),
        EvidenceAction.ERASE: Transition(
            frozenset({_E.QUEUED, _E.READY, _E.MANUAL, _E.REFUSED, _E.BLOCKED}), _E.ERASED
        ),
    },
)
"""Evidence: the original stays sealed whatever happens; officers see what the cleaner made of it."""
