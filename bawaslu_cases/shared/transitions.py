"""The one way a status is written: look the step up, compare and set, write one event row.

Each app's ``services/transitions.py`` calls :func:`advance` with its own table and is the only
module of the app that does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.errors import (
    ConflictError,
    NotPermittedError,
    ReasonNeededError,
    SamePersonError,
)
from bawaslu_cases.shared.events import TransitionEvent
from bawaslu_cases.shared.new_rows import move_and_tell, write_new
from bawaslu_cases.shared.state_machine import IllegalTransitionError, StateMachine


class Actor(Protocol):
    """What a transition needs to know of the person."""

    pk: Any

    def has_role(self, *roles: str) -> bool:
        """Say whether the person holds one of the roles."""
        ...


@dataclass(frozen=True)
class Machine:
    """How one table is applied to one model: status field name, event model, its link's name."""

    states: StateMachine[Any, Any]
    status: Callable[[str], Any]
    event_model: type[TransitionEvent]
    subject: str


def advance(
    *,
    row: models.Model,
    machine: Machine,
    action: Any,
    actor: Actor | None,
    at: datetime,
    reason: str = "",
    actor_kind: str = "",
    also: dict[str, Any] | None = None,
) -> TransitionEvent:
    """Move ``row`` by ``action`` and return the event row; ``also`` are fields set in the same write.

    Raises ConflictError when the row has left the state this caller loaded (or the action does not
    exist there), NotPermittedError, SamePersonError, ReasonNeededError. Nothing is changed then.
    An event is never dated before the one it follows: a computer whose clock is behind writes the
    moment of that one. One query, which is all or nothing by itself; one more, a look-up, where a second
    person is demanded.
    """
    source = machine.status(row.status)  # type: ignore[attr-defined]
    if actor_kind != TransitionEvent.ActorKind.REPORTER:  # theirs carries the day alone
        at = max(at, row.status_at)  # type: ignore[attr-defined]
    try:
        step = machine.states.step(source, action)
    except IllegalTransitionError as error:
        raise ConflictError(
            _("Tindakan ini tidak berlaku lagi karena status sudah berubah. Muat ulang halaman."),
        ) from error
    if actor is None:
        kind = actor_kind or TransitionEvent.ActorKind.SYSTEM
        if not machine.states.permits(source, action, None):
            raise NotPermittedError(_("Tindakan ini harus dilakukan oleh seorang petugas."))
    else:
        kind = TransitionEvent.ActorKind.STAFF
        held = [role for role in step.roles if actor.has_role(role)]
        if not machine.states.permits(source, action, held):
            raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if step.needs_reason and not reason.strip():
        raise ReasonNeededError(_("Tulis alasannya."), field="reason")
    if step.second_person and actor is not None:
        earlier = (
            machine.event_model._default_manager.filter(
                **{machine.subject: row}, action__in=step.second_person.split()
            )
            .order_by("-pk")
            .values_list("actor_id", flat=True)
            .first()
        )
        if earlier == actor.pk:
            raise SamePersonError(_("Tindakan ini memerlukan orang kedua, bukan pengusulnya."))
    event = machine.event_model(
        **{machine.subject: row},
        action=action,
        source=source,
        target=step.target,
        actor_id=None if actor is None else actor.pk,
        actor_kind=kind,
        reason=reason.strip(),
        at=at,
    )
    to = {"status": step.target, "status_at": at, **(also or {})}
    if not move_and_tell(row, held={"status": source}, to=to, event=event):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    return event


def open_history(
    *,
    row: models.Model,
    machine: Machine,
    actor: Actor | None,
    at: datetime,
    actor_kind: str = "",
    action: str = "create",
    reason: str = "",
) -> TransitionEvent:
    """Write the first event of a row that was just created in the machine's initial state."""
    kind = TransitionEvent.ActorKind.STAFF if actor is not None else actor_kind
    event = machine.event_model(
        **{machine.subject: row},
        action=action,
        source="",
        target=machine.states.initial,
        actor_id=None if actor is None else actor.pk,
        actor_kind=kind or TransitionEvent.ActorKind.SYSTEM,
        reason=reason,
        at=at,
    )
    write_new(event)
    return event
