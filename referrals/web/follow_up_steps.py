"""The steps of a follow-up as the page offers them: which, to whom, with which form."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bawaslu_cases.shared.http import OfficerRequest
from complaints.services.deadlines import local_day
from referrals.models import FollowUp, LedgerEntry
from referrals.selectors.follow_ups import ladder_of
from referrals.selectors.ledgers import FollowUpSheet
from referrals.selectors.ppk import sanction_choices
from referrals.services import appeals, escalation, ledger
from referrals.services import follow_up as services
from referrals.states import (
    ENDED,
    FOLLOW_UP_LIFECYCLE,
    FOLLOW_UP_OFFICERS,
    AnswerKind,
    AppealOutcome,
    FollowUpAction,
    FollowUpStatus,
)
from referrals.web.forms import ConfirmForm, ReasonForm
from referrals.web.forms_follow_up import (
    CorrectForm,
    DecideAppealForm,
    FileAppealForm,
    ResumeForm,
    StopForm,
)
from referrals.web.panels import Step, offered_steps


def offered_to(
    request: OfficerRequest, follow_up: FollowUp, sheet: FollowUpSheet
) -> list[dict[str, Any]]:
    """Return what this person may do here, the main step first. One query where a sanction is chosen."""
    if not request.user.has_role(*FOLLOW_UP_OFFICERS):
        return []
    offered = offered_steps(
        machine=FOLLOW_UP_LIFECYCLE,
        status=FollowUpStatus(follow_up.status),
        user=request.user,
        steps=_steps(request, follow_up, sheet),
    )
    return [*offered, *_ladder_steps(request, follow_up, sheet)]


def _steps(
    request: OfficerRequest, follow_up: FollowUp, sheet: FollowUpSheet
) -> dict[FollowUpAction, Step]:
    steps = _judging_steps(request, follow_up, sheet)
    held = sheet.standing.imposed
    if not isinstance(held, LedgerEntry) and follow_up.status != FollowUpStatus.APPEALED:
        return steps
    on = local_day(timezone.now(), follow_up.referral.case.office)
    groups = sanction_choices(on=on, recommended=follow_up.recommended_class)
    steps |= _appeal_steps(request, follow_up, groups)
    if isinstance(held, LedgerEntry):
        steps[FollowUpAction.CORRECT] = _correction(request, follow_up, held, groups)
    return steps


def _judging_steps(
    request: OfficerRequest, follow_up: FollowUp, sheet: FollowUpSheet
) -> dict[FollowUpAction, Step]:
    has_moved = bool(sheet.answers) and sheet.answers[-1].kind == AnswerKind.TRANSFERRED
    with_reason = {
        FollowUpAction.RETURN_ANSWER: services.return_answer,
        FollowUpAction.UPHOLD: services.uphold_recommendation,
        FollowUpAction.DROP: services.drop_recommendation,
    }
    if has_moved:
        with_reason[FollowUpAction.MOVE] = services.move_to_new_ppk
    main = {FollowUpAction.MOVE, FollowUpAction.UPHOLD}
    steps = {
        action: _reasoned(take, request, follow_up, kind="" if action in main else "outline")
        for action, take in with_reason.items()
    }
    if not has_moved:
        steps[FollowUpAction.VERIFY] = Step(
            ConfirmForm,
            lambda _form, at: services.verify_answer(
                follow_up=follow_up, officer=request.user, at=at
            ),
            kind="",
        )
    return steps


def _reasoned(
    take: Callable[..., object],
    request: OfficerRequest,
    follow_up: FollowUp,
    *,
    form_class: type[ReasonForm] = ReasonForm,
    kind: str = "outline",
) -> Step:
    """Return a step that needs nothing but its reason."""

    def carry(form: ReasonForm, at: datetime) -> object:
        reason = form.cleaned_data["reason"]
        return take(follow_up=follow_up, officer=request.user, at=at, reason=reason)

    return Step(form_class, carry, kind=kind)


def _correction(
    request: OfficerRequest, follow_up: FollowUp, held: LedgerEntry, groups: Any
) -> Step:
    return Step(
        partial(CorrectForm, groups=groups),
        lambda form, at: ledger.correct_sanction(
            follow_up=follow_up,
            officer=request.user,
            at=at,
            reason=form.cleaned_data["reason"],
            sanction_type=form.chosen_type(),
            decree_number=form.cleaned_data["decree_number"],
            decree_on=form.cleaned_data["decree_on"],
            seen=form.cleaned_data["seen"],
        ),
        initial={
            "seen": held.pk,
            "sanction_type": held.sanction_type_id,
            "decree_number": held.decree_number,
            "decree_on": held.happened_on,
        },
    )


def _appeal_steps(
    request: OfficerRequest, follow_up: FollowUp, groups: Any
) -> dict[FollowUpAction, Step]:
    return {
        FollowUpAction.FILE_APPEAL: Step(
            FileAppealForm,
            lambda form, at: appeals.file_appeal(
                follow_up=follow_up, officer=request.user, at=at, **form.cleaned_data
            ),
        ),
        FollowUpAction.DECIDE_APPEAL: Step(
            partial(DecideAppealForm, groups=groups),
            lambda form, at: appeals.decide_appeal(
                follow_up=follow_up,
                decision=appeals.Decision(
                    outcome=AppealOutcome(form.cleaned_data["outcome"]),
                    decided_on=form.cleaned_data["decided_on"],
                    number=form.cleaned_data["number"],
                    proof=form.cleaned_data["proof"],
                    sanction_type=form.chosen_type(),
                    note=form.cleaned_data["note"],
                ),
                officer=request.user,
                at=at,
            ),
            kind="",
        ),
    }


def _ladder_steps(
    request: OfficerRequest, follow_up: FollowUp, sheet: FollowUpSheet
) -> list[dict[str, Any]]:
    if ladder_of(follow_up) is None or follow_up.status in ENDED:
        return []
    if sheet.is_stopped:
        name, label = "resume", _("Lanjutkan eskalasi")
        step = _reasoned(escalation.resume_ladder, request, follow_up, form_class=ResumeForm)
    else:
        name, label = "stop", _("Hentikan eskalasi")
        step = _reasoned(escalation.stop_ladder, request, follow_up, form_class=StopForm)
    return [
        {
            "action": name,
            "label": label,
            "article": "",
            "kind": step.kind,
            "step": step,
            "refused": "",
        }
    ]
