"""The form: one question a page at one address, without JavaScript, nothing on the device.

A GET shows the page the session is at. A POST says from which page it comes (``step``) and what to
do (``do``), changes the session and redirects: reloading never sends anything twice, the browser's
Back shows the current page, and a page left open in another tab is understood.
"""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.errors import DomainError
from complaints.errors import DraftGoneError
from complaints.selectors.intake import recipient_short_name
from complaints.services.drafts import submit_draft
from complaints.services.reporter_session import (
    change_session,
    end_session,
    read_session,
    start_session,
)
from complaints.web.forms_intake import MAX_LINKS, MAX_PEOPLE, CheckForm
from complaints.web.intake_draft import (
    BY_KEY,
    CHECK,
    STEPS_SHOWN,
    Draft,
    IncompleteDraftError,
    facts_of,
    form_of,
    leaks_of,
    step_after,
    step_before,
)
from complaints.web.intake_leaks import leak_names
from complaints.web.intake_summary import long_date, summary_of
from complaints.web.reporter_page import (
    give_cookie,
    reporter_page,
    see_other,
    take_cookie,
    token_of,
)

Answers = dict[str, Any]

SHORTEST_FILLING = timedelta(seconds=5)
"""Faster than anybody reads eleven pages. Whoever is faster is asked to press the button again."""


@reporter_page
def form(request: HttpRequest) -> HttpResponse:
    """Show the current page, or take an answer."""
    at = timezone.now()
    if request.method == "POST":
        return _take(request, at=at)
    token = token_of(request)
    held = read_session(token=token, at=at) if token else None
    if held is None and token:
        return _expired(request)
    if held is not None and "code" in held:
        return see_other("intake:code")
    if held is None or "draft" not in held:
        return render(request, "complaints/intake/safety.html")
    return _page(request, Draft(**held["draft"]), at=at)


@reporter_page
def code(request: HttpRequest) -> HttpResponse:
    """Show the receipt's digits until they are noted down; afterwards never again."""
    token, at = token_of(request), timezone.now()
    held = (read_session(token=token, at=at) if token else None) or {}
    digits = held.get("code")
    if request.method == "POST" and digits:
        end_session(token=token)
        response = see_other("intake:code")
        take_cookie(response)
        return response
    if digits is None:
        return render(request, "complaints/intake/code_gone.html")
    if datetime.fromisoformat(held["code_until"]) <= at:
        end_session(token=token)
        gone = render(request, "complaints/intake/code_gone.html")
        take_cookie(gone)
        return gone
    context = {"groups": digits, "coming": _coming(held.get("due_on", ""), at=at)}
    return render(request, "complaints/intake/code.html", context)


def _coming(due_on: str, *, at: datetime) -> list[dict[str, Any]]:
    """Return what happens after sending; the first step has a statutory day."""
    day = date.fromisoformat(due_on) if due_on else None
    recipient = recipient_short_name(on=at.date())
    return [
        {
            "title": _("Pemeriksaan kelengkapan"),
            "when": date_format(day, "j F") if day else "",
            "text": gettext("Petugas melihat keterangannya, paling lambat %(day)s.")
            % {"day": long_date(day)}
            if day
            else _("Petugas melihat apakah keterangannya cukup."),
        },
        {
            "title": _("Keputusan pleno"),
            "when": _("sesudah itu"),
            "text": _("Bawaslu memutuskan apakah laporan Anda ditelusuri."),
        },
        {
            "title": _("Tindak lanjut instansi"),
            "when": _("dipantau"),
            "text": gettext(
                "Bila terbukti, diteruskan ke %(recipient)s. Kabarnya Anda lihat dengan kode ini."
            )
            % {"recipient": recipient},
        },
    ]


def _take(request: HttpRequest, *, at: datetime) -> HttpResponse:
    token, do = token_of(request), request.POST.get("do", "next")
    if do == "start":
        return _start(token, at=at)
    if do == "discard":
        end_session(token=token)
        response = see_other("public:landing")
        take_cookie(response)
        return response
    if do == "send":
        return _send(request, token, at=at)

    def change(held: Answers) -> Answers:
        if "draft" not in held:
            return held
        draft = Draft(**held["draft"])
        _answer(draft, request, do, at=at)
        return {**held, "draft": asdict(draft)}

    change_session(token=token, at=at, change=change)
    return see_other("intake:form")


def _start(token: str, *, at: datetime) -> HttpResponse:
    """Open a draft; one that is there already goes on."""
    fresh = {"draft": asdict(Draft(began_at=at.isoformat()))}
    response = see_other("intake:form")
    if not token or change_session(token=token, at=at, change=lambda held: fresh | held) is None:
        give_cookie(response, start_session(held=fresh, at=at))
    return response


