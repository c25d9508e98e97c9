"""The form: one question a page at one address, without JavaScript, nothing on the device.

A GET shows the page the session is at. A POST says from which page it comes (``step``) and what to
do (``do``), changes the session and redirects: reloading never sends anything twice, the browser's
Back shows the current page, and a page left open in another tab is understood. Everything lies at one
address, the receipt too: the history of a phone then holds one line that says nothing (check R15).

Only the name is different (``intake_identity``): what was typed there is never kept, so a refusal is
the answer to its POST.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from bawaslu_cases.shared.clocks import by_the_database
from bawaslu_cases.shared.errors import DomainError
from complaints.errors import DraftGoneError, ProofNeededError
from complaints.services.drafts import submit_draft
from complaints.services.reporter_session import (
    change_session,
    end_session,
    read_session,
    start_session,
)
from complaints.services.saved_drafts import discard_draft, save_draft
from complaints.services.sent_files import put_code_away
from complaints.services.uploads import forget_upload
from complaints.states import Lane
from complaints.web.forms_intake import MAX_LINKS, MAX_PEOPLE, CheckForm
from complaints.web.guide import FROM_FORM
from complaints.web.intake_blank import blank_last_page
from complaints.web.intake_draft import (
    BY_KEY,
    CHECK,
    IDENTITY,
    LINKS,
    Draft,
    IncompleteDraftError,
    form_of,
    is_answered,
    step_after,
    step_before,
    submission_of,
    traces_to_ask,
)
from complaints.web.intake_identity import take_name
from complaints.web.intake_pages import (
    code_page,
    expired_page,
    files_left_page,
    safety_page,
    saved_page,
    step_page,
)
from complaints.web.intake_saved import resume
from complaints.web.proof import proof_of
from complaints.web.reporter_page import (
    give_cookie,
    reporter_page,
    see_other,
    take_all_cookies,
    take_cookie,
    token_of,
)
from complaints.web.sealing_handler import take_brought, takes_files

Answers = dict[str, Any]

SHORTEST_FILLING = timedelta(seconds=5)
"""Faster than anybody reads eleven pages. Whoever is faster is asked to press the button again."""

SHOWING_SAVED = "showing_saved"


@takes_files
@reporter_page
def form(request: HttpRequest) -> HttpResponse:
    """Show the current page, or take an answer."""
    at, token = timezone.now(), token_of(request)
    if request.method == "POST":
        return _take(request, token, at=at)
    held = read_session(token=token, at=at) if token else None
    return _show(request, token, held, at=at)


def _show(request: HttpRequest, token: str, held: Answers | None, *, at: datetime) -> HttpResponse:
    if held is None:
        return expired_page(request) if token else safety_page(request, at=at)
    if "code" in held or "sent" in held:
        return _show_sent(request, token, held, at=at)
    if "draft" not in held:
        return safety_page(request, tried=held.get("resume", ""), at=at)
    if held.get(SHOWING_SAVED) and "saved" in held:
        return saved_page(request, held["saved"]["code"], until=held[SHOWING_SAVED])
    return step_page(request, Draft(**held["draft"]), at=at)


def _show_sent(request: HttpRequest, token: str, held: Answers, *, at: datetime) -> HttpResponse:
    """Show the code while it may be seen, and after it the files that are still on their way."""
    if "code" in held and datetime.fromisoformat(held["code_until"]) > by_the_database(at):
        return code_page(request, held, at=at)
    if "code" in held and not put_code_away(token=token, at=at):
        return expired_page(request)
    return files_left_page(request, held)


def _take(request: HttpRequest, token: str, *, at: datetime) -> HttpResponse:
    do, step = request.POST.get("do", "next"), request.POST.get("step", "")
    not_taken = take_brought(request)
    if not_taken:
        _change_draft(token, at=at, change=lambda draft: setattr(draft, "not_taken", not_taken))
    if step == LINKS and do.startswith("drop:"):
        return _drop(request, token, do[5:], at=at)
    if step == IDENTITY and do in {"next", "keep", "tip"}:
        return _take_name(request, token, do, at=at)
    verbs: dict[str, Callable[[], HttpResponse]] = {
        "start": lambda: _start(token, at=at),
        "resume": lambda: resume(request, token, at=at),
        "discard": lambda: _discard(token, at=at),
        "kept": lambda: _code_is_kept(token, at=at),
        "save": lambda: _save(request, token, at=at),
        "guide": lambda: _look_up(request, token, at=at),
        "saved_kept": lambda: _go_on_after_saving(token, at=at),
        "saved_leave": lambda: _leave_saved(token),
        "send": lambda: _send(request, token, at=at),
    }
    if do in verbs:
        return verbs[do]()
    _change_draft(
        token, at=at, change=lambda draft: _answer(draft, request, do, not_taken=not_taken, at=at)
    )
    return see_other("intake:form")


def _drop(request: HttpRequest, token: str, upload_id: str, *, at: datetime) -> HttpResponse:
    """Take a file back and stay; what the page holds else is kept."""
    _change_draft(token, at=at, change=lambda draft: _keep_page(draft, request, at=at))
    with suppress(ValueError):
        forget_upload(token=token, upload_id=UUID(upload_id), at=at)
    return see_other("intake:form")


def _change_draft(token: str, *, at: datetime, change: Callable[[Draft], object]) -> None:
    """Change the session's draft under its lock; nothing happens where there is none."""

    def changed(held: Answers) -> Answers:
        if "draft" not in held:
            return held
        draft = Draft(**held["draft"])
        change(draft)
        draft.drop_moved_name()
        return {**held, "draft": vars(draft)}

    change_session(token=token, at=at, change=changed)


