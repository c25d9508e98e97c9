"""The officer's lists: what waits, by deadline. Built for a million records: no count over the table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.search import SearchQuery
from django.db.models import (
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
)
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import PLENARY_ROLES
from bawaslu_cases.registry.models import Office, OfficeLevel
from complaints.models import Case, Complaint, ComplaintEvent, Deadline, RequirementCheck
from complaints.models.complaint import ComplaintQuerySet
from complaints.selectors.clocks import short_time_left
from complaints.selectors.keyset import Cursor, Order, Page, keyset_page
from complaints.states import CaseStatus, ComplaintAction, ComplaintStatus, Lane

PAGE_SIZE = 25
COUNT_CAP = 1000
"""Counts stop here and read "1.000+": what lies beyond changes nobody's day."""
RAIL_CAP = 100

_S = ComplaintStatus
REFERENCE_SHAPE = re.compile(r"(IA|TM)-\d{4}-[0-9A-Z]{4,12}", re.IGNORECASE)
_NIP_LENGTH = 18


class View(TextChoices):
    """The saved views of the queue; each is a URL."""

    OPEN = "open", _("Semua yang terbuka")
    OVERDUE = "overdue", _("Lewat tenggat")
    TODAY = "today", _("Jatuh tempo hari ini")
    RECEIVED = "received", _("Belum diperiksa")
    PROPOSED = "proposed", _("Menunggu pleno")
    TRACING = "tracing", _("Ditelusuri")
    FINDING = "finding", _("Temuan")
    CLOSED = "closed", _("Selesai")
    ALL = "all", _("Semua")


_STATUS_OF = {
    View.RECEIVED: _S.RECEIVED,
    View.PROPOSED: _S.PROPOSED,
    View.TRACING: _S.TRACING,
    View.FINDING: _S.RECORDED,
}
_CLOSED = (_S.FOUND, _S.REGISTERED, _S.ARCHIVED)
NEWEST_FIRST = frozenset({View.CLOSED, View.ALL})


@dataclass(frozen=True)
class QueueFilters:
    """What a person asked the queue for. ``office`` is an office's code and takes in its children."""

    view: View = View.OPEN
    lane: str = ""
    act: str = ""
    q: str = ""
    office: str = ""


@dataclass(frozen=True)
class QueueRow:
    """One line of a list. The title says what happened; the accused's name is never here."""

    public_id: Any
    title: str
    lane: str
    lane_label: str
    place: str
    status: str
    due_text: str
    due_tone: str
    due_percent: int | None
    reference: str


def queue_page(
    *, user: User, filters: QueueFilters, cursor: Cursor | None, at: datetime, size: int = PAGE_SIZE
) -> Page[Complaint]:
    """Return one page of the queue. One query; two for a search, two more for an office filter."""
    order = Order.NEWEST_FIRST if filters.view in NEWEST_FIRST else Order.BY_DEADLINE
    if (filters.q or filters.act) and order is Order.NEWEST_FIRST:
        order = Order.SEARCHED
    rows = listed(_chosen(Complaint.objects.visible_to(user), user, filters, at))
    return keyset_page(rows, order=order, cursor=cursor, size=size)


def _chosen(
    rows: ComplaintQuerySet, user: User, filters: QueueFilters, at: datetime
) -> ComplaintQuerySet:
    rows = _in_view(rows, filters.view, user=user, at=at)
    if filters.lane:
        rows = rows.filter(lane=filters.lane)
    if filters.act:
        rows = rows.filter(acts__contains=[filters.act])
    if filters.office:
        rows = rows.filter(office_id__in=_office_ids(filters.office))
    return _matching(rows, filters.q) if filters.q else rows


def _in_view(rows: ComplaintQuerySet, view: View, *, user: User, at: datetime) -> ComplaintQuerySet:
    if view is View.ALL:
        return rows
    if view is View.CLOSED:
        return rows.filter(status__in=_CLOSED)
    # Named beside the narrower status so that the partial indexes of open records apply.
    rows = rows.open()
    if view is View.OVERDUE:
        return rows.filter(due_at__lt=at)
    if view is View.TODAY:
        return rows.filter(due_at__gte=at, due_at__lt=end_of_day(user, at))
    return rows.filter(status=_STATUS_OF[view]) if view in _STATUS_OF else rows


def _office_ids(code: str) -> list[int]:
    """Return the office and those below it. Two queries."""
    office = Office.objects.filter(code=code).first()
    if office is None:
        return []
    return list(Office.objects.under(office.path).order_by("pk").values_list("pk", flat=True))


def _matching(rows: ComplaintQuerySet, q: str) -> ComplaintQuerySet:
    """Keep what was searched for: a reference, a NIP, or words of the structured facts.

    No ranking: it would read every match. How the matches are read stands at Order.SEARCHED.
    """
    q = q.strip()
    if REFERENCE_SHAPE.fullmatch(q):
        return rows.filter(reference=q.upper())
    digits = re.sub(r"[\s.\-]", "", q)
    if digits.isdigit() and len(digits) == _NIP_LENGTH:
        return rows.filter(search=SearchQuery(digits, config="indonesian"))
    return rows.filter(search=SearchQuery(q, config="indonesian", search_type="websearch"))


