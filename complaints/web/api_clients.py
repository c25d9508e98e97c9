"""Pages of API clients: administrators register and end them, a unit's chair sees what theirs called.

A secret is shown on the page that answers its making and nowhere else (ADR 0041).
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.api_selectors import (
    CALLS_SHOWN,
    calls_of,
    client_for,
    clients_shown,
    credential_of,
    credentials_of,
    is_dormant,
)
from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import ApiClient, StaffChange, StaffChangeKind
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import changes_of, scope_words, stands
from bawaslu_cases.accounts.services.api_clients import (
    add_key,
    change_scopes,
    end_credential,
    new_secret,
    register_client,
    resume_client,
    suspend_client,
)
from bawaslu_cases.accounts.webhook_selectors import subscriptions_of
from bawaslu_cases.audit import reads
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.web.desk import desk_context, place_error, refused
from complaints.web.forms_api_clients import KeyForm, NewClientForm, ScopesForm

RAIL = {"section": "api_clients"}


@role_required(Role.ADMINISTRATOR, Role.CHAIR)
@require_GET
def api_clients(request: OfficerRequest) -> HttpResponse:
    """List the clients that somebody may look at, with the last call of each."""
    at = timezone.now()
    lines = [
        {
            "client": client,
            "office": client.office.name,
            "scopes": scope_words(client.scopes),
            "seen": client.seen,
            "is_dormant": is_dormant(client.seen, client, at=at),
            "state": _state(client),
        }
        for client in clients_shown(request.user)
    ]
    return render(
        request,
        "complaints/desk/api_clients.html",
        {"lines": lines, "is_administrator": _administers(request), "rail": RAIL},
    )


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def api_client_new(request: OfficerRequest) -> HttpResponse:
    """Register a client; its scopes wait for a second administrator."""
    form = NewClientForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():  # no client without its entry
                client, change = register_client(
                    **form.cleaned_data, administrator=request.user, at=timezone.now()
                )
                _log(request, "api.register", client, change=change.public_id)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(
                request, _("Klien didaftarkan. Cakupannya menunggu administrator kedua.")
            )
            return redirect("desk:api_client", client.public_id)
    return render(
        request,
        "complaints/desk/api_client_new.html",
        desk_context(request.user) | {"form": form, "rail": RAIL},
    )


@role_required(Role.ADMINISTRATOR, Role.CHAIR)
@require_http_methods(["GET", "POST"])
def api_client(request: OfficerRequest, client_id: UUID) -> HttpResponse:
    """Show one client and what it called; make or end what proves it, change what it may, shut it."""
    if request.method == "POST" and not _administers(request):
        raise PermissionDenied
    reads.looked_up("client", client_id)
    client = client_for(request.user, client_id)
    if client is None:
        raise Http404
    asked = request.POST.get("do", "")
    if request.method == "POST" and asked not in _STEPS and asked != "secret":
        raise Http404
    scopes = ScopesForm(
        request.POST if asked == "scopes" else None,
        initial={"scopes": client.scopes, "seen": stands(client.user, StaffChangeKind.SCOPES)},
    )
    key = KeyForm(request.POST if asked == "key" else None)
    form = {"scopes": scopes, "key": key}.get(asked)
    secret = ""
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            with transaction.atomic():
                _log(request, f"api.{asked}", client)
                if asked == "secret":
                    secret = new_secret(
                        client=client, administrator=request.user, at=timezone.now()
                    )
                else:
                    _STEPS[asked](request, client, form)
        except DomainError as error:
            if form is not None:
                refused(form, error)
                client = client_for(request.user, client_id) or client
            else:
                messages.error(request, str(error.message))
                return redirect("desk:api_client", client.public_id)
        else:
            if not secret:
                return redirect("desk:api_client", client.public_id)
    return _page(request, client, {"scopes": scopes, "key": key, "form": form, "secret": secret})


def _page(request: OfficerRequest, client: ApiClient, more: dict[str, Any]) -> HttpResponse:
    at = timezone.now()
    calls = list(calls_of(client)[:CALLS_SHOWN])
    context = {
        "client": client,
        "office": client.office,
        "granted": scope_words(client.scopes),
        "state": _state(client),
        "is_dormant": is_dormant(calls[0].at if calls else None, client, at=at),
        "credentials": [
            {"row": row, "is_good": row.is_good_at(at)} for row in credentials_of(client)
        ],
        "changes": changes_of(client.user),
        "webhooks": list(subscriptions_of(client)),
        "calls": calls,
        "is_administrator": _administers(request),
        "rail": RAIL,
    }
    response = render(
        request,
        "complaints/desk/api_client.html",
        desk_context(request.user) | context | more,
        status=409 if getattr(more["form"], "conflict", "") else 200,
    )
    response["Cache-Control"] = "no-store"
    return response


def _scopes(request: OfficerRequest, client: ApiClient, form: Any) -> None:
    change: StaffChange | None = change_scopes(
        client=client,
        scopes=form.cleaned_data["scopes"],
        administrator=request.user,
        reason=form.cleaned_data["reason"],
        seen=form.cleaned_data["seen"],
        at=timezone.now(),
    )
    words = _("Usulan disimpan dan menunggu administrator kedua.") if change else _("Disimpan.")
    messages.success(request, words)


def _key(request: OfficerRequest, client: ApiClient, form: Any) -> None:
    jwk = form.cleaned_data["jwk"]
    add_key(client=client, jwk=jwk, administrator=request.user, at=timezone.now())
    messages.success(request, _("Kunci didaftarkan."))


def _end(request: OfficerRequest, client: ApiClient, _form: Any) -> None:
    row = credential_of(client, request.POST.get("credential", ""))
    if row is None:
        raise Http404
    end_credential(credential=row, administrator=request.user, at=timezone.now())
    messages.success(request, _("Diakhiri. Token klien ini tidak berlaku lagi."))


def _suspend(request: OfficerRequest, client: ApiClient, _form: Any) -> None:
    suspend_client(client=client, administrator=request.user)
    messages.success(request, _("Klien dibekukan. Tokennya tidak berlaku lagi."))


def _resume(request: OfficerRequest, client: ApiClient, _form: Any) -> None:
    resume_client(client=client, administrator=request.user, at=timezone.now())
    messages.success(request, _("Klien berlaku lagi selama setahun."))


_STEPS: dict[str, Callable[[OfficerRequest, ApiClient, Any], None]] = {
    "scopes": _scopes,
    "key": _key,
    "end": _end,
    "suspend": _suspend,
    "resume": _resume,
}


def _state(client: ApiClient) -> str:
    """Return "", or why the client is not let in."""
    if not client.user.is_active:
        return _("dibekukan")
    return "" if client.is_good_at(timezone.now()) else _("lewat masa berlaku")


def _administers(request: OfficerRequest) -> bool:
    return request.user.has_role(Role.ADMINISTRATOR)


def _log(request: OfficerRequest, action: str, client: ApiClient, **detail: Any) -> None:
    audit.record(
        actor=request.user.public_id,
        action=action,
        subject=f"client:{client.public_id.hex}",
        detail=detail,
    )