def _start(token: str, *, at: datetime) -> HttpResponse:
    """Open a draft; one that is there already goes on."""
    return _open_session(token, {"draft": vars(Draft(began_at=at.isoformat()))}, at=at)


def _open_session(token: str, fresh: Answers, *, at: datetime) -> HttpResponse:
    """Go on with what the session holds already, else begin under a cookie nobody has seen before.

    On a shared phone somebody could have noted the cookie of a session that held nothing yet, and read
    with it what the next person writes.
    """
    response = see_other("intake:form")
    held = (read_session(token=token, at=at) if token else None) or {}
    if "sent" in held and "code" not in held:
        held = {}  # a report that was sent; whoever begins anew may be somebody else
    if not fresh.keys() <= held.keys():
        give_cookie(response, start_session(held=fresh | held, at=at))
        if token:
            end_session(token=token)
    return response


def _discard(token: str, *, at: datetime) -> HttpResponse:
    discard_draft(token=token, at=at)
    response = see_other("public:landing")
    take_cookie(response)
    return response


def _code_is_kept(token: str, *, at: datetime) -> HttpResponse:
    """End the session that holds the code; from here on no request brings it back (check R16)."""
    if token and put_code_away(token=token, at=at):
        return see_other("intake:form")
    response = blank_last_page()
    take_all_cookies(response)
    return response


def _save(request: HttpRequest, token: str, *, at: datetime) -> HttpResponse:
    """Keep what the page holds, right or wrong, then put the draft aside under a code."""
    _change_draft(token, at=at, change=lambda draft: _keep_page(draft, request, at=at))
    try:
        saved = save_draft(token=token, at=at, proof=proof_of(request.POST))
    except DraftGoneError:
        pass
    except ProofNeededError:
        _change_draft(token, at=at, change=_ask_for_proof)
    else:
        showing = {SHOWING_SAVED: saved.until.isoformat()}
        change_session(token=token, at=at, change=lambda held: held | showing)
    return see_other("intake:form")


def _ask_for_proof(draft: Draft) -> None:
    draft.must_prove = True


def _keep_page(draft: Draft, request: HttpRequest, *, at: datetime) -> None:
    """Keep what the page holds without judging it, and stay there."""
    step = request.POST.get("step", "")
    if step in BY_KEY and BY_KEY[step].form:
        draft.keep(step, request.POST, at=at)
        draft.at, draft.refused = step, False
    draft.must_prove = False


def _look_up(request: HttpRequest, token: str, *, at: datetime) -> HttpResponse:
    """Lead to the guide, which leads back here; what was ticked so far is kept."""
    _change_draft(token, at=at, change=lambda draft: _keep_page(draft, request, at=at))
    response = see_other("public:guide_check")
    response["Location"] += f"?dari={FROM_FORM}"
    return response


