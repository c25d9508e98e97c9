"""The declared table of a referral to the recipient body."""

from django.db import models

from bawaslu_cases.accounts.roles import PLENARY_ROLES, Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class ReferralStatus(models.TextChoices):
    """Where a referral stands."""

    PROPOSED = "proposed", "Menunggu orang kedua"
    APPROVED = "approved", "Disetujui, surat disiapkan"
    ISSUED = "issued", "Surat terbit"
    DELIVERED = "delivered", "Sampai di penerima"
    ACCEPTED = "accepted", "Ditelaah penerima"
    RETURNED = "returned", "Dikembalikan"
    RECOMMENDED = "recommended", "Direkomendasikan ke PPK"
    NOT_PROVEN = "not_proven", "Tidak terbukti menurut penerima"
    WITHDRAWN = "withdrawn", "Ditarik sebelum terbit"
    CLOSED = "closed", "Selesai"


class ReferralAction(models.TextChoices):
    """What people and the system do with a referral."""

    APPROVE = "approve", "Setujui"
    WITHDRAW = "withdraw", "Tolak usulan"
    ISSUE = "issue", "Terbitkan surat"
    DELIVER = "deliver", "Kirim"
    ACCEPT = "accept", "Terima"
    RETURN = "return", "Kembalikan"
    RESUBMIT = "resubmit", "Ajukan lagi"
    RECOMMEND = "recommend", "Rekomendasikan ke PPK"
    FIND_NOT_PROVEN = "find_not_proven", "Nyatakan tidak terbukti"
    CLOSE = "close", "Tutup"
    RETURN_BY_LINE = "return_by_line", "Kembalikan lewat sambungan"
    REROUTE = "reroute", "Alihkan ke lembaga penerus"
    CORRECT = "correct", "Ganti dengan versi yang diperbaiki"


PROPOSERS = frozenset({Role.CASE_OFFICER})
REVIEWERS = frozenset({Role.REVIEWER})

_S = ReferralStatus

REFERRAL_LIFECYCLE: StateMachine[ReferralStatus, ReferralAction] = StateMachine(
    _S.PROPOSED,
    {
        ReferralAction.APPROVE: Transition(
            frozenset({_S.PROPOSED}),
            _S.APPROVED,
            PROPOSERS | PLENARY_ROLES,
            second_person="create resubmit correct",
            article="PB7 ps 49",
        ),
        ReferralAction.WITHDRAW: Transition(
            frozenset({_S.PROPOSED}),
            _S.WITHDRAWN,
            PROPOSERS | PLENARY_ROLES,
            needs_reason=True,
        ),
        ReferralAction.ISSUE: Transition(frozenset({_S.APPROVED}), _S.ISSUED),
        ReferralAction.DELIVER: Transition(frozenset({_S.ISSUED}), _S.DELIVERED),
        ReferralAction.ACCEPT: Transition(frozenset({_S.DELIVERED}), _S.ACCEPTED, REVIEWERS),
        ReferralAction.RETURN: Transition(
            frozenset({_S.DELIVERED, _S.ACCEPTED}), _S.RETURNED, REVIEWERS, needs_reason=True
        ),
        ReferralAction.RESUBMIT: Transition(
            # a proposal too: its next version replaces a text that may not leave
            frozenset({_S.PROPOSED, _S.APPROVED, _S.RETURNED}),
            _S.PROPOSED,
            PROPOSERS,
            needs_reason=True,
        ),
        ReferralAction.RECOMMEND: Transition(frozenset({_S.ACCEPTED}), _S.RECOMMENDED, REVIEWERS),
        ReferralAction.FIND_NOT_PROVEN: Transition(
            frozenset({_S.ACCEPTED}), _S.NOT_PROVEN, REVIEWERS, needs_reason=True
        ),
        ReferralAction.CLOSE: Transition(
            frozenset({_S.RECOMMENDED, _S.NOT_PROVEN}), _S.CLOSED, article="PB7 ps 60"
        ),
        ReferralAction.RETURN_BY_LINE: Transition(
            frozenset({_S.DELIVERED, _S.ACCEPTED}), _S.RETURNED, needs_reason=True
        ),
        ReferralAction.REROUTE: Transition(
            frozenset(
                {_S.PROPOSED, _S.APPROVED, _S.ISSUED, _S.DELIVERED, _S.ACCEPTED, _S.RETURNED}
            ),
            _S.PROPOSED,
            needs_reason=True,
            article="Perpres 92/2024; MK 121/PUU-XXII/2024",
        ),
        ReferralAction.CORRECT: Transition(
            frozenset({_S.DELIVERED, _S.ACCEPTED}),
            _S.PROPOSED,
            PROPOSERS,
            needs_reason=True,
            article="PB7 ps 51(3)b",
        ),
    },
)
"""A referral. A row without roles is a step that only the system takes."""
