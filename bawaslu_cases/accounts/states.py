"""What may happen to a proposed change of somebody's account: no right comes from one person's word."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.state_machine import StateMachine, Transition


class ChangeStatus(models.TextChoices):
    """Where a proposed change stands."""

    PROPOSED = "proposed", _("Menunggu administrator kedua")
    APPROVED = "approved", _("Disetujui dan berlaku")
    REJECTED = "rejected", _("Ditolak")
    WITHDRAWN = "withdrawn", _("Ditarik pengusul")


class ChangeAction(models.TextChoices):
    """What happens to a proposed change."""

    APPROVE = "approve", _("Setujui")
    REJECT = "reject", _("Tolak")
    WITHDRAW = "withdraw", _("Tarik usulan")


_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR.value})
_PROPOSED = frozenset({ChangeStatus.PROPOSED})

STAFF_CHANGE_LIFECYCLE: StateMachine[ChangeStatus, ChangeAction] = StateMachine(
    ChangeStatus.PROPOSED,
    {
        ChangeAction.APPROVE: Transition(
            _PROPOSED, ChangeStatus.APPROVED, _ADMINISTRATORS, second_person="create"
        ),
        ChangeAction.REJECT: Transition(
            _PROPOSED,
            ChangeStatus.REJECTED,
            _ADMINISTRATORS,
            needs_reason=True,
            second_person="create",
        ),
        # Only whoever proposed it: asked by the service, because the table names roles.
        ChangeAction.WITHDRAW: Transition(_PROPOSED, ChangeStatus.WITHDRAWN, _ADMINISTRATORS),
    },
)