def _go_on_after_saving(token: str, *, at: datetime) -> HttpResponse:
    change_session(token=token, at=at, change=lambda held: held | {SHOWING_SAVED: ""})
    return see_other("intake:form")


def _leave_saved(token: str) -> HttpResponse:
    """Close what was put aside: the session goes, the copy stays for whoever has the digits."""
    end_session(token=token)
    response = see_other("public:landing")
    take_cookie(response)
    return response


def _take_name(request: HttpRequest, token: str, do: str, *, at: datetime) -> HttpResponse:
    answer: HttpResponse | None = None

    def change(draft: Draft) -> None:
        nonlocal answer
        if not draft.needs_name:
            return
        draft.refused = False
        if do == "tip":
            draft.typed["lane"] = {"lane": [Lane.TIP.value]}
            draft.drop_moved_name()
            draft.name_gone = ""
        elif do == "next":
            draft.at = IDENTITY
            answer = take_name(request, draft, at=at)
        if answer is None and (do != "keep" or draft.name):
            draft.at = step_after(draft, IDENTITY)
            draft.reached_check = draft.reached_check or draft.at == CHECK

    _change_draft(token, at=at, change=change)
    return answer or see_other("intake:form")


def _answer(
    draft: Draft, request: HttpRequest, do: str, *, not_taken: list[list[str]], at: datetime
) -> None:
    """Change the draft by one answer from any of its pages, not only the one it is at."""
    step = request.POST.get("step", "")
    if step not in BY_KEY:
        return
    draft.refused = draft.must_prove = False
    draft.not_taken = not_taken
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
        asked = {trace.key for trace in traces_to_ask(draft)}
        draft.typed["leak"] = {"accepted": sorted(asked | set(_accepted(draft)))}
        draft.at = step_after(draft, "story")
    elif step not in {CHECK, IDENTITY}:
        _judge(draft, step, at=at)


def _accepted(draft: Draft) -> list[str]:
    return draft.typed.get("leak", {}).get("accepted", [])


def _judge(draft: Draft, step: str, *, at: datetime) -> None:
    judged = form_of(draft, step, at=at, bound=True)
    if not is_answered(judged):
        draft.refused = not judged.is_valid()
        return
    if step not in draft.done:
        draft.done.append(step)
    draft.at = step_after(draft, step)
    draft.reached_check = draft.reached_check or draft.at in {IDENTITY, CHECK}


def _send(request: HttpRequest, token: str, *, at: datetime) -> HttpResponse:
    """Send the draft, or say on its page what is missing."""
    posted, at_step = CheckForm(request.POST, at=at), CHECK
    refusal, must_prove = "", False
    if posted.is_valid() and not _hurries(token, trapped=bool(posted.data.get("website")), at=at):
        try:
            submit_draft(
                token=token,
                read=lambda draft: submission_of(draft, at=at),
                proof=proof_of(request.POST),
                at=at,
            )
        except IncompleteDraftError as error:
            at_step = error.step
        except DraftGoneError:
            return see_other("intake:form")
        except ProofNeededError:
            must_prove = True
        except DomainError as error:
            refusal = str(error.message)
        else:
            return see_other("intake:form")

    def change(draft: Draft) -> None:
        draft.at, draft.refused = at_step, at_step != CHECK or not posted.is_valid()
        draft.typed[CHECK] = {
            "statement": request.POST.getlist("statement"),
            "refusal": [refusal] if refusal else [],
            "prove": ["yes"] if must_prove else [],
        }

    _change_draft(token, at=at, change=change)
    return see_other("intake:form")


def _hurries(token: str, *, trapped: bool, at: datetime) -> bool:
    """Ask a program, and nobody twice, to press the button again. Answers stay as they are.

    One query for everybody else.
    """
    held = (read_session(token=token, at=at) if token else None) or {}
    if "draft" not in held or held["draft"]["paused"]:
        return False
    fast = at - datetime.fromisoformat(held["draft"]["began_at"]) < SHORTEST_FILLING
    hurries = trapped or fast

    def pause(draft: Draft) -> None:
        draft.paused = True

    if hurries:
        _change_draft(token, at=at, change=pause)
    return hurries
