"""What Bawaslu and the recipient body watch: every PPK's follow-up, as a board and as a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.accounts.models import User
from complaints.selectors.keyset import Cursor, Order, Page, keyset_page
from referrals.models import FollowUp, Ladder, ReferralItem
from referrals.rules.ladder import rung_after
from referrals.selectors.running import with_days
from referrals.selectors.wording import FOLLOW_UP_STATE, short_day, time_left
from referrals.states import OWED, FollowUpStatus, Gap, Rung

COLUMN_CAP = 60
"""Rows shown per column, the most urgent first; more than a board can carry is said in words."""
PAGE_SIZE = 50
FILE_CAP = 20_000
"""Rows of one CSV file; a recipient body's whole year is a tenth of it."""

_S = FollowUpStatus
COLUMNS: tuple[tuple[str | Promise, tuple[FollowUpStatus, ...]], ...] = (
    (gettext_lazy("Menunggu PPK"), (_S.AWAITING, _S.ACCEPTED)),
    (gettext_lazy("PPK berkeberatan"), (_S.OBJECTED,)),
    (gettext_lazy("Bukti diperiksa"), (_S.ANSWERED,)),
    (gettext_lazy("Upaya administratif"), (_S.APPEALED,)),
    (gettext_lazy("Selesai"), (_S.VERIFIED, _S.DROPPED)),
)
"""The board's columns: who has to act next, from left to right."""


PARTS = (
    *("referral__case__office", "referral__recipient"),
    *("official", "agency", "ladder", "imposed"),
)
"""What a row on the board or in the table tells of."""


def watched_follow_ups(user: User) -> QuerySet[FollowUp]:
    """Return the follow-ups of the person's scope. One query when read."""
    return _in_scope(user).select_related(*PARTS)


def _in_scope(user: User) -> QuerySet[FollowUp]:
    if user.agency_id is not None:
        return FollowUp.objects.none()
    return FollowUp.objects.visible_to(user)


@dataclass(frozen=True)
class Column:
    """One stage of the board. ``has_more``: the stage holds more than the cap."""

    label: str
    rows: Sequence[dict[str, Any]]
    has_more: bool


def follow_up_board(user: User, *, at: datetime) -> list[Column]:
    """Return the board, one column per stage, the most urgent first. Six queries: one more than columns."""
    stages = [_first_of(user, statuses) for _label, statuses in COLUMNS]
    told = _told([key for keys in stages for key in keys[:COLUMN_CAP]])
    return [
        Column(
            label=str(label),
            rows=board_rows([told[key] for key in keys[:COLUMN_CAP]], at=at),
            has_more=len(keys) > COLUMN_CAP,
        )
        for (label, _statuses), keys in zip(COLUMNS, stages, strict=True)
    ]


def _first_of(user: User, statuses: tuple[FollowUpStatus, ...]) -> list[int]:
    """Return the keys of a stage's first follow-ups, one more than a column shows. One query."""
    order = ("-status_at", "-pk") if _S.VERIFIED in statuses else ("due_at", "pk")
    rows = _in_scope(user).filter(status__in=statuses).order_by(*order)
    return list(rows.values_list("pk", flat=True)[: COLUMN_CAP + 1])


def _told(keys: Sequence[int]) -> dict[int, FollowUp]:
    """Return follow-ups by key with all that is told of them. One query.

    Asked apart from which they are: joined to that many tables, PostgreSQL would put together the whole
    stage first and choose from it then.
    """
    rows = FollowUp.objects.filter(pk__in=keys).select_related(*PARTS)
    return {row.pk: row for row in with_days(rows, "follow_up")}


@dataclass(frozen=True)
class Filters:
    """What the table's address asks for; what does not hold is left out."""

    status: str = ""
    rung: int | None = None
    gap: str = ""
    is_late: bool = False

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Filters":
        """Read ``tahap``, ``jenjang``, ``selisih`` and ``lewat``."""
        status, gap, rung = (query.get(name, "") for name in ("tahap", "selisih", "jenjang"))
        return cls(
            status=status if status in FollowUpStatus.values else "",
            rung=int(rung) if rung in {str(number) for number in (0, *Rung.values)} else None,
            gap=gap if gap in Gap.values else "",
            is_late=query.get("lewat") == "1",
        )

    def query(self) -> str:
        """Return the part of an address that says the same."""
        parts = [("tahap", self.status), ("selisih", self.gap), ("lewat", "1" * self.is_late)]
        if self.rung is not None:
            parts.append(("jenjang", str(self.rung)))
        return "".join(f"&{name}={value}" for name, value in parts if value)

    def choices(self) -> list[dict[str, Any]]:
        """Return the fields of the filter form. No query."""
        rungs = [("0", _("Belum ada")), *((str(rung.value), rung.label) for rung in Rung)]
        chosen = "" if self.rung is None else str(self.rung)
        return [
            _field("tahap", _("Tahap"), FollowUpStatus.choices, self.status),
            _field("jenjang", _("Jenjang eskalasi"), rungs, chosen),
            _field("selisih", _("Selisih sanksi"), Gap.choices, self.gap),
        ]


