"""Keeping people away from an office's old cases: with the import, and by every tie declared later.

The rules are those of ``recusals``; a legacy case has no clock and nobody's work to hand on, so a row
that hides it is all there is. Whoever declares waits for running imports and the other way round, or a
tie and a case that are made at once would miss each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import Complaint, ConflictDeclaration, LegacyCase, LegacyRecusal, Recusal
from complaints.rules.conflicts import is_of_bawaslu, name_digest
from complaints.services.recusals import REASONS, TIE, Tie, keep_away_too, ties_to

Reason = Recusal.Reason
Kind = ConflictDeclaration.Kind
LOCK = 7044
"""Number of the advisory lock: imports share it, whoever brings a new tie has it alone."""
BATCH = 1000


def hold_ties() -> None:
    """Let no tie begin until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


def hold_imports() -> None:
    """Let no old case come in until this transaction ends. Before any other lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def recuse_from_new(*, rows: Sequence[LegacyCase], on: date, at: datetime) -> None:
    """Keep everybody with a tie away from rows that came in; call ``hold_ties`` before they are made.

    ``rows`` with their agency. One query, two where somebody is said to be of Bawaslu, one more to write.
    """
    named = [(row, name_digest(row.name)) for row in rows]
    by_word: defaultdict[str | int | None, list[Tie]] = defaultdict(list)
    for tie in ties_to(
        digests={digest for _row, digest in named} - {""},
        agencies={row.agency_id for row in rows if row.agency_id is not None},
        on=on,
    ):
        by_word[tie.digest or tie.agency].append(tie)
    staff = _staff_by_digest() if any(is_of_bawaslu(row) for row in rows) else {}
    found: dict[tuple[int, int], Reason] = {}
    for row, digest in named:
        near = by_word.get(digest, []) if digest else []
        for tie in (*near, *by_word.get(row.agency_id, ())):
            if tie.concerns(digest, row.agency_id):
                found[row.pk, tie.user] = tie.reason
        if is_of_bawaslu(row):
            found |= {(row.pk, user): Reason.ACCUSED for user in staff.get(digest, ())}
    _write(((case, user, reason) for (case, user), reason in found.items()), at=at)


@beyond(TIE)
def recuse_declared(*, declaration: ConflictDeclaration, at: datetime) -> None:
    """Keep somebody away from every old case their new declaration concerns. ``hold_imports`` before."""
    rows = LegacyCase.objects.all()
    if declaration.kind != Kind.RELATIVE:
        rows = rows.filter(agency=declaration.agency_id)
    _recuse(
        rows,
        Tie(
            declaration.user_id,
            declaration.kind,
            declaration.agency_id,
            declaration.name_digest,
        ),
        at=at,
    )


@beyond(TIE)
def recuse_home_agency(*, user: User, at: datetime) -> None:
    """Keep somebody on loan away from old cases of their home agency's people. ``hold_imports`` before."""
    if user.home_agency_id is not None:
        _recuse(
            LegacyCase.objects.filter(agency=user.home_agency_id),
            Tie(user.pk, Kind.HOME_AGENCY.value, user.home_agency_id, ""),
            at=at,
        )


@transaction.atomic(savepoint=False)
def carry_to_finding(*, legacy: LegacyCase, finding: Complaint, at: datetime) -> None:
    """Keep away from the finding who was kept from the old case it was recorded from. One query mostly."""
    kept = dict(legacy.recusals.values_list("user", "reason"))
    keep_away_too(
        complaint=finding, people={user: Reason(reason) for user, reason in kept.items()}, at=at
    )


def _recuse(rows: QuerySet[LegacyCase], tie: Tie, *, at: datetime) -> None:
    told = rows.order_by("pk").values_list("pk", "name", "agency_id").iterator(chunk_size=BATCH)
    _write(
        (
            (pk, tie.user, REASONS[Kind(tie.kind)])
            for pk, name, agency in told
            if tie.concerns(name_digest(name) if tie.digest else "", agency)
        ),
        at=at,
    )


def _write(found: Iterable[tuple[int, int, Reason]], *, at: datetime) -> None:
    LegacyRecusal.objects.bulk_create(
        (
            LegacyRecusal(legacy_case_id=case, user_id=user, reason=reason, since=at)
            for case, user, reason in found
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _staff_by_digest() -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    rows = User.objects.filter(office__isnull=False).order_by()
    for pk, name in rows.values_list("pk", "name"):
        if digest := name_digest(name):
            found[digest].append(pk)
    return found
