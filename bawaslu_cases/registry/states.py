"""What may happen to a proposed change of the registry: nothing is in force on one person's word."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.state_machine import StateMachine, Transition


class ChangeStatus(models.TextChoices):
    """Where a proposed change stands."""

    PROPOSED = "proposed", _("Menunggu orang kedua")
    APPROVED = "approved", _("Disetujui dan berlaku")
    REJECTED = "rejected", _("Ditolak")
    WITHDRAWN = "withdrawn", _("Ditarik pengusul")


class ChangeAction(models.TextChoices):
    """What happens to a proposed change."""

    APPROVE = "approve", _("Setujui")
    REJECT = "reject", _("Tolak")
    WITHDRAW = "withdraw", _("Tarik usulan")


ADMINISTRATORS = frozenset({"administrator"})
"""The role's code: accounts stand above this app."""

_PROPOSED = frozenset({ChangeStatus.PROPOSED})

CHANGE_LIFECYCLE: StateMachine[ChangeStatus, ChangeAction] = StateMachine(
    ChangeStatus.PROPOSED,
    {
        ChangeAction.APPROVE: Transition(
            _PROPOSED, ChangeStatus.APPROVED, ADMINISTRATORS, second_person="create"
        ),
        ChangeAction.REJECT: Transition(
            _PROPOSED,
            ChangeStatus.REJECTED,
            ADMINISTRATORS,
            needs_reason=True,
            second_person="create",
        ),
        # Only whoever proposed it: asked by the service, because the table names roles.
        ChangeAction.WITHDRAW: Transition(_PROPOSED, ChangeStatus.WITHDRAWN, ADMINISTRATORS),
    },
)
