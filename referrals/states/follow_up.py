"""The declared table of each employing official's (PPK's) follow-up."""

from django.db import models

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class FollowUpStatus(models.TextChoices):
    """Where the employing official stands with one recommendation."""

    AWAITING = "awaiting", "Menunggu jawaban PPK"
    ANSWERED = "answered", "Dijawab, bukti diperiksa"
    VERIFIED = "verified", "Terverifikasi"


class FollowUpAction(models.TextChoices):
    """What the PPK's office and the verifying officer do."""

    ANSWER = "answer", "Laporkan tindak lanjut"
    RETURN_ANSWER = "return_answer", "Kembalikan jawaban"
    VERIFY = "verify", "Nyatakan terbukti"


_F = FollowUpStatus

FOLLOW_UP_LIFECYCLE: StateMachine[FollowUpStatus, FollowUpAction] = StateMachine(
    _F.AWAITING,
    {
        FollowUpAction.ANSWER: Transition(
            frozenset({_F.AWAITING}), _F.ANSWERED, frozenset({Role.PPK_STAFF})
        ),
        FollowUpAction.RETURN_ANSWER: Transition(
            frozenset({_F.ANSWERED}),
            _F.AWAITING,
            frozenset({Role.CASE_OFFICER, Role.REVIEWER}),
            needs_reason=True,
        ),
        FollowUpAction.VERIFY: Transition(
            frozenset({_F.ANSWERED}),
            _F.VERIFIED,
            frozenset({Role.CASE_OFFICER, Role.REVIEWER}),
            second_person="answer",
            article="PB7 ps 60",
        ),
    },
)
"""One official's follow-up, from the recommendation to the verified proof."""


class AnswerKind(models.TextChoices):
    """What a PPK may answer (categories of the Home Affairs and BKN report of 4 Dec 2024)."""

    SANCTION = "sanction", "Sanksi dijatuhkan"
    NOT_PROVEN = "not_proven", "Tidak terbukti menurut pemeriksaan PPK"
    LEFT_SERVICE = "left_service", "Sudah pensiun, berhenti, atau meninggal"
    TRANSFERRED = "transferred", "Sudah pindah ke instansi lain"
