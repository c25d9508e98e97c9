"""Referrals at each stage, built through the product's own services."""

from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

import pikepdf

from bawaslu_cases.registry.models import SanctionType
from complaints.models import Case, Complaint, Derivative
from complaints.services.cases import (
    decide_on_case,
    register_finding,
    submit_assessment,
    write_assessment,
)
from complaints.states import CaseAction
from referrals.models import FollowUp, Referral
from referrals.selectors.review_talk import unanswered_items
from referrals.services.delivery import issue_referral, outbox_subject
from referrals.services.dispatches import deliver_referral
from referrals.services.follow_up import Answer, answer_follow_up
from referrals.services.packets import attach_copy, review_draft
from referrals.services.recommend import approve_referral, propose_referral, resubmit_referral
from referrals.services.review import accept_referral
from referrals.services.signing import draft_recommendation, sign_recommendation
from referrals.states import AnswerKind
from tests.factories import AT, decided_case, person, votes_of
from tests.support.evidence import evidence_of, let_through

RECOMMENDATION = "Jatuhkan hukuman disiplin sesuai golongan yang disebut."


def fresh(referral: Referral) -> Referral:
    return Referral.objects.select_related(
        "case__office__region", "case__contest", "recipient"
    ).get(pk=referral.pk)


def proposed(case: Case | None = None, officer: str = "sari", **changes: Any) -> Referral:
    return propose_referral(case=case or decided_case(**changes), officer=person(officer), at=AT)


def approval(referral: Referral) -> dict[str, Any]:
    """Return what the page of a proposal sends when its reader approves all of it."""
    draft = review_draft(referral=fresh(referral), at=AT)
    return {
        "action": "approve",
        "approve-seen": draft.digest,
        "approve-acknowledged": [each.key for each in draft.warnings],
    }


def approved(case: Case | None = None, **changes: Any) -> Referral:
    referral = proposed(case, **changes)
    approve_referral(referral=referral, approver=person("joko"), at=AT)
    return referral


def carried(referral: Referral, at: datetime = AT) -> Referral:
    """Carry out what the outbox promised, without a broker; nothing reaches a body that has ended."""
    subject = outbox_subject(referral)
    issue_referral(subject_id=subject, destination="", at=at)
    deliver_referral(subject_id=subject, destination="inbox", at=at)
    return fresh(referral)


def carried_after_approval(referral: Referral) -> Referral:
    """Let the second person approve what was proposed on a page, and carry it out."""
    approve_referral(referral=referral, approver=person("joko"), at=AT)
    return carried(referral)


def delivered(case: Case | None = None, **changes: Any) -> Referral:
    return carried(approved(case, **changes))


def accepted(case: Case | None = None, **changes: Any) -> Referral:
    referral = delivered(case, **changes)
    accept_referral(referral=referral, reviewer=person("anwar"), at=AT)
    return referral


def recommended(case: Case | None = None, **changes: Any) -> FollowUp:
    referral = accepted(case, **changes)
    return both_sign(referral)[0]


def both_sign(
    referral: Referral,
    *,
    text: str = RECOMMENDATION,
    at: datetime = AT,
    pair: tuple[str, str] = ("anwar", "bima"),
) -> list[FollowUp]:
    """Let one reviewer of the body write a recommendation and another one sign it."""
    draft = draft_recommendation(referral=referral, reviewer=person(pair[0]), at=at, text=text)
    return sign_recommendation(
        referral=referral, reviewer=person(pair[1]), at=at, seen=draft.sha256
    )


def resubmitted(referral: Referral, *, deliver: bool = True) -> Referral:
    """Answer every row of a return with the next version, and deliver it."""
    resubmit_referral(
        referral=referral,
        officer=person("sari"),
        at=AT,
        reason="Dilengkapi.",
        summary=referral.summary,
        answers={item.pk: "Dilengkapi di lembar data." for item in unanswered_items(referral)},
    )
    return carried_after_approval(fresh(referral)) if deliver else fresh(referral)


def with_text(referral: Referral, words: str, officer: str = "sari") -> Derivative:
    """Let an officer put a text with a proposal, as its copy would be."""
    complaint = referral.case.complaints.get()
    evidence = evidence_of(complaint, f"{words}!".encode(), at=AT, added_by=person(officer))
    let_through(evidence, words)
    copy = Derivative.objects.select_related("evidence", "file").get(evidence=evidence)
    attach_copy(referral=referral, copy=copy, officer=person(officer), at=AT, is_checked=True)
    return copy


@lru_cache(maxsize=1)
def pdf() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    buffer = BytesIO()
    document.save(buffer, static_id=True)
    return buffer.getvalue()


def sanction(**changes: Any) -> Answer:
    plain: dict[str, Any] = {
        "kind": AnswerKind.SANCTION,
        "proof": pdf(),
        "sanction_type": SanctionType.objects.get(code="TJ_12"),
        "decree_number": "800/123/2024",
        "decree_on": (AT + timedelta(days=3)).date(),
    }
    return Answer(**(plain | changes))


LATER = AT + timedelta(days=7)


def answered(case: Case | None = None, **changes: Any) -> FollowUp:
    follow_up = recommended(case, **changes)
    answer_follow_up(follow_up=follow_up, answer=sanction(), staff=person("putu"), at=LATER)
    return follow_up


def decided(finding: Complaint) -> Case:
    """Register, assess and decide a finding that exists already."""
    officer = person("sari")
    case = register_finding(complaint=finding, officer=officer, at=AT)
    write_assessment(
        case=case,
        summary="Camat mengajak warga memilih salah satu pasangan calon.",
        assessment="Unsur keberpihakan terpenuhi.",
        officer=officer,
    )
    submit_assessment(case=case, officer=officer, at=AT)
    decide_on_case(
        case=case,
        action=CaseAction.DECIDE_REFER,
        member=person("dewi"),
        at=AT,
        minutes_number="14/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(case),
    )
    return case
