"""The panel of a record: what may be decided now, by which key, in which order, and what is missing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.http import OfficerRequest
from complaints.models import Complaint
from complaints.selectors.handling import handling_of, visible_record
from complaints.selectors.proposals import proposals_of
from complaints.selectors.record_page import RecordPage, record_page
from complaints.selectors.refusals import chance_is_spent
from complaints.services.proposals import PROPOSABLE
from complaints.services.reports import REPORT_OUTCOMES
from complaints.services.triage import PLENARY_OUTCOMES
from complaints.services.undo import last_step, was_lately
from complaints.states import (
    LIFECYCLES,
    OFFICERS,
    OPEN_COMPLAINT_STATUSES,
    REPORT_LANES,
    ComplaintAction,
    ComplaintStatus,
    Lane,
)
from complaints.web.evidence_pane import evidence_pane
from complaints.web.likeness_panel import likeness_panel

Text = str | Promise
Action = ComplaintAction

KEYS: Mapping[Action, str] = {
    Action.PROPOSE_TRACING: "R",
    Action.PROPOSE_ARCHIVE: "T",
    Action.APPROVE_TRACING: "S",
    Action.DECLINE: "T",
    Action.RETURN_PROPOSAL: "B",
    Action.CONFIRM: "D",
    Action.END_TRACING: "T",
    Action.REGISTER: "D",
    Action.CANCEL: "T",
    Action.ASK_REPAIR: "M",
    Action.PROPOSE_FORWARD: "R",
    Action.PROPOSE_REGISTER: "D",
    Action.PROPOSE_DELEGATION: "L",
    Action.PROPOSE_TAKEOVER: "N",
    Action.PROPOSE_REFUSAL: "T",
    Action.APPROVE_FORWARD: "R",
    Action.APPROVE_REGISTER: "D",
    Action.APPROVE_DELEGATION: "L",
    Action.ASK_TAKEOVER: "N",
    Action.REFUSE: "T",
    Action.KEEP_AS_TIP: "W",
}
"""The letter that presses each decision; what has none here is a page of its own elsewhere."""

ORDER = (
    Action.PROPOSE_FORWARD,
    Action.PROPOSE_REGISTER,
    Action.ASK_REPAIR,
    Action.PROPOSE_DELEGATION,
    Action.PROPOSE_TAKEOVER,
)
"""What stands first of a report under review; the rest follows in the order of the table."""

FOLLOWS: Mapping[str, Action] = {
    Action.PROPOSE_FORWARD: Action.APPROVE_FORWARD,
    Action.PROPOSE_REGISTER: Action.APPROVE_REGISTER,
    Action.PROPOSE_REFUSAL: Action.REFUSE,
    Action.PROPOSE_DELEGATION: Action.APPROVE_DELEGATION,
    Action.PROPOSE_TAKEOVER: Action.ASK_TAKEOVER,
}
"""What the plenary does when it follows a proposal about a report."""

NEEDS_ITS_PROPOSAL = frozenset({Action.APPROVE_DELEGATION, Action.ASK_TAKEOVER})
PLENARY_ACTIONS = frozenset({*PLENARY_OUTCOMES, *REPORT_OUTCOMES})
NEEDS_ALL = frozenset({Action.PROPOSE_FORWARD, Action.PROPOSE_REGISTER})
NEEDS_EVERY_LOOK = NEEDS_ALL | {
    Action.PROPOSE_TRACING,
    Action.PROPOSE_ARCHIVE,
    Action.PROPOSE_REFUSAL,
}


def opened_record(
    request: OfficerRequest,
    complaint: Any,
    *,
    at: datetime,
    back: str = "",
    following: str = "",
) -> dict[str, Any]:
    """Open a record for whoever reads it: evidence, page and panel, in this order.

    ``back`` is the query string of the list beside it, ``following`` the id that comes after a decision.
    The first piece of evidence, or the one of ``?b=``, counts as looked at.
    """
    user = request.user
    here = f"{back}&c={complaint.public_id}" if back else ""
    pane = evidence_pane(complaint, user, shown=request.GET.get("b", ""), here=here, at=at)
    page = record_page(complaint, viewer=user, at=at, unviewed=pane.get("unseen", 0))
    context = {
        "evidence": pane,
        **record_context(page, user, at=at, back=back, following=following),
    }
    if user.has_role(*OFFICERS) and complaint.status in OPEN_COMPLAINT_STATUSES and not back:
        context["likeness"] = likeness_panel(complaint, user)
    return context | {"toast": _toast(request, complaint, at=at)}


STEP_KEY = "second_thought"
"""Where the session keeps the id of the record one acted on last: the next page offers to undo, once."""


def _toast(request: OfficerRequest, shown: Complaint, *, at: datetime) -> dict[str, Any] | None:
    """Return what can be taken back of the record acted on before this one. Three queries at most."""
    held = request.session.pop(STEP_KEY, "") if STEP_KEY in request.session else ""
    if not held or held == shown.public_id.hex:
        return None
    before = visible_record(request.user, UUID(held))
    return undo_context(before, request.user, at=at) if before else None


def record_context(
    page: RecordPage, user: User, *, at: datetime, back: str = "", following: str = ""
) -> dict[str, Any]:
    """Return what the record and its panel show. Eight queries at most, one of a quiet tip."""
    complaint = page.complaint
    place = urlencode(
        {name: value for name, value in (("back", back), ("then", following)) if value}
    )
    decision = _decision(page, user, place=place)
    proposals = _proposals(complaint, user, place=place)
    return {
        "page": page,
        "record": complaint,
        "back": back,
        "then": following,
        "tick_url": reverse("desk:tick", args=[complaint.public_id]),
        "decision": decision,
        "undo": undo_context(complaint, user, at=at) if was_lately(complaint, at=at) else None,
        "proposals": proposals,
        "proposals_waiting": sum(bool(each["take"]) for each in proposals),
        "presence_url": reverse("desk:presence", args=[complaint.public_id])
        if complaint.status in OPEN_COMPLAINT_STATUSES
        else "",
        **_work(complaint, user, place=place, taken={each["key"] for each in decision["all"]}),
    }


def _proposals(complaint: Complaint, user: User, *, place: str) -> list[dict[str, Any]]:
    """Return what the office's own system suggested, with where each is taken. Two queries at most."""
    if Lane(complaint.lane) not in PROPOSABLE:
        return []
    may_settle = user.has_role(*OFFICERS)
    found = []
    for line in proposals_of(complaint):
        row, action = line.proposal, Action(line.proposal.action)
        query = urlencode({"proposal": str(row.public_id)}) + (f"&{place}" if place else "")
        dismiss = reverse("desk:proposal_dismiss", args=[complaint.public_id, row.public_id])
        waits = may_settle and line.is_waiting
        found.append(
            {
                "line": line,
                "label": action.label,
                "take": f"{action_url(complaint, action)}?{query}"
                if waits and not row.is_stale
                else "",
                "dismiss": (f"{dismiss}?{place}" if place else dismiss) if waits else "",
            }
        )
    return found


