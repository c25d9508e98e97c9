"""The opened return page: where things stand, messages, and what a reporter may still decide.

One address for all of it, so that a phone's history tells nothing; which part is shown lies in the
sealed session. A POST changes something and answers with 303; what was refused is kept in the session
with the words typed, and shown by the next GET.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.errors import DomainError
from complaints.models import Complaint, Message
from complaints.selectors.mailbox import Mailbox, mailbox_of, open_repair
from complaints.selectors.messages import ReadMessage, messages_for_reporter
from complaints.selectors.openings import opened_for
from complaints.selectors.visits import Visit, visit_of
from complaints.services.checkins import Safety, ask_lpsk, check_in
from complaints.services.deadlines import local_day
from complaints.services.lanes import (
    higher_lanes,
    may_withdraw,
    note_withdrawal,
    withdraw_report,
)
from complaints.services.messages import delete_message, send_to_desk
from complaints.services.reporter_session import Answers, change_session, read_session
from complaints.services.reports import complete_report
from complaints.services.uploads import MAILBOX_PAGE, files_of, forget_upload
from complaints.services.visits import draw_visit_code
from complaints.states import REPORT_LANES, Lane, Requirement
from complaints.web.file_words import held_files, kept_files
from complaints.web.forms_mailbox import (
    CheckInForm,
    FilesForm,
    LpskForm,
    RepairAnswerForm,
    WithdrawForm,
    WriteForm,
)
from complaints.web.intake_summary import long_date
from complaints.web.mailbox_name import lane_page, name_page, take_name
from complaints.web.reporter_page import in_buckets, reporter_page, see_other, token_of
from complaints.web.sealing_handler import take_brought, takes_files

WISH_TO_WITHDRAW = "Saya ingin menarik laporan ini."
"""Read by the desk, so Indonesian whatever language the reporter's page is in."""

HOME, LANE, NAME, FILES = "home", "lane", "name", MAILBOX_PAGE
Text = str | Promise
_OF_A_PAGE = frozenset(
    {
        "mailbox_at",
        "mailbox_lane",
        "mailbox_typed",
        "mailbox_refusal",
        "mailbox_not_taken",
        "notice",
    }
)


@dataclass(frozen=True)
class Opened:
    """What an opened return page works with: the record, its key, and the moment."""

    complaint: Complaint
    key: bytes
    at: datetime


@dataclass(frozen=True)
class Page:
    """One thing a reporter can send: its form, what it does, and whether it applies now."""

    form: Callable[[Opened, QueryDict | None], forms.Form]
    send: Callable[[Opened, Mapping[str, Any]], object]
    done: Text
    applies: Callable[[Complaint], bool]


def _answer_repair(opened: Opened, said: Mapping[str, Any]) -> None:
    complete_report(complaint=opened.complaint, text=said["text"], at=opened.at)


def _withdraw(opened: Opened, _said: Mapping[str, Any]) -> None:
    if may_withdraw(opened.complaint):
        withdraw_report(complaint=opened.complaint, at=opened.at)
        return
    note_withdrawal(complaint=opened.complaint, at=opened.at)
    send_to_desk(
        complaint=opened.complaint,
        text=WISH_TO_WITHDRAW,
        at=opened.at,
        kind=Message.Kind.WITHDRAWAL,
    )


def _ask_lpsk(opened: Opened, said: Mapping[str, Any]) -> None:
    ask_lpsk(
        complaint=opened.complaint,
        answers={name: said[name] for name in ("name", "contact", "threat")},
        at=opened.at,
        mailbox_key=opened.key,
        use_identity=bool(said.get("use_identity")),
    )


PAGES: Mapping[str, Page] = {
    "write": Page(
        lambda _opened, data: WriteForm(data),
        lambda opened, said: send_to_desk(
            complaint=opened.complaint, text=said["text"], at=opened.at
        ),
        _("Pesan Anda terkirim."),
        lambda _complaint: True,
    ),
    "repair": Page(
        lambda _opened, data: RepairAnswerForm(data),
        _answer_repair,
        _("Jawaban Anda terkirim. Petugas memeriksa lagi laporan Anda."),
        lambda complaint: open_repair(complaint) is not None,
    ),
    "check_in": Page(
        lambda _opened, data: CheckInForm(data),
        lambda opened, said: check_in(
            complaint=opened.complaint,
            safety=Safety(said["safety"]),
            text=said["text"],
            at=opened.at,
        ),
        _("Kabar Anda terkirim."),
        lambda _complaint: True,
    ),
    "withdraw": Page(
        lambda _opened, data: WithdrawForm(data),
        _withdraw,
        _("Permintaan Anda dicatat."),
        lambda complaint: complaint.lane in REPORT_LANES,
    ),
    "lpsk": Page(
        lambda opened, data: LpskForm(data, has_identity=opened.complaint.lane in REPORT_LANES),
        _ask_lpsk,
        _("Permohonan Anda terkunci untuk LPSK. Petugas meneruskannya tanpa bisa membacanya."),
        lambda _complaint: True,
    ),
}