def listed(rows: ComplaintQuerySet) -> ComplaintQuerySet:
    """Return records with just what a row of a list shows. A filter, no query."""
    return (
        rows.select_related("region", "office")
        .only(
            "public_id",
            "reference",
            "title",
            "lane",
            "status",
            "due_at",
            "received_on",
            "region__short_name",
            "office__time_zone",
        )
        .annotate(told=_explanation("complaint"))
    )


def _explanation(subject: str) -> Subquery:
    """Return the explanation of the earliest running deadline, for the exact working days left."""
    return Subquery(
        Deadline.objects.filter(**{subject: OuterRef("pk")}, status=Deadline.Status.OPEN)
        .order_by("due_at")
        .values("explanation")[:1],
        output_field=JSONField(),
    )


def queue_row(row: Any, *, at: datetime) -> QueueRow:
    """Return a listed record in words. No query."""
    text, tone, percent = short_time_left(
        due_at=row.due_at, time_zone=row.office.time_zone, explanation=row.told, at=at
    )
    return QueueRow(
        public_id=row.public_id,
        title=row.title,
        lane=row.lane,
        lane_label=Lane(row.lane).label,
        place=row.region.short_name,
        status=ComplaintStatus(row.status).label,
        due_text=text or ComplaintStatus(row.status).label,
        due_tone=tone,
        due_percent=percent,
        reference=row.reference,
    )


def end_of_day(user: User, at: datetime) -> datetime:
    """Return the first moment of tomorrow where the person works."""
    zone = ZoneInfo(user.office.time_zone if user.office else "Asia/Jakarta")
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


class CappedCount(Subquery):
    """How many rows a sliced queryset holds: never reads past the slice."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) _capped)"
    output_field = IntegerField()


def _capped(rows: "QuerySet[Any]", cap: int) -> CappedCount:
    # In the order of the partial indexes, or PostgreSQL reads the table from its first row.
    return CappedCount(rows.order_by("due_at", "id").values("pk")[: cap + 1])


def _one_row(user: User, **counts: Combinable) -> dict[str, int]:
    """Return all counts in one query; zeros for somebody without an office."""
    if user.office_id is None:
        return dict.fromkeys(counts, 0)
    found: Any = Office.objects.filter(pk=user.office_id).values(**counts).get()
    return dict(found)


def capped_text(number: int, cap: int = COUNT_CAP) -> str:
    """Return the count in words: "1.000+" beyond the cap."""
    return f"{cap:,}+".replace(",", ".") if number > cap else f"{number:,}".replace(",", ".")


def rail_counts(user: User) -> dict[str, int]:
    """Return the numbers beside the rail's icons, capped. One query."""
    complaints, cases = Complaint.objects.visible_to(user), Case.objects.visible_to(user)
    counts: dict[str, Combinable] = {"queue": _capped(complaints.open(), RAIL_CAP)}
    if user.has_role(*PLENARY_ROLES):
        counts |= {
            "proposals": _capped(complaints.open().filter(status=_S.PROPOSED), RAIL_CAP),
            "assessments": _capped(cases.open().filter(status=CaseStatus.ASSESSED), RAIL_CAP),
        }
    found = _one_row(user, **counts)
    return {
        "queue": found["queue"],
        "plenary": found.get("proposals", 0) + found.get("assessments", 0),
    }


def desk_counts(*, user: User, at: datetime) -> dict[str, int]:
    """Return the numbers of the first page, each capped at COUNT_CAP + 1. One query."""
    complaints = Complaint.objects.visible_to(user).open()
    cases = Case.objects.visible_to(user).open()
    end = end_of_day(user, at)
    return _one_row(
        user,
        overdue=_capped(complaints.filter(due_at__lt=at), COUNT_CAP),
        today=_capped(complaints.filter(due_at__gte=at, due_at__lt=end), COUNT_CAP),
        received=_capped(complaints.filter(status=_S.RECEIVED), COUNT_CAP),
        proposed=_capped(complaints.filter(status=_S.PROPOSED), COUNT_CAP),
        tracing=_capped(complaints.filter(status=_S.TRACING), COUNT_CAP),
        recorded=_capped(complaints.filter(status=_S.RECORDED), COUNT_CAP),
        cases_overdue=_capped(cases.filter(due_at__lt=at), COUNT_CAP),
        cases_open=_capped(cases.filter(status=CaseStatus.REGISTERED), COUNT_CAP),
        cases_assessed=_capped(cases.filter(status=CaseStatus.ASSESSED), COUNT_CAP),
        cases_decided=_capped(cases.filter(status=CaseStatus.DECIDED), COUNT_CAP),
    )


