"""The decision panel: which steps the table offers here, to whom, with which form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import HouseForm
from bawaslu_cases.shared.kept_words import kept_words
from bawaslu_cases.shared.state_machine import StateMachine

Carry = Callable[[Any, datetime], object]


@dataclass(frozen=True)
class Step:
    """One button: its form class, how it is drawn, and the service call behind it."""

    form_class: Callable[..., HouseForm]
    carry_out: Carry
    kind: str = "outline"
    initial: Mapping[str, Any] | None = None


Offered = list[dict[str, Any]]
"""Steps one may take here, as :func:`offered_steps` returns them."""


@dataclass(frozen=True)
class Panel:
    """What is drawn, and the form whose errors the page announces.

    ``kept`` is what was typed for a step that is not offered any more.
    """

    entries: Sequence[dict[str, Any]]
    form: HouseForm | None
    kept: Sequence[str] = ()


def offered_steps(
    *,
    machine: StateMachine[Any, Any],
    status: Any,
    user: User,
    steps: Mapping[Any, Step],
    proposer_id: int | None = None,
) -> Offered:
    """Return the steps the table gives this person here; a refused one says why. No query."""
    offered = []
    for action in machine.actions(status):
        row = machine.table[action]
        if action not in steps or not user.has_role(*row.roles):
            continue
        step = steps[action]
        same_person = bool(row.second_person) and proposer_id == user.pk
        offered.append(
            {
                "action": action.value,
                "label": str(action.label),
                "article": row.article,
                "kind": step.kind,
                "step": step,
                "refused": _("Perlu orang kedua: Anda yang mengusulkan.") if same_person else "",
            }
        )
    # the main step first, whatever the order of the table
    return sorted(offered, key=lambda entry: entry["kind"] != "")


def offered_beside(action: str, label: str, step: Step) -> dict[str, Any]:
    """Return a step that changes no state, for the same panel. No query."""
    return {
        "action": action,
        "label": label,
        "article": "",
        "kind": step.kind,
        "step": step,
        "refused": "",
    }


def bound_panel(request: HttpRequest, offered: Offered) -> tuple[Panel, bool]:
    """Give every offered step its form and carry the posted one out; say whether it was done.

    A refusal of the domain becomes an error of that form, and of a step that is not offered any more the
    words are kept, so nothing typed is lost.
    """
    posted = request.POST.get("action") if request.method == "POST" else None
    entries: list[dict[str, Any]] = []
    kept: list[str] = []
    bound, done = None, False
    for entry in offered:
        step: Step = entry["step"]
        chosen = entry["action"] == posted
        form = step.form_class(
            request.POST if chosen else None,
            request.FILES if chosen else None,
            prefix=entry["action"],
            initial=dict(step.initial or {}),
        )
        if chosen:
            bound = form
            done = _carried_out(step, form)
        entries.append({**entry, "form": form})
    if posted is not None and bound is None:
        bound = HouseForm({})
        bound.is_valid()
        bound.add_error(None, _("Tindakan ini tidak berlaku lagi karena status sudah berubah."))
        kept = kept_words(request.POST, prefix=posted)
    return Panel(entries, bound, kept), done


def _carried_out(step: Step, form: HouseForm) -> bool:
    if not form.is_valid():
        return False
    try:
        step.carry_out(form, timezone.now())
    except DomainError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, str(error.message))
        return False
    return True
