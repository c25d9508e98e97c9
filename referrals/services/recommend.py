"""From a decided case to a proposed referral: what the rules say of each allegation, explained.

Rule by event date and phase, legal bases, sanction class, recipient body valid on the day of
referral, and the PPK of that day. Written as data; a second person approves.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Agency, RecipientBody, ViolationRule
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from bawaslu_cases.shared.outbox.services import publish
from complaints.models import Allegation, Case, Official
from complaints.services.cases import complete_official, correct_allegation
from complaints.services.deadlines import local_day
from complaints.services.transitions import move_case
from complaints.states import CaseAction, CaseStatus
from referrals.errors import IncompletePacketError, NoRuleError
from referrals.models import Referral, ReferralItem
from referrals.services.delivery import ISSUE, outbox_subject
from referrals.services.packets import approve_draft, hold_version, refuse_leaks
from referrals.services.transitions import move_referral, open_referral_history
from referrals.states import (
    PROPOSERS,
    REFERRAL_LIFECYCLE,
    ReferralAction,
    ReferralStatus,
)


@dataclass(frozen=True)
class ProposedItem:
    """What the rules say of one allegation; ``explanation`` is a list of [text, article]."""

    allegation: Allegation
    rule: ViolationRule
    agency: Agency
    ppk_title: str
    ppk_conflict: bool
    explanation: list[list[str]]

    @property
    def official(self) -> Official:
        """The person concerned."""
        return self.allegation.official

    @property
    def legal_bases(self) -> list[str]:
        """The bases of the rule."""
        return list(self.rule.legal_bases)


@dataclass(frozen=True)
class Recommendation:
    """The proposal for one case: the recipient, one item per allegation, and what still lacks."""

    recipient: RecipientBody
    items: tuple[ProposedItem, ...]
    missing: tuple[str, ...]


def recommendation_for(*, case: Case, on: date) -> Recommendation:
    """Work out the recommendation for a case as the rules stand. Reads only.

    Raises NoRuleError when an allegation is covered by no rule.
    """
    recipient = registry.recipient_on(on)
    items: list[ProposedItem] = []
    missing: list[str] = []
    allegations = case.allegations.select_related("official__agency__region")
    for allegation in allegations:
        official = allegation.official
        proposal = registry.violation_rule_for(
            acts=allegation.acts,
            contest=case.contest,
            event_on=allegation.event_on,
            employment=official.employment,
        )
        if proposal is None:
            raise NoRuleError(
                _("Tidak ada aturan yang mencakup dugaan terhadap %(official)s pada tanggal itu.")
                % {"official": official}
            )
        missing += _missing(allegation)
        if official.agency is None:
            continue
        ppk = registry.ppk_for(
            agency=official.agency,
            unit_kind=official.unit_kind,
            position=official.position,
            on=on,
        )
        explanation = [[str(text), str(article)] for text, article in proposal.explanation]
        explanation.append([str(ppk.reason), ""])
        explanation.append(
            [
                _("Penerima pada %(day)s: %(body)s")
                % {"day": on.strftime("%d-%m-%Y"), "body": recipient.name},
                "",
            ]
        )
        items.append(
            ProposedItem(
                allegation=allegation,
                rule=proposal.rule,
                agency=ppk.agency,
                ppk_title=ppk.title,
                ppk_conflict=ppk.conflict,
                explanation=explanation,
            )
        )
    return Recommendation(recipient, tuple(items), tuple(missing))


def _missing(allegation: Allegation) -> list[str]:
    """Return what recipients have returned referrals for (domain.md §4), in words."""
    official = allegation.official
    asked: list[tuple[Any, str]] = [
        (official.name, _("nama")),
        (official.position, _("jabatan")),
        (official.agency, _("instansi")),
        (allegation.place, _("tempat kejadian")),
    ]
    return [f"{official}: {label}" for value, label in asked if not value]


def _items_of(referral: Referral, proposal: Recommendation) -> list[ReferralItem]:
    return [
        ReferralItem(
            referral=referral,
            version=referral.version,
            allegation=item.allegation,
            official=item.allegation.official,
            rule=item.rule,
            legal_bases=list(item.rule.legal_bases),
            sanction_class=item.rule.sanction_class,
            agency=item.agency,
            ppk_title=item.ppk_title,
            ppk_conflict=item.ppk_conflict,
            explanation=item.explanation,
        )
        for item in proposal.items
    ]


def _refuse_incomplete(proposal: Recommendation) -> None:
    if proposal.missing:
        raise IncompletePacketError(
            _("Belum lengkap: %(what)s") % {"what": "; ".join(proposal.missing)},
            missing=proposal.missing,
        )


@transaction.atomic
def propose_referral(*, case: Case, officer: User, at: datetime) -> Referral:
    """Write the recommendation down as a proposal that a second person must approve.

    Raises DomainError before the plenary decided, IncompletePacketError, NoRuleError.
    """
    if not officer.has_role(*PROPOSERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    # two proposals at once would meet at the unique key; the second shall read a sentence instead
    Case.objects.select_for_update().get(pk=case.pk)
    if case.status not in {CaseStatus.DECIDED, CaseStatus.REFERRED}:
        raise DomainError(_("Pleno belum memutuskan perkara ini diteruskan."), code="not_decided")
    proposal = recommendation_for(case=case, on=local_day(at, case.office))
    _refuse_incomplete(proposal)
    if (
        Referral.objects.filter(case=case, recipient=proposal.recipient)
        .exclude(status=ReferralStatus.WITHDRAWN)
        .exists()
    ):
        raise DomainError(_("Rujukan untuk penerima ini sudah ada."), code="exists")
    referral = Referral.objects.create(
        case=case,
        recipient=proposal.recipient,
        status=REFERRAL_LIFECYCLE.initial,
        status_at=at,
        summary=case.summary,
    )
    ReferralItem.objects.bulk_create(_items_of(referral, proposal))
    open_referral_history(referral=referral, actor=officer, at=at)
    return referral


@transaction.atomic
def approve_referral(
    *,
    referral: Referral,
    approver: User,
    at: datetime,
    seen: str = "",
    acknowledged: Collection[str] = (),
) -> None:
    """Let a second person approve; the letter is promised to the outbox in this transaction.

    ``seen`` is the digest of the draft that they read, ``acknowledged`` the warnings they took note of.
    Raises what :func:`approve_draft` raises.
    """
    approve_draft(referral=referral, approver=approver, at=at, seen=seen, acknowledged=acknowledged)
    move_referral(referral=referral, action=ReferralAction.APPROVE, actor=approver, at=at)
    if referral.case.status == CaseStatus.DECIDED:
        move_case(case=referral.case, action=CaseAction.REFER, actor=None, at=at)
    publish(topic=ISSUE, subject_id=outbox_subject(referral))


@transaction.atomic
def withdraw_proposal(*, referral: Referral, officer: User, at: datetime, reason: str) -> None:
    """Refuse a proposal before anything left the house; a new one may follow."""
    move_referral(
        referral=referral, action=ReferralAction.WITHDRAW, actor=officer, at=at, reason=reason
    )


@transaction.atomic
def resubmit_referral(
    *, referral: Referral, officer: User, at: datetime, reason: str, summary: str
) -> None:
    """Answer a return: the next version goes to a second person again and keeps its number.

    What was completed since is taken over: the items are worked out anew for today. Raises
    IncompletePacketError, NoRuleError, and DomainError when another body receives referrals now.
    """
    case = referral.case
    proposal = recommendation_for(case=case, on=local_day(at, case.office))
    if proposal.recipient.pk != referral.recipient_id:
        raise DomainError(
            _("Lembaga penerima sudah berganti. Usulkan rujukan baru."), code="recipient_changed"
        )
    _refuse_incomplete(proposal)
    hold_version(referral)
    refuse_leaks(referral=referral, summary=summary)
    move_referral(
        referral=referral,
        action=ReferralAction.RESUBMIT,
        actor=officer,
        at=at,
        reason=reason,
        also={"version": referral.version + 1, "summary": summary.strip() or referral.summary},
    )
    ReferralItem.objects.bulk_create(_items_of(referral, proposal))


@dataclass(frozen=True)
class Details:
    """What an officer can still complete of one allegation before the letter goes out.

    The two ``seen`` digests are those of the rows the person started from.
    """

    name: str
    position: str
    grade: str
    unit: str
    nip: str
    agency: Agency | None
    place: str
    seen_official: str = ""
    seen_allegation: str = ""


@transaction.atomic
def complete_allegation(
    *, case: Case, allegation: Allegation, details: Details, officer: User
) -> None:
    """Fill in what the completeness gate or a returning recipient asks for (domain.md §4).

    Refused while a referral of the case is on its way: what a recipient reads must not change.
    Raises ConflictError when somebody wrote since ``seen``.
    """
    if not officer.has_role(*PROPOSERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    # a proposal locks the case, too: what it takes over is whole
    if not may_be_completed(case=Case.objects.select_for_update().get(pk=case.pk)):
        raise DomainError(_("Data ini tidak dapat diubah sekarang."), code="too_late")
    complete_official(
        case=case,
        official=allegation.official,
        officer=officer,
        seen=details.seen_official,
        name=details.name,
        position=details.position,
        grade=details.grade,
        unit=details.unit,
        nip=details.nip,
        agency=details.agency,
    )
    correct_allegation(
        case=case,
        allegation=allegation,
        officer=officer,
        acts=allegation.acts,
        event_on=allegation.event_on,
        place=details.place,
        description=allegation.description,
        seen=details.seen_allegation,
    )


def may_be_completed(*, case: Case) -> bool:
    """Say whether the people of a decided case may still be completed. One query at most."""
    if case.status not in {CaseStatus.DECIDED, CaseStatus.REFERRED}:
        return False
    settled = [ReferralStatus.RETURNED, ReferralStatus.WITHDRAWN]
    return not Referral.objects.filter(case=case).exclude(status__in=settled).exists()