def soonest(*, user: User, limit: int = 5) -> Sequence[Complaint]:
    """Return the records whose deadline comes first. One query."""
    rows = listed(Complaint.objects.visible_to(user).open().filter(due_at__isnull=False))
    return list(rows.order_by("due_at", "id")[:limit])


def newest(*, user: User, limit: int = 5) -> Sequence[Complaint]:
    """Return the records that came in last, open or not. One query."""
    return list(listed(Complaint.objects.visible_to(user)).order_by("-id")[:limit])


class CaseView(TextChoices):
    """The saved views of the case list."""

    OPEN = "open", _("Semua yang terbuka")
    OVERDUE = "overdue", _("Lewat tenggat")
    REGISTERED = "registered", _("Dikaji")
    ASSESSED = "assessed", _("Menunggu pleno")
    DECIDED = "decided", _("Perlu rujukan")
    REFERRED = "referred", _("Diteruskan")
    ENDED = "ended", _("Selesai")


def cases_page(
    *, user: User, view: CaseView, cursor: Cursor | None, at: datetime, size: int = PAGE_SIZE
) -> Page[Case]:
    """Return one page of cases. One query; see keyset_page for later pages."""
    rows = Case.objects.visible_to(user)
    if view is CaseView.ENDED:
        rows = rows.filter(status__in=[CaseStatus.STOPPED, CaseStatus.CLOSED])
    else:
        rows = rows.open()
        if view is CaseView.OVERDUE:
            rows = rows.filter(due_at__lt=at)
        elif view is not CaseView.OPEN:
            rows = rows.filter(status=view.value)
    listed = (
        rows.select_related("office")
        .only(
            "public_id",
            "reference",
            "title",
            "status",
            "due_at",
            "registered_on",
            "office__name",
            "office__time_zone",
        )
        .annotate(told=_explanation("case"))
    )
    order = Order.NEWEST_FIRST if view is CaseView.ENDED else Order.BY_DEADLINE
    return keyset_page(listed, order=order, cursor=cursor, size=size)


@dataclass(frozen=True)
class Agenda:
    """What the plenary has before it, the nearest deadline first."""

    proposals: Sequence[Complaint]
    assessments: Sequence[Case]
    more: bool


AGENDA_SIZE = 50


def plenary_agenda(user: User) -> Agenda:
    """Return the proposals and assessments that wait for a decision. Two queries."""
    last = ComplaintEvent.objects.filter(
        complaint=OuterRef("pk"),
        action__in=[ComplaintAction.PROPOSE_TRACING, ComplaintAction.PROPOSE_ARCHIVE],
    ).order_by("-pk")
    proposals = list(
        listed(Complaint.objects.visible_to(user).open().filter(status=_S.PROPOSED))
        .only(*_BRIEF)
        .annotate(
            proposed_action=Subquery(last.values("action")[:1]),
            proposed_by=Subquery(last.values("actor__name")[:1]),
            proposed_reason=Subquery(last.values("reason")[:1]),
            met=CappedCount(_checks(is_met=True)),
            looked_at=CappedCount(_checks()),
        )
        .order_by("due_at", "id")[: AGENDA_SIZE + 1]
    )
    assessments = list(
        Case.objects.visible_to(user)
        .open()
        .filter(status=CaseStatus.ASSESSED)
        .select_related("office")
        .annotate(told=_explanation("case"))
        .order_by("due_at", "id")[: AGENDA_SIZE + 1]
    )
    more = len(proposals) > AGENDA_SIZE or len(assessments) > AGENDA_SIZE
    return Agenda(proposals[:AGENDA_SIZE], assessments[:AGENDA_SIZE], more)


_BRIEF = (
    "public_id",
    "reference",
    "title",
    "lane",
    "status",
    "due_at",
    "received_on",
    "event_on",
    "event_precision",
    "region__short_name",
    "office__time_zone",
)


def _checks(**wanted: bool) -> "QuerySet[Any]":
    return RequirementCheck.objects.filter(complaint=OuterRef("pk"), **wanted).values("pk")


def office_choices(user: User) -> list[tuple[str, str]]:
    """Return the offices a person may filter by: own and direct children. One query, or none."""
    office = user.office
    if office is None or office.level == OfficeLevel.REGENCY:
        return []
    rows = Office.objects.filter(Q(pk=office.pk) | Q(parent=office))
    return [(row.code, row.name) for row in rows.order_by("path").only("code", "name", "path")]


def case_row(row: Any, *, at: datetime) -> dict[str, Any]:
    """Return a listed case in words. No query."""
    text, tone, percent = short_time_left(
        due_at=row.due_at, time_zone=row.office.time_zone, explanation=row.told, at=at
    )
    return {
        "public_id": row.public_id,
        "title": row.title,
        "number": row.reference,
        "status": CaseStatus(row.status).label,
        "place": row.office.name,
        "due_text": text or CaseStatus(row.status).label,
        "due_tone": tone,
        "due_percent": percent,
    }
