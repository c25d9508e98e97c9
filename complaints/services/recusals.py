"""Keeping people away from what they must not judge: by declaration, by rule, by their own word.

A recused person meets 404 on every door (``visible_to``), and the whole matter goes with it: the record's
case, the case's other records, the tip a finding was traced from and what was made of it. Work never ends
up with nobody: what a recused person had goes to the next one, and
where an office has nobody left, or one of Bawaslu's own people is accused, the matter goes one level up
and whoever sits there is told
in the morning (``reminders``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import (
    Case,
    CaseComplaint,
    Complaint,
    ConflictDeclaration,
    Official,
    Recusal,
    RoutingAlarm,
    SealedIdentity,
    WorkAction,
    WorkEvent,
)
from complaints.rules.conflicts import is_of_bawaslu, name_digest, names_office
from complaints.selectors.vault import desk_path
from complaints.services.deadlines import local_day
from complaints.services.office_changes import end_change
from complaints.services.routing import eligible_officers, next_officer
from complaints.states import OFFICERS, OPEN_CASE_STATUSES, OPEN_COMPLAINT_STATUSES

Reason = Recusal.Reason
Kind = ConflictDeclaration.Kind
REASONS = {
    Kind.RELATIVE: Reason.RELATIVE,
    Kind.FORMER_UNIT: Reason.FORMER_UNIT,
    Kind.HOME_AGENCY: Reason.HOME_AGENCY,
    Kind.OTHER: Reason.DECLARED,
}
OWN_REASONS = (Reason.RELATIVE, Reason.FORMER_UNIT, Reason.HOME_AGENCY, Reason.DECLARED)
"""What a person may give as the reason for standing back."""

TIE = "a tie holds in every office that has a part of the matter, and may move it to another"


@dataclass(frozen=True)
class Found:
    """Who must keep away from some officials and why; the offices of Bawaslu that are accused."""

    people: dict[int, Reason]
    offices: tuple[Office, ...]


@transaction.atomic
def recuse_oneself(*, subject: Complaint | Case, user: User, reason: str, at: datetime) -> None:
    """Stand back from a record or case at once. DomainError for an unknown reason.

    Whoever did so already changes nothing.
    """
    if reason not in OWN_REASONS:
        raise DomainError(_("Pilih alasannya."), field="reason")
    with beyond(TIE):
        _keep_away(subject, {user.pk: Reason(reason)}, actor=user, at=at)


@transaction.atomic(savepoint=False)
def keep_away_too(*, complaint: Complaint, people: dict[int, Reason], at: datetime) -> None:
    """Recuse people from a record for a reason known from elsewhere; who is recused already stays so."""
    if not people:
        return
    with beyond(TIE):
        _keep_away(complaint, people, actor=None, at=at)
        complaint.refresh_from_db(fields=["office", "assignee"])


@transaction.atomic(savepoint=False)
def check_conflicts(
    *,
    complaint: Complaint,
    officials: Sequence[Official],
    at: datetime,
) -> None:
    """Recuse whoever has a tie to these officials, and move what accuses Bawaslu's own people.

    Called where a record is new and where an official changed. One query where nobody is concerned, three
    where an official is said to be of Bawaslu. Safe to call again: only what is new has an effect.
    """
    found = find_conflicts(officials=officials, office=complaint.office, at=at)
    if not (found.offices or found.people):
        return
    with beyond(TIE):
        if found.offices:
            _move_above(complaint, found.offices, RoutingAlarm.Kind.ACCUSED_STAFF, at=at)
        if found.people:
            _keep_away(complaint, found.people, actor=None, at=at)
        complaint.refresh_from_db(fields=["office", "assignee"])


def find_conflicts(*, officials: Sequence[Official], office: Office, at: datetime) -> Found:
    """Return who has a tie to the officials. One query, three where one is said to be of Bawaslu."""
    people = _tied(officials, local_day(at, office))
    offices: dict[int, Office] = {}
    ours = [official for official in officials if is_of_bawaslu(official)]
    if ours:
        digests = {name_digest(official.name) for official in ours} - {""}
        staff = User.objects.filter(office__isnull=False).select_related("office")
        for user in staff.only("name", "office"):
            if name_digest(user.name) in digests and user.office is not None:
                people[user.pk] = Reason.ACCUSED
                offices[user.office.pk] = user.office
        rows = Office.objects.select_related("parent__parent")
        for row in rows:
            if any(names_office(official, row.name) for official in ours):
                offices[row.pk] = row
        if not offices:
            # One of Bawaslu, nobody knows whose: the office that would judge keeps away from it.
            offices[office.pk] = office
    return Found(people, tuple(offices.values()))


def _tied(officials: Sequence[Official], day: date) -> dict[int, Reason]:
    agencies = {official.agency_id for official in officials if official.agency_id}
    by_digest: dict[str, set[int | None]] = {}
    for official in officials:
        if digest := name_digest(official.name):
            by_digest.setdefault(digest, set()).add(official.agency_id)
    people: dict[int, Reason] = {}
    for tie in ties_to(digests=by_digest, agencies=agencies, on=day):
        if tie.digest and not any(tie.concerns(tie.digest, each) for each in by_digest[tie.digest]):
            continue
        people[tie.user] = tie.reason
    return people


class Tie(NamedTuple):
    """That somebody must keep away from one name, from an agency's people, or from a name there."""

    user: int
    kind: str
    agency: int | None
    digest: str

    @property
    def reason(self) -> Reason:
        """Return the code that a recusal gets."""
        return REASONS[Kind(self.kind)]

    def concerns(self, digest: str, agency: int | None) -> bool:
        """Say whether it is a tie to somebody of this name and agency.

        Kin of that name elsewhere is another person; where one side names no agency, be careful.
        """
        if not self.digest:
            return self.agency is not None and self.agency == agency
        return self.digest == digest and (None in (self.agency, agency) or self.agency == agency)


