"""The ladder: when the next rung is due, taking it once, stopping it and letting it go on.

A rung is taken under a lock of the ladder's row, in the transaction that writes its step and promises
its letter. The unique key (follow-up, round, rung) holds even if that were wrong.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import CalendarVersion, Office, TimeLimit, TimeZone
from bawaslu_cases.shared.errors import ConflictError, NotPermittedError, ReasonNeededError
from bawaslu_cases.shared.outbox.services import publish_many
from bawaslu_cases.shared.working_days import WorkingCalendar
from complaints.deadlines import DEFAULT_REGIME
from complaints.services.deadlines import local_day
from referrals.models import EscalationStep, FollowUp, Ladder, LadderHold
from referrals.rules.ladder import LADDER, addressee_of, is_working_day, rung_after, rung_day
from referrals.states import FOLLOW_UP_OFFICERS, OWED, HoldKind, Rung

LETTER = "escalation.letter"
BATCH = 500


class Days:
    """Days of rungs, each worked out once: 20,000 follow-ups share a few calendars and last days."""

    def __init__(self) -> None:
        self._calendars: dict[int, WorkingCalendar] = {}
        self._limits: dict[tuple[str, date], TimeLimit] = {}
        self._days: dict[tuple[int, Rung, date], date] = {}
        self._recipients: dict[date, str] = {}

    def calendar(self, office: Office) -> WorkingCalendar:
        """Return the office's calendar. Two queries the first time."""
        if office.pk not in self._calendars:
            self._calendars[office.pk] = registry.working_calendar(office=office)
        return self._calendars[office.pk]

    def of(self, rung: Rung, *, anchor: date, office: Office) -> date:
        """Return the day of a rung counted from ``anchor``. One query the first time."""
        key = (office.pk, rung, anchor)
        if key not in self._days:
            known = (LADDER[rung].limit, anchor)
            if known not in self._limits:
                self._limits[known] = registry.time_limit(
                    code=known[0], regime=DEFAULT_REGIME, on=anchor
                )
            self._days[key] = rung_day(
                anchor=anchor, limit=self._limits[known], calendar=self.calendar(office)
            )
        return self._days[key]

    def recipient(self, on: date) -> str:
        """Return the name of the body that receives referrals on the day. One query the first time."""
        if on not in self._recipients:
            self._recipients[on] = registry.recipient_on(on).name
        return self._recipients[on]

    def plan(self, ladder: Ladder, *, office: Office) -> None:
        """Fill the ladder's next day from its anchor; the last rung has none after it."""
        rung = rung_after(ladder.reached)
        ladder.calendar_version = self.calendar(office).version
        if rung is None or ladder.is_stopped:
            ladder.next_on = None
        else:
            ladder.next_on = self.of(rung, anchor=ladder.anchor_on, office=office)


@transaction.atomic
def schedule_ladder(*, follow_up: FollowUp, anchor: date, is_new_round: bool = False) -> None:
    """Count the next rung from ``anchor``, the PPK's last day. A new round begins at the first rung."""
    office = follow_up.referral.case.office
    ladder = Ladder.objects.select_for_update().filter(follow_up=follow_up).first()
    if ladder is None:
        ladder = Ladder(follow_up=follow_up)
    elif is_new_round:
        ladder.round += 1
        ladder.reached = 0
        ladder.is_stopped = False
    ladder.anchor_on = anchor
    Days().plan(ladder, office=office)
    ladder.save()


def pause_ladder(*, follow_up: FollowUp) -> None:
    """Take the next day away: nobody owes an answer. What was reached stays. One query."""
    Ladder.objects.filter(follow_up=follow_up).update(next_on=None)


@transaction.atomic
def stop_ladder(*, follow_up: FollowUp, officer: User, at: datetime, reason: str) -> None:
    """Stop a ladder with a reason. Raises ConflictError when it is stopped or there is none."""
    _check(officer, reason)
    stopped = Ladder.objects.filter(follow_up=follow_up, is_stopped=False).update(
        is_stopped=True, next_on=None
    )
    _hold(follow_up, HoldKind.STOP, officer, at, reason, moved=stopped)


@transaction.atomic
def resume_ladder(*, follow_up: FollowUp, officer: User, at: datetime, reason: str) -> None:
    """Let a stopped ladder go on; where the PPK is late already, its next rung is counted from today."""
    _check(officer, reason)
    resumed = Ladder.objects.filter(follow_up=follow_up, is_stopped=True).update(is_stopped=False)
    _hold(follow_up, HoldKind.RESUME, officer, at, reason, moved=resumed)
    if follow_up.status in OWED and follow_up.due_at is not None:
        office = follow_up.referral.case.office
        last_day = local_day(follow_up.due_at, office)
        schedule_ladder(follow_up=follow_up, anchor=max(last_day, local_day(at, office)))


