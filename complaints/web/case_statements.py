"""The word that no tie keeps a person away, asked before a case is shown to them for the first time.

The gate goes by the address (everything under ``perkara/<id>/`` of the desk), so that a page which is
added later stands behind it from its first day. Standing back is the one step that needs no statement.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import editable_case, lacks_statement
from complaints.services.case_statements import state_no_conflict
from complaints.web.desk import desk_context

GetResponse = Callable[[HttpRequest], HttpResponse]

ROUTE: Final = "perkara/<uuid:public_id>/"
OPEN_NAMES: Final = frozenset({"desk:case_statement", "desk:recuse_case"})
NEXT: Final = "lanjut"


class CaseStatementMiddleware:
    """Send whoever has not made the statement to its page, whatever of the case they asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, given: dict[str, Any]
    ) -> HttpResponse | None:
        """Answer in place of the view. One query for a page of a case.

        What a person may not see stays what it is, absent, and is answered by the view.
        """
        match = request.resolver_match
        if not settings.CASE_STATEMENTS or match is None or ROUTE not in match.route:
            return None
        user = request.user
        if match.view_name in OPEN_NAMES or not isinstance(user, User):
            return None
        case = given["public_id"]
        if not user.has_role(*BAWASLU_ROLES) or not lacks_statement(public_id=case, user=user):
            return None
        page = reverse("desk:case_statement", args=[case])
        # A form that was sent is not sent again: whoever made it goes back to its page.
        back = f"?{NEXT}={request.path}" if request.method == "GET" else ""
        return redirect(f"{page}{back}")


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def case_statement(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Ask for the statement; nothing of the case stands on the page."""
    found = editable_case(public_id=public_id, user=request.user)
    if request.method == "POST":
        state_no_conflict(case=found, user=request.user, at=timezone.now())
        return redirect(_back(request.POST.get(NEXT, ""), public_id))
    return render(
        request,
        "complaints/desk/case_statement.html",
        desk_context(
            request.user,
            public_id=public_id,
            name=NEXT,
            back=_back(request.GET.get(NEXT, ""), public_id),
            search_action=reverse("desk:queue"),
        ),
    )


def _back(asked: str, public_id: UUID) -> str:
    """Return the page of this case that was asked for, or the case's own."""
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    if is_ours and asked.startswith("/kerja/") and f"/perkara/{public_id}/" in asked:
        return asked
    return reverse("desk:case", args=[public_id])