_TIES = """
SELECT user_id, kind, agency_id, name_digest FROM complaints_conflictdeclaration
 WHERE since <= %(on)s AND (until IS NULL OR until >= %(on)s)
   AND (name_digest = ANY(%(digests)s) AND name_digest <> ''
        OR name_digest = '' AND agency_id = ANY(%(agencies)s::bigint[]))
 UNION
SELECT id, 'home_agency', home_agency_id, '' FROM accounts_user
 WHERE home_agency_id = ANY(%(agencies)s)
"""
"""Asked for every record that comes in; the ORM would take longer to write it than it takes to answer."""


def ties_to(*, digests: Iterable[str], agencies: Iterable[int], on: date) -> list[Tie]:
    """Return who has a tie on a day to somebody of these names or agencies. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_TIES, {"on": on, "digests": list(digests), "agencies": list(agencies)})
        return [Tie(*row) for row in cursor.fetchall()]


@transaction.atomic
def apply_declaration(*, declaration: ConflictDeclaration, at: datetime) -> int:
    """Recuse somebody from every open matter their new declaration concerns; return how many records."""
    named = Official.objects.all()
    if declaration.kind != Kind.RELATIVE:
        named = named.filter(agency=declaration.agency)
    elif declaration.agency_id:
        named = named.filter(Q(agency=declaration.agency) | Q(agency=None))
    return _apply(
        declaration.user, named, declaration.name_digest, REASONS[Kind(declaration.kind)], at
    )


@transaction.atomic
def apply_home_agency(*, user: User, at: datetime) -> int:
    """Recuse somebody on loan from every open matter about their home agency's people."""
    if user.home_agency_id is None:
        return 0
    named = Official.objects.filter(agency=user.home_agency_id)
    return _apply(user, named, "", Reason.HOME_AGENCY, at)


@beyond(TIE)
def _apply(user: User, named: QuerySet[Official], digest: str, reason: Reason, at: datetime) -> int:
    open_rows = Q(status__in=OPEN_COMPLAINT_STATUSES) | Q(
        case_link__case__status__in=OPEN_CASE_STATUSES
    )
    rows = (
        Complaint.objects.filter(open_rows, official_links__official__in=named)
        .exclude(recusals__user=user)
        .distinct()
        .order_by("pk")
        .prefetch_related("official_links__official")
        .select_related("office")
    )
    count = 0
    for row in rows.iterator(chunk_size=500):
        names = (link.official.name for link in row.official_links.all())
        if digest and all(name_digest(name) != digest for name in names):
            continue
        _keep_away(row, {user.pk: reason}, actor=user, at=at)
        count += 1
    return count


