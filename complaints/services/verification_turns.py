"""Who of a verification desk gets which record: by turn, never by choice (check A12, ADR 0053).

A verifier who was asked in a corridor "who reported me" cannot go and look: what a colleague has in hand does
not exist for them, and what they get is dealt. Run by a job and not when a report comes in, so that no row
tells its hour.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import today_of
from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.registry.models import Office, OfficeLevel
from bawaslu_cases.registry.selectors.calendar import working_calendar
from bawaslu_cases.shared.errors import NotPermittedError
from bawaslu_cases.shared.working_days import Unit, count_days
from complaints.models import (
    Complaint,
    Evidence,
    Recusal,
    RequirementCheck,
    SealedIdentity,
    UnsealRequest,
    VerificationTurn,
)
from complaints.selectors.vault import desk_code, has_turn
from complaints.states import UNDER_REVIEW, EvidenceStatus, Requirement, UnsealStatus

BATCH: Final = 1000
AT_ONCE: Final = 20_000
"""So many records are looked at together."""
SPREAD: Final = 2
"""Whoever has at most so many more than the one with the fewest may be next: nobody knows it before."""
NIGHT: Final = 2
"""The hour of Jakarta in which records go on that are no matter of a recusal: what an administrator does to
an account for a quarter of an hour moves nothing (ADR 0053)."""
_NATION: Final = ZoneInfo("Asia/Jakarta")
_DAY: Final = timedelta(days=1)
_ASKED: Final = [
    UnsealStatus.PENDING,
    UnsealStatus.RELEASED,
    UnsealStatus.OPENED,
    UnsealStatus.ATTESTED,
]


def check_in_hand(verifier: User, complaint: Complaint, *, group: str) -> None:
    """Raise NotPermittedError unless a verifier has a record in hand at the desk ``group``. One query."""
    if not verifier.has_role(Role.VERIFIER) or verifier.office is None:
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if group != desk_code(verifier.office):
        raise NotPermittedError(_("Laporan ini bukan untuk meja verifikasi Anda."))
    if not has_turn(verifier, complaint, group=group):
        raise NotPermittedError(_("Laporan ini tidak ada pada Anda."))


class _Place(NamedTuple):
    """A record at a desk and the day it came; ``former`` is not to have it any more, for ``why``."""

    complaint: int
    group: str
    received_on: date
    former: int | None = None
    why: str = ""


def deal_records(*, at: datetime) -> int:
    """Give every record that something is sealed of, and that nobody has, to a verifier; return how many.

    Whoever asked for its name already keeps it; otherwise one of those with the fewest under review, by
    chance. What somebody was recused from goes on at once; at night also what somebody may not have any more
    (suspended, moved, without role or certificate), and what somebody left unasked for a whole working day.
    A desk without anybody keeps its records waiting (``desk_watch`` tells the level above).

    Twice and two at once are harmless: a record that was dealt meanwhile is left alone. Five queries where
    nothing is new, two more at night, three for every thousand; with 300,000 names and 500,000 files a round
    takes a second. Raises AuditUnavailableError before a record is taken from somebody.
    """
    total = dealt = _round(at)
    while dealt >= AT_ONCE:
        dealt = _round(at)
        total += dealt
    return total


def _round(at: datetime) -> int:
    desks = _verifiers(at)
    places = list(dict.fromkeys(islice(chain(_new(desks), _lapsed(desks, at)), AT_ONCE)))
    if not places:
        return 0
    loads = _loads()
    return sum(
        _deal(places[start : start + BATCH], desks=desks, loads=loads, at=at)
        for start in range(0, len(places), BATCH)
    )


def _verifiers(at: datetime) -> Mapping[str, Sequence[User]]:
    """Return desk → who can open something: active, with the role and a valid certificate. Two queries."""
    found: dict[str, list[User]] = defaultdict(list)
    certified = keyring.certified_members(on=at.date())
    rows = User.objects.filter(
        is_active=True, office__isnull=False, role_grants__role=Role.VERIFIER
    )
    for user in rows.select_related("office").order_by("pk"):
        desk = desk_code(user.office) if user.office else ""
        if (user.public_id, desk) in certified:
            found[desk].append(user)
    return found


def _new(desks: Mapping[str, Sequence[User]]) -> Iterator[_Place]:
    """Yield the places of records that nobody has at a desk where there is somebody, the newest first.

    Two queries.
    """
    turns = VerificationTurn.objects.filter(complaint=OuterRef("complaint"))
    # At its own desk: a name given anew in a higher lane may lie at another than before, and a file that
    # came after the record moved at another than those before it.
    sealed = SealedIdentity.objects.filter(
        ~Exists(turns.filter(group=OuterRef("group_a"))), group_a__in=desks
    )
    originals = (
        Evidence.objects.filter(~Exists(turns.filter(group=OuterRef("group"))), group__in=desks)
        .exclude(status=EvidenceStatus.ERASED)
        .distinct()
    )
    for rows, group in ((sealed, "group_a"), (originals, "group")):
        newest_first = rows.order_by("-complaint_id")
        for place in newest_first.values_list("complaint_id", group, "complaint__received_on")[
            :AT_ONCE
        ]:
            yield _Place(*place)


def _lapsed(desks: Mapping[str, Sequence[User]], at: datetime) -> Iterator[_Place]:
    """Yield the places that are to go on. One query; four at night."""
    rows = VerificationTurn.objects.filter(group__in=desks).order_by()
    recused = Recusal.objects.filter(user=OuterRef("verifier"), complaint=OuterRef("complaint"))
    yield from _with_reason(rows.filter(Exists(recused)), "recused")
    if at.astimezone(_NATION).hour != NIGHT:
        return
    able = {(desk, user.pk) for desk, users in desks.items() for user in users}
    gone = Q(pk__in=[])
    for group, verifier in set(rows.values_list("group", "verifier").distinct()) - able:
        gone |= Q(group=group, verifier=verifier)
    yield from _with_reason(rows.filter(gone), "left")
    yield from _with_reason(_left_unasked(rows, at), "unasked")


def _with_reason(rows: QuerySet[VerificationTurn], why: str) -> Iterator[_Place]:
    columns = ("complaint_id", "group", "complaint__received_on", "verifier_id")
    for complaint, group, received_on, verifier in rows.values_list(*columns)[:AT_ONCE]:
        yield _Place(complaint, group, received_on, verifier, why)


def _left_unasked(rows: QuerySet[VerificationTurn], at: datetime) -> QuerySet[VerificationTurn]:
    """Keep reports under review whose verifier had a whole working day and asked for nothing.

    Illness, leave and whoever would rather bury a report look alike from here. Four queries.
    """
    calendar = working_calendar(office=Office.objects.get(level=OfficeLevel.RI))
    today = at.astimezone(_NATION).date()
    day = today - _DAY
    while True:
        due_on = count_days(start=day, days=1, unit=Unit.WORKING_DAY, calendar=calendar).due_on
        if due_on is not None and due_on < today:
            break
        day -= _DAY
    asked = UnsealRequest.objects.filter(
        complaint=OuterRef("complaint"), verifier=OuterRef("verifier")
    )
    attested = RequirementCheck.objects.filter(
        complaint=OuterRef("complaint"), requirement=Requirement.REPORTER
    )
    return rows.filter(
        ~Exists(asked),
        ~Exists(attested),
        complaint__status__in=UNDER_REVIEW,
        complaint__identity__group_a=F("group"),
        since__lte=day,
    )


def _loads() -> Counter[int]:
    """Return verifier → how many records under review they have. One query."""
    rows = VerificationTurn.objects.filter(complaint__status__in=UNDER_REVIEW)
    counted = rows.order_by().values_list("verifier").annotate(rows=Count("pk"))
    return Counter(dict(counted))


def _deal(
    places: Sequence[_Place],
    *,
    desks: Mapping[str, Sequence[User]],
    loads: Counter[int],
    at: datetime,
) -> int:
    """Give each to the next verifier of its desk; return how many there was one for.

    Three queries, and three for each that goes on.
    """
    records = [place.complaint for place in places]
    recused = set(Recusal.objects.filter(complaint__in=records).values_list("complaint", "user"))
    asked = UnsealRequest.objects.filter(complaint__in=records, status__in=_ASKED)
    askers = dict(asked.order_by("created_at").values_list("complaint", "verifier"))
    new: list[VerificationTurn] = []
    passed_on = 0
    for place in places:
        able = [
            user
            for user in desks[place.group]
            if (place.complaint, user.pk) not in recused and user.pk != place.former
        ]
        if not able:
            continue
        to = _next(able, loads, askers.get(place.complaint))
        loads[to.pk] += 1
        if place.former is not None:
            passed_on += _pass_on(place, to, at=at)
            continue
        # The day the record came, also a few minutes after midnight or where another zone's day began.
        today = today_of(to, at)
        since = place.received_on if place.received_on >= today - _DAY else today
        new.append(
            VerificationTurn(
                complaint_id=place.complaint, group=place.group, verifier=to, since=since
            )
        )
    # In one order, by keys that tell none: two rounds at once wait for each other and do not lock up.
    new.sort(key=lambda turn: (turn.complaint_id, turn.group))
    VerificationTurn.objects.bulk_create(new, ignore_conflicts=True)
    return len(new) + passed_on


def _next(able: Sequence[User], loads: Mapping[int, int], asker: int | None) -> User:
    fewest = min(loads[user.pk] for user in able)
    near = [user for user in able if loads[user.pk] <= fewest + SPREAD]
    return next((user for user in able if user.pk == asker), None) or secrets.choice(near)


@transaction.atomic
def _pass_on(place: _Place, to: User, *, at: datetime) -> bool:
    """Let another verifier have a record, unless somebody else does by now; the audit log is told first."""
    rows = VerificationTurn.objects.filter(
        complaint=place.complaint, group=place.group, verifier=place.former
    )
    turn = (
        rows.select_for_update(of=("self",), skip_locked=True)
        .select_related("complaint", "verifier")
        .first()
    )
    if turn is None:
        return False
    today = today_of(to, at)
    _tell(turn, to=to, since=today, former=turn.verifier.public_id.hex, why=place.why)
    rows.update(verifier=to, since=today, logged_on=today)
    return True


def log_turns(*, at: datetime) -> int:
    """Enter in the audit log who was dealt what on days that are over; return how many.

    In no order that tells of arrival. Raises AuditUnavailableError, and what is missing is entered the next
    time.
    """
    today = at.astimezone(_NATION).date()
    rows = VerificationTurn.objects.filter(logged_on__isnull=True, since__lt=today)
    keys = rows.order_by("id").values_list("pk", flat=True)
    return sum(_log(rows.filter(pk=pk), today) for pk in keys.iterator())


@transaction.atomic
def _log(row: QuerySet[VerificationTurn], today: date) -> bool:
    """Enter one, unless another worker has or is about to: nobody takes a second entry out again."""
    held = row.select_for_update(of=("self",), no_key=True, skip_locked=True)
    turn = held.select_related("complaint", "verifier").first()
    if turn is None:
        return False
    _tell(turn, to=turn.verifier, since=turn.since)
    row.update(logged_on=today)
    return True


def _tell(turn: VerificationTurn, *, to: User, since: date, **detail: str) -> None:
    record(
        actor=f"{SYSTEM}:turns",
        action="vault.turn",
        subject=f"complaint:{turn.complaint.public_id.hex}",
        detail={"to": to.public_id.hex, "since": since.isoformat(), **detail},
    )