def _check(officer: User, reason: str) -> None:
    if not officer.has_role(*FOLLOW_UP_OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if not reason.strip():
        raise ReasonNeededError(_("Tulis alasannya."), field="reason")


def _hold(
    follow_up: FollowUp, kind: HoldKind, officer: User, at: datetime, reason: str, *, moved: int
) -> None:
    if not moved:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    LadderHold.objects.create(
        follow_up=follow_up, kind=kind, reason=reason.strip(), by=officer, at=at
    )


def reckon_ladders() -> int:
    """Give owed follow-ups without a ladder one, and count again what an older calendar counted.

    Returns how many ladders were made or moved. Batches of 500, each its own transaction; harmless
    when run twice.
    """
    return _adopt() + _recount()


def _adopt() -> int:
    days, made = Days(), 0
    waiting = (
        FollowUp.objects.filter(status__in=OWED, due_at__isnull=False, ladder__isnull=True)
        .select_related("referral__case__office")
        .order_by("pk")
    )
    while batch := list(waiting[:BATCH]):
        ladders = []
        for follow_up in batch:
            office = follow_up.referral.case.office
            if follow_up.due_at is None:
                continue
            ladder = Ladder(follow_up=follow_up, anchor_on=local_day(follow_up.due_at, office))
            days.plan(ladder, office=office)
            ladders.append(ladder)
        Ladder.objects.bulk_create(ladders, ignore_conflicts=True)
        made += len(ladders)
    return made


def _recount() -> int:
    latest = CalendarVersion.objects.order_by("-number").first()
    if latest is None:
        return 0
    days, moved = Days(), 0
    stale = Ladder.objects.filter(next_on__isnull=False, calendar_version__lt=latest.number)
    while True:
        with transaction.atomic():
            batch = list(
                stale.select_for_update(of=("self",), skip_locked=True)
                .select_related("follow_up__referral__case__office")
                .order_by("pk")[:BATCH]
            )
            if not batch:
                return moved
            for ladder in batch:
                before = ladder.next_on
                days.plan(ladder, office=ladder.follow_up.referral.case.office)
                moved += ladder.next_on != before
            _move(batch)


def escalate(
    *, at: datetime, due_by: datetime | None = None, is_dry: bool = False
) -> Counter[Rung]:
    """Take every rung that is due at ``at`` (or was by ``due_by``) and return how many of each.

    One rung a follow-up at most, dated ``at``; on working days of its office alone. Twice, or twice
    at once, takes nothing more. ``is_dry`` reads only: no lock, no row, no message.
    """
    taken: Counter[Rung] = Counter()
    for steps in _batches(at=at, due_by=due_by or at, is_dry=is_dry):
        taken.update(Rung(step.rung) for step in steps)
    return taken


_READ = (
    *(field.name for field in Ladder._meta.concrete_fields),
    "follow_up__public_id",
    "follow_up__ppk_title",
    "follow_up__agency__kind",
    "follow_up__referral__case__office__time_zone",
    "follow_up__referral__case__office__path",
    "follow_up__referral__case__office__region",
)
"""What a rung needs; a batch does not read 500 summaries and recommendations."""


def _batches(*, at: datetime, due_by: datetime, is_dry: bool) -> Iterator[list[EscalationStep]]:
    """Yield what each batch takes; written and committed batch by batch unless dry."""
    days = Days()
    # no zone is further on than this day; whose it is not yet waits below
    furthest = max(due_by.astimezone(ZoneInfo(zone)).date() for zone in TimeZone)
    after = 0
    while True:
        with transaction.atomic():
            due = (
                Ladder.objects.filter(
                    next_on__lte=furthest, follow_up__gt=after, follow_up__status__in=OWED
                )
                .select_related("follow_up__agency", "follow_up__referral__case__office")
                .only(*_READ)
                .order_by("follow_up")
            )
            if not is_dry:
                due = due.select_for_update(of=("self",), skip_locked=True)
            ladders = list(due[:BATCH])
            if not ladders:
                return
            after = ladders[-1].pk
            climbing, steps = _climb(ladders, at=at, due_by=due_by, days=days)
            if steps and not is_dry:
                _write(climbing, steps)
        yield steps


def _climb(
    ladders: list[Ladder], *, at: datetime, due_by: datetime, days: Days
) -> tuple[list[Ladder], list[EscalationStep]]:
    """Return the ladders that go up today, moved in memory, and their steps. No query when known."""
    climbing, steps = [], []
    for ladder in ladders:
        follow_up = ladder.follow_up
        office = follow_up.referral.case.office
        rung = rung_after(ladder.reached)
        today = local_day(at, office)
        by = min(today, local_day(due_by, office))
        if rung is None or ladder.next_on is None or ladder.next_on > by:
            continue
        if not is_working_day(today, days.calendar(office)):
            continue
        steps.append(
            EscalationStep(
                follow_up=follow_up,
                round=ladder.round,
                rung=rung,
                agency_id=follow_up.agency_id,
                addressee=addressee_of(
                    rung,
                    ppk_title=follow_up.ppk_title,
                    recipient=days.recipient(today),
                    agency_kind=follow_up.agency.kind,
                ),
                counted_from=ladder.anchor_on,
                taken_on=today,
                taken_at=at,
            )
        )
        ladder.reached = rung
        ladder.anchor_on = today
        days.plan(ladder, office=office)
        climbing.append(ladder)
    return climbing, steps


# One statement for a batch: bulk_update would send a CASE of 500 arms for each column.
_MOVE = """
UPDATE referrals_ladder AS ladder
   SET reached = moved.reached, anchor_on = moved.anchor_on, next_on = moved.next_on,
       calendar_version = moved.calendar_version
  FROM unnest(%s::bigint[], %s::smallint[], %s::date[], %s::date[], %s::integer[])
       AS moved (follow_up_id, reached, anchor_on, next_on, calendar_version)
 WHERE ladder.follow_up_id = moved.follow_up_id
"""


def _write(ladders: list[Ladder], steps: list[EscalationStep]) -> None:
    EscalationStep.objects.bulk_create(steps)
    _move(ladders)
    publish_many(topic=LETTER, subject_ids=[letter_subject(step) for step in steps])


def _move(ladders: list[Ladder]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            [
                [ladder.pk for ladder in ladders],
                [ladder.reached for ladder in ladders],
                [ladder.anchor_on for ladder in ladders],
                [ladder.next_on for ladder in ladders],
                [ladder.calendar_version for ladder in ladders],
            ],
        )


def letter_subject(step: EscalationStep) -> str:
    """Return what a message says of a letter: the follow-up's public id, round and rung."""
    return f"{step.follow_up.public_id}:{step.round}:{step.rung}"
