"""Whether somebody is left who may open an identity, and somebody who may let it go (check A25).

An identity is opened by a verifier of the desk it is sealed to and released by a custodian: no other desk
can be given it, because only its own keys open it. So where nobody is left who is active and not kept away,
whoever is above the desk is told, and appoints somebody or has the reporter give the identity anew. A
recusal tells at once (``recusals``); a suspension, a role or a unit that went, an account that nobody used
are found here, right after the administrator's step and by a job.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import Recusal, RoutingAlarm, SealedIdentity
from complaints.selectors.vault import desk_path
from complaints.states import OPEN_COMPLAINT_STATUSES

Kind = RoutingAlarm.Kind
Alarm = tuple[str, int, int | None]
"""Kind, key of the desk's office, key of the record; None is the whole desk."""
EVERY_DESK: Final = ""


@transaction.atomic
@beyond("an identity's desk may lie in any office, and whoever may open it in another")
def watch_desks(*, at: datetime) -> int:
    """Raise an alarm for each desk or record that nobody may open or release; end those that are over.

    Of a desk that is empty as a whole there is one alarm, not one for each of its records. Returns how many
    are new. Eight queries at most. Safe to call at once and again.
    """
    needed = _needed()
    open_now = {
        (row.kind, row.office_id, row.complaint_id): row.pk
        for row in RoutingAlarm.objects.filter(kind__in=RoutingAlarm.OF_DESKS, ended_at=None)
    }
    RoutingAlarm.objects.filter(
        pk__in=[pk for alarm, pk in open_now.items() if alarm not in needed], ended_at=None
    ).update(ended_at=at)
    new = {alarm: desk for alarm, desk in needed.items() if alarm not in open_now}
    # Another worker may be writing the same ones: the database keeps one of each.
    RoutingAlarm.objects.bulk_create(
        (
            RoutingAlarm(
                kind=kind, office=desk, target_id=desk.parent_id, complaint_id=record, at=at
            )
            for (kind, _office, record), desk in new.items()
        ),
        ignore_conflicts=True,
    )
    return len(new)


def _needed() -> dict[Alarm, Office]:
    """Return what there must be an alarm of now, with the desk's office. Five queries at most."""
    sealed = SealedIdentity.objects.filter(complaint__status__in=OPEN_COMPLAINT_STATUSES)
    codes = sealed.order_by().values_list("group_a", flat=True).distinct()
    desks = {
        desk.path: desk
        for desk in Office.objects.filter(path__in=[desk_path(code) for code in codes])
    }
    if not desks:
        return {}
    openers = _by_path(Q(role_grants__role=Role.VERIFIER, office__path__in=desks), "office__path")
    releasers = _by_path(Q(role_grants__role=Role.CUSTODIAN), "")
    kept_away = _kept_away()
    found: dict[Alarm, Office] = {}
    for path, desk in desks.items():
        for kind, able in (
            (Kind.NO_VERIFIER, openers[path]),
            (Kind.NO_CUSTODIAN, releasers[EVERY_DESK]),
        ):
            if not able:
                found[kind, desk.pk, None] = desk
                continue
            for record, away in kept_away[path].items():
                if able <= away:
                    found[kind, desk.pk, record] = desk
    return found


def _by_path(who: Q, column: str) -> dict[str, set[int]]:
    """Return the keys of active people by the path of their office, or all under ``EVERY_DESK``."""
    found: dict[str, set[int]] = defaultdict(set)
    rows: Iterable[Mapping[str, object]] = User.objects.filter(who, is_active=True).values(
        *("pk", *([column] if column else []))
    )
    for row in rows:
        found[str(row[column]) if column else EVERY_DESK].add(int(str(row["pk"])))
    return found


def _kept_away() -> dict[str, dict[int, set[int]]]:
    """Return path of the desk → open record → whoever must keep away from it. One query."""
    found: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    rows = Recusal.objects.filter(
        complaint__status__in=OPEN_COMPLAINT_STATUSES,
        complaint__identity__isnull=False,
        user__role_grants__role__in=[Role.VERIFIER, Role.CUSTODIAN],
    ).values_list("complaint__identity__group_a", "complaint", "user")
    for code, record, user in rows:
        found[desk_path(code)][record].add(user)
    return found
