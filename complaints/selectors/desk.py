"""The officer's lists: what waits, by deadline. Built for a million records: no count over the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, JSONField, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.expressions import Combinable
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bawaslu_cases.accounts.models import StaffChange, User
from bawaslu_cases.accounts.roles import PLENARY_ROLES, Role
from bawaslu_cases.accounts.selectors import today_of
from bawaslu_cases.accounts.states import ChangeStatus
from bawaslu_cases.registry.models import Office
from complaints.models import (
    Case,
    Complaint,
    ComplaintTag,
    Deadline,
    Evidence,
    EvidenceLink,
)
from complaints.models.complaint import ComplaintQuerySet
from complaints.selectors.clocks import short_time_left
from complaints.selectors.filter_choices import end_of_day
from complaints.selectors.filters import Asker
from complaints.selectors.kept import kept_rows
from complaints.selectors.keyset import Cursor, Order, Page, keyset_page
from complaints.selectors.news import CountBefore, RowCount, news_beyond_mark
from complaints.selectors.numbers import Numbers, remembered
from complaints.selectors.stalled import stands_still
from complaints.selectors.stand_ins import in_hand_of, stood_in_until
from complaints.states import (
    CaseStatus,
    ComplaintStatus,
    EvidenceStatus,
    Lane,
)

PAGE_SIZE = 25
_BY_DEADLINE = ("due_at", "id")
COUNT_CAP = 1000
"""Counts stop here and read "1.000+": what lies beyond changes nobody's day."""
RAIL_CAP = 100

_S = ComplaintStatus


@dataclass(frozen=True)
class QueueRow:
    """One line of a list. The title says what happened; the accused's name is never here.

    ``evidence`` says how many files and links, "" where nobody counted; ``extra`` names who has it and its
    labels.
    """

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
    unread: bool = False
    evidence: str = ""
    extra: str = ""


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
            "assignee_id",
            "region__short_name",
            "office__time_zone",
        )
        .annotate(told=explanation_of("complaint"))
    )


def queued(rows: ComplaintQuerySet, *, viewer: User, on: date) -> ComplaintQuerySet:
    """Return listed records with what the queue shows besides: news, files, who has it, labels.

    On the day ``on`` the viewer may stand in for who has it; then until when.
    """
    files = Evidence.objects.filter(complaint=OuterRef("pk")).exclude(status=EvidenceStatus.ERASED)
    links = EvidenceLink.objects.filter(complaint=OuterRef("pk"))
    labels = ComplaintTag.objects.filter(
        complaint=OuterRef("pk"), tag__office=viewer.office
    ).order_by("tag__name")
    return listed(rows).annotate(
        news=news_beyond_mark(viewer),
        proofs=RowCount(files.order_by().values("pk")) + RowCount(links.values("pk")),
        in_hands=Subquery(User.objects.filter(pk=OuterRef("assignee_id")).values("name")[:1]),
        stood_in_until=stood_in_until(viewer, on=on),
        labels=ArraySubquery(labels.values("tag__name")),
    )


def explanation_of(subject: str) -> Subquery:
    """Return the explanation of the earliest running deadline, for the exact working days left."""
    return Subquery(
        Deadline.objects.filter(**{subject: OuterRef("pk")}, status=Deadline.Status.OPEN)
        .order_by("due_at")
        .values("explanation")[:1],
        output_field=JSONField(),
    )


def queue_row(row: Any, *, at: datetime) -> QueueRow:
    """Return a listed record in words, with what :func:`queued` added if it did. No query."""
    text, tone, percent = short_time_left(
        due_at=row.due_at, time_zone=row.office.time_zone, explanation=row.told, at=at
    )
    extra = [name for name in (_hands(row), *getattr(row, "labels", ())) if name]
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
        unread=getattr(row, "news", 0) > 0,
        evidence=_proofs(row),
        extra=" · ".join(extra),
    )


def _proofs(row: Any) -> str:
    """Return how much evidence a queued record has, in words."""
    count = getattr(row, "proofs", None)
    if count is None:
        return ""
    return ngettext("%(count)s bukti", "%(count)s bukti", count) % {"count": count}


def _hands(row: Any) -> str:
    """Return who has a listed record, and until when the viewer stands in for them."""
    name, until = getattr(row, "in_hands", None) or "", getattr(row, "stood_in_until", None)
    if not until:
        return name
    return _now("untuk %(name)s sampai %(day)s") % {
        "name": name,
        "day": dateformat.format(until, "j M"),
    }


