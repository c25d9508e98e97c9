"""What a page of the form shows around and in its question."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from complaints.selectors.intake import recipient_short_name
from complaints.services.proof_of_work import Purpose
from complaints.web.forms_intake import MAX_LINKS, MAX_PEOPLE
from complaints.web.forms_intake_name import lane_cards, suggested_lane
from complaints.web.intake_draft import (
    BY_KEY,
    CHECK,
    STEPS_SHOWN,
    Draft,
    form_of,
    step_before,
)
from complaints.web.proof import proof_asked

Context = dict[str, Any]


def frame_of(draft: Draft, *, at: datetime) -> Context:
    """Return what every page of a draft shows around its question."""
    step = BY_KEY[draft.at]
    return {
        "step_key": step.key,
        "step": step.number,
        "steps": STEPS_SHOWN,
        "topic": step.topic,
        "has_back": step_before(draft, step.key) is not None,
        "can_save": step.number > BY_KEY["lane"].number,
        "save_proof": proof_asked(Purpose.SEND, must=True, at=at)
        if draft.must_prove and draft.at != CHECK
        else None,
    }


def question_context(draft: Draft, *, at: datetime) -> Context:
    """Return the question a draft is at, with what was typed there before."""
    step = BY_KEY[draft.at]
    form = form_of(draft, step.key, at=at, bound=draft.refused)
    context: Context = {"form": form}
    heading = getattr(form, "heading_field", None)
    if heading:
        form.fields[heading].step_note = (
            gettext("Langkah %(step)d dari %(steps)d") % {"step": step.number, "steps": STEPS_SHOWN}
            + f" · {step.topic}"
        )
    if step.key == "lane":
        who = {name: draft.values("who").get(name, "") for name in ("kind", "same_agency")}
        context["cards"] = lane_cards(recipient_short_name(on=at.date()))
        context["suggested"] = suggested_lane(who)
        context["same_agency"] = who["kind"] == "asn" and who["same_agency"] == "yes"
    if step.key == "people":
        context["can_add"] = draft.count("people", most=MAX_PEOPLE) < MAX_PEOPLE
    if step.key == "links":
        context["can_add"] = draft.count("links", most=MAX_LINKS) < MAX_LINKS
    return context
