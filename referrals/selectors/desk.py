"""What Bawaslu's own desk reads: referrals of the scope, one referral with its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import RecipientKind
from complaints.models import Case
from complaints.selectors.keyset import Cursor, Order, Page, keyset_page
from referrals.models import Letter, Referral, ReferralEvent, ReferralItem, ReferralVersion
from referrals.selectors.running import with_days
from referrals.selectors.wording import (
    REFERRAL_HISTORY,
    REFERRAL_STATE,
    history_lines,
    running_clock,
    time_left,
)
from referrals.states import ReferralAction, ReferralStatus

PAGE_SIZE = 30
DECIDED_SHOWN = 20


def referral_queue(user: User) -> QuerySet[Referral]:
    """Return the referrals of the person's own office and below. One query when read."""
    if user.recipient_body_id is not None or user.agency_id is not None:
        return Referral.objects.none()
    return Referral.objects.visible_to(user).select_related(
        "case__office__region", "case__contest", "recipient"
    )


def referral_page(user: User, *, cursor: Cursor | None) -> Page[Referral]:
    """Return one page of the list, newest first. One query."""
    return keyset_page(
        with_days(referral_queue(user), "referral"),
        order=Order.NEWEST_FIRST,
        cursor=cursor,
        size=PAGE_SIZE,
    )


def cases_to_refer(user: User) -> list[Case]:
    """Return cases that the plenary decided to refer and nobody proposed yet. One query, capped."""
    decided = Case.objects.visible_to(user).filter(status="decided").select_related("office")
    live = (
        Referral.objects.exclude(status=ReferralStatus.WITHDRAWN)
        # a case at the criminal check alone still waits for the civil-service body
        .filter(recipient__kind=RecipientKind.CIVIL_SERVICE)
        .values("case_id")
    )
    return list(decided.exclude(pk__in=live).order_by("pk")[:DECIDED_SHOWN])


def referral_rows(page: Page[Referral], *, at: datetime) -> list[dict[str, Any]]:
    """Return rows for the list. No query."""
    rows = []
    for referral in page.rows:
        left, tone = time_left(referral, referral.case.office.time_zone, at)
        rows.append(
            {
                "referral": referral,
                "state": REFERRAL_STATE[ReferralStatus(referral.status)],
                "left": left,
                "tone": tone,
            }
        )
    return rows


def referrals_of(case: Case) -> list[Referral]:
    """Return every referral of a case, newest first. One query."""
    return list(Referral.objects.filter(case=case).select_related("recipient").order_by("-pk"))


@dataclass(frozen=True)
class ReferralSheet:
    """One referral as the desk shows it."""

    items: Sequence[ReferralItem]
    letters: Sequence[Letter]
    history: list[dict[str, Any]]
    clock: Any
    state: str
    proposer_id: int | None


def referral_items(referral: Referral) -> list[ReferralItem]:
    """Return the lines of a referral with what they name. One query."""
    return list(
        referral.lines().select_related("official", "agency", "rule", "allegation").order_by("pk")
    )


@dataclass(frozen=True)
class FormerVersion:
    """A superseded version: what it was laid down with (None from before that was kept) and its lines."""

    number: int
    written: ReferralVersion | None
    items: Sequence[ReferralItem]


def former_versions(referral: Referral) -> list[FormerVersion]:
    """Return the versions before the newest, newest first. Two queries, none for a first version."""
    if referral.version == 1:
        return []
    written = {each.version: each for each in referral.versions.select_related("written_by").all()}
    lines = (
        referral.items.filter(version__lt=referral.version)
        .select_related("official", "agency", "rule", "allegation")
        .order_by("-version", "pk")
    )
    by_version: dict[int, list[ReferralItem]] = {}
    for line in lines:
        by_version.setdefault(line.version, []).append(line)
    return [
        FormerVersion(number, written.get(number), items) for number, items in by_version.items()
    ]


def referral_sheet(referral: Referral, *, at: datetime) -> ReferralSheet:
    """Return everything of one referral. Four queries."""
    events = list(referral.events.select_related("actor").order_by("pk"))
    return ReferralSheet(
        items=referral_items(referral),
        letters=list(referral.letters.all()),
        history=history_lines(
            events,
            words=REFERRAL_HISTORY,
            time_zone=referral.case.office.time_zone,
            with_names=True,
        ),
        clock=running_clock(referral.deadlines.all(), kind="recipient_review", at=at),
        state=REFERRAL_STATE[ReferralStatus(referral.status)],
        proposer_id=proposer_of(events),
    )


def proposer_of(events: Sequence[ReferralEvent]) -> int | None:
    """Return who laid the version down that waits for a second person. No query."""
    for event in reversed(events):
        if event.action in {"create", ReferralAction.RESUBMIT}:
            return event.actor_id
    return None