def _field(name: str, label: str, choices: Iterable[Any], chosen: str) -> dict[str, Any]:
    options = [
        {"value": value, "label": text, "selected": value == chosen} for value, text in choices
    ]
    return {"name": name, "label": label, "options": options}


def filtered_follow_ups(user: User, filters: Filters, *, at: datetime) -> QuerySet[FollowUp]:
    """Return what the table shows. One query when read."""
    rows = watched_follow_ups(user)
    if filters.status:
        rows = rows.filter(status=filters.status)
    if filters.rung is not None:
        rung = Q(ladder__reached=filters.rung)
        rows = rows.filter(rung | Q(ladder__isnull=True) if filters.rung == 0 else rung)
    if filters.gap:
        rows = rows.filter(gap=filters.gap)
    return rows.filter(due_at__lt=at, status__in=OWED) if filters.is_late else rows


def follow_up_page(
    user: User, filters: Filters, *, cursor: Cursor | None, at: datetime
) -> Page[FollowUp]:
    """Return one page of the table, the nearest deadline first. At most three queries."""
    lean = filtered_follow_ups(user, filters, at=at).select_related(None).only("due_at")
    page = keyset_page(lean, order=Order.BY_DEADLINE, cursor=cursor, size=PAGE_SIZE)
    told = _told([row.pk for row in page.rows])
    return replace(page, rows=[told[row.pk] for row in page.rows])


def board_rows(follow_ups: Iterable[FollowUp], *, at: datetime) -> list[dict[str, Any]]:
    """Return rows for a board or list. No query for follow-ups loaded with ladders and days."""
    rows = []
    for follow_up in follow_ups:
        left, tone = time_left(follow_up, follow_up.referral.case.office.time_zone, at)
        status = FollowUpStatus(follow_up.status)
        rows.append(
            {
                "follow_up": follow_up,
                "left": left,
                "tone": tone,
                "state": FOLLOW_UP_STATE[status],
                "status": status.label,
                "gap": gap_tag(follow_up.gap),
                **_ladder_words(follow_up),
            }
        )
    return rows


def file_rows(follow_ups: Iterable[FollowUp]) -> Iterable[list[object]]:
    """Return the lines of the CSV file. No query for follow-ups loaded with their ladders."""
    for follow_up in follow_ups:
        words = _ladder_words(follow_up)
        yield [
            follow_up.agency.name,
            follow_up.official.position,
            follow_up.get_recommended_class_display(),
            follow_up.recommended_on.isoformat(),
            follow_up.get_status_display(),
            follow_up.due_at.date().isoformat() if follow_up.due_at else "",
            words["rung"],
            words["next"],
            follow_up.imposed.name if follow_up.imposed else "",
            follow_up.get_gap_display(),
        ]


FILE_HEAD = (
    gettext_lazy("Instansi"),
    gettext_lazy("Jabatan"),
    gettext_lazy("Golongan sanksi"),
    gettext_lazy("Direkomendasikan"),
    gettext_lazy("Tahap"),
    gettext_lazy("Tenggat"),
    gettext_lazy("Jenjang eskalasi"),
    gettext_lazy("Berikutnya"),
    gettext_lazy("Sanksi dijatuhkan"),
    gettext_lazy("Selisih sanksi"),
)

_GAP_TONES = {
    Gap.LIGHTER: "amber",
    Gap.EQUAL: "green",
    Gap.HEAVIER: "blue",
    Gap.OTHER_KIND: "amber",
    Gap.NONE: "red",
}


def gap_tag(gap: str) -> dict[str, str] | None:
    """Return words and tone of a gap, or None while nothing final was answered."""
    return {"text": str(Gap(gap).label), "tone": _GAP_TONES[Gap(gap)]} if gap else None


def ladder_of(follow_up: FollowUp) -> Ladder | None:
    """Return the ladder of a follow-up that was loaded with it, or None. No query then."""
    return getattr(follow_up, "ladder", None)


def _ladder_words(follow_up: FollowUp) -> dict[str, str]:
    """Return the rung that was reached and what comes next, each empty where there is nothing."""
    ladder = ladder_of(follow_up)
    if ladder is None:
        return {"rung": "", "next": "", "stopped": ""}
    return {
        "rung": str(Rung(ladder.reached).label) if ladder.reached else "",
        "next": next_words(ladder),
        "stopped": _("Eskalasi dihentikan") if ladder.is_stopped else "",
    }


def next_words(ladder: Ladder) -> str:
    """Return ``Berikutnya: Pengingat kedua pada 6 Nov 2024``, or nothing where no day is set."""
    rung = rung_after(ladder.reached)
    if rung is None or ladder.next_on is None:
        return ""
    return _("Berikutnya: %(rung)s pada %(day)s") % {
        "rung": rung.label,
        "day": short_day(ladder.next_on),
    }


def recommended_items(follow_up: FollowUp) -> list[ReferralItem]:
    """Return the lines of the referral that concern this official. One query."""
    return list(
        follow_up.referral.lines()
        .filter(official_id=follow_up.official_id)
        .select_related("rule", "allegation")
        .order_by("pk")
    )
