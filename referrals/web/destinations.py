"""The administrator's pages of addresses: where a recipient body is reached, confirmed by two."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.selectors import recipient_bodies
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from referrals import access
from referrals.gateways import gateway
from referrals.models import Destination
from referrals.selectors.dispatches import destinations
from referrals.services.destinations import (
    confirm_destination,
    end_destination,
    propose_destination,
)
from referrals.states import DESTINATION_LIFECYCLE, Channel, DestinationAction, DestinationStatus
from referrals.web.forms import ConfirmForm, ReasonForm
from referrals.web.panels import Step, bound_panel, offered_steps

RAIL = {"section": "destinations"}
SECRET = {"secret", "private_key"}
"""Parts of an address that are never shown again, to nobody."""

PARTS: dict[str, dict[str, Any]] = {
    "url": {"label": gettext_lazy("Alamat penerima (https://…)")},
    "secret": {
        "label": gettext_lazy("Rahasia tanda tangan"),
        "help_text": gettext_lazy("Diawali whsec_. Tidak ditampilkan lagi."),
    },
    "email": {"label": gettext_lazy("Surel lembaga")},
    "host": {"label": gettext_lazy("Nama server")},
    "port": {"label": gettext_lazy("Porta"), "required": False, "initial": "22"},
    "user": {"label": gettext_lazy("Nama pengguna")},
    "host_key": {
        "label": gettext_lazy("Kunci server"),
        "help_text": gettext_lazy("Satu baris, diawali ssh-ed25519. Pastikan lewat jalan lain."),
    },
    "folder": {"label": gettext_lazy("Folder"), "required": False},
    "private_key": {
        "label": gettext_lazy("Kunci pribadi kami (OpenSSH, Ed25519)"),
        "help_text": gettext_lazy("Tidak ditampilkan lagi."),
        "widget": forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    },
    "place": {"label": gettext_lazy("Alamat kantor"), "required": False},
}


class DestinationForm(HouseForm):
    """One address; which parts it has, the channel says."""

    recipient = forms.ChoiceField(label=gettext_lazy("Lembaga"))
    name = forms.CharField(label=gettext_lazy("Nama tujuan"), max_length=100)
    age_key = forms.CharField(
        label=gettext_lazy("Kunci publik lembaga (age)"),
        help_text=gettext_lazy(
            "Diawali age1. Berkas dikunci dengannya; hanya lembaga itu membukanya."
        ),
        max_length=80,
    )

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = {body.code: body for body in recipient_bodies()}
        self.fields["recipient"].choices = [  # type: ignore[attr-defined]
            (code, body.name) for code, body in self.bodies.items()
        ]
        self.parts = gateway(channel).fields
        for part in self.parts:
            self.fields[part] = forms.CharField(max_length=4000, **PARTS[part])
        if channel in {Channel.INBOX, Channel.PRINT}:
            del self.fields["age_key"]


@require_GET
@role_required(Role.ADMINISTRATOR)
def destination_list(request: OfficerRequest) -> HttpResponse:
    """List every address and offer a new one by channel."""
    context = {
        "rail": RAIL,
        "rows": destinations(),
        "channels": [channel for channel in Channel if channel != Channel.INBOX],
    }
    return render(request, "referrals/destinations.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def destination_new(request: OfficerRequest, channel: str) -> HttpResponse:
    """Propose an address; a second administrator confirms it."""
    if channel not in Channel.values or channel == Channel.INBOX:
        raise Http404
    kind = Channel(channel)
    form = DestinationForm(request.POST if request.method == "POST" else None, channel=kind)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = propose_destination(
                recipient=form.bodies[told["recipient"]],
                name=told["name"],
                channel=kind,
                address={part: told[part] for part in form.parts},
                age_key=told.get("age_key", ""),
                administrator=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Tujuan disimpan dan menunggu orang kedua."))
            return redirect("referrals:destination", public_id=made.public_id)
    context = {"rail": RAIL, "channel": kind, "form": form}
    return render(request, "referrals/destination_new.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def destination(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show an address without its secrets; confirm or end it."""
    place = access.known_destination(public_id=public_id)
    proposer = place.events.filter(action="create").values_list("actor_id", flat=True).first()
    offered = offered_steps(
        machine=DESTINATION_LIFECYCLE,
        status=DestinationStatus(place.status),
        user=request.user,
        steps=_steps(request, place),
        proposer_id=proposer,
    )
    panel, done = bound_panel(request, offered)
    if done:
        messages.success(request, _("Tersimpan."))
        return redirect("referrals:destination", public_id=public_id)
    shown = place.address()
    parts = [
        {
            "term": PARTS[part]["label"],
            "value": _("(disimpan, tidak ditampilkan)") if part in SECRET else shown.get(part, ""),
        }
        for part in gateway(place.channel).fields
    ]
    history = place.events.select_related("actor").order_by("pk")
    context = {
        "rail": RAIL,
        "place": place,
        "parts": parts,
        "panel": panel,
        "form": panel.form,
        "history": history,
    }
    return render(request, "referrals/destination.html", context)


def _steps(request: OfficerRequest, place: Destination) -> dict[DestinationAction, Step]:
    person = request.user
    return {
        DestinationAction.CONFIRM: Step(
            ConfirmForm,
            lambda _form, at: confirm_destination(destination=place, administrator=person, at=at),
            kind="",
        ),
        DestinationAction.END: Step(
            ReasonForm,
            lambda form, at: end_destination(
                destination=place,
                administrator=person,
                at=at,
                reason=form.cleaned_data["reason"],
            ),
            kind="danger",
        ),
    }
