"""The one-time link of a recipient's notice: a page that tells nothing, and a button that gives the file.

Opening the page takes nothing away: mail filters open links, too. The file is closed with the
recipient's own key, so a link in wrong hands gives bytes that nobody there can read.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from referrals.services.dispatches import FETCH_WITHIN, GoneError, fetch, fetchable


@require_http_methods(["GET", "POST"])
@never_cache
def page(request: HttpRequest, public_id: UUID, token: str) -> HttpResponse:
    """Show the button; POST gives the closed packet out, once."""
    at = timezone.now()
    try:
        if request.method == "POST":
            name, content = fetch(public_id=public_id, token=token, at=at)
            return _file(name, content)
        dispatch = fetchable(public_id=public_id, token=token, at=at)
    except GoneError as error:
        return render(request, "referrals/fetch.html", {"gone": str(error.message)}, status=410)
    context = {"gone": "", "until": dispatch.status_at + FETCH_WITHIN}
    return render(request, "referrals/fetch.html", context)


def _file(name: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
