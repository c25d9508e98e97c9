"""The recommendation to the PPK: one reviewer writes it, another one of the body signs exactly that."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import RecipientKind, SanctionClass
from bawaslu_cases.shared.errors import ConflictError, DomainError
from complaints.services.deadlines import local_day
from complaints.services.milestones import reach_case_milestone
from complaints.states import Milestone
from referrals.models import (
    FollowUp,
    RecommendationDraft,
    RecommendationSignature,
    Referral,
)
from referrals.packets.canonical import canonical, digest
from referrals.selectors.review_talk import newest_draft
from referrals.services.deadlines import start_ppk_clock
from referrals.services.ledger import open_ledger
from referrals.services.packets import hold_version
from referrals.services.review import check_body, end_review_clock
from referrals.services.transitions import move_referral, open_follow_up_history
from referrals.states import FOLLOW_UP_LIFECYCLE, ReferralAction, ReferralStatus


@transaction.atomic
def draft_recommendation(
    *, referral: Referral, reviewer: User, at: datetime, text: str, seen: str | None = None
) -> RecommendationDraft:
    """Lay down what the body would recommend; a later draft takes the place of an earlier one.

    ``seen`` is the digest of the draft that the writer had before them, "" for none; None asks nothing.
    Raises NotPermittedError, DomainError without words or for a criminal check, ConflictError where
    another draft stands by now or the referral moved on.
    """
    check_body(referral, reviewer)
    _check_words(referral, text)
    hold_version(referral)
    if seen is not None:
        stands = newest_draft(referral) if referral.status == ReferralStatus.DRAFTED else None
        if seen != (stands.sha256 if stands else ""):
            raise ConflictError(_("Rancangan berubah sejak Anda membacanya. Muat ulang halaman."))
    move_referral(referral=referral, action=ReferralAction.DRAFT, actor=reviewer, at=at)
    return _keep(referral, text, writer=reviewer, at=at)


@transaction.atomic
def draft_by_line(*, referral: Referral, at: datetime, text: str) -> RecommendationDraft:
    """Keep what a recipient's system says it recommends: a draft of nobody, in force for nobody.

    A line proves which machine spoke, not which two people decided. A reviewer takes it over as an own
    draft and another one signs (ADR 0045). Raises as :func:`draft_recommendation`.
    """
    _check_words(referral, text)
    hold_version(referral)
    move_referral(referral=referral, action=ReferralAction.DRAFT_BY_LINE, actor=None, at=at)
    return _keep(referral, text, writer=None, at=at)


@transaction.atomic
def withdraw_draft(*, referral: Referral, reviewer: User, at: datetime) -> None:
    """Take the draft back; the referral is under review again."""
    check_body(referral, reviewer)
    move_referral(referral=referral, action=ReferralAction.WITHDRAW_DRAFT, actor=reviewer, at=at)


@transaction.atomic
def sign_recommendation(
    *, referral: Referral, reviewer: User, at: datetime, seen: str
) -> list[FollowUp]:
    """Put the second signature under the draft: one follow-up per official, each with its clock.

    ``seen`` is the digest of the draft that the signer read. Raises SamePersonError for its writer,
    ConflictError when it is not the newest any more or the referral moved on, DomainError for a draft
    that nobody of the body wrote.
    """
    check_body(referral, reviewer)
    hold_version(referral)
    draft = newest_draft(referral)
    if draft is None or draft.sha256 != seen:
        raise ConflictError(_("Rancangan berubah sejak Anda membacanya. Muat ulang halaman."))
    if draft.written_by_id is None:
        raise DomainError(
            _("Rancangan ini datang lewat sambungan. Susun dulu sebagai rancangan Anda sendiri."),
            code="nobody_wrote_it",
        )
    move_referral(referral=referral, action=ReferralAction.RECOMMEND, actor=reviewer, at=at)
    RecommendationSignature.objects.create(draft=draft, signed_by=reviewer, signed_at=at)
    end_review_clock(referral, at)
    return _open_follow_ups(referral, draft.words, reviewer, at)


def _check_words(referral: Referral, text: str) -> None:
    if referral.recipient.kind != RecipientKind.CIVIL_SERVICE:
        raise DomainError(
            _("Pemeriksaan pidana tidak memberi rekomendasi kepada PPK."), code="not_for_ppk"
        )
    if not text.strip():
        raise DomainError(_("Tulis rekomendasi yang dibaca PPK"), field="text")


def _keep(
    referral: Referral, text: str, *, writer: User | None, at: datetime
) -> RecommendationDraft:
    last = referral.drafts.aggregate(last=Max("number"))["last"] or 0
    return RecommendationDraft.objects.create(
        referral=referral,
        version=referral.version,
        number=last + 1,
        words=text.strip(),
        sha256=_draft_digest(referral, number=last + 1, words=text.strip()),
        written_by=writer,
        written_at=at,
    )


def _draft_digest(referral: Referral, *, number: int, words: str) -> str:
    """Return the digest of everything a signature stands for: the words, and each line's sanction."""
    lines = referral.lines().values_list(
        "official__public_id", "agency__code", "ppk_title", "sanction_class", "legal_bases"
    )
    told = {
        "referral": referral.public_id.hex,
        "version": referral.version,
        "draft": number,
        "words": words,
        "lines": [[str(part) for part in line] for line in lines.order_by("pk")],
    }
    return digest(canonical(told))


def _open_follow_ups(referral: Referral, text: str, reviewer: User, at: datetime) -> list[FollowUp]:
    """Open one follow-up per official; of several allegations the heaviest class is recommended.

    Every PPK reads the same ``text``.
    """
    day = local_day(at, referral.case.office)
    heaviest: dict[int, FollowUp] = {}
    bases: dict[int, list[str]] = {}
    for item in referral.lines().select_related("official", "agency"):
        known = heaviest.get(item.official_id)
        told = bases.setdefault(item.official_id, [])
        told += [basis for basis in item.legal_bases if basis not in told]
        rank = SanctionClass(item.sanction_class).rank
        if known is not None and SanctionClass(known.recommended_class).rank >= rank:
            continue
        heaviest[item.official_id] = FollowUp(
            referral=referral,
            office_id=referral.office_id,
            official=item.official,
            agency=item.agency,
            ppk_title=item.ppk_title,
            recommended_class=item.sanction_class,
            recommendation=text,
            recommended_on=day,
            status=FOLLOW_UP_LIFECYCLE.initial,
            status_at=at,
        )
    for follow_up in heaviest.values():
        follow_up.save(force_insert=True)
        open_follow_up_history(follow_up=follow_up, actor=reviewer, at=at)
        open_ledger(follow_up=follow_up, bases=bases[follow_up.official_id], by=reviewer, at=at)
        start_ppk_clock(follow_up=follow_up, at=at)
    reach_case_milestone(case=referral.case, kind=Milestone.AT_AGENCY, on=day)
    return list(heaviest.values())
