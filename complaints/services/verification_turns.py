"""Who of a verification desk gets which record: by turn, never by choice (check A12, ADR 0053).

A verifier who was asked in a corridor "who reported me" cannot go and look: what a colleague has in hand does
not exist for them, and what they get is dealt. Whoever may no longer have a record (suspended, moved, without
the role, recused) loses it to the next one. Run by a job and not when a report comes in, so that no
row tells its hour.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q

from bawaslu_cases.accounts.models import Absence, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import today_of
from complaints.models import Evidence, Recusal, SealedIdentity, VerificationTurn
from complaints.selectors.evidence import waiting_at_a_desk
from complaints.selectors.vault import desk_code
from complaints.states import UNDER_REVIEW, EvidenceStatus

BATCH: Final = 1000
AT_ONCE: Final = 20_000
"""So many records are looked at together."""


class _Place(NamedTuple):
    """A record at a desk, and who has it though they may not any more."""

    complaint: int
    group: str
    former: int | None


def deal_records(*, at: datetime) -> int:
    """Give every record that something is sealed of, and that nobody has, to a verifier; return how many.

    Twice and two at once are harmless: a record that was dealt meanwhile is left alone. Whoever has the
    fewest under review is next, and nobody who is away while somebody is there. A desk without anybody
    keeps its records waiting (``desk_watch`` tells the level above). Five queries where nothing is new,
    two more for every thousand; with 300,000 names and 500,000 files a round takes 0.8 s.
    """
    dealt = _round(at)
    total = dealt
    while dealt >= AT_ONCE:
        dealt = _round(at)
        total += dealt
    return total


def _round(at: datetime) -> int:
    desks = _verifiers()
    places = list(dict.fromkeys([*_lapsed(desks), *_new(desks)]))[:AT_ONCE]
    if not places:
        return 0
    loads = _loads()
    away = _away(desks, at)
    return sum(
        _deal(places[start : start + BATCH], desks=desks, away=away, loads=loads, at=at)
        for start in range(0, len(places), BATCH)
    )


def _verifiers() -> Mapping[str, Sequence[User]]:
    """Return desk → its active verifiers. One query."""
    found: dict[str, list[User]] = defaultdict(list)
    rows = User.objects.filter(
        is_active=True, office__isnull=False, role_grants__role=Role.VERIFIER
    )
    for user in rows.select_related("office").order_by("pk"):
        if user.office is not None:
            found[desk_code(user.office)].append(user)
    return found


def _new(desks: Mapping[str, Sequence[User]]) -> Iterator[_Place]:
    """Yield the places of records that nobody has at a desk where there is somebody. Two queries."""
    anybody = VerificationTurn.objects.filter(complaint=OuterRef("complaint"))
    there = anybody.filter(group=OuterRef("group"))
    # At its own desk: a name given anew in a higher lane may lie at another than before.
    named = anybody.filter(group=OuterRef("group_a"))
    sealed = SealedIdentity.objects.filter(~Exists(named), group_a__in=desks)
    originals = (
        Evidence.objects.filter(group__in=desks)
        .exclude(status=EvidenceStatus.ERASED)
        .filter(~Exists(anybody) | (waiting_at_a_desk() & ~Exists(there)))
        .order_by()
        .distinct()
    )
    for rows in (
        sealed.values_list("complaint", "group_a"),
        originals.values_list("complaint", "group"),
    ):
        for complaint, group in rows[:AT_ONCE]:
            yield _Place(complaint, group, None)


def _lapsed(desks: Mapping[str, Sequence[User]]) -> Iterator[_Place]:
    """Yield the places whose verifier may not have them any more. Two queries, or three."""
    rows = VerificationTurn.objects.filter(group__in=desks).order_by()
    able = {(desk, user.pk) for desk, users in desks.items() for user in users}
    held = set(rows.values_list("group", "verifier").distinct())
    gone = Q(
        Exists(Recusal.objects.filter(user=OuterRef("verifier"), complaint=OuterRef("complaint")))
    )
    for group, verifier in held - able:
        gone |= Q(group=group, verifier=verifier)
    for complaint, group, verifier in rows.filter(gone).values_list(
        "complaint", "group", "verifier"
    )[:AT_ONCE]:
        yield _Place(complaint, group, verifier)


def _loads() -> Counter[int]:
    """Return verifier → how many records under review they have. One query."""
    rows = VerificationTurn.objects.filter(complaint__status__in=UNDER_REVIEW)
    counted = rows.order_by().values_list("verifier").annotate(rows=Count("pk"))
    return Counter(dict(counted))


def _away(desks: Mapping[str, Sequence[User]], at: datetime) -> set[int]:
    """Return who is away today, by the clock of their own office. One query for each day it is."""
    by_day: dict[date, set[int]] = defaultdict(set)
    for users in desks.values():
        for user in users:
            by_day[today_of(user, at)].add(user.pk)
    return {
        pk
        for day, users in by_day.items()
        for pk in Absence.objects.on(day).filter(user__in=users).values_list("user", flat=True)
    }


def _deal(
    places: Sequence[_Place],
    *,
    desks: Mapping[str, Sequence[User]],
    away: set[int],
    loads: Counter[int],
    at: datetime,
) -> int:
    """Give each to the next verifier of its desk; return how many got one. Two queries, one per lapsed."""
    recused = set(
        Recusal.objects.filter(complaint__in=[place.complaint for place in places]).values_list(
            "complaint", "user"
        )
    )
    new = []
    given = 0
    for place in places:
        able = [user for user in desks[place.group] if (place.complaint, user.pk) not in recused]
        if not able:
            continue
        to = min(able, key=lambda user: (user.pk in away, loads[user.pk], user.pk))
        loads[to.pk] += 1
        since = today_of(to, at)
        if place.former is None:
            new.append(
                VerificationTurn(
                    complaint_id=place.complaint, group=place.group, verifier=to, since=since
                )
            )
            continue
        given += VerificationTurn.objects.filter(
            complaint=place.complaint, group=place.group, verifier=place.former
        ).update(verifier=to, since=since)
    VerificationTurn.objects.bulk_create(new, ignore_conflicts=True)
    return given + len(new)