@takes_files
@reporter_page
def report(request: HttpRequest) -> HttpResponse:
    """Show the opened record or one of its pages; take what is sent from them."""
    at, token = timezone.now(), token_of(request)
    held = read_session(token=token, at=at) if token else None
    if not held or "mailbox" not in held:
        return see_other("mailbox:open")
    found = mailbox_of(public_id=UUID(held["mailbox"]), now=at)
    if found is None:
        return see_other("mailbox:open")
    opened = Opened(found.complaint, bytes.fromhex(held["mailbox_key"]), at)
    if request.method == "POST":
        return _take(request, opened, held, token)
    return _shown(request, opened, found, held)


def _shown(request: HttpRequest, opened: Opened, found: Mailbox, held: Answers) -> HttpResponse:
    """Show the part the session is at; what no longer applies leads back to the start."""
    key, complaint = held.get("mailbox_at", HOME), opened.complaint
    if key == LANE and higher_lanes(complaint):
        return lane_page(request, complaint, at=opened.at)
    lane = _lane_chosen(complaint, held)
    if key == NAME and lane is not None:
        return name_page(request, complaint, lane, at=opened.at)
    if key == FILES:
        return _files_page(request, complaint, held)
    page = PAGES.get(key)
    if page is not None and page.applies(complaint):
        return _form_page(request, opened, key, page, held)
    return _home(request, opened, found, held)


def _lane_chosen(complaint: Complaint, held: Answers) -> Lane | None:
    return next(
        (lane for lane in higher_lanes(complaint) if lane == held.get("mailbox_lane")), None
    )


def _home(request: HttpRequest, opened: Opened, found: Mailbox, held: Answers) -> HttpResponse:
    complaint = opened.complaint
    context = {
        "mailbox": found,
        "entries": [
            {
                "title": entry.title,
                "when": long_date(entry.on) if entry.on else "",
                "state": entry.state,
            }
            for entry in found.entries
        ],
        "due": long_date(found.due_on) if found.due_on else "",
        "notice": held.get("notice", ""),
        "files": kept_files(complaint),
        "repair": _repair_told(complaint),
        "visit": _visit_told(opened),
        "messages_told": [
            _message_told(row)
            for row in messages_for_reporter(complaint=complaint, mailbox_key=opened.key)
        ],
        "has_name": complaint.lane in REPORT_LANES,
        "may_raise": bool(higher_lanes(complaint)),
        "openings": _openings_told(complaint, at=opened.at),
        "lane": complaint.lane,
    }
    return render(request, "complaints/mailbox/report.html", context)


def _files_page(request: HttpRequest, complaint: Complaint, held: Answers) -> HttpResponse:
    """Show what came, what is on its way, and take more."""
    not_taken = held.get("mailbox_not_taken", [])
    form = FilesForm({} if not_taken else None, not_taken=not_taken)
    context = {
        "form": form,
        "page_key": FILES,
        "files": held_files(files_of(held)),
        "kept": kept_files(complaint),
    }
    return in_buckets(request, render(request, "complaints/mailbox/files.html", context))


def _take_files(request: HttpRequest, opened: Opened, token: str, do: str) -> None:
    """Keep what the post brought and stay; of each file that was not taken the page says why."""
    not_taken = take_brought(request)
    if do.startswith("drop:"):
        with suppress(ValueError):
            forget_upload(token=token, upload_id=UUID(do[5:]), at=opened.at)
    _keep(token, opened, mailbox_at=FILES, mailbox_not_taken=not_taken)


def _repair_told(complaint: Complaint) -> dict[str, Any] | None:
    asked = open_repair(complaint)
    if asked is None:
        return None
    labels = [str(Requirement(code).label) for code in asked.requirements]
    return {"due": long_date(asked.due_on), "labels": labels}


