"""The declared table of each employing official's (PPK's) follow-up."""

from django.db import models

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class FollowUpStatus(models.TextChoices):
    """Where the employing official stands with one recommendation."""

    AWAITING = "awaiting", "Menunggu jawaban PPK"
    ACCEPTED = "accepted", "Diproses PPK"
    OBJECTED = "objected", "PPK berkeberatan"
    ANSWERED = "answered", "Dijawab, bukti diperiksa"
    APPEALED = "appealed", "Dalam upaya administratif"
    VERIFIED = "verified", "Terverifikasi"
    DROPPED = "dropped", "Rekomendasi dicabut"


class FollowUpAction(models.TextChoices):
    """What the PPK's office and the verifying officer do."""

    ACCEPT = "accept", "Terima rekomendasi"
    ASK_TIME = "ask_time", "Minta tambahan waktu"
    OBJECT = "object", "Ajukan keberatan"
    ANSWER = "answer", "Laporkan tindak lanjut"
    RETURN_ANSWER = "return_answer", "Kembalikan jawaban"
    MOVE = "move", "Pindahkan ke PPK yang baru"
    VERIFY = "verify", "Nyatakan terbukti"
    CORRECT = "correct", "Perbaiki catatan sanksi"
    FILE_APPEAL = "file_appeal", "Catat upaya administratif"
    DECIDE_APPEAL = "decide_appeal", "Catat putusan upaya administratif"
    UPHOLD = "uphold", "Pertahankan rekomendasi"
    DROP = "drop", "Cabut rekomendasi"


_F = FollowUpStatus
_PPK = frozenset({Role.PPK_STAFF})
FOLLOW_UP_OFFICERS = frozenset({Role.CASE_OFFICER, Role.REVIEWER})
"""Who judges answers, records appeals and stops a ladder."""

OWED = frozenset({_F.AWAITING, _F.ACCEPTED})
"""Where the PPK owes the answer: its clock runs, and after it the ladder."""

ENDED = frozenset({_F.VERIFIED, _F.DROPPED})
"""Where nobody owes anything: referral and case may close."""

FOLLOW_UP_LIFECYCLE: StateMachine[FollowUpStatus, FollowUpAction] = StateMachine(
    _F.AWAITING,
    {
        FollowUpAction.ACCEPT: Transition(frozenset({_F.AWAITING}), _F.ACCEPTED, _PPK),
        # once: the service and a unique key of the ledger
        FollowUpAction.ASK_TIME: Transition(OWED, _F.ACCEPTED, _PPK, needs_reason=True),
        FollowUpAction.OBJECT: Transition(OWED, _F.OBJECTED, _PPK, needs_reason=True),
        FollowUpAction.ANSWER: Transition(OWED, _F.ANSWERED, _PPK),
        FollowUpAction.RETURN_ANSWER: Transition(
            frozenset({_F.ANSWERED}), _F.AWAITING, FOLLOW_UP_OFFICERS, needs_reason=True
        ),
        FollowUpAction.MOVE: Transition(
            frozenset({_F.ANSWERED}), _F.AWAITING, FOLLOW_UP_OFFICERS, needs_reason=True
        ),
        FollowUpAction.VERIFY: Transition(
            frozenset({_F.ANSWERED}),
            _F.VERIFIED,
            FOLLOW_UP_OFFICERS,
            second_person="answer correct decide_appeal",
            article="PB7 ps 60",
        ),
        FollowUpAction.CORRECT: Transition(
            frozenset({_F.ANSWERED, _F.VERIFIED}),
            _F.ANSWERED,
            FOLLOW_UP_OFFICERS,
            needs_reason=True,
        ),
        FollowUpAction.FILE_APPEAL: Transition(
            frozenset({_F.ANSWERED, _F.VERIFIED}),
            _F.APPEALED,
            FOLLOW_UP_OFFICERS,
            article="PP 79/2021",
        ),
        FollowUpAction.DECIDE_APPEAL: Transition(
            frozenset({_F.APPEALED}), _F.ANSWERED, FOLLOW_UP_OFFICERS, article="PP 79/2021"
        ),
        FollowUpAction.UPHOLD: Transition(
            frozenset({_F.OBJECTED}), _F.AWAITING, FOLLOW_UP_OFFICERS, needs_reason=True
        ),
        FollowUpAction.DROP: Transition(
            frozenset({_F.OBJECTED}), _F.DROPPED, FOLLOW_UP_OFFICERS, needs_reason=True
        ),
    },
)
"""One official's follow-up, from the recommendation to the verified proof, and back when appealed."""


class AnswerKind(models.TextChoices):
    """What a PPK may answer (categories of the Home Affairs and BKN report of 4 Dec 2024)."""

    SANCTION = "sanction", "Sanksi dijatuhkan"
    NOT_PROVEN = "not_proven", "Tidak terbukti menurut pemeriksaan PPK"
    LEFT_SERVICE = "left_service", "Sudah pensiun, berhenti, atau meninggal"
    TRANSFERRED = "transferred", "Sudah pindah ke instansi lain"
    ACCEPTED = "accepted", "Rekomendasi diterima, sedang diproses"
    MORE_TIME = "more_time", "Meminta tambahan waktu (satu kali)"
    OBJECTION = "objection", "Keberatan atas rekomendasi"
    APPEAL = "appeal", "Putusan upaya administratif"


PROVEN_BY_FILE = frozenset(
    {
        AnswerKind.SANCTION,
        AnswerKind.NOT_PROVEN,
        AnswerKind.LEFT_SERVICE,
        AnswerKind.TRANSFERRED,
        AnswerKind.APPEAL,
    }
)
"""Answers that end the PPK's duty, so each comes with its document."""
