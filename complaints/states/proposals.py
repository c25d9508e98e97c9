"""What becomes of a step that an office's own system suggests: an officer takes it or does not."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.state_machine import StateMachine, Transition
from complaints.states.people import OFFICERS


class ProposalStatus(models.TextChoices):
    """Where a system's proposal stands."""

    OPEN = "open", _("Menunggu petugas")
    TAKEN = "taken", _("Dipakai")
    DISMISSED = "dismissed", _("Tidak dipakai")


class ProposalAction(models.TextChoices):
    """What an officer does with a system's proposal."""

    TAKE = "take", _("Pakai")
    DISMISS = "dismiss", _("Jangan pakai")


_P = ProposalStatus

PROPOSAL_LIFECYCLE: StateMachine[ProposalStatus, ProposalAction] = StateMachine(
    _P.OPEN,
    {
        ProposalAction.TAKE: Transition(frozenset({_P.OPEN}), _P.TAKEN, OFFICERS),
        ProposalAction.DISMISS: Transition(
            frozenset({_P.OPEN}), _P.DISMISSED, OFFICERS, needs_reason=True
        ),
    },
)
"""A machine decides nothing: taking a proposal is the officer's own step of the record, beside it."""
