"""The declared table of a referral to the recipient body."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import PLENARY_ROLES, Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class ReferralStatus(models.TextChoices):
    """Where a referral stands."""

    PROPOSED = "proposed", "Menunggu orang kedua"
    APPROVED = "approved", "Disetujui, surat disiapkan"
    ISSUED = "issued", "Surat terbit"
    DELIVERED = "delivered", "Sampai di penerima"
    ACCEPTED = "accepted", "Ditelaah penerima"
    DRAFTED = "drafted", "Menunggu tanda tangan kedua"
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
    DRAFT = "draft", "Susun rekomendasi"
    DRAFT_BY_LINE = "draft_by_line", "Terima rancangan lewat sambungan"
    WITHDRAW_DRAFT = "withdraw_draft", "Tarik rancangan"
    RECOMMEND = "recommend", "Tanda tangani dan rekomendasikan ke PPK"
    FIND_NOT_PROVEN = "find_not_proven", "Nyatakan tidak terbukti"
    CLOSE = "close", "Tutup"
    RETURN_BY_LINE = "return_by_line", "Kembalikan lewat sambungan"
    REROUTE = "reroute", "Alihkan ke lembaga penerus"
    CORRECT = "correct", "Ganti dengan versi yang diperbaiki"


PROPOSERS = frozenset({Role.CASE_OFFICER})
REVIEWERS = frozenset({Role.REVIEWER})

_S = ReferralStatus

AT_RECIPIENT = frozenset({_S.DELIVERED, _S.ACCEPTED, _S.DRAFTED})
"""Where the recipient body has the next word."""


class MissingKind(models.TextChoices):
    """What a recipient may name as missing: the lines of the completeness gate, and anything else."""

    NAME = "name", _("nama")
    NUMBER = "number", _("NIP atau NIK")
    POSITION = "position", _("jabatan")
    GRADE = "grade", _("pangkat/golongan")
    UNIT = "unit", _("unit kerja")
    AGENCY = "agency", _("instansi")
    EVENT = "event", _("tanggal kejadian")
    PLACE = "place", _("tempat kejadian")
    RULE = "rule", _("kode pelanggaran")
    SUMMARY = "summary", _("ringkasan netral")
    ASSESSMENT = "assessment", _("kajian")
    EVIDENCE = "evidence", _("daftar bukti")
    MINUTES = "minutes", _("berita acara pleno")
    OTHER = "other", _("hal lain")


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
        ReferralAction.RETURN: Transition(AT_RECIPIENT, _S.RETURNED, REVIEWERS, needs_reason=True),
        ReferralAction.RESUBMIT: Transition(
            # a proposal too: its next version replaces a text that may not leave
            frozenset({_S.PROPOSED, _S.APPROVED, _S.RETURNED}),
            _S.PROPOSED,
            PROPOSERS,
            needs_reason=True,
        ),
        ReferralAction.DRAFT: Transition(
            # over a draft, too: whoever changes it is the one who may not sign it
            frozenset({_S.ACCEPTED, _S.DRAFTED}),
            _S.DRAFTED,
            REVIEWERS,
        ),
        ReferralAction.DRAFT_BY_LINE: Transition(
            frozenset({_S.DELIVERED, _S.ACCEPTED}), _S.DRAFTED
        ),
        ReferralAction.WITHDRAW_DRAFT: Transition(frozenset({_S.DRAFTED}), _S.ACCEPTED, REVIEWERS),
        ReferralAction.RECOMMEND: Transition(
            frozenset({_S.DRAFTED}), _S.RECOMMENDED, REVIEWERS, second_person="draft"
        ),
        ReferralAction.FIND_NOT_PROVEN: Transition(
            frozenset({_S.ACCEPTED, _S.DRAFTED}), _S.NOT_PROVEN, REVIEWERS, needs_reason=True
        ),
        ReferralAction.CLOSE: Transition(
            frozenset({_S.RECOMMENDED, _S.NOT_PROVEN}), _S.CLOSED, article="PB7 ps 60"
        ),
        ReferralAction.RETURN_BY_LINE: Transition(AT_RECIPIENT, _S.RETURNED, needs_reason=True),
        ReferralAction.REROUTE: Transition(
            frozenset({_S.PROPOSED, _S.APPROVED, _S.ISSUED, _S.RETURNED}) | AT_RECIPIENT,
            _S.PROPOSED,
            needs_reason=True,
            article="Perpres 92/2024; MK 121/PUU-XXII/2024",
        ),
        ReferralAction.CORRECT: Transition(
            AT_RECIPIENT,
            _S.PROPOSED,
            PROPOSERS,
            needs_reason=True,
            article="PB7 ps 51(3)b",
        ),
    },
)
"""A referral. A row without roles is a step that only the system takes."""
