"""What runs beside a case: hearings of people (PB7 ps 28-33) and requests for correction (ps 51-57)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.state_machine import StateMachine, Transition
from complaints.states.people import OFFICERS, PLENARY


class CorrectionStatus(models.TextChoices):
    """Where a request to correct a recommendation stands (PB7 ps 51-57)."""

    FILED = "filed", _("Diterima")
    LATE = "late", _("Lewat waktu")
    GRANTED = "granted", _("Dikabulkan")
    REJECTED = "rejected", _("Ditolak")
    WITHDRAWN = "withdrawn", _("Dicabut")


class CorrectionAction(models.TextChoices):
    """What happens to a request for correction."""

    FIND_LATE = "find_late", "Nyatakan lewat waktu"
    GRANT = "grant", "Kabulkan"
    REJECT = "reject", "Tolak"
    WITHDRAW = "withdraw", "Cabut"


_R = CorrectionStatus

CORRECTION_LIFECYCLE: StateMachine[CorrectionStatus, CorrectionAction] = StateMachine(
    _R.FILED,
    {
        CorrectionAction.FIND_LATE: Transition(
            frozenset({_R.FILED}), _R.LATE, PLENARY, article="PB7 ps 53(1)"
        ),
        CorrectionAction.GRANT: Transition(
            frozenset({_R.FILED}),
            _R.GRANTED,
            PLENARY,
            needs_reason=True,
            article="PB7 ps 55, ps 56",
        ),
        CorrectionAction.REJECT: Transition(
            frozenset({_R.FILED}),
            _R.REJECTED,
            PLENARY,
            needs_reason=True,
            article="PB7 ps 55, ps 56",
        ),
        CorrectionAction.WITHDRAW: Transition(
            frozenset({_R.FILED}), _R.WITHDRAWN, OFFICERS, article="PB7 ps 53"
        ),
    },
)
"""B.19 filed within three days of the recommendation, examined within seven, B.20 or B.21 answers."""


class HearingStatus(models.TextChoices):
    """Where the hearing of one person stands (klarifikasi, PB7 ps 28-33)."""

    INVITED = "invited", _("Diundang")
    INVITED_AGAIN = "invited_again", _("Diundang kedua kali")
    HEARD = "heard", _("Didengar")
    ABSENT = "absent", _("Tidak hadir")
    CANCELLED = "cancelled", _("Dibatalkan")


class HearingAction(models.TextChoices):
    """What happens with a hearing."""

    INVITE_AGAIN = "invite_again", "Undang kedua kali"
    HEAR = "hear", "Catat klarifikasi"
    NOTE_ABSENCE = "note_absence", "Catat tidak hadir"
    CANCEL = "cancel", "Batalkan undangan"


_H = HearingStatus

HEARING_LIFECYCLE: StateMachine[HearingStatus, HearingAction] = StateMachine(
    _H.INVITED,
    {
        HearingAction.INVITE_AGAIN: Transition(
            frozenset({_H.INVITED}), _H.INVITED_AGAIN, OFFICERS, article="PB7 ps 29"
        ),
        HearingAction.HEAR: Transition(
            frozenset({_H.INVITED, _H.INVITED_AGAIN}), _H.HEARD, OFFICERS, article="PB7 ps 30-33"
        ),
        # Two invitations are due before anybody is noted as absent.
        HearingAction.NOTE_ABSENCE: Transition(
            frozenset({_H.INVITED_AGAIN}), _H.ABSENT, OFFICERS, article="PB7 ps 29"
        ),
        HearingAction.CANCEL: Transition(
            frozenset({_H.INVITED, _H.INVITED_AGAIN}), _H.CANCELLED, OFFICERS, needs_reason=True
        ),
    },
)
"""One person heard once: two invitations, a record read back and signed, or an absence noted."""
