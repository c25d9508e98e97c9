"""The declared table of a data subject's request (UU 27/2022), and the grounds for refusing one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import BAWASLU_ROLES, WORKING_ROLES
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class SubjectStatus(models.TextChoices):
    """Where a request stands."""

    RECEIVED = "received", _("Diterima")
    IDENTIFIED = "identified", _("Identitas terbukti")
    PROPOSED = "proposed", _("Menunggu orang kedua")
    ANSWERED = "answered", _("Dijawab")
    REFUSED = "refused", _("Ditolak")
    WITHDRAWN = "withdrawn", _("Dicabut")


class SubjectAction(models.TextChoices):
    """What people do with a request."""

    IDENTIFY = "identify", _("Catat pemeriksaan identitas")
    PROPOSE = "propose", _("Ajukan jawaban")
    PROPOSE_REFUSAL = "propose_refusal", _("Ajukan penolakan")
    RETURN = "return", _("Kembalikan")
    APPROVE = "approve", _("Setujui jawaban")
    REFUSE = "refuse", _("Setujui penolakan")
    WITHDRAW = "withdraw", _("Catat dicabut pemohon")


class SubjectKind(models.TextChoices):
    """What is asked for."""

    ACCESS = "access", _("Salinan data diri")
    CORRECTION = "correction", _("Perbaikan data diri")


class SubjectCapacity(models.TextChoices):
    """As whom somebody asks. Reporters ask through their own page and never here."""

    OFFICIAL = "official", _("Terlapor")
    OTHER = "other", _("Orang lain yang disebut")


class IdentityProof(models.TextChoices):
    """What was looked at. No number of it is kept."""

    KTP = "ktp", _("KTP, dicocokkan dengan orangnya")
    STAFF_CARD = "staff_card", _("Kartu pegawai, dicocokkan dengan orangnya")
    PROXY = "proxy", _("Surat kuasa beserta KTP pemberi dan penerima kuasa")
    OFFICE = "office", _("Surat resmi instansi yang dikonfirmasi ke instansi itu")


class SubjectGround(models.TextChoices):
    """Why a request is refused; the articles stand in ``GROUND_ARTICLES``."""

    UNPROVEN = "unproven", _("Identitas pemohon tidak terbukti")
    ENFORCEMENT = "enforcement", _("Dikecualikan untuk kepentingan penegakan hukum")
    ENDANGERS = "endangers", _("Membahayakan keamanan atau kesehatan orang lain")
    OTHERS = "others", _("Mengungkap data pribadi orang lain")


GROUND_ARTICLES = {
    SubjectGround.UNPROVEN: "UU 27/2022 ps 6 dan ps 13",
    SubjectGround.ENFORCEMENT: "UU 27/2022 ps 15 ayat (1) huruf b",
    SubjectGround.ENDANGERS: "UU 27/2022 ps 33 huruf a",
    SubjectGround.OTHERS: "UU 27/2022 ps 33 huruf b",
}
"""Background knowledge, to be confirmed by Bawaslu's counsel (ADR 0044)."""

_S = SubjectStatus
_A = SubjectAction
SUBJECT_PROPOSALS = "propose propose_refusal"
"""Whoever approves is somebody else than whoever laid it down."""

SUBJECT_LIFECYCLE: StateMachine[SubjectStatus, SubjectAction] = StateMachine(
    _S.RECEIVED,
    {
        _A.IDENTIFY: Transition(
            frozenset({_S.RECEIVED}), _S.IDENTIFIED, WORKING_ROLES, article="UU 27/2022 ps 13"
        ),
        _A.PROPOSE: Transition(
            frozenset({_S.IDENTIFIED}), _S.PROPOSED, WORKING_ROLES, article="UU 27/2022 ps 32"
        ),
        _A.PROPOSE_REFUSAL: Transition(
            frozenset({_S.RECEIVED, _S.IDENTIFIED}),
            _S.PROPOSED,
            WORKING_ROLES,
            needs_reason=True,
            article="UU 27/2022 ps 15 dan ps 33",
        ),
        _A.RETURN: Transition(
            frozenset({_S.PROPOSED}), _S.RECEIVED, BAWASLU_ROLES, needs_reason=True
        ),
        _A.APPROVE: Transition(
            frozenset({_S.PROPOSED}),
            _S.ANSWERED,
            BAWASLU_ROLES,
            second_person=SUBJECT_PROPOSALS,
            article="UU 27/2022 ps 7 dan ps 32",
        ),
        _A.REFUSE: Transition(
            frozenset({_S.PROPOSED}),
            _S.REFUSED,
            BAWASLU_ROLES,
            second_person=SUBJECT_PROPOSALS,
            article="UU 27/2022 ps 15 dan ps 33",
        ),
        _A.WITHDRAW: Transition(
            frozenset({_S.RECEIVED, _S.IDENTIFIED, _S.PROPOSED}), _S.WITHDRAWN, WORKING_ROLES
        ),
    },
)
OPEN_SUBJECT_STATUSES = frozenset({_S.RECEIVED, _S.IDENTIFIED, _S.PROPOSED})