def _visit_told(opened: Opened) -> dict[str, Any] | None:
    today = local_day(opened.at, opened.complaint.office)
    visit: Visit | None = visit_of(opened.complaint, mailbox_key=opened.key, today=today)
    if visit is None:
        return None
    return {
        "due": long_date(visit.due_on) if visit.due_on and visit.due_on >= today else "",
        "may_draw": visit.may_draw,
        "groups": visit.code,
        "until": long_date(visit.good_until) if visit.good_until else "",
        "shown": long_date(visit.shown_on) if visit.shown_on else "",
    }


def _draw_code(opened: Opened) -> str:
    """Draw a visit code, which the page shows from then on; return why not, "" where it was drawn."""
    try:
        draw_visit_code(complaint=opened.complaint, mailbox_key=opened.key, at=opened.at)
    except DomainError as error:
        return str(error.message)
    return ""


def _message_told(row: ReadMessage) -> dict[str, Any]:
    return {
        "id": row.public_id.hex,
        "mine": row.is_from_reporter,
        "on": long_date(row.on),
        "kind": row.kind.label if row.kind != Message.Kind.MESSAGE else "",
        "text": row.text,
    }


def _openings_told(complaint: Complaint, *, at: datetime) -> Sequence[dict[str, Any]]:
    if complaint.lane not in REPORT_LANES:
        return []
    return [
        {"purpose": opening.purpose.label, "on": long_date(opening.on)}
        for opening in opened_for(complaint, at=at)
    ]


def _form_page(
    request: HttpRequest, opened: Opened, key: str, page: Page, held: Answers
) -> HttpResponse:
    typed = held.get("mailbox_typed")
    data = None
    if typed is not None:
        data = QueryDict(mutable=True)
        for name, values in typed.items():
            data.setlist(name, values)
    form = page.form(opened, data)
    refusal = held.get("mailbox_refusal", "")
    if refusal and form.is_valid():
        form.add_error(None, refusal)
    context = {
        "form": form,
        "page_key": key,
        "is_report": opened.complaint.lane in REPORT_LANES,
        "takes_back": may_withdraw(opened.complaint),
        "repair": _repair_told(opened.complaint) if key == "repair" else None,
    }
    return render(request, f"complaints/mailbox/{key}.html", context)


def _take(request: HttpRequest, opened: Opened, held: Answers, token: str) -> HttpResponse:
    do, key = request.POST.get("do", ""), request.POST.get("page", "")
    if key == FILES and not do.startswith("go:"):
        _take_files(request, opened, token, do)
    elif do.startswith("go:"):
        _keep(token, opened, mailbox_at=do[3:])
    elif do.startswith("lane:"):
        _keep(token, opened, mailbox_at=NAME, mailbox_lane=do[5:])
    elif do == "visit":
        _keep(token, opened, mailbox_at=HOME, notice=_draw_code(opened))
    elif do.startswith("delete:"):
        _delete(opened, do[7:])
        _keep(token, opened, mailbox_at=HOME, notice=str(_("Pesan Anda dihapus.")))
    elif key == NAME:
        lane = _lane_chosen(opened.complaint, held)
        refused = lane and take_name(request, opened.complaint, lane, at=opened.at)
        if refused:
            return refused
        _keep(token, opened, mailbox_at=HOME, notice=str(_("Nama Anda terkunci di laporan ini.")))
    elif key in PAGES and PAGES[key].applies(opened.complaint):
        _send(request, opened, token, key)
    return see_other("mailbox:report")


def _send(request: HttpRequest, opened: Opened, token: str, key: str) -> None:
    page = PAGES[key]
    form = page.form(opened, request.POST)
    refusal = ""
    if form.is_valid():
        try:
            page.send(opened, form.cleaned_data)
        except DomainError as error:
            refusal = str(error.message)
        else:
            _keep(token, opened, mailbox_at=HOME, notice=str(page.done))
            return
    typed = {
        name: [value[:5000] for value in request.POST.getlist(name)]
        for name in form.fields
        if name in request.POST
    }
    _keep(token, opened, mailbox_at=key, mailbox_typed=typed, mailbox_refusal=refusal)


def _delete(opened: Opened, public_id: str) -> None:
    try:
        delete_message(complaint=opened.complaint, public_id=UUID(public_id))
    except ValueError:
        return


def _keep(token: str, opened: Opened, **new: Any) -> None:
    """Remember which page is shown, and nothing of the one before it."""

    def change(held: Answers) -> Answers:
        kept = {name: value for name, value in held.items() if name not in _OF_A_PAGE}
        return kept | new

    change_session(token=token, at=opened.at, change=change)