def undo_context(complaint: Complaint, user: User, *, at: datetime) -> dict[str, Any] | None:
    """Return what this person can take back of the record, for the form that does. Two queries."""
    step = last_step(complaint=complaint, officer=user, at=at) if user.has_role(*OFFICERS) else None
    if step is None:
        return None
    return {
        "label": step.label,
        "seen": step.event.pk,
        "reference": complaint.reference,
        "href": reverse("desk:undo", args=[complaint.public_id]),
    }


def _decision(page: RecordPage, user: User, *, place: str) -> dict[str, Any]:
    """Return the buttons the state table gives this person for this record."""
    complaint = page.complaint
    buttons = [_button(complaint, action, place) for action in offered(complaint, user)]
    if complaint.lane in REPORT_LANES and any(
        each["action"] is Action.PROPOSE_REFUSAL for each in buttons
    ):
        buttons.append(_keep_as_tip(complaint, place))
    main = _main(buttons, page)
    return {
        "note": _note(page, buttons),
        "main": main,
        "others": [each for each in buttons if each is not main],
        "all": buttons,
    }


def offered(complaint: Any, user: User) -> list[Action]:
    """Return the steps that this person may take of this record and that have a page. No query."""
    machine = LIFECYCLES[Lane(complaint.lane)]
    status = ComplaintStatus(complaint.status)
    found = [
        action
        for action in machine.actions(status)
        if action in KEYS and user.has_role(*machine.step(status, action).roles)
    ]
    if complaint.lane == Lane.SEALED:
        # It stays with the desk it was routed to (ADR 0005): nobody below could take it anyway.
        found = [action for action in found if action is not Action.PROPOSE_DELEGATION]
    if Action.ASK_REPAIR in found and _had_its_chance(complaint):
        found.remove(Action.ASK_REPAIR)
    if status is ComplaintStatus.PROPOSED and complaint.lane in REPORT_LANES:
        proposal = _proposal(complaint)
        found = [
            action
            for action in found
            if action not in NEEDS_ITS_PROPOSAL or FOLLOWS.get(proposal) is action
        ]
        return sorted(found, key=lambda action: action is not FOLLOWS.get(proposal))
    return sorted(found, key=lambda action: ORDER.index(action) if action in ORDER else len(ORDER))


def _had_its_chance(complaint: Any) -> bool:
    """Say whether its reporter was asked once to complete it, from the history at hand. No query."""
    return chance_is_spent(each["action"] for each in complaint.event_rows)


