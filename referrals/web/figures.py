"""The public page of figures and its two downloads. No account, no cookie, no script."""

import csv

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from referrals.selectors.figures import THRESHOLD, public_figures

PUBLIC_FOR_A_MINUTE = "public, max-age=60"


@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """Show the funnel as a table with bars, its date and its method."""
    response = render(request, "figures/data.html", {"figures": public_figures()})
    response["Cache-Control"] = PUBLIC_FOR_A_MINUTE
    return response


@require_GET
def data_csv(_request: HttpRequest) -> HttpResponse:
    """Hand the figures out as CSV; a hidden number is an empty cell with the word beside it."""
    figures = public_figures()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="angka.csv"'
    response["Cache-Control"] = PUBLIC_FOR_A_MINUTE
    writer = csv.writer(response)
    writer.writerow(["name", "label", "value", "shown", "counted_at"])
    counted_at = figures.counted_at.isoformat() if figures.counted_at else ""
    for row in figures.rows:
        value = "" if row.value is None else row.value
        writer.writerow([row.name, row.label, value, row.shown, counted_at])
    return response


@require_GET
def data_json(_request: HttpRequest) -> JsonResponse:
    """Hand the figures out as JSON; a hidden number is null."""
    figures = public_figures()
    body = {
        "counted_at": figures.counted_at.isoformat() if figures.counted_at else None,
        "is_current": figures.is_current,
        "hidden_below": THRESHOLD,
        "figures": [
            {"name": row.name, "label": row.label, "value": row.value, "shown": row.shown}
            for row in figures.rows
        ],
    }
    response = JsonResponse(body)
    response["Content-Disposition"] = 'attachment; filename="angka.json"'
    response["Cache-Control"] = PUBLIC_FOR_A_MINUTE
    return response