def by_deadline(user: User) -> tuple[str, ...]:
    """Return in which order a count reads the rows that wait for somebody in a person's scope. No query.

    A count needs none, but in the order of an index it ends at its cap; in no order PostgreSQL may read
    the table from its first row. The index of several units' deadlines runs unit by unit: by deadline
    alone it would read all of them, and sort.
    """
    scope = user.scope_office_ids
    return ("office_id", "due_at", "id") if scope is not None and len(scope) > 1 else _BY_DEADLINE


def capped(rows: "QuerySet[Any]", cap: int, order: tuple[str, ...]) -> RowCount:
    """Return how many rows there are, at most ``cap`` + 1, read in an order. An expression, no query."""
    return RowCount(rows.order_by(*order).values("pk")[: cap + 1])


def asked(asker: Asker, *numbers: Numbers, **counts: Combinable) -> dict[str, int]:
    """Return remembered ``numbers`` and more counts; zeros for somebody without an office.

    A query each: what is remembered is planned already, and planning it anew beside counts that are
    written for this call takes PostgreSQL longer than one query more.
    """
    if asker.user.office_id is None:
        return dict.fromkeys((*(name for each in numbers for name in each.names), *counts), 0)
    found: dict[str, int] = {}
    for each in numbers:
        found |= each.ask(asker)
    if counts:
        row: Any = Office.objects.filter(pk=asker.user.office_id).values(**counts).get()
        found |= row
    return found


def capped_text(number: int, cap: int = COUNT_CAP) -> str:
    """Return the count in words: "1.000+" beyond the cap."""
    return f"{cap:,}+".replace(",", ".") if number > cap else f"{number:,}".replace(",", ".")


def rail_counters(asker: Asker) -> dict[str, Combinable]:
    """Return what counts the numbers beside the rail's icons; read by :func:`rail_numbers`."""
    user, order = asker.user, by_deadline(asker.user)
    complaints, cases = Complaint.objects.visible_to(user), Case.objects.visible_to(user)
    counts: dict[str, Combinable] = {"queue": capped(complaints.open(), RAIL_CAP, order)}
    if user.has_role(*PLENARY_ROLES):
        counts |= {
            "proposals": capped(complaints.filter(status=_S.PROPOSED), RAIL_CAP, order),
            "assessments": capped(cases.filter(status=CaseStatus.ASSESSED), RAIL_CAP, order),
        }
    if user.has_role(Role.ADMINISTRATOR):
        # What this administrator may settle: neither their own proposals nor what is about themselves.
        waiting = StaffChange.objects.filter(status=ChangeStatus.PROPOSED)
        waiting = waiting.exclude(proposed_by=user.pk).exclude(person=user.pk)
        counts["staff"] = RowCount(waiting.order_by().values("pk")[: RAIL_CAP + 1])
    return counts


def rail_numbers(found: Mapping[str, int]) -> dict[str, int]:
    """Return the rail's numbers out of what :func:`rail_counters` found."""
    return {
        "queue": found["queue"],
        "plenary": found.get("proposals", 0) + found.get("assessments", 0),
        "staff": found.get("staff", 0),
    }


def rail_counts(user: User) -> dict[str, int]:
    """Return the numbers beside the rail's icons, capped. One query."""
    asker = Asker(user, timezone.now())
    return rail_numbers(asked(asker, remembered("rail", rail_counters, asker)))


def desk_counts(*, user: User, at: datetime) -> dict[str, int]:
    """Return the numbers of the first page, each capped at COUNT_CAP + 1. One query."""
    asker = Asker(user, at)
    return asked(asker, remembered("desk", _desk_counters, asker))


def _desk_counters(asker: Asker) -> dict[str, Combinable]:
    user, at, order = asker.user, asker.at, by_deadline(asker.user)
    complaints, cases = Complaint.objects.visible_to(user), Case.objects.visible_to(user)
    due = Q(due_at__gte=at, due_at__lt=end_of_day(user, at))
    # No open() beside a status: it implies it, and PostgreSQL would think that next to none are both.
    of_complaints = {
        "today": complaints.open().filter(due),
        "received": complaints.filter(status=_S.RECEIVED),
        "proposed": complaints.filter(status=_S.PROPOSED),
        "tracing": complaints.filter(status=_S.TRACING),
        "recorded": complaints.filter(status=_S.RECORDED),
    }
    of_cases = {
        "cases_open": cases.filter(status=CaseStatus.REGISTERED),
        "cases_assessed": cases.filter(status=CaseStatus.ASSESSED),
        "cases_decided": cases.filter(status=CaseStatus.DECIDED),
    }
    return {
        "overdue": _overdue(complaints.open(), at, order),
        "cases_overdue": _overdue(cases.open(), at, order),
        **{
            name: capped(rows, COUNT_CAP, order)
            for name, rows in (of_complaints | of_cases).items()
        },
    }


