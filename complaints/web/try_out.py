"""Trying the API out: one page an operation, drawn from the committed document.

The page is the same for everybody and holds nothing of anybody. A token is typed into the page and stays
in its memory; the request goes from the browser to the API, so there is nothing here to do for it.
Without scripts the page shows the command and example answers.
"""

import hashlib
from itertools import groupby
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from bawaslu_cases.accounts.api.operations import operations
from complaints.web.developers import PUBLIC_FOR_FIVE_MINUTES

GROUPS: Final = {
    "access": _("Akses"),
    "cases": _("Kasus dan tenggat"),
    "changes": _("Perubahan"),
    "complaints": _("Laporan dan temuan"),
    "evidence": _("Bukti"),
    "figures": _("Angka"),
    "proposals": _("Usulan"),
    "referrals": _("Rujukan dan tindak lanjut"),
    "registry": _("Data acuan"),
    "webhooks": _("Webhook"),
}


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """List the operations. No query, no cookie."""
    by_group = groupby(operations().values(), key=lambda each: each.group)
    groups = [{"title": GROUPS[name], "operations": list(found)} for name, found in by_group]
    return _drawn(request, "public/try_out_index.html", {"groups": groups})


@require_safe
def operation(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show one operation. 404 for one that is not there. No query, no cookie."""
    found = operations().get(slug)
    if found is None:
        raise Http404
    same = [each for each in operations().values() if each.group == found.group]
    context = {"operation": found, "group": GROUPS[found.group], "same_group": same}
    return _drawn(request, "public/try_out.html", context)


def _drawn(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponseBase:
    body = render_to_string(template, context, request).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body)
    response["ETag"] = etag
    response["Cache-Control"] = PUBLIC_FOR_FIVE_MINUTES
    return get_conditional_response(request, etag=etag, response=response) or response