def _proposal(complaint: Any) -> str:
    """Return the action of the last proposal in the history at hand. No query."""
    for event in reversed(complaint.event_rows):
        if event["action"] in FOLLOWS:
            return str(event["action"])
    return ""


def _button(complaint: Complaint, action: Action, place: str) -> dict[str, Any]:
    return {
        "action": action,
        "label": action.label,
        "key": KEYS[action],
        "href": action_url(complaint, action) + (f"?{place}" if place else ""),
        "needs": "all"
        if action in NEEDS_ALL
        else "look"
        if action in NEEDS_EVERY_LOOK and complaint.lane != Lane.FINDING
        else "",
    }


KEEP_AS_TIP = gettext_lazy("Usulkan jadi informasi awal")


def _keep_as_tip(complaint: Complaint, place: str) -> dict[str, Any]:
    """Return the proposal that a report whose formal part fails goes on as a tip (PB7 ps 24(8))."""
    url = action_url(complaint, Action.PROPOSE_REFUSAL)
    return {
        "action": None,
        "label": KEEP_AS_TIP,
        "key": "W",
        "href": f"{url}?{urlencode({'as': 'tip'})}" + (f"&{place}" if place else ""),
        "needs": "look",
    }


def _main(buttons: list[dict[str, Any]], page: RecordPage) -> dict[str, Any] | None:
    """Return the button that stands out: where something is missing asking for it, once, then refusing."""
    if page.unmet_requirements and page.complaint.lane in REPORT_LANES:
        by_action = {each["action"]: each for each in buttons}
        for action in (Action.ASK_REPAIR, Action.PROPOSE_REFUSAL):
            if action in by_action:
                return by_action[action]
    return buttons[0] if buttons else None


def _note(page: RecordPage, buttons: list[dict[str, Any]]) -> str:
    complaint = page.complaint
    status = ComplaintStatus(complaint.status)
    if page.may_tick and page.open_requirements and complaint.lane != Lane.FINDING:
        return _("%(count)d syarat lagi sebelum diusulkan") % {"count": page.open_requirements}
    if page.may_tick and page.unmet_requirements and complaint.lane in REPORT_LANES:
        return _unmet_note(page)
    if not buttons and status is ComplaintStatus.PROPOSED:
        return _("Menunggu keputusan pleno")
    if not buttons and status is ComplaintStatus.AWAITING:
        return _("Menunggu pelapor melengkapi")
    if not buttons and status is ComplaintStatus.TAKEOVER:
        return _("Menunggu jawaban kantor di atas")
    return ""


def _unmet_note(page: RecordPage) -> str:
    count = {"count": page.unmet_requirements}
    if _had_its_chance(page.complaint):
        return _("%(count)d syarat belum terpenuhi; kesempatan melengkapi sudah terpakai") % count
    text = ngettext(
        "%(count)d syarat belum terpenuhi",
        "%(count)d syarat belum terpenuhi",
        page.unmet_requirements,
    )
    return text % count


def action_url(complaint: Complaint, action: Action) -> str:
    """Return the page on which a step is taken. No query."""
    if action in PLENARY_ACTIONS:
        return reverse("desk:decide_complaint", args=[complaint.public_id, action.value])
    if action is Action.CONFIRM:
        return reverse("desk:confirm", args=[complaint.public_id])
    if action is Action.ASK_REPAIR:
        return reverse("desk:repair", args=[complaint.public_id])
    return reverse("desk:act", args=[complaint.public_id, action.value])


def _work(complaint: Any, user: User, *, place: str, taken: set[str]) -> dict[str, Any]:
    """Return who has the record, notes, and the small steps beside the decision."""
    handling = handling_of(complaint, at=timezone.now())
    if not user.has_role(*OFFICERS):
        return {"handling": handling, "tools": []}
    tail = f"?{place}" if place else ""

    def tool(label: Text, key: str, name: str) -> dict[str, Any]:
        href = reverse(f"desk:{name}", args=[complaint.public_id])
        return {"label": label, "key": "" if key in taken else key, "href": href + tail}

    tools = []
    if complaint.status in OPEN_COMPLAINT_STATUSES:
        tools += [
            tool(_("Tugaskan…"), "A", "assign"),
            tool(_("Tunda…"), "S", "snooze"),
            tool(_("Cari yang mirip"), "G", "alike"),
        ]
    tools.append(tool(_("Catatan internal"), "C", "note"))
    if complaint.lane != Lane.FINDING:
        tools.append(tool(_("Tulis ke pelapor"), "B", "letters"))
    tools.append(tool(_("Mundur…"), "", "recuse"))
    take = None
    if complaint.status in OPEN_COMPLAINT_STATUSES and complaint.assignee_id != user.pk:
        take = {
            "href": reverse("desk:assign", args=[complaint.public_id]),
            "seen": complaint.assignee_id or "",
            "to": user.public_id,
        }
    return {"handling": handling, "tools": tools, "take": take}