def _keep_away(
    subject: Complaint | Case, people: dict[int, Reason], *, actor: User | None, at: datetime
) -> None:
    """Write the rows for the whole matter, take its work away, move it where nobody is left."""
    for row in _held_matter(subject):
        key = "complaint_id" if isinstance(row, Complaint) else "case_id"
        known = set(
            Recusal.objects.filter(user__in=people, **{key: row.pk}).values_list("user", flat=True)
        )
        new = {user: reason for user, reason in people.items() if user not in known}
        Recusal.objects.bulk_create(
            Recusal(user_id=user, reason=reason, since=at, **{key: row.pk})
            for user, reason in new.items()
        )
        if not new:
            continue
        after = _pass_on(row, at=at) if row.assignee_id in new else None
        WorkEvent.objects.bulk_create(
            WorkEvent(
                action=WorkAction.RECUSE,
                actor=actor,
                at=at,
                detail={"user": user, "reason": reason.value, "to": after},
                **{key: row.pk},
            )
            for user, reason in new.items()
        )
        _move_if_nobody(row, new, at=at)
        if isinstance(row, Complaint):
            _tell_if_none_may_open(row, new, at=at)


def _held_matter(subject: Complaint | Case) -> list[Complaint | Case]:
    """Return every row of the matter, cases first, locked: a decision waits or is done."""
    case_ids, record_ids = _rows_of_matter(subject)
    cases = Case.objects.select_for_update(of=("self",), no_key=True).select_related("office")
    records = Complaint.objects.select_for_update(of=("self",), no_key=True).select_related(
        "office"
    )
    return [
        *cases.filter(pk__in=case_ids).order_by("pk"),
        *records.filter(pk__in=record_ids).order_by("pk"),
    ]


def _rows_of_matter(subject: Complaint | Case) -> tuple[set[int], set[int]]:
    """Return the keys of the matter's cases and of its records. Two queries a round, two rounds mostly."""
    cases: set[int] = set()
    records: set[int] = set()
    (cases if isinstance(subject, Case) else records).add(subject.pk)
    known = 0
    while len(cases) + len(records) > known:
        known = len(cases) + len(records)
        joined = CaseComplaint.objects.filter(Q(case__in=cases) | Q(complaint__in=records))
        for case, record in joined.values_list("case", "complaint"):
            cases.add(case)
            records.add(record)
        traced = Complaint.objects.filter(Q(pk__in=records) | Q(traced_from__in=records))
        for pair in traced.exclude(traced_from=None).values_list("pk", "traced_from"):
            records.update(pk for pk in pair if pk is not None)
    return cases, records


@transaction.atomic(savepoint=False)
@beyond(TIE)
def join_recusals(*, subject: Complaint | Case, at: datetime) -> None:
    """Hold each recusal of any row of a matter for all of it; called where rows become one matter.

    Whoever had one of the rows in hand and must keep away from another hands it on.
    """
    rows = _held_matter(subject)
    cases = [row for row in rows if isinstance(row, Case)]
    records = [row for row in rows if isinstance(row, Complaint)]
    kept: dict[int, Recusal] = {}
    for held in Recusal.objects.filter(Q(case__in=cases) | Q(complaint__in=records)).order_by("pk"):
        kept.setdefault(held.user_id, held)
    Recusal.objects.bulk_create(
        (
            Recusal(
                user_id=held.user_id,
                reason=held.reason,
                since=held.since,
                **{"case" if isinstance(row, Case) else "complaint": row},
            )
            for row in rows
            for held in kept.values()
        ),
        ignore_conflicts=True,
    )
    for row in rows:
        if row.assignee_id in kept:
            _pass_on(row, at=at)
    for record in records:
        _tell_if_none_may_open(record, kept, at=at)


