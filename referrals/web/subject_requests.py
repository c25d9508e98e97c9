"""Requests of data subjects at the desk: register, prove, lay down, approve, hand the answer out."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, WORKING_ROLES
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import CheckboxList, HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.kept_words import kept_words
from bawaslu_cases.shared.nip import masked_nip
from referrals import access
from referrals.letters.subject import with_dates
from referrals.models import SubjectRequest
from referrals.selectors.subject_data import Candidate, candidates, recent_requests
from referrals.services import subject_requests as services
from referrals.states import (
    GROUND_ARTICLES,
    SUBJECT_LIFECYCLE,
    IdentityProof,
    SubjectAction,
    SubjectCapacity,
    SubjectGround,
    SubjectKind,
    SubjectStatus,
)

RAIL = {"section": "referrals"}


class RequestForm(HouseForm):
    """A request as it came."""

    kind = forms.ChoiceField(label=gettext_lazy("Yang diminta"), choices=SubjectKind.choices)
    capacity = forms.ChoiceField(
        label=gettext_lazy("Pemohon adalah"), choices=SubjectCapacity.choices
    )
    name = forms.CharField(
        label=gettext_lazy("Nama pemohon"),
        max_length=200,
        error_messages={"required": gettext_lazy("Tulis nama pemohon")},
    )
    nip = forms.CharField(label=gettext_lazy("NIP"), max_length=30, required=False)
    asked = forms.CharField(
        label=gettext_lazy("Isi permintaan"),
        max_length=services.LONGEST,
        required=False,
        widget=forms.Textarea({"rows": 4, "maxlength": services.LONGEST}),
    )


class ProofForm(HouseForm):
    """What was looked at."""

    proof = forms.ChoiceField(
        label=gettext_lazy("Identitas diperiksa dengan"),
        help_text=gettext_lazy("Nomor dan salinannya tidak disimpan."),
        choices=IdentityProof.choices,
    )


class AnswerForm(HouseForm):
    """Which officials of decided cases are the person."""

    officials = forms.MultipleChoiceField(
        label=gettext_lazy("Pemohon adalah terlapor dalam"),
        help_text=gettext_lazy("Centang yang pasti orang yang sama. Boleh tidak ada."),
        widget=CheckboxList,
        required=False,
    )

    def __init__(self, *args: Any, found: list[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._found = {str(each.official.public_id): each.official for each in found}
        self.fields["officials"].choices = [  # type: ignore[attr-defined]
            (str(each.official.public_id), _words(each)) for each in found
        ]
        self.initial.setdefault(
            "officials", [str(each.official.public_id) for each in found if each.is_same_number]
        )

    @property
    def chosen(self) -> list[Any]:
        """Return the officials that were ticked."""
        return [self._found[key] for key in self.cleaned_data["officials"]]


def _words(each: Candidate) -> str:
    official = each.official
    why = _("NIP sama") if each.is_same_number else _("nama sama")
    post = ", ".join(part for part in (official.position, official.unit) if part)
    return f"{official.name} · {post} · {each.case.reference} · {why}"


class RefusalForm(HouseForm):
    """The legal ground and the reason that the letter gives."""

    ground = forms.ChoiceField(
        label=gettext_lazy("Alasan penolakan"),
        choices=[
            (ground.value, f"{ground.label} ({GROUND_ARTICLES[ground]})")
            for ground in SubjectGround
        ],
    )
    reason = forms.CharField(
        label=gettext_lazy("Penjelasan dalam surat"),
        help_text=gettext_lazy("Jangan menyebut siapa yang melapor atau bahwa ada yang melapor."),
        max_length=services.LONGEST,
        widget=forms.Textarea({"rows": 4, "maxlength": services.LONGEST}),
        error_messages={"required": gettext_lazy("Tulis penjelasannya")},
    )


class ReturnForm(HouseForm):
    """Why a proposal goes back."""

    reason = forms.CharField(
        label=gettext_lazy("Alasan"),
        max_length=services.LONGEST,
        widget=forms.Textarea({"rows": 3, "maxlength": services.LONGEST}),
        error_messages={"required": gettext_lazy("Tulis alasannya")},
    )


class SeenForm(HouseForm):
    """What was read when somebody agrees."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def subject_requests(request: OfficerRequest) -> HttpResponse:
    """List the requests of the scope and register a new one."""
    may_work = request.user.has_role(*WORKING_ROLES)
    form = RequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            found = services.receive_request(
                kind=SubjectKind(data["kind"]),
                capacity=SubjectCapacity(data["capacity"]),
                name=data["name"],
                nip=data["nip"],
                asked=data["asked"],
                officer=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            return redirect("referrals:subject", request_id=found.public_id)
    context = {
        "rail": RAIL,
        "form": form,
        "rows": [
            {"row": row, "is_late": services.is_late(row)} for row in recent_requests(request.user)
        ],
        "may_work": may_work,
        "search_action": reverse("desk:queue"),
    }
    return render(request, "referrals/subjects.html", context)


STEPS: dict[str, SubjectAction] = {
    "identitas": SubjectAction.IDENTIFY,
    "jawaban": SubjectAction.PROPOSE,
    "penolakan": SubjectAction.PROPOSE_REFUSAL,
    "kembalikan": SubjectAction.RETURN,
    "setujui": SubjectAction.APPROVE,
    "tolak": SubjectAction.REFUSE,
    "cabut": SubjectAction.WITHDRAW,
}


@role_required(*BAWASLU_ROLES)
@require_GET
def subject_request(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Show one request, what its answer says and what comes next."""
    found = access.readable_request(user=request.user, public_id=request_id)
    return _page(request, found)


@role_required(*BAWASLU_ROLES)
@require_POST
def subject_step(request: OfficerRequest, request_id: UUID, step: str) -> HttpResponse:
    """Take one step of a request."""
    found = access.readable_request(user=request.user, public_id=request_id)
    action = STEPS.get(step)
    if action is None:
        raise Http404
    form = _form(action, found, request)
    if not form.is_valid():
        return _page(request, found, bound=(action, form), status=200)
    try:
        _take(action, found, form, request)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _page(
            request, found, bound=(action, form), status=409 if error.code == "conflict" else 200
        )
    messages.success(request, _("Langkah dicatat."))
    return redirect("referrals:subject", request_id=found.public_id)


def _take(action: SubjectAction, found: SubjectRequest, form: Any, request: OfficerRequest) -> None:
    common: dict[str, Any] = {"request": found, "officer": request.user, "at": timezone.now()}
    data = form.cleaned_data
    if action == SubjectAction.IDENTIFY:
        services.identify(proof=IdentityProof(data["proof"]), **common)
    elif action == SubjectAction.PROPOSE:
        services.propose_answer(officials=form.chosen, **common)
    elif action == SubjectAction.PROPOSE_REFUSAL:
        services.propose_refusal(
            ground=SubjectGround(data["ground"]), reason=data["reason"], **common
        )
    elif action == SubjectAction.RETURN:
        services.return_request(reason=data["reason"], **common)
    elif action == SubjectAction.WITHDRAW:
        services.withdraw(**common)
    else:
        services.approve(seen=data["seen"], **common)


def _form(
    action: SubjectAction, found: SubjectRequest, request: OfficerRequest, *, is_bound: bool = True
) -> Any:
    data = request.POST if is_bound else None
    if action == SubjectAction.IDENTIFY:
        return ProofForm(data)
    if action == SubjectAction.PROPOSE:
        return AnswerForm(data, found=candidates(found, viewer=request.user))
    if action == SubjectAction.PROPOSE_REFUSAL:
        return RefusalForm(data)
    if action == SubjectAction.RETURN:
        return ReturnForm(data)
    return SeenForm(data, initial={"seen": services.seen_digest(found)})


def _page(
    request: OfficerRequest,
    found: SubjectRequest,
    *,
    bound: tuple[SubjectAction, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    at_hand = SubjectStatus(found.status)
    steps = []
    for slug, action in STEPS.items():
        wrong_end = action == (SubjectAction.APPROVE if found.ground else SubjectAction.REFUSE)
        if wrong_end or found.office_id != user.office_id:
            continue
        if not SUBJECT_LIFECYCLE.permits(at_hand, action, list(user.roles)):
            continue
        is_bound = bound is not None and bound[0] == action
        form = bound[1] if bound and is_bound else _form(action, found, request, is_bound=False)
        steps.append({"slug": slug, "label": action.label, "form": form, "is_open": is_bound})
    is_open = at_hand in {
        SubjectStatus.RECEIVED,
        SubjectStatus.IDENTIFIED,
        SubjectStatus.PROPOSED,
    }
    context = {
        "rail": RAIL,
        "found": found,
        "facts": _facts(found),
        "events": [
            {
                "at": event.at,
                "who": event.actor.name if event.actor else "",
                "label": SubjectStatus(event.target).label,
                "reason": event.reason,
            }
            for event in found.events.select_related("actor")
        ],
        "record": with_dates(services.proposed_record(found)),
        "steps": steps,
        "form": bound[1] if bound else None,
        # Of a step that is over since: its form is not drawn any more.
        "kept": []
        if bound is None or any(step["is_open"] for step in steps)
        else kept_words(request.POST),
        "is_late": services.is_late(found),
        "is_open": is_open,
        "cases": (
            candidates(found, viewer=user)
            if found.kind == SubjectKind.CORRECTION and is_open
            else []
        ),
        "search_action": reverse("desk:queue"),
    }
    return render(request, "referrals/subject.html", context, status=status)


def _facts(found: SubjectRequest) -> list[dict[str, Any]]:
    return [
        {"term": _("Yang diminta"), "value": SubjectKind(found.kind).label},
        {"term": _("Pemohon"), "value": found.name, "note": masked_nip(found.nip)},
        {"term": _("Sebagai"), "value": SubjectCapacity(found.capacity).label},
        {
            "term": _("Identitas"),
            "value": IdentityProof(found.proof).label if found.proof else _("belum diperiksa"),
        },
        {"term": _("Kantor"), "value": found.office.name},
        {"term": _("Diterima oleh"), "value": found.received_by.name},
        {
            "term": _("Alasan penolakan"),
            "value": SubjectGround(found.ground).label if found.ground else "",
            "note": GROUND_ARTICLES[SubjectGround(found.ground)] if found.ground else "",
        },
    ]


@role_required(*BAWASLU_ROLES)
@require_GET
def subject_answer(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Hand the answer out, to be given to whoever asked."""
    found = access.readable_request(user=request.user, public_id=request_id)
    if not found.storage_name:
        raise Http404
    remark(download=True)
    response = HttpResponse(services.answer_of(found), content_type="application/zip")
    stem = f"jawaban-{found.public_id.hex[:8]}"
    response["Content-Disposition"] = f'attachment; filename="{stem}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
