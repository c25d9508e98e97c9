"""Questions nobody has answered yet, drawn once a process and minute instead of once a reporter.

Such a page is the same for everybody but for the token of its form. It is drawn from what ``Blank``
holds and nothing else: no request and no draft come near it, so nothing of one reporter can stand on
another's page. Everything typed, refused or chosen takes the other way (``intake_pages``).

The page that asks for a name is drawn once for each set of public keys. What it brings along for the
reporter's own device, the id of the report and the story, is put in for each.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import get_language

from bawaslu_cases.registry.remembered import remembered
from bawaslu_cases.shared.context import other_address, product
from complaints.services.vault import SealingKeys
from complaints.states import Lane
from complaints.web.forms_intake_name import IdentityForm, suggested_lane
from complaints.web.forms_intake_when import EAST
from complaints.web.intake_draft import BY_KEY, IDENTITY, LINKS, Draft
from complaints.web.intake_keys import published
from complaints.web.intake_questions import frame_of, question_context

ASKS_OF_ITS_OWN: Final = frozenset({"units"})
"""Questions that differ by what was said before; they are drawn for each reporter."""

_STAND_IN: Final = "0-token-of-this-reporter-0"
"""Stands where the token of the form will; no text of the product has such a word."""
_OF_THE_REPORT: Final = "0-id-of-this-report-0"
_OF_THE_STORY: Final = "0-story-of-this-report-0"


@dataclass(frozen=True)
class Blank:
    """All that an unanswered question depends on: its language, the days, and the advice given.

    ``at`` only says which days these are, here and where it is tomorrow first.
    """

    step: str
    language: str | None
    on: date
    on_in_the_east: date
    suggested: Lane | None
    same_agency: bool
    at: datetime = field(compare=False)


def is_blank(draft: Draft) -> bool:
    """Say whether the draft is at a question that holds nothing of its reporter."""
    return (
        BY_KEY[draft.at].form is not None
        and draft.at not in ASKS_OF_ITS_OWN
        and draft.at not in draft.typed
        and not draft.refused
        and not (draft.at == LINKS and (draft.files or draft.not_taken))
        and not draft.must_prove
    )


def is_blank_name(draft: Draft) -> bool:
    """Say whether nothing was said or sealed yet on the page that asks for a name."""
    return draft.name is None and not draft.name_gone and not draft.must_prove


def question_page(request: HttpRequest, draft: Draft, *, at: datetime) -> HttpResponse:
    """Show the unanswered question a draft is at."""
    who = {name: draft.values("who").get(name, "") for name in ("kind", "same_agency")}
    asked = draft.at == "lane"
    blank = Blank(
        step=draft.at,
        language=get_language(),
        on=at.date(),
        on_in_the_east=at.astimezone(ZoneInfo(EAST)).date(),
        suggested=suggested_lane(who) if asked else None,
        same_agency=asked and who["kind"] == "asn" and who["same_agency"] == "yes",
        at=at,
    )
    return _with_token(request, _question(blank))


def blank_name_page(request: HttpRequest, draft: Draft, keys: SealingKeys) -> HttpResponse:
    """Ask for a name that nobody has given yet. The story comes last: it may hold any words."""
    assert draft.lane is not None  # noqa: S101 -- the page is asked only in such lanes
    page = _name(draft.lane, get_language(), tuple(published(keys).items()))
    page = page.replace(_STAND_IN, get_token(request)).replace(_OF_THE_REPORT, draft.report)
    story = draft.values("story").get("story", "")
    return HttpResponse(page.replace(_OF_THE_STORY, escape(story)))


def blank_first_page(request: HttpRequest) -> HttpResponse:
    """Show what to mind before beginning."""
    return _with_token(request, _plain("safety", get_language()))


def blank_last_page() -> HttpResponse:
    """Say that the code is not shown again, and where it leads."""
    return HttpResponse(_plain("code_gone", get_language()))


def _with_token(request: HttpRequest, page: str) -> HttpResponse:
    return HttpResponse(page.replace(_STAND_IN, get_token(request)))


@remembered
def _question(blank: Blank) -> str:
    draft = Draft(began_at="", at=blank.step)
    context = question_context(draft, at=blank.at) | frame_of(draft, at=blank.at)
    if blank.step == "lane":
        context |= {"suggested": blank.suggested, "same_agency": blank.same_agency}
    return _drawn(f"complaints/intake/{blank.step}.html", context)


@remembered
def _name(lane: Lane, _language: str | None, keys: tuple[tuple[str, str], ...]) -> str:
    draft = Draft(began_at="", at=IDENTITY, typed={"lane": {"lane": [lane.value]}})
    return _drawn(
        "complaints/intake/identity.html",
        frame_of(draft, at=datetime.now(UTC))
        | {
            "form": IdentityForm(),
            "keys": dict(keys),
            "report": _OF_THE_REPORT,
            "lane": lane,
            "story": _OF_THE_STORY,
        },
    )


@remembered
def _plain(page: str, _language: str | None) -> str:
    return _drawn(f"complaints/intake/{page}.html", {})


def _drawn(template: str, context: dict[str, Any]) -> str:
    return render_to_string(
        template,
        {
            **context,
            **product(),
            "other_language": other_address(reverse("intake:form")),
            "csrf_token": _STAND_IN,
        },
    )
