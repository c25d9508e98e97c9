"""The way back: twenty digits open a page that says where things stand. Works without JavaScript."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import ReporterForm
from complaints.errors import ProofNeededError, WrongCodeError
from complaints.receipts import CodeTypoError
from complaints.receipts.code import CODE_DIGITS
from complaints.services.proof_of_work import Purpose
from complaints.services.receipts import OpenedMailbox, open_mailbox
from complaints.services.reporter_session import (
    change_session,
    end_session,
    read_session,
    start_session,
)
from complaints.services.uploads import forget_files
from complaints.web.proof import proof_asked, proof_of
from complaints.web.reporter_page import (
    give_cookie,
    reporter_page,
    see_other,
    take_cookie,
    token_of,
)


class CodeForm(ReporterForm):
    """The twenty digits, in one field; spaces, dashes and pasted text are fine."""

    heading_field = "code"

    code = forms.CharField(
        label=_("Masukkan kode Anda"),
        help_text=_("20 angka, boleh dengan spasi"),
        max_length=80,
        widget=forms.TextInput(
            {"inputmode": "numeric", "class": "code-input", "autocomplete": "off"}
        ),
        error_messages={
            "required": _("Tulis 20 angka kode Anda"),
            "max_length": _("Kode terdiri dari 20 angka"),
        },
    )


TYPO, WRONG, PROVE = "typo", "wrong", "prove"
PROBLEMS = {
    TYPO: _("Kode ini belum benar. Periksa lagi, mungkin ada angka yang tertukar."),
    WRONG: _("Kode ini tidak membuka apa pun. Periksa lagi angkanya."),
}
TRIED_KEPT_FOR = timedelta(minutes=10)


@reporter_page
def open_page(request: HttpRequest) -> HttpResponse:
    """Ask for the digits; the right ones open the record's page."""
    at, token = timezone.now(), token_of(request)
    if request.method == "POST":
        return _try(request, at=at)
    held = (read_session(token=token, at=at) if token else None) or {}
    if "mailbox" in held:
        return see_other("mailbox:report")
    form, problem = CodeForm(), held.get("tried", {}).get("problem")
    if problem == PROVE:
        form = CodeForm(initial={"code": held["tried"]["typed"]})
    elif problem:
        form = CodeForm({"code": held["tried"]["typed"]})
        if form.is_valid():
            form.add_error("code", _what_is_wrong(problem, held["tried"]["typed"]))
    proof = proof_asked(Purpose.OPEN, must=problem == PROVE, at=at)
    return render(request, "complaints/mailbox/open.html", {"form": form, "proof": proof})


def _what_is_wrong(problem: str, typed: str) -> str:
    """Return the words for a code that opened nothing: how many digits stand there says more than "wrong"."""
    count = sum(each.isdecimal() for each in typed)
    if problem == TYPO and count != CODE_DIGITS:
        words = _("Kode terdiri dari %(digits)s angka. Yang tertulis %(count)s angka.")
        return str(words) % {"digits": CODE_DIGITS, "count": count}
    return str(PROBLEMS[problem])


def _try(request: HttpRequest, *, at: datetime) -> HttpResponse:
    """Look at what was typed. A refusal is kept in the session and shown by the next GET.

    So the browser's history holds no form with digits in it that Back could send again.
    """
    form, problem = CodeForm(request.POST), TYPO
    if form.is_valid():
        try:
            opened = open_mailbox(
                typed=form.cleaned_data["code"], proof=proof_of(request.POST), at=at
            )
            return _opened(request, opened)
        except CodeTypoError:
            problem = TYPO
        except ProofNeededError:
            problem = PROVE
        except WrongCodeError:
            problem = WRONG
    tried = {"tried": {"typed": request.POST.get("code", "")[:100], "problem": problem}}
    response, token = see_other("mailbox:open"), token_of(request)
    if not token or change_session(token=token, at=at, change=lambda held: held | tried) is None:
        give_cookie(response, start_session(held=tried, at=at, idle=TRIED_KEPT_FOR))
    return response


def _opened(request: HttpRequest, opened: OpenedMailbox) -> HttpResponse:
    """Give a fresh session: the one before an opening is never the one after it.

    A draft in the old session moves along. The mailbox's private key lies in the session alone, which
    only the cookie opens.
    """
    at, token = timezone.now(), token_of(request)
    before = (read_session(token=token, at=at) if token else None) or {}
    held: dict[str, Any] = {
        "mailbox": str(opened.complaint.public_id),
        "mailbox_key": opened.key.hex(),
    }
    if "draft" in before:
        held["draft"] = before["draft"]
    response = see_other("mailbox:report")
    give_cookie(response, start_session(held=held, at=at))
    if token:
        end_session(token=token)
    return response


def _only_the_draft(held: dict[str, Any]) -> dict[str, Any]:
    """Forget what was opened and the files that were on their way to it."""
    forget_files({"files": held.get("files", [])})
    return {key: value for key, value in held.items() if key == "draft"}


@reporter_page
def close(request: HttpRequest) -> HttpResponse:
    """Close the page: forget what was opened. A draft that was begun stays."""
    token = token_of(request)
    if request.method != "POST" or not token:
        return see_other("mailbox:open")
    held = change_session(
        token=token,
        at=timezone.now(),
        change=_only_the_draft,
    )
    response = see_other("public:landing")
    if not held:
        end_session(token=token)
        take_cookie(response)
    return response
