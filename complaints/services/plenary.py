"""The plenary (rapat pleno): who sat, how they voted, and the minutes that a decision stands in.

Perbawaslu 7/2022 ps 16 and ps 37: officers propose, the plenary decides. Whatever leaves assessment goes
through :func:`hold` first; a constraint trigger of the database holds every other door shut.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import DomainError
from complaints.models import (
    Case,
    Complaint,
    CorrectionRequest,
    PlenaryDecision,
    PlenaryVote,
    Recusal,
)
from complaints.rules.refusals import AS_TIP, why_not_a_tip, why_not_on
from complaints.selectors.plenary import seats_of
from complaints.selectors.refusals import review_of
from complaints.states import ComplaintAction, RefusalGround


@dataclass(frozen=True)
class Vote:
    """One member's vote. ``dissent`` says why somebody was against; it goes into the minutes."""

    member: User
    in_favour: bool = True
    dissent: str = ""


@dataclass(frozen=True)
class Sitting:
    """One valid meeting on one matter: quorum present, a majority in favour, minutes that can be hashed."""

    minutes_number: str
    decided_on: date
    votes: tuple[Vote, ...]
    quorum: int

    @property
    def in_favour(self) -> int:
        """How many were for it."""
        return sum(vote.in_favour for vote in self.votes)


def unanimous(members: Sequence[User]) -> tuple[Vote, ...]:
    """Return the votes of a meeting in which nobody was against."""
    return tuple(Vote(member) for member in members)


def hold(
    *,
    office: Office,
    subject: Complaint | Case | CorrectionRequest,
    minutes_number: str,
    decided_on: date,
    votes: Sequence[Vote],
    today: date,
) -> Sitting:
    """Check a meeting of this office's plenary on one matter and return it.

    DomainError, with the field that is wrong: minutes of a day to come, somebody who has no seat there
    or has a conflict of interest, the same member twice, too few members, no majority, a vote against
    without words. Two queries.
    """
    if decided_on > today:
        raise DomainError(_("Tanggal pleno tidak boleh setelah hari ini"), field="decided_on")
    if not minutes_number.strip():
        raise DomainError(_("Tulis nomor berita acara"), field="minutes_number")
    ids = [vote.member.pk for vote in votes]
    seated = {member.pk for member in seats_of(office)}
    if len(set(ids)) != len(ids) or not set(ids) <= seated:
        raise DomainError(_("Hanya anggota pleno kantor ini yang bersuara."), field="present")
    if _recused(subject, ids):
        raise DomainError(
            _("Seorang anggota punya benturan kepentingan dan tidak ikut memutus."),
            field="present",
        )
    if len(votes) < office.quorum:
        raise DomainError(
            _("Pleno kantor ini memerlukan paling sedikit %(count)d anggota.")
            % {"count": office.quorum},
            field="present",
            code="no_quorum",
        )
    if any(not vote.in_favour and not vote.dissent.strip() for vote in votes):
        raise DomainError(_("Tulis pendapat anggota yang tidak setuju"), field="dissent")
    sitting = Sitting(minutes_number.strip(), decided_on, tuple(votes), office.quorum)
    if sitting.in_favour * 2 <= len(votes):
        raise DomainError(
            _("Putusan memerlukan lebih dari separuh anggota yang hadir."),
            field="against",
            code="no_majority",
        )
    return sitting


def _recused(subject: Complaint | Case | CorrectionRequest, ids: Sequence[int]) -> bool:
    rows = Recusal.objects.filter(user__in=ids)
    if isinstance(subject, Complaint):
        return rows.filter(complaint=subject).exists()
    case = subject if isinstance(subject, Case) else subject.case
    return rows.filter(case=case).exists()


def check_seat(*, member: User, office: Office) -> None:
    """Refuse a decision that somebody of another office records: each plenary writes its own minutes."""
    if member.office_id != office.pk:
        raise DomainError(
            _("Putusan ini dicatat oleh pleno kantor yang menangani."), code="other_plenary"
        )


@transaction.atomic
def keep_decision(
    *,
    sitting: Sitting,
    outcome: str,
    note: str,
    recorded_by: User,
    ground: str = "",
    also: Sequence[str] = (),
    **subject: Any,
) -> PlenaryDecision:
    """Keep what was decided with every vote and the digest of the minutes. Two inserts."""
    decision = PlenaryDecision.objects.create(
        outcome=outcome,
        ground=ground,
        also=list(also),
        minutes_number=sitting.minutes_number,
        decided_on=sitting.decided_on,
        members_present=len(sitting.votes),
        in_favour=sitting.in_favour,
        quorum=sitting.quorum,
        minutes_digest=minutes_digest(
            sitting=sitting, outcome=outcome, ground=ground, also=also, note=note, **subject
        ),
        note=note,
        recorded_by=recorded_by,
        **subject,
    )
    PlenaryVote.objects.bulk_create(
        PlenaryVote(
            decision=decision,
            member=vote.member,
            in_favour=vote.in_favour,
            dissent="" if vote.in_favour else vote.dissent.strip(),
        )
        for vote in sitting.votes
    )
    return decision


def minutes_digest(
    *, sitting: Sitting, outcome: str, ground: str, also: Sequence[str], note: str, **subject: Any
) -> str:
    """Return the SHA-256 (hex) of the canonical minutes: sorted keys, no spaces, UTF-8, ids not names."""
    ((kind, row),) = subject.items()
    text = json.dumps(
        {
            "subject": f"{kind}:{row.public_id}",
            "outcome": outcome,
            "ground": ground,
            "also": sorted(also),
            "minutes": sitting.minutes_number,
            "day": sitting.decided_on.isoformat(),
            "quorum": sitting.quorum,
            "note": note,
            "votes": sorted(
                (
                    str(vote.member.public_id),
                    vote.in_favour,
                    "" if vote.in_favour else vote.dissent.strip(),
                )
                for vote in sitting.votes
            ),
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def check_ground(*, complaint: Complaint, action: str, ground: str) -> str:
    """Return the ground of a refusal; other outcomes have none.

    DomainError for a ground that form B.7 does not have or the record contradicts (PB7 ps 14, 23, 24), and
    for a report that may not go on as a tip. Three queries for a refusal or a tip, the record locked.
    """
    if action not in {ComplaintAction.REFUSE, ComplaintAction.KEEP_AS_TIP}:
        return ""
    if action == ComplaintAction.REFUSE and ground not in RefusalGround.values:
        raise DomainError(_("Pilih dasar tidak diregistrasi"), field="ground")
    # A verifier's answer may still come in while the plenary sits: it waits, or is seen here.
    Complaint.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=complaint.pk)
    check_refusal(
        complaint=complaint, ground=ground if action == ComplaintAction.REFUSE else AS_TIP
    )
    return ground if action == ComplaintAction.REFUSE else ""


def check_refusal(*, complaint: Complaint, ground: str) -> None:
    """Raise DomainError where the record contradicts a ground, or AS_TIP. Two queries."""
    review = review_of(complaint)
    if ground == AS_TIP:
        if why := why_not_a_tip(review):
            raise DomainError(why, code="not_a_tip")
    elif why := why_not_on(ground, review):
        raise DomainError(why, field="ground" if ground else "", code="ground_contradicted")
