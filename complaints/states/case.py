"""What may happen to a case, from the register to the plenary's decision (PB7 ps 25-37, 49-60)."""

from typing import Any

from django.db import models

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition
from complaints.states.people import PLENARY


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

    EXTEND = "extend", "Perpanjang penanganan"
    SUBMIT_ASSESSMENT = "submit_assessment", "Ajukan kajian ke pleno"
    RETURN_ASSESSMENT = "return_assessment", "Kembalikan kajian"
    DECIDE_REFER = "decide_refer", "Putuskan diteruskan"
    DECIDE_ADMINISTRATIVE = "decide_administrative", "Putuskan pelanggaran administratif"
    DECIDE_ETHICS = "decide_ethics", "Putuskan pelanggaran kode etik penyelenggara"
    DECIDE_CRIME = "decide_crime", "Putuskan tindak pidana pemilihan"
    DECIDE_STOP = "decide_stop", "Putuskan dihentikan"
    FORWARD = "forward", "Teruskan tanpa register"
    SEND_ON = "send_on", "Catat surat penerusan terkirim"
    REFER = "refer", "Teruskan"
    REOPEN = "reopen", "Buka kembali karena koreksi"
    CLOSE = "close", "Tutup perkara"
    CLOSE_BY_HAND = "close_by_hand", "Tutup perkara yang diteruskan"


_K = CaseStatus


def _decision(article: str, target: CaseStatus, *, needs_reason: bool = False) -> Transition[Any]:
    return Transition(
        frozenset({_K.ASSESSED}),
        target,
        PLENARY,
        needs_reason=needs_reason,
        second_person="submit_assessment",
        article=article,
    )


CASE_LIFECYCLE: StateMachine[CaseStatus, CaseAction] = StateMachine(
    _K.REGISTERED,
    {
        CaseAction.EXTEND: Transition(
            frozenset({_K.REGISTERED}),
            _K.REGISTERED,
            frozenset({Role.CASE_OFFICER}) | PLENARY,
            needs_reason=True,
            article="PB7 ps 26(3)",
        ),
        CaseAction.SUBMIT_ASSESSMENT: Transition(
            frozenset({_K.REGISTERED}),
            _K.ASSESSED,
            frozenset({Role.CASE_OFFICER}),
            article="PB7 ps 36",
        ),
        CaseAction.RETURN_ASSESSMENT: Transition(
            frozenset({_K.ASSESSED}), _K.REGISTERED, PLENARY, needs_reason=True
        ),
        CaseAction.DECIDE_REFER: _decision("PB7 ps 37(3) huruf b, ps 49", _K.DECIDED),
        CaseAction.DECIDE_ADMINISTRATIVE: _decision("PB7 ps 37(3), B.15", _K.DECIDED),
        CaseAction.DECIDE_ETHICS: _decision("PB7 ps 37(3), B.14", _K.DECIDED),
        CaseAction.DECIDE_CRIME: _decision("PB7 ps 37(3), ps 47, B.16", _K.DECIDED),
        CaseAction.DECIDE_STOP: _decision("PB7 ps 37(3)", _K.STOPPED, needs_reason=True),
        # The plenary decided already, on the report itself: there is nothing left to assess.
        CaseAction.FORWARD: Transition(frozenset({_K.REGISTERED}), _K.DECIDED, article="PB7 ps 22"),
        # Letters that are not for the civil-service side leave by hand: B.14, B.15, B.16.
        CaseAction.SEND_ON: Transition(
            frozenset({_K.DECIDED}),
            _K.REFERRED,
            frozenset({Role.CASE_OFFICER}),
            article="PB7 ps 43 sampai ps 49",
        ),
        CaseAction.REFER: Transition(frozenset({_K.DECIDED}), _K.REFERRED, article="PB7 ps 49"),
        # A correction was granted: the plenary decides anew, the former letter is superseded.
        CaseAction.REOPEN: Transition(
            frozenset({_K.DECIDED, _K.REFERRED, _K.STOPPED}),
            _K.ASSESSED,
            article="PB7 ps 51 sampai ps 57",
        ),
        CaseAction.CLOSE: Transition(frozenset({_K.REFERRED}), _K.CLOSED, article="PB7 ps 60"),
        # Nobody here follows what KPU, DKPP or the police do with it: a person says that it is over.
        CaseAction.CLOSE_BY_HAND: Transition(
            frozenset({_K.REFERRED}),
            _K.CLOSED,
            frozenset({Role.CASE_OFFICER, Role.CHAIR}),
            needs_reason=True,
            article="PB7 ps 60",
        ),
    },
)
"""A case from register to the plenary's decision.

FORWARD is taken with a report's own decision, REFER and CLOSE by the referral side, REOPEN by a granted
correction. CLOSE_BY_HAND is for what no follow-up closes.
"""

CASE_DECISIONS = (
    CaseAction.DECIDE_REFER,
    CaseAction.DECIDE_ADMINISTRATIVE,
    CaseAction.DECIDE_ETHICS,
    CaseAction.DECIDE_CRIME,
    CaseAction.DECIDE_STOP,
)
"""The kinds of decision of PB7 ps 37(3), of which one is the plenary's on one case."""


OPEN_CASE_STATUSES = frozenset({_K.REGISTERED, _K.ASSESSED, _K.DECIDED, _K.REFERRED})
