"""The declared tables of this app: what may happen to a complaint and to a case.

Perbawaslu 7/2022 (PB7). A *complaint* here is any intake record: a tip (informasi awal, B.8) or an
officer's finding (temuan, B.2). The lanes ``sealed`` and ``open`` join with the identity vault.
"""

from django.db import models

from bawaslu_cases.accounts.roles import BAWASLU_ROLES, PLENARY_ROLES, Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class Lane(models.TextChoices):
    """How the record came in, which decides what exists of the reporter."""

    TIP = "tip", "Informasi awal"
    FINDING = "finding", "Temuan"


class ComplaintStatus(models.TextChoices):
    """Where an intake record stands."""

    RECEIVED = "received", "Diterima"
    PROPOSED = "proposed", "Menunggu pleno"
    TRACING = "tracing", "Ditelusuri"
    FOUND = "found", "Menjadi temuan"
    RECORDED = "recorded", "Temuan dicatat"
    REGISTERED = "registered", "Diregistrasi"
    ARCHIVED = "archived", "Tidak ditelusuri"


class ComplaintAction(models.TextChoices):
    """What people can do with an intake record."""

    PROPOSE_TRACING = "propose_tracing", "Usulkan penelusuran"
    PROPOSE_ARCHIVE = "propose_archive", "Usulkan tidak ditelusuri"
    RETURN_PROPOSAL = "return_proposal", "Kembalikan ke petugas"
    APPROVE_TRACING = "approve_tracing", "Setujui penelusuran"
    DECLINE = "decline", "Putuskan tidak ditelusuri"
    CONFIRM = "confirm", "Catat sebagai temuan"
    END_TRACING = "end_tracing", "Akhiri penelusuran"
    REGISTER = "register", "Registrasi temuan"
    CANCEL = "cancel", "Batalkan temuan"


OFFICERS = frozenset({Role.INTAKE_OFFICER, Role.CASE_OFFICER})
PLENARY = PLENARY_ROLES
STAFF = BAWASLU_ROLES

PROPOSED_BY = "propose_tracing propose_archive"
"""The plenary's decision is entered by somebody else than the officer who laid it before them."""

_C = ComplaintStatus

TIP_LIFECYCLE: StateMachine[ComplaintStatus, ComplaintAction] = StateMachine(
    _C.RECEIVED,
    {
        ComplaintAction.PROPOSE_TRACING: Transition(
            frozenset({_C.RECEIVED}), _C.PROPOSED, OFFICERS, article="PB7 ps 3 dan ps 24(8)"
        ),
        ComplaintAction.PROPOSE_ARCHIVE: Transition(
            frozenset({_C.RECEIVED}),
            _C.PROPOSED,
            OFFICERS,
            needs_reason=True,
            article="PB7 ps 3",
        ),
        ComplaintAction.RETURN_PROPOSAL: Transition(
            frozenset({_C.PROPOSED}), _C.RECEIVED, PLENARY, needs_reason=True
        ),
        ComplaintAction.APPROVE_TRACING: Transition(
            frozenset({_C.PROPOSED}),
            _C.TRACING,
            PLENARY,
            second_person=PROPOSED_BY,
            article="PB7 ps 3",
        ),
        ComplaintAction.DECLINE: Transition(
            frozenset({_C.PROPOSED}),
            _C.ARCHIVED,
            PLENARY,
            needs_reason=True,
            second_person=PROPOSED_BY,
            article="PB7 ps 3",
        ),
        ComplaintAction.CONFIRM: Transition(
            frozenset({_C.TRACING}), _C.FOUND, OFFICERS, article="PB7 ps 5(1)"
        ),
        ComplaintAction.END_TRACING: Transition(
            frozenset({_C.TRACING}), _C.ARCHIVED, OFFICERS, needs_reason=True
        ),
    },
)
"""Informasi awal: no reporter exists; the plenary decides on tracing; a finding may come of it."""

FINDING_LIFECYCLE: StateMachine[ComplaintStatus, ComplaintAction] = StateMachine(
    _C.RECORDED,
    {
        ComplaintAction.REGISTER: Transition(
            frozenset({_C.RECORDED}), _C.REGISTERED, OFFICERS, article="PB7 ps 5(3)"
        ),
        ComplaintAction.CANCEL: Transition(
            frozenset({_C.RECORDED}), _C.ARCHIVED, OFFICERS, needs_reason=True
        ),
    },
)
"""Temuan: recorded by an officer, registered within two working days, then it is a case."""