def _pass_on(row: Complaint | Case, *, at: datetime) -> int | None:
    """Give what a recused person had to the next one who may have it; nobody where there is none."""
    after = next_officer(row, at=at)
    row.assignee = after
    row.save(update_fields=["assignee"])
    return after.pk if after else None


def _is_open(row: Complaint | Case) -> bool:
    return row.status in (
        OPEN_COMPLAINT_STATUSES if isinstance(row, Complaint) else OPEN_CASE_STATUSES
    )


def _move_if_nobody(row: Complaint | Case, new: Iterable[int], *, at: datetime) -> None:
    if not _is_open(row) or eligible_officers(row).exists():
        return
    # An office that never had an officer is not emptied by a recusal.
    lost = User.objects.filter(
        pk__in=list(new), office=row.office_id, role_grants__role__in=OFFICERS
    )
    if lost.exists():
        _move_above(row, (row.office,), RoutingAlarm.Kind.NOBODY_LEFT, at=at)


def _tell_if_none_may_open(complaint: Complaint, new: Iterable[int], *, at: datetime) -> None:
    """Raise the alarm where the last who may ask for an identity, or let it go, stands back (check A25).

    The identity stays sealed to its desk: no other can be given what only its keys open. Who is above the
    desk is told, and appoints somebody, or has the reporter give the identity anew.
    """
    group = SealedIdentity.objects.filter(complaint=complaint).values_list("group_a", flat=True)
    desk = Office.objects.filter(path__in=[desk_path(code) for code in group]).first()
    if desk is None or not _is_open(complaint):
        return
    away = Recusal.objects.filter(complaint=complaint).values("user")
    needed = (
        (RoutingAlarm.Kind.NO_VERIFIER, Q(office=desk, role_grants__role=Role.VERIFIER)),
        (RoutingAlarm.Kind.NO_CUSTODIAN, Q(role_grants__role=Role.CUSTODIAN)),
    )
    for kind, who in needed:
        # A desk that never had anybody is not emptied by a recusal.
        lost = User.objects.filter(who, pk__in=list(new)).exists()
        if lost and not User.objects.filter(who, is_active=True).exclude(pk__in=away).exists():
            # Told once, however often rows become one matter afterwards.
            RoutingAlarm.objects.get_or_create(
                kind=kind,
                complaint=complaint,
                office=desk,
                ended_at=None,
                defaults={"at": at, "target": desk.parent},
            )


def _move_above(
    subject: Complaint | Case, offices: Sequence[Office], kind: RoutingAlarm.Kind, *, at: datetime
) -> None:
    """Hand the whole matter to the level above the highest of ``offices`` that stands over it.

    The clocks run on: a conflict in our own house is not the reporter's delay. At Bawaslu RI the matter
    stays, and the alarm stands all the same.
    """
    over = [each for each in offices if subject.office.path.startswith(each.path)]
    if not over:
        return
    highest = min(over, key=lambda each: len(each.path))
    for row in _held_matter(subject):
        if not row.office.path.startswith(highest.path):
            continue
        target = _first_allowed(row, highest)
        before = row.office
        key = "complaint" if isinstance(row, Complaint) else "case"
        already = RoutingAlarm.objects.filter(kind=kind, office=before, target=target)
        if target is None and already.filter(**{key: row}).exists():
            continue
        RoutingAlarm.objects.create(kind=kind, office=before, target=target, at=at, **{key: row})
        if target is not None:
            if isinstance(row, Complaint):
                end_change(complaint=row, on=local_day(at, target))
            row.office, row.assignee = target, None
            row.save(update_fields=["office", "assignee"])
            WorkEvent.objects.create(
                action=WorkAction.MOVE,
                actor=None,
                at=at,
                detail={"from": before.pk, "to": target.pk, "why": kind.value},
                **{key: row},
            )


def _first_allowed(row: Complaint | Case, highest: Office) -> Office | None:
    """Return the nearest office above whom nobody keeps away; Bawaslu RI cannot be kept away."""
    office = highest.parent
    while office is not None and office.parent is not None and office.pk in row.excluded_offices:
        office = office.parent
    return office
