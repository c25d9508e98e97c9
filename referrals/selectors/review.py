"""What a recipient body reads: only what was delivered to it, and nothing of how it came about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Agency
from complaints.selectors.keyset import Cursor, Order, Page, keyset_page
from referrals.models import Delivery, FollowUp, Letter, Referral, ReferralItem
from referrals.selectors.running import with_days
from referrals.selectors.wording import (
    REFERRAL_HISTORY,
    REFERRAL_STATE,
    history_lines,
    running_clock,
    time_left,
)
from referrals.states import AT_RECIPIENT, ReferralAction, ReferralStatus

PAGE_SIZE = 30

SEEN_ACTIONS = (
    ReferralAction.DELIVER,
    ReferralAction.ACCEPT,
    ReferralAction.RETURN,
    ReferralAction.RETURN_BY_LINE,
    ReferralAction.DRAFT,
    ReferralAction.DRAFT_BY_LINE,
    ReferralAction.WITHDRAW_DRAFT,
    ReferralAction.RECOMMEND,
    ReferralAction.FIND_NOT_PROVEN,
    ReferralAction.CLOSE,
)
"""The part of the history that belongs to the recipient: from the delivery on."""

_S = ReferralStatus
WAITING = tuple(status for status in ReferralStatus if status in AT_RECIPIENT)
DONE = (_S.RETURNED, _S.RECOMMENDED, _S.NOT_PROVEN, _S.CLOSED)


def delivered_referrals(user: User) -> QuerySet[Referral]:
    """Return what was delivered to the reviewer's body; a next version not yet delivered is hidden.

    One query when read.
    """
    if user.recipient_body_id is None:
        return Referral.objects.none()
    return Referral.objects.visible_to(user).select_related(
        "case__office__region", "case__contest", "recipient"
    )


# --- the inbox --------------------------------------------------------------------------------------


_DUE_WITHIN = {"3": timedelta(days=3), "7": timedelta(days=7), "14": timedelta(days=14)}


@dataclass(frozen=True)
class InboxFilters:
    """What the inbox' address asks for; what does not hold is left out.

    ``due``: "late", or within so many days.
    """

    is_open: bool = True
    status: str = ""
    agency: str = ""
    due: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str], agencies: Iterable[Agency]) -> "InboxFilters":
        """Read ``lihat``, ``tahap``, ``instansi`` and ``tenggat``."""
        is_open = query.get("lihat") != "selesai"
        status, due = query.get("tahap", ""), query.get("tenggat", "")
        agency = query.get("instansi", "")
        return cls(
            is_open=is_open,
            status=status if status in (WAITING if is_open else DONE) else "",
            agency=agency if agency in {each.code for each in agencies} else "",
            due=due if is_open and due in {"late", *_DUE_WITHIN} else "",
        )

    def query(self) -> str:
        """Return the part of an address that says the same."""
        parts = [
            ("lihat", "" if self.is_open else "selesai"),
            ("tahap", self.status),
            ("instansi", self.agency),
            ("tenggat", self.due),
        ]
        return "".join(f"&{name}={value}" for name, value in parts if value)

    def choices(self, agencies: Iterable[Agency]) -> list[dict[str, Any]]:
        """Return the fields of the filter form. No query."""
        stages = [(status.value, status.label) for status in (WAITING if self.is_open else DONE)]
        fields = [
            _field("tahap", _("Tahap"), stages, self.status),
            _field(
                "instansi",
                _("Instansi"),
                [(each.code, each.short_name) for each in agencies],
                self.agency,
            ),
        ]
        if self.is_open:
            days = [(key, _("Dalam %(count)s hari") % {"count": key}) for key in _DUE_WITHIN]
            due = [("late", _("Lewat tenggat")), *days]
            fields.append(_field("tenggat", _("Tenggat"), due, self.due))
        return fields


def _field(name: str, label: str, choices: Iterable[Any], chosen: str) -> dict[str, Any]:
    options = [
        {"value": value, "label": text, "selected": value == chosen} for value, text in choices
    ]
    return {"name": name, "label": label, "options": options}


def _lines_of_version() -> QuerySet[ReferralItem]:
    return ReferralItem.objects.filter(referral=OuterRef("pk"), version=OuterRef("version"))


def inbox_agencies(user: User) -> list[Agency]:
    """Return the agencies that stand in what was delivered to the body. One query."""
    lines = ReferralItem.objects.filter(
        referral__in=delivered_referrals(user).order_by().values("pk"),
        version=F("referral__version"),
    )
    return list(Agency.objects.filter(pk__in=lines.values("agency")).order_by("short_name"))


def inbox_counts(user: User, *, at: datetime) -> list[dict[str, Any]]:
    """Return what waits, by stage, and how much of it is late. One query."""
    waiting = delivered_referrals(user).filter(status__in=WAITING).order_by()
    counted = waiting.aggregate(
        **{status.value: Count("pk", filter=Q(status=status)) for status in WAITING},
        late=Count("pk", filter=Q(due_at__lt=at)),
    )
    tiles = [
        {"number": counted[status.value], "label": status.label, "query": f"?tahap={status.value}"}
        for status in WAITING
    ]
    late = {"number": counted["late"], "label": _("Lewat tenggat"), "query": "?tenggat=late"}
    return [*tiles, {**late, "tone": "late" if counted["late"] else ""}]


def review_page(
    user: User, filters: InboxFilters, *, cursor: Cursor | None, at: datetime
) -> Page[Referral]:
    """Return one page of the inbox: what waits by deadline, what is done newest first.

    Two queries: rows and their lines; at most three.
    """
    statuses = WAITING if filters.is_open else DONE
    rows = delivered_referrals(user).filter(
        status__in=[filters.status] if filters.status else statuses
    )
    if filters.agency:
        rows = rows.filter(Exists(_lines_of_version().filter(agency__code=filters.agency)))
    if filters.due == "late":
        rows = rows.filter(due_at__lt=at)
    elif filters.due:
        rows = rows.filter(due_at__gte=at, due_at__lt=at + _DUE_WITHIN[filters.due])
    lines = ReferralItem.objects.filter(version=F("referral__version")).select_related(
        "rule", "agency"
    )
    rows = with_days(rows, "referral")
    rows = rows.prefetch_related(Prefetch("items", queryset=lines.order_by("pk"), to_attr="told"))
    order = Order.BY_DEADLINE if filters.is_open else Order.NEWEST_FIRST
    return keyset_page(rows, order=order, cursor=cursor, size=PAGE_SIZE)


def inbox_rows(page: Page[Referral], *, at: datetime) -> list[dict[str, Any]]:
    """Return rows for the inbox, named by what the letter says and not by the file's own title.

    No query.
    """
    rows = []
    for referral in page.rows:
        left, tone = time_left(referral, referral.case.office.time_zone, at)
        told: Sequence[ReferralItem] = referral.told  # type: ignore[attr-defined]
        agencies = dict.fromkeys(each.agency.short_name for each in told)
        rows.append(
            {
                "referral": referral,
                "title": told[0].rule.title_id if told else referral.number,
                "agencies": ", ".join(agencies),
                "state": REFERRAL_STATE[ReferralStatus(referral.status)],
                "left": left,
                "tone": tone,
            }
        )
    return rows


# --- one referral -----------------------------------------------------------------------------------


def delivered_letters(referral: Referral) -> QuerySet[Letter]:
    """Return the letters that reached the recipient, newest first. One query when read."""
    reached = Delivery.objects.filter(referral=OuterRef("referral"), version=OuterRef("version"))
    return referral.letters.filter(Exists(reached))


@dataclass(frozen=True)
class ReviewSheet:
    """One referral as the recipient sees it, beside the record that left (``released``)."""

    letters: Sequence[Letter]
    history: list[dict[str, Any]]
    follow_ups: Sequence[FollowUp]
    clock: Any
    state: str


def review_sheet(referral: Referral, *, at: datetime) -> ReviewSheet:
    """Return what the recipient may know of one referral's course. Four queries."""
    events = referral.events.filter(action__in=SEEN_ACTIONS).select_related("actor").order_by("pk")
    return ReviewSheet(
        letters=list(delivered_letters(referral)),
        history=history_lines(
            events,
            words=REFERRAL_HISTORY,
            time_zone=referral.case.office.time_zone,
            with_names=False,
        ),
        follow_ups=list(referral.follow_ups.select_related("official", "agency").order_by("pk")),
        clock=running_clock(referral.deadlines.all(), kind="recipient_review", at=at),
        state=REFERRAL_STATE[ReferralStatus(referral.status)],
    )


def lines_with_reasons(referral: Referral) -> list[ReferralItem]:
    """Return the lines of the delivered version with how the rules came to them. One query."""
    return list(referral.lines().select_related("rule").order_by("pk"))