LIFECYCLES: dict[Lane, StateMachine[ComplaintStatus, ComplaintAction]] = {
    Lane.TIP: TIP_LIFECYCLE,
    Lane.FINDING: FINDING_LIFECYCLE,
}

OPEN_COMPLAINT_STATUSES = frozenset({_C.RECEIVED, _C.PROPOSED, _C.TRACING, _C.RECORDED})
"""What stands in a queue."""


class CaseStatus(models.TextChoices):
    """Where a registered case stands."""

    REGISTERED = "registered", "Dikaji"
    ASSESSED = "assessed", "Menunggu pleno"
    DECIDED = "decided", "Diputus: diteruskan"
    REFERRED = "referred", "Diteruskan"
    STOPPED = "stopped", "Dihentikan"
    CLOSED = "closed", "Selesai"


class CaseAction(models.TextChoices):
    """What people can do with a case."""

    SUBMIT_ASSESSMENT = "submit_assessment", "Ajukan kajian ke pleno"
    RETURN_ASSESSMENT = "return_assessment", "Kembalikan kajian"
    DECIDE_REFER = "decide_refer", "Putuskan diteruskan"
    DECIDE_STOP = "decide_stop", "Putuskan dihentikan"
    REFER = "refer", "Teruskan"
    CLOSE = "close", "Tutup perkara"


_K = CaseStatus

CASE_LIFECYCLE: StateMachine[CaseStatus, CaseAction] = StateMachine(
    _K.REGISTERED,
    {
        CaseAction.SUBMIT_ASSESSMENT: Transition(
            frozenset({_K.REGISTERED}),
            _K.ASSESSED,
            frozenset({Role.CASE_OFFICER}),
            article="PB7 ps 36",
        ),
        CaseAction.RETURN_ASSESSMENT: Transition(
            frozenset({_K.ASSESSED}), _K.REGISTERED, PLENARY, needs_reason=True
        ),
        CaseAction.DECIDE_REFER: Transition(
            frozenset({_K.ASSESSED}),
            _K.DECIDED,
            PLENARY,
            second_person="submit_assessment",
            article="PB7 ps 37(3) huruf b, ps 49",
        ),
        CaseAction.DECIDE_STOP: Transition(
            frozenset({_K.ASSESSED}),
            _K.STOPPED,
            PLENARY,
            needs_reason=True,
            second_person="submit_assessment",
            article="PB7 ps 37(3)",
        ),
        CaseAction.REFER: Transition(frozenset({_K.DECIDED}), _K.REFERRED, article="PB7 ps 49"),
        CaseAction.CLOSE: Transition(frozenset({_K.REFERRED}), _K.CLOSED, article="PB7 ps 60"),
    },
)
"""A case from register to the plenary's decision; REFER and CLOSE are taken by the referral side."""

OPEN_CASE_STATUSES = frozenset({_K.REGISTERED, _K.ASSESSED, _K.DECIDED, _K.REFERRED})


class Requirement(models.TextChoices):
    """What the officer looks at before proposing (PB7 ps 15; a tip has no reporter identity)."""

    REPORTED_PARTY = "reported_party", "Terlapor jelas"
    IN_TIME = "in_time", "Dalam tujuh hari sejak diketahui"
    TIME_PLACE = "time_place", "Waktu dan tempat kejadian"
    DESCRIPTION = "description", "Uraian kejadian"
    EVIDENCE = "evidence", "Bukti atau petunjuk"


FORMAL_REQUIREMENTS = (Requirement.REPORTED_PARTY, Requirement.IN_TIME)
MATERIAL_REQUIREMENTS = (Requirement.TIME_PLACE, Requirement.DESCRIPTION, Requirement.EVIDENCE)


class Milestone(models.TextChoices):
    """What a reporter is told, in the order it can happen; dates only."""

    RECEIVED = "received", "Diterima"
    CHECKED = "checked", "Diperiksa kelengkapannya"
    TRACING = "tracing", "Ditelusuri"
    NOT_TRACED = "not_traced", "Tidak ditelusuri"
    FINDING = "finding", "Menjadi temuan"
    CASE = "case", "Dikaji"
    STOPPED = "stopped", "Dihentikan"
    FORWARDED = "forwarded", "Diteruskan"
    AT_AGENCY = "at_agency", "Menunggu instansi"
    SANCTION = "sanction", "Instansi melaporkan sanksi"
    CLOSED = "closed", "Selesai"
