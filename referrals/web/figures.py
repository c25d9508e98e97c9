"""The public pages of figures and their downloads. No account, no cookie, no script.

An answer is drawn once per address and publication and kept in this process; whoever asks again with its
ETag gets 304.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from referrals.rules.publication import NATION
from referrals.selectors.figure_history import history
from referrals.selectors.figure_pages import Figures
from referrals.selectors.figures import LICENCE, LICENCE_URL, Publication, publication
from referrals.web.figure_drawings import columns, narrow_map, ranges, wide_map
from referrals.web.figure_files import DICTIONARY, as_csv, as_feed, as_json

PUBLIC_FOR_A_MINUTE = "public, max-age=60, stale-if-error=604800"
KEPT_AT_MOST = 256
"""Answers kept in a process: 46 addresses in two languages and some downloads."""

# Address, publication → answer. Nothing of a reader is in it: these pages know none.
_kept: dict[tuple[Any, ...], tuple[bytes, str]] = {}


@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """Show the nation: what came, what became of it, where it is stuck. One query."""

    def drawn(told: Publication) -> HttpResponse:
        figures = Figures(told)
        places = figures.places
        longest = max((row.upper for _, rows in figures.timings for row in rows), default=1)
        context = {
            "figures": figures,
            "told": told,
            "provinces": [place for place in places if place.code != NATION],
            "maps": [("wide", wide_map(places)), ("narrow", narrow_map(places))],
            "columns": columns(figures.months),
            "timings": [(label, ranges(rows, longest)) for label, rows in figures.timings],
            "longest": longest,
            "hidden_provinces": sum(place.received.value is None for place in places),
        }
        return render(request, "figures/data.html", context)

    return _answer(request, drawn)


@require_GET
def place(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one province, or the national agencies. One query. Raises Http404 for another word."""

    def drawn(told: Publication) -> HttpResponse:
        figures = Figures(told)
        found = figures.place(slug)
        if found is None:
            raise Http404
        context = {
            "figures": figures,
            "told": told,
            "place": found,
            "is_nation": found.code == NATION,
            "stretches": figures.place_stretches(found.code),
            "regencies": figures.regencies(found.code),
            "agencies": figures.agencies(found.code),
        }
        return render(request, "figures/place.html", context)

    return _answer(request, drawn)


@require_GET
def past(request: HttpRequest) -> HttpResponse:
    """Show what bodies counted from 2015 to 2024, side by side and never added up. One query."""
    return _answer(
        request, lambda _told: render(request, "figures/history.html", {"history": history()})
    )


@require_GET
def dictionary(request: HttpRequest) -> HttpResponse:
    """Show what each column and each number means, the licence and the rules of hiding. One query."""
    context = {"dictionary": DICTIONARY, "licence": LICENCE, "licence_url": LICENCE_URL}
    return _answer(request, lambda _told: render(request, "figures/dictionary.html", context))


@require_GET
def data_csv(request: HttpRequest) -> HttpResponse:
    """Hand every published cell out as CSV; a hidden one is empty and says so. One query."""
    return _answer(request, lambda told: as_csv(Figures(told)))


@require_GET
def data_json(request: HttpRequest) -> HttpResponse:
    """Hand every published cell out as JSON, with its dictionary and licence. One query."""
    return _answer(request, lambda told: as_json(Figures(told)))


@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """Tell each publication as an entry of an Atom feed. One query."""
    return _answer(request, lambda told: as_feed(told, request.build_absolute_uri))


def _answer(request: HttpRequest, draw: Callable[[Publication], HttpResponse]) -> HttpResponse:
    told = publication()
    key = (
        request.get_host(),
        request.path,
        get_language(),
        told.version,
        told.is_current,
        settings.DEMO,
    )
    # the link to the other language repeats the query, so such an answer is nobody else's
    kept = None if request.GET else _kept.get(key)
    if kept is None:
        response = draw(told)
        kept = (response.content, response["Content-Type"])
        if len(_kept) >= KEPT_AT_MOST:
            _kept.clear()
        if not request.GET and not settings.DEBUG:
            _kept[key] = kept
    content, content_type = kept
    etag = quote_etag(
        f"{told.version}-{'a' if told.is_current else 'b'}-{sha256(content).hexdigest()[:16]}"
    )
    answer = get_conditional_response(
        request, etag=etag, response=HttpResponse(content, content_type=content_type)
    )
    assert isinstance(answer, HttpResponse | HttpResponseNotModified)  # noqa: S101 -- for the types
    answer["ETag"] = etag
    answer["Cache-Control"] = PUBLIC_FOR_A_MINUTE
    if request.path.endswith((".csv", ".json")):
        answer["Content-Disposition"] = (
            f'attachment; filename="angka.{request.path.rpartition(".")[2]}"'
        )
    return answer
