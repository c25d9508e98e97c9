"""What each page of the form shows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.errors import KeysMissingError
from complaints.selectors.intake import recipient_short_name
from complaints.services.proof_of_work import Purpose
from complaints.services.vault import SealingKeys
from complaints.web.file_words import held_files
from complaints.web.forms_intake import CheckForm
from complaints.web.forms_intake_name import IdentityForm
from complaints.web.intake_blank import (
    blank_first_page,
    blank_name_page,
    is_blank,
    is_blank_name,
    question_page,
)
from complaints.web.intake_draft import (
    CHECK,
    IDENTITY,
    Draft,
    IncompleteDraftError,
    traces_to_ask,
)
from complaints.web.intake_keys import keys_of, published
from complaints.web.intake_questions import frame_of, question_context
from complaints.web.intake_saved import PROBLEMS, PROVE
from complaints.web.intake_summary import long_date, summary_of
from complaints.web.proof import proof_asked
from complaints.web.reporter_page import in_buckets, take_cookie

Context = dict[str, Any]

NAME_GONE: dict[str, Promise] = {
    "lane": _("Anda mengganti siapa yang boleh tahu nama Anda."),
    "place": _("Anda mengganti tempat kejadian, jadi petugas yang menerimanya lain."),
    "units": _("Anda mengganti kantor yang tidak boleh melihat laporan ini."),
    "keys": _("Kunci petugas sudah berganti sejak laporan ini disimpan."),
}
"""Why a name that was sealed already has to be given again."""


def safety_page(request: HttpRequest, *, tried: str = "", at: datetime) -> HttpResponse:
    """Show what to mind before beginning; ``tried`` names what was wrong with a code typed there."""
    if not tried:
        return blank_first_page(request)
    context: Context = {"problem": PROBLEMS.get(tried, "")}
    if tried == PROVE:
        context["proof"] = proof_asked(Purpose.OPEN, must=True, at=at)
    return render(request, "complaints/intake/safety.html", context)


def step_page(request: HttpRequest, draft: Draft, *, at: datetime) -> HttpResponse:
    """Show the page a draft is at."""
    if draft.at == IDENTITY:
        try:
            keys = keys_of(draft, at=at)
        except KeysMissingError:
            keys = None
        if keys and is_blank_name(draft):
            return in_buckets(request, blank_name_page(request, draft, keys))
        return name_page(request, draft, keys=keys, form=IdentityForm())
    if draft.at == CHECK:
        try:
            context = _check_context(draft, at=at)
        except IncompleteDraftError as error:
            draft.at, draft.refused = error.step, error.step in draft.done
            return step_page(request, draft, at=at)
    elif draft.at == "leak":
        context = {"traces": traces_to_ask(draft)}
    elif is_blank(draft):
        return in_buckets(request, question_page(request, draft, at=at))
    else:
        context = question_context(draft, at=at)
    context |= frame_of(draft, at=at)
    page = render(request, f"complaints/intake/{draft.at}.html", context)
    return in_buckets(request, page)


def name_page(
    request: HttpRequest,
    draft: Draft,
    *,
    keys: SealingKeys | None,
    form: IdentityForm,
    refusal: str = "",
    own_name: Sequence[str] = (),
) -> HttpResponse:
    """Show the page that takes the name: empty, or with what was just typed and what to do about it.

    Without ``keys`` it says that no name can be sealed now, and offers to go on without one.
    """
    draft.at = IDENTITY
    context = frame_of(draft, at=timezone.now()) | {
        "form": form,
        "keys": published(keys) if keys else None,
        "report": draft.report,
        "lane": draft.lane,
        "story": draft.values("story").get("story", ""),
        "gone": NAME_GONE.get(draft.name_gone, ""),
        "has_name": draft.name is not None,
        "refusal": refusal,
        "own_name": own_name,
    }
    return in_buckets(request, render(request, "complaints/intake/identity.html", context))


def code_page(request: HttpRequest, held: Context, *, at: datetime) -> HttpResponse:
    """Show the receipt's digits."""
    context = {
        "groups": held["code"],
        "coming": _coming(held.get("due_on", ""), at=at),
        "files": held_files(held.get("files", [])),
    }
    return render(request, "complaints/intake/code.html", context)


def files_left_page(request: HttpRequest, held: Context) -> HttpResponse:
    """Say which files of a report that was sent are still on their way."""
    context = {"files": held_files(held.get("files", []))}
    return render(request, "complaints/intake/files_left.html", context)


def saved_page(request: HttpRequest, code: Sequence[str], *, until: str) -> HttpResponse:
    """Show the digits of a draft that was put aside until a day (ISO)."""
    context = {"groups": code, "until": long_date(date.fromisoformat(until))}
    return render(request, "complaints/intake/saved.html", context)


def expired_page(request: HttpRequest) -> HttpResponse:
    """Say that the session is over: what was not sent is gone, what was sent is not."""
    response = render(request, "complaints/intake/expired.html")
    take_cookie(response)
    return response


def _check_context(draft: Draft, *, at: datetime) -> Context:
    typed = draft.values(CHECK)
    form = (
        CheckForm(typed, at=at)
        if draft.refused
        else CheckForm(at=at, initial={"statement": bool(typed.getlist("statement"))})
    )
    return {
        "form": form,
        "paused": draft.paused,
        "refusal": typed.get("refusal", ""),
        # asked for only once it is needed: a puzzle on every page would cost every phone its battery
        "proof": proof_asked(
            Purpose.SEND, must=draft.must_prove or bool(typed.get("prove")), at=at
        ),
        **summary_of(draft, at=at),
    }


def _coming(due_on: str, *, at: datetime) -> list[Context]:
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