def _overdue(rows: "QuerySet[Any]", at: datetime, order: tuple[str, ...]) -> Combinable:
    if order != _BY_DEADLINE:
        return capped(rows.filter(due_at__lt=at), COUNT_CAP, order)
    return CountBefore(rows.order_by(*order)[: COUNT_CAP + 1], at)


def soonest(*, user: User, limit: int = 5) -> Sequence[Complaint]:
    """Return the records whose deadline comes first. One query."""

    def build(asker: Asker) -> ComplaintQuerySet:
        rows = Complaint.objects.visible_to(asker.user).open().filter(due_at__isnull=False)
        return listed(rows).order_by("due_at", "id")[:limit]

    return kept_rows(f"soonest {limit}", build, Asker(user, timezone.now()))


def newest(*, user: User, limit: int = 5) -> Sequence[Complaint]:
    """Return the records that came in last, open or not. One query."""

    def build(asker: Asker) -> ComplaintQuerySet:
        return listed(Complaint.objects.visible_to(asker.user)).order_by("-id")[:limit]

    return kept_rows(f"newest {limit}", build, Asker(user, timezone.now()))


class CaseView(TextChoices):
    """The saved views of the case list."""

    OPEN = "open", _("Semua yang terbuka")
    OVERDUE = "overdue", _("Lewat tenggat")
    STALLED = "stalled", _("Tersendat")
    MINE = "mine", _("Milik saya")
    REGISTERED = "registered", _("Dikaji")
    ASSESSED = "assessed", _("Menunggu pleno")
    DECIDED = "decided", _("Perlu rujukan")
    REFERRED = "referred", _("Diteruskan")
    ENDED = "ended", _("Selesai")


def cases_page(
    *,
    user: User,
    view: CaseView,
    cursor: Cursor | None,
    at: datetime,
    office: Office | None = None,
    size: int = PAGE_SIZE,
) -> Page[Case]:
    """Return one page of cases, of one ``office`` where it is named. One query; see keyset_page."""
    on = today_of(user, at)
    rows = Case.objects.visible_to(user)
    if office is not None:
        rows = rows.filter(office=office)
    if view is CaseView.ENDED:
        rows = rows.filter(status__in=[CaseStatus.STOPPED, CaseStatus.CLOSED])
    else:
        rows = rows.open()
        if view is CaseView.OVERDUE:
            rows = rows.filter(due_at__lt=at)
        elif view is CaseView.STALLED:
            rows = rows.filter(stands_still("case", at=at))
        elif view is CaseView.MINE:
            rows = rows.filter(in_hand_of(user, on=on))
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
        .annotate(told=explanation_of("case"))
    )
    if view is CaseView.MINE:
        listed = listed.annotate(
            in_hands=F("assignee__name"), stood_in_until=stood_in_until(user, on=on)
        )
    order = Order.NEWEST_FIRST if view is CaseView.ENDED else Order.BY_DEADLINE
    return keyset_page(listed, order=order, cursor=cursor, size=size)


def case_row(row: Any, *, at: datetime) -> dict[str, Any]:
    """Return a listed case in words. No query."""
    text, tone, percent = short_time_left(
        due_at=row.due_at, time_zone=row.office.time_zone, explanation=row.told, at=at
    )
    return {
        "public_id": row.public_id,
        "title": row.title,
        "number": row.reference,
        "status": _case_line(row),
        "place": row.office.name,
        "due_text": text or CaseStatus(row.status).label,
        "due_tone": tone,
        "due_percent": percent,
    }


def _case_line(row: Any) -> str:
    """Return a listed case's status, and for whom the viewer has it while they stand in."""
    status = str(CaseStatus(row.status).label)
    return f"{status} · {_hands(row)}" if getattr(row, "stood_in_until", None) else status
