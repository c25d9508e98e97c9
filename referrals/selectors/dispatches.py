"""What is on its way to recipients, and what is stuck."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.models import OutboxMessage
from referrals.models import Destination, Dispatch, Referral
from referrals.states import Channel, DestinationStatus, DispatchStatus

SLOW_AFTER = timedelta(hours=1)
"""A line that takes longer than this is looked at by a person."""
SILENT_AFTER = timedelta(days=5)
"""Three working days and a weekend: whoever fetches or answers would have."""
SHOWN = 200
ANSWERED_BACK = (DispatchStatus.RETURNED, DispatchStatus.REFUSED)
SPEAKS = (Channel.WEBHOOK, Channel.EMAIL)
"""Channels over which the other side says that it has it."""


@dataclass(frozen=True)
class DispatchLine:
    """One dispatch as it is listed; ``trouble`` is empty while nothing is wrong with it."""

    dispatch: Dispatch
    place: str
    trouble: str
    error: str = ""


@dataclass(frozen=True)
class Stuck:
    """The dispatches somebody must look at, worst first, and how many are on their way in all."""

    lines: list[DispatchLine]
    on_their_way: int
    done: int

    def of(self, trouble: str) -> list[DispatchLine]:
        """Return the lines of one kind of trouble."""
        return [line for line in self.lines if line.trouble == trouble]


def visible_dispatches(user: User) -> QuerySet[Dispatch]:
    """Return the dispatches of the referrals in the person's scope."""
    referrals = Referral.objects.visible_to(user)
    return Dispatch.objects.filter(referral__in=referrals).select_related(
        "referral__case__office", "referral__recipient"
    )


def stuck_dispatches(user: User, *, at: datetime) -> Stuck:
    """Return what needs a person: to carry, slow, silent, sent back. Four queries, 200 lines at most."""
    rows = visible_dispatches(user)
    numbers = rows.aggregate(
        way=Count("pk", filter=Q(status__in=[DispatchStatus.PENDING, DispatchStatus.SENT])),
        done=Count("pk", filter=Q(status=DispatchStatus.ACKNOWLEDGED)),
    )
    wanted = (
        Q(status=DispatchStatus.TO_HAND_OVER)
        | Q(status=DispatchStatus.PENDING, status_at__lt=at - SLOW_AFTER)
        | Q(status=DispatchStatus.SENT, channel__in=SPEAKS, status_at__lt=at - SILENT_AFTER)
        | Q(status__in=ANSWERED_BACK)
    )
    found = list(rows.filter(wanted).order_by("status_at", "pk")[:SHOWN])
    return Stuck(_lines(found, at=at), numbers["way"], numbers["done"])


def dispatches_of(referral: Referral, *, at: datetime) -> list[DispatchLine]:
    """Return the ways of a referral, newest version first. Three queries."""
    rows = Dispatch.objects.filter(referral=referral).order_by("-version", "pk")
    found = list(rows)
    for row in found:
        row.referral = referral
    return _lines(found, at=at)


def _lines(found: list[Dispatch], *, at: datetime) -> list[DispatchLine]:
    names = dict(
        Destination.objects.filter(code__in={row.destination for row in found}).values_list(
            "code", "name"
        )
    )
    waiting = {
        (f"{row.referral.public_id}:{row.version}:{row.round}", row.destination): row
        for row in found
        if row.status == DispatchStatus.PENDING
    }
    parked = {
        (subject, place): code
        for subject, place, code in OutboxMessage.objects.filter(
            topic="referral.deliver",
            status=OutboxMessage.Status.PARKED,
            subject_id__in={subject for subject, _place in waiting},
        ).values_list("subject_id", "destination", "last_error_code")
    }
    errors = {waiting[key].pk: code for key, code in parked.items() if key in waiting}
    return [
        DispatchLine(
            row,
            names.get(row.destination, str(Channel.INBOX.label)),
            _trouble(row, at=at, is_parked=row.pk in errors),
            errors.get(row.pk, ""),
        )
        for row in found
    ]


def _trouble(row: Dispatch, *, at: datetime, is_parked: bool) -> str:
    if is_parked:
        return "parked"
    if row.status == DispatchStatus.TO_HAND_OVER:
        return "carry"
    if row.status in ANSWERED_BACK:
        return "back"
    if row.status == DispatchStatus.PENDING and row.status_at < at - SLOW_AFTER:
        return "slow"
    is_silent = row.status_at < at - SILENT_AFTER and row.channel in SPEAKS
    return "silent" if row.status == DispatchStatus.SENT and is_silent else ""


def destinations() -> list[Destination]:
    """Return every address, those in use first. One query."""
    order = [DestinationStatus.PROPOSED, DestinationStatus.ACTIVE, DestinationStatus.ENDED]
    rows = Destination.objects.select_related("recipient").order_by("recipient__code", "code")
    return sorted(rows, key=lambda row: order.index(DestinationStatus(row.status)))


def active_destination(code: str) -> Destination | None:
    """Return an address in use by its code. One query."""
    return Destination.objects.filter(code=code, status=DestinationStatus.ACTIVE).first()
