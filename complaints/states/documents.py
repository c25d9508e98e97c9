"""What may happen to a paper of the procedure (B.1 to B.21): drafted, signed off, final, superseded."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.state_machine import StateMachine, Transition
from complaints.states.people import OFFICERS, PLENARY


class DocumentStatus(models.TextChoices):
    """Where a paper stands."""

    DRAFT = "draft", _("Konsep")
    SIGNED = "signed", _("Disahkan, sedang dibuat")
    FINAL = "final", _("Final")
    SUPERSEDED = "superseded", _("Digantikan")


class DocumentAction(models.TextChoices):
    """What happens to a paper."""

    REMAKE = "remake", _("Perbarui konsep")
    SIGN_OFF = "sign_off", _("Sahkan")
    FREEZE = "freeze", _("Jadikan final")
    SUPERSEDE = "supersede", _("Gantikan")


MADE_BY = "create remake"
"""Whoever made the latest draft does not sign it off."""

_D = DocumentStatus

DOCUMENT_LIFECYCLE: StateMachine[DocumentStatus, DocumentAction] = StateMachine(
    _D.DRAFT,
    {
        DocumentAction.REMAKE: Transition(frozenset({_D.DRAFT}), _D.DRAFT, OFFICERS | PLENARY),
        DocumentAction.SIGN_OFF: Transition(
            frozenset({_D.DRAFT}), _D.SIGNED, OFFICERS | PLENARY, second_person=MADE_BY
        ),
        # The worker draws the number and typesets what was signed off, in one transaction.
        DocumentAction.FREEZE: Transition(frozenset({_D.SIGNED}), _D.FINAL),
        # A newer one of the same kind became final; the old one stays readable.
        DocumentAction.SUPERSEDE: Transition(frozenset({_D.FINAL}), _D.SUPERSEDED),
    },
)
"""A draft is typeset anew as often as needed; what a second person signed off is never changed."""

OPEN_DOCUMENT_STATUSES = frozenset({_D.DRAFT, _D.SIGNED})
"""What is still being made: one at a time of each kind."""