def _answer(draft: Draft, request: HttpRequest, do: str, *, at: datetime) -> None:
    """Change the draft by one answer from any of its pages, not only the one it is at."""
    step = request.POST.get("step", "")
    if step not in BY_KEY:
        return
    draft.refused = False
    if do.startswith("edit:") and do[5:] in BY_KEY:
        draft.at = do[5:]
        return
    if BY_KEY[step].form:
        draft.keep(step, request.POST, at=at)
    draft.at = step
    if do == "back":
        draft.at = step_before(draft, step) or step
    elif do == "add":
        most = MAX_PEOPLE if step == "people" else MAX_LINKS
        draft.typed[step]["count"] = [str(min(draft.count(step, most=most) + 1, most))]
    elif step == "leak":
        draft.typed["leak"] = {"accepted": sorted({*leaks_of(draft), *_accepted(draft)})}
        draft.at = step_after(draft, "story")
    elif step != CHECK:
        _judge(draft, step, at=at)


def _accepted(draft: Draft) -> list[str]:
    return draft.typed.get("leak", {}).get("accepted", [])


def _judge(draft: Draft, step: str, *, at: datetime) -> None:
    if not form_of(draft, step, at=at, bound=True).is_valid():
        draft.refused = True
        return
    if step not in draft.done:
        draft.done.append(step)
    draft.at = step_after(draft, step)
    draft.reached_check = draft.reached_check or draft.at == CHECK


def _send(request: HttpRequest, token: str, *, at: datetime) -> HttpResponse:
    """Send the draft, or say on its page what is missing."""
    posted, at_step, refusal = CheckForm(request.POST, at=at), CHECK, ""
    if posted.is_valid() and not _hurries(token, trapped=bool(posted.data.get("website")), at=at):
        try:
            submit_draft(token=token, facts_of=lambda draft: facts_of(draft, at=at), at=at)
        except IncompleteDraftError as error:
            at_step = error.step
        except DraftGoneError:
            return see_other("intake:form")
        except DomainError as error:
            refusal = str(error.message)
        else:
            return see_other("intake:code")

    def change(held: Answers) -> Answers:
        if "draft" not in held:
            return held
        draft = Draft(**held["draft"])
        draft.at, draft.refused = at_step, at_step != CHECK or not posted.is_valid()
        draft.typed[CHECK] = {
            "statement": request.POST.getlist("statement"),
            "refusal": [refusal] if refusal else [],
        }
        return {**held, "draft": asdict(draft)}

    change_session(token=token, at=at, change=change)
    return see_other("intake:form")


def _hurries(token: str, *, trapped: bool, at: datetime) -> bool:
    """Ask a program, and nobody twice, to press the button again. Answers stay as they are."""
    hurries = False

    def change(held: Answers) -> Answers:
        nonlocal hurries
        if "draft" not in held:
            return held
        draft = Draft(**held["draft"])
        fast = at - datetime.fromisoformat(draft.began_at) < SHORTEST_FILLING
        hurries = (trapped or fast) and not draft.paused
        draft.paused = draft.paused or hurries
        return {**held, "draft": asdict(draft)}

    change_session(token=token, at=at, change=change)
    return hurries


def _page(request: HttpRequest, draft: Draft, *, at: datetime) -> HttpResponse:
    step = BY_KEY[draft.at]
    context: dict[str, Any] = {
        "step_key": step.key,
        "step": step.number,
        "steps": STEPS_SHOWN,
        "topic": step.topic,
        "has_back": step_before(draft, step.key) is not None,
    }
    if step.key == "leak":
        context["leaks"] = leak_names(leaks_of(draft))
    elif step.key == CHECK:
        try:
            context |= _check_context(draft, at=at)
        except IncompleteDraftError as error:
            draft.at, draft.refused = error.step, error.step in draft.done
            return _page(request, draft, at=at)
    else:
        form = form_of(draft, step.key, at=at, bound=draft.refused, suggest=True)
        context["form"] = form
        if getattr(form, "heading_field", None):
            form.fields[form.heading_field].step_note = (
                gettext("Langkah %(step)d dari %(steps)d")
                % {"step": step.number, "steps": STEPS_SHOWN}
                + f" · {step.topic}"
            )
        if step.key == "lane":
            context["recipient"] = recipient_short_name(on=at.date())
            context["same_agency"] = draft.values("who").get("same_agency") == "yes"
        if step.key == "people":
            context["can_add"] = draft.count("people", most=MAX_PEOPLE) < MAX_PEOPLE
        if step.key == "links":
            context["can_add"] = draft.count("links", most=MAX_LINKS) < MAX_LINKS
    return render(request, f"complaints/intake/{step.key}.html", context)


def _check_context(draft: Draft, *, at: datetime) -> dict[str, Any]:
    typed = draft.values(CHECK)
    form = (
        CheckForm(typed, at=at)
        if draft.refused
        else CheckForm(at=at, initial={"statement": bool(typed.getlist("statement"))})
    )
    return {
        "form": form,
        "recipient": recipient_short_name(on=at.date()),
        "paused": draft.paused,
        "refusal": typed.get("refusal", ""),
        **summary_of(draft, at=at),
    }


def _expired(request: HttpRequest) -> HttpResponse:
    response = render(request, "complaints/intake/expired.html")
    take_cookie(response)
    return response
