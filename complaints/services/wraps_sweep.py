"""Wraps in the keyring that belong to no identity: named first, removed a week later, never on a guess.

Wraps are put into the keyring before the identity commits in the database of the records, and no transaction
spans the two. Of a web process that dies in between, or a step that fails, wraps stay that open nothing. One
removed wrongly makes a name unopenable for ever, so a row goes only when all of this holds:

- it is the very row that a round saw and named (``put_id``): what was put in its place since stays;
- every transaction that ran when it was named is over, and there is still no identity. The identity of these
  wraps was part of one of them or of none, so it cannot come any more;
- it was named :data:`NAMED_FOR` ago, within which the records may be brought to a newer state;
- the records are not older than the keyring: both count the rounds, and a database that was restored to an
  earlier day, or another one altogether, has counted fewer;
- few are orphaned. Where many are, more likely somebody looks into the wrong place.

Where one of the last two does not hold, rounds halt and the auditor is told, until a person who has looked
says ``manage.py vault_orphans --go-on``. No row of the ledger of erasures is written: no name went, and
replaying one over an older copy would take a name that is there.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.keyring.models import ReportWraps, WrapsRound
from bawaslu_cases.shared.databases import KEYRING as DATABASE
from complaints.models import OrphanedWraps, ParkedWraps, SealedIdentity, WrapsSweep
from complaints.services.standing_alarms import KEYRING, raise_standing_alarm

logger = logging.getLogger(__name__)

NAMED_FOR = timedelta(days=7)
"""As long as backups of the keyring are kept, and time for people to notice what vault_check says daily."""
FEW = 20
ONE_IN = 20
"""So many orphans are few at any size; beyond that, one in so many wraps."""
BATCH = 1000
LOCK = 0x77726170
"""Number of the advisory lock of the database of the records that a round holds, from commit to commit."""

Halted = WrapsRound.Halted


@dataclass(frozen=True)
class Swept:
    """What one round did: ``named`` now, ``waiting`` in all, ``removed``, or why there was none."""

    named: int = 0
    waiting: int = 0
    removed: int = 0
    halted: str = ""


def sweep_wraps(*, at: datetime) -> Swept:
    """Make one round: name what is orphaned, forget what is not any more, remove what was named long ago.

    Twice is harmless; of two at once one makes the round, for the other would name again what the first is
    removing. A query on each side for every thousand wraps, six for each row
    that goes. Raises AuditUnavailableError before a row goes of which the log cannot tell.
    """
    with _alone() as alone:
        return _round(at) if alone else Swept()


@contextmanager
def _alone() -> Iterator[bool]:
    """Say whether no other round is under way; none begins within the block then. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _round(at: datetime) -> Swept:
    halted = _begin_round()
    if halted:
        raise_standing_alarm(KEYRING, f"sweep_{halted}")
        return Swept(halted=halted)
    orphans, total = _orphans()
    if len(orphans) > max(FEW, total // ONE_IN):
        halt(Halted.MANY)
        raise_standing_alarm(KEYRING, f"sweep_{Halted.MANY}", orphans=len(orphans), wraps=total)
        return Swept(halted=Halted.MANY)
    known = {row.report: row for row in OrphanedWraps.objects.all()}
    _forget([row for row in known.values() if orphans.get(row.report) != row.put_id])
    held = {report: put for report, put in known.items() if orphans.get(report) == put.put_id}
    new = {report: put for report, put in orphans.items() if report not in held}
    _name(new, at=at)
    latest = at.date() - NAMED_FOR
    due = [row for row in held.values() if row.named_on <= latest]
    running = set(_running()) if due else set()
    removed = sum(_remove(row) for row in due if running.isdisjoint(row.running))
    swept = Swept(named=len(new), waiting=len(orphans) - removed, removed=removed)
    if orphans:
        logger.info(
            "keyring.sweep named=%d waiting=%d removed=%d", swept.named, swept.waiting, removed
        )
    return swept


def halt(why: str) -> None:
    """Let rounds do nothing until :func:`go_on`."""
    WrapsRound.objects.update_or_create(
        defaults={"halted": why}, create_defaults={"halted": why, "number": 0}, pk=1
    )


def go_on() -> None:
    """Say that the records are the newest there are: the weeks of all that is orphaned begin anew.

    Called by a person who looked (``manage.py vault_orphans``), nowhere else.
    """
    theirs = WrapsRound.objects.filter(pk=1).first()
    number = theirs.number if theirs else 0
    OrphanedWraps.objects.all().delete()
    WrapsSweep.objects.get_or_create(defaults={"number": number}, pk=1)
    WrapsSweep.objects.filter(pk=1).update(number=Greatest(F("number"), Value(number)))
    WrapsRound.objects.filter(pk=1).update(halted=Halted.NO)


def _begin_round() -> str:
    """Count a round on both sides; return why none may be made, or nothing."""
    # Theirs first, and ours is written first: at no moment is ours the lower one by itself.
    theirs = WrapsRound.objects.filter(pk=1).first()
    ours = WrapsSweep.objects.filter(pk=1).first()
    if theirs is not None and theirs.halted:
        return theirs.halted
    if theirs is not None and theirs.number > (ours.number if ours else 0):
        halt(Halted.BEHIND)
        return Halted.BEHIND
    with transaction.atomic():
        WrapsSweep.objects.get_or_create(defaults={"number": 0}, pk=1)
        WrapsSweep.objects.filter(pk=1).update(number=F("number") + 1)
        number = WrapsSweep.objects.get(pk=1).number
    WrapsRound.objects.get_or_create(defaults={"number": 0, "halted": Halted.NO}, pk=1)
    WrapsRound.objects.filter(pk=1).update(number=Greatest(F("number"), Value(number)))
    return ""


def _orphans() -> tuple[dict[UUID, UUID], int]:
    """Return ``put_id`` by report of wraps without an identity, and how many wraps there are."""
    found: dict[UUID, UUID] = {}
    total = 0
    rows: Iterator[tuple[UUID, UUID]] = ReportWraps.objects.values_list(
        "report", "put_id"
    ).iterator(BATCH)
    while wraps := dict(islice(rows, BATCH)):
        total += len(wraps)
        # Asked after the wraps were read: an identity commits after its wraps are put.
        found |= {report: wraps[report] for report in wraps.keys() - _owned(wraps)}
    return found, total


def _owned(reports: Collection[UUID]) -> set[UUID]:
    """Return those of the reports that have an identity, or whose wraps are on their way. Two queries."""
    sealed = SealedIdentity.objects.filter(complaint__public_id__in=reports)
    parked = ParkedWraps.objects.filter(report__in=reports)
    return {
        *sealed.values_list("complaint__public_id", flat=True),
        *parked.values_list("report", flat=True),
    }


def _running() -> list[str]:
    """Return the transactions that run in the database of the records, but this one. One query.

    Their virtual numbers: a transaction that has written nothing yet has no other. Everybody may read them.
    One that is not found to be of another database is taken for one of ours.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT held.virtualtransaction FROM pg_locks held"
            " WHERE held.locktype = 'virtualxid' AND held.granted AND held.pid <> pg_backend_pid()"
            " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity whose WHERE whose.pid = held.pid"
            " AND whose.datname <> current_database())"
        )
        return sorted(row[0] for row in cursor.fetchall())


def _name(orphans: dict[UUID, UUID], *, at: datetime) -> None:
    """Remember what was seen. The transactions are asked for after it was: none of them is missed."""
    if not orphans:
        return
    running = _running()
    OrphanedWraps.objects.bulk_create(
        [
            OrphanedWraps(report=report, put_id=put_id, named_on=at.date(), running=running)
            for report, put_id in orphans.items()
        ],
        # Another worker may have named it in this moment; what it saw was no other row.
        ignore_conflicts=True,
    )


def _forget(rows: Sequence[OrphanedWraps]) -> None:
    """Take back names of wraps that found their identity, were replaced or are gone."""
    for row in rows:
        OrphanedWraps.objects.filter(report=row.report, put_id=row.put_id).delete()


def _remove(named: OrphanedWraps) -> bool:
    """Remove the wraps that a name is about; False where another worker is at it or they have an owner."""
    with transaction.atomic():
        held = OrphanedWraps.objects.select_for_update(skip_locked=True)
        row = held.filter(report=named.report, put_id=named.put_id).first()
        if row is None or row.report in _owned([row.report]):
            return False
        wraps = ReportWraps.objects.filter(report=row.report, put_id=row.put_id)
        if not wraps.exists():
            return False  # replaced or gone meanwhile: the next round forgets the name
        # Told first: what the log cannot hold does not go.
        record(
            actor=f"{SYSTEM}:keyring",
            action="keyring.orphan_removed",
            subject=f"complaint:{row.report.hex}",
            detail={"named_on": row.named_on.isoformat()},
        )
        with transaction.atomic(using=DATABASE):
            wraps.delete()
        row.delete()
    return True
