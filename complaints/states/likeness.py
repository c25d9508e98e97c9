"""What officers say of two records that are like each other."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.state_machine import StateMachine, Transition
from complaints.states.people import OFFICERS


class LikenessStatus(models.TextChoices):
    """What officers say of two records that are like each other."""

    OPEN = "open", _("Belum diputus")
    JOINED = "joined", _("Digabung")
    RELATED = "related", _("Terkait")
    DISMISSED = "dismissed", _("Bukan yang sama")


class LikenessAction(models.TextChoices):
    """What officers do with two records that are like each other."""

    JOIN = "join", _("Gabungkan")
    RELATE = "relate", _("Terkait")
    DISMISS = "dismiss", _("Bukan yang sama")
    UNDO = "undo", _("Batalkan")


_L = LikenessStatus

LIKENESS_LIFECYCLE: StateMachine[LikenessStatus, LikenessAction] = StateMachine(
    _L.OPEN,
    {
        LikenessAction.JOIN: Transition(frozenset({_L.OPEN, _L.RELATED}), _L.JOINED, OFFICERS),
        LikenessAction.RELATE: Transition(frozenset({_L.OPEN}), _L.RELATED, OFFICERS),
        LikenessAction.DISMISS: Transition(frozenset({_L.OPEN}), _L.DISMISSED, OFFICERS),
        LikenessAction.UNDO: Transition(
            frozenset({_L.JOINED, _L.RELATED, _L.DISMISSED}), _L.OPEN, OFFICERS
        ),
    },
)
"""Two records and one event: joined, related or not. Moves neither record's own status."""
