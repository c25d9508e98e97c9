"""The public self-check "Bolehkah ASN…?": index with search, answers, checker and poster.

Every page is the same for everybody, so it is drawn once, kept in this process and handed out with an
ETag: no cookie, no session, no query. Only a search asks the database, and is kept nowhere.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from bawaslu_cases.registry.models import Stage
from bawaslu_cases.shared.context import product
from complaints.selectors.guide import current_guide, search_questions
from complaints.selectors.guide_table import SENTENCES, Choice, Guide

PUBLIC_FOR_FIVE_MINUTES = "public, max-age=300"
OWN_FOR_FIVE_MINUTES = "private, max-age=300"
"""A search: what was typed stands in the address, so no cache between keeps it."""

OTHER_ACT = "OTHER"

FROM_FORM = "f"
"""Value of ``dari`` for whoever came from the form and wants back to it."""

STAGES = {
    "belum": Stage.BEFORE_DETERMINATION,
    "sudah": Stage.AFTER_DETERMINATION,
    "tidak-tahu": None,
}
STAGE_CHOICES = (
    ("belum", _("Belum, masih bakal calon")),
    ("sudah", _("Sudah ditetapkan KPU")),
    ("tidak-tahu", _("Tidak tahu")),
)
MISSING = {
    "tindakan": _("Pilih perbuatannya"),
    "objek": _("Pilih kepada siapa perbuatan itu ditujukan"),
    "keadaan": _("Pilih keadaannya"),
    "calon": _("Pilih apakah calonnya sudah ditetapkan"),
}
STEPS = (("tindakan",), ("objek",), ("keadaan", "calon"))
"""Which answers each of the three questions gives."""


class Shelf:
    """Pages already drawn, the oldest unused going first; emptied when the guide changes.

    At most ``most`` pages of some ten kilobytes each: a few megabytes a process.
    """

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._pages: OrderedDict[tuple[Any, ...], tuple[bytes, str]] = OrderedDict()
        self._guide: Guide | None = None
        self._lock = Lock()

    def get(self, guide: Guide, key: tuple[Any, ...]) -> tuple[bytes, str] | None:
        """Return body and ETag of a page drawn from this very guide."""
        with self._lock:
            if self._guide is not guide or key not in self._pages:
                return None
            self._pages.move_to_end(key)
            return self._pages[key]

    def put(self, guide: Guide, key: tuple[Any, ...], page: tuple[bytes, str]) -> None:
        """Keep a page, and forget the one longest unused where it is one too many."""
        with self._lock:
            if self._guide is not guide:
                self._pages.clear()
                self._guide = guide
            self._pages[key] = page
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)


shelf = Shelf()


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """Show search, situations and the most asked; or one situation; or what a search finds.

    No query on a kept guide, one for a search.
    """
    guide = _guide()
    if "q" in request.GET:
        typed = request.GET["q"].strip()
        context = {"guide": guide, "typed": typed, "found": search_questions(guide, typed)}
        response = render(request, "guide/search.html", context)
        response["Cache-Control"] = OWN_FOR_FIVE_MINUTES
        return response
    code = request.GET.get("situasi", "")
    chosen = next((each for each in guide.situations if each.code == code), None)
    if code and chosen is None:
        raise Http404
    return _kept(request, guide, "guide/index.html", {"guide": guide, "chosen": chosen}, code)


@require_safe
def answer(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Answer one question. No query on a kept guide."""
    guide = _guide()
    question = guide.question(slug)
    if question is None:
        raise Http404
    context = {
        "question": question,
        "answer": question.answer,
        "sentence": question.sentence,
        "related": [
            other
            for situation in guide.situations
            if situation.code == question.situation
            for other in situation.questions
            if other.slug != slug
        ][:4],
    }
    return _kept(request, guide, "guide/answer.html", context)


@require_safe
def check(request: HttpRequest) -> HttpResponseBase:
    """Ask what, about whom and how, one question a page; then answer that cell of the table.

    The answers stand in the address: a page can be reloaded, sent on and kept. No query on a kept
    guide.
    """
    guide = _guide()
    given = {
        "tindakan": request.GET.get("tindakan", "").upper(),
        "objek": request.GET.get("objek", "").upper(),
        "keadaan": request.GET.get("keadaan", "").upper(),
        "calon": request.GET.get("calon", ""),
    }
    known: dict[str, Mapping[str, Any]] = {
        "tindakan": guide.acts,
        "objek": guide.targets,
        "keadaan": guide.circumstances,
        "calon": STAGES,
    }
    given = {name: value if value in known[name] else "" for name, value in given.items()}
    came_from_form = request.GET.get("dari") == FROM_FORM
    page: dict[str, Any] = {"came_from_form": came_from_form, "from_form": FROM_FORM}
    missing = [name for name in given if not given[name]]
    if not missing:
        told = guide.answer(
            given["tindakan"], given["objek"], given["keadaan"], STAGES[given["calon"]]
        )
        page |= {
            "answer": told,
            "sentence": SENTENCES[told.verdict],
            "related": guide.questions_about(given["tindakan"])[:4],
        }
        return _kept(request, guide, "guide/answer.html", page, *given.values(), came_from_form)
    step, asked = next((at, names) for at, names in enumerate(STEPS, 1) if missing[0] in names)
    refused = [name for name in asked if not given[name]] if "lanjut" in request.GET else []
    page |= {
        "step": step,
        "steps": len(STEPS),
        "asked": asked[0],
        "choices": _grouped(known[asked[0]].values()),
        "given": given,
        "stages": STAGE_CHOICES,
        "errors": [{"href": f"#id_{name}_0", "text": MISSING[name]} for name in refused],
        "refused": {name: MISSING[name] for name in refused},
        "said": _said(guide, given),
    }
    key = (*given.values(), came_from_form, *refused)
    return _kept(request, guide, "guide/check.html", page, *key)


@require_safe
def poster(request: HttpRequest) -> HttpResponseBase:
    """Show the twelve most asked on one sheet of A3. No query on a kept guide."""
    guide = _guide()
    return _kept(request, guide, "guide/poster.html", {"guide": guide})


def _guide() -> Guide:
    return current_guide(timezone.localdate())


def _grouped(choices: Iterable[Choice]) -> list[Choice]:
    """Return the choices of each group together, groups in order of appearance, "other" last."""
    kept = list(choices)
    groups = list(dict.fromkeys(str(choice.group) for choice in kept))
    return sorted(
        kept, key=lambda choice: (choice.code == OTHER_ACT, groups.index(str(choice.group)))
    )


def _said(guide: Guide, given: Mapping[str, str]) -> list[Any]:
    """Return the labels of what was answered so far, for the line above the question."""
    named = ((guide.acts, given["tindakan"]), (guide.targets, given["objek"]))
    return [choices[code].label for choices, code in named if code]


def _kept(
    request: HttpRequest, guide: Guide, template: str, context: dict[str, Any], *key: object
) -> HttpResponseBase:
    """Hand out the page from the shelf, drawing it first where it is not there yet.

    The key holds all the page is made of: language, the product's own words, and the answers given.
    """
    whole = (template, request.path, get_language(), *product(request)["product"].values(), *key)
    page = shelf.get(guide, whole)
    if page is None:
        body = render_to_string(template, context, request).encode()
        page = body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        shelf.put(guide, whole, page)
    body, etag = page
    response = HttpResponse(body)
    response["ETag"] = etag
    response["Cache-Control"] = PUBLIC_FOR_FIVE_MINUTES
    return get_conditional_response(request, etag=etag, response=response) or response
