"""The morning notice: who has a deadline today or behind them, and who supervises where it is far past.

Sent at 08:00 of the office's own zone, one per person and day; chairs of the level above hear as well where
nothing moves (``selectors/stalled.py``). The mail says that something waits and nothing else: no number, no
name, no address of a record (checks.md, group L).
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import Absence, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import Office, TimeZone
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.outbox.topics import idempotency_key
from complaints.models import Case, Complaint, Reminder, RoutingAlarm
from complaints.rules.overdue import far_before
from complaints.selectors.stalled import kept_from, stands_still
from complaints.states import OFFICERS

TOPIC = "complaints.remind"
MORNING = time(8)
LAST_HOUR = time(18)
"""A worker that was down all morning still reminds; nobody is reminded at night."""

LATELY = timedelta(hours=36)
"""A record's alarm bears the beginning of its day: the next morning lies within it."""

DUE = {"due_at__isnull": False}


def remind(*, at: datetime) -> int:
    """Write today's reminders wherever it is working time by now; return how many are new.

    Harmless however often and by how many workers: a row is one per person, day and kind, and the mail
    is promised in the transaction that wrote it. Eleven queries per zone.
    """
    made = 0
    for zone in TimeZone.values:
        local = at.astimezone(ZoneInfo(zone))
        if MORNING <= local.time() < LAST_HOUR:
            made += _remind_zone(zone, on=local.date(), at=at)
    return made


@transaction.atomic
def _remind_zone(zone: str, *, on: date, at: datetime) -> int:
    tonight = datetime.combine(on + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    people = _with_a_deadline(zone, on=on, before=tonight)
    supervisors = _chairs_far_behind(zone, at=at) | _chairs_above_stalled(zone, at=at)
    supervisors |= _supervisors_of(_offices_given(zone, at=at))
    wanted = [(user, Reminder.Kind.MORNING) for user in people]
    wanted += [(user, Reminder.Kind.ESCALATION) for user in supervisors]
    known = set(
        Reminder.objects.filter(on=on, user__in={user for user, _kind in wanted}).values_list(
            "user_id", "kind"
        )
    )
    rows = [
        Reminder(user_id=user, on=on, kind=kind, made_at=at)
        for user, kind in wanted
        if (user, kind.value) not in known
    ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    # Of two workers at once one wrote each row: only rows of this very moment are promised here.
    mine = Reminder.objects.filter(
        on=on, made_at=at, user__in={row.user_id for row in rows}
    ).values_list("pk", flat=True)
    found = list(mine) if rows else []
    for pk in found:
        publish(topic=TOPIC, subject_id=str(pk))
    return len(found)


def _with_a_deadline(zone: str, *, on: date, before: datetime) -> set[int]:
    """Return who has a deadline before ``before``: assignees, or the officers of what nobody has.

    Whoever stands in for an assignee on the day hears as well. Nobody hears of what they must not see.
    """
    assigned: set[int] = set()
    people: set[int] = set()
    active = User.objects.filter(is_active=True)
    for rows in _open_rows(zone):
        due = rows.filter(due_at__lt=before)
        assigned |= set(
            due.filter(assignee__isnull=False).values_list("assignee", flat=True).distinct()
        )
        theirs = due.filter(assignee=OuterRef("user")).exclude(recusals__user=OuterRef("deputy"))
        deputies = Absence.objects.on(on).held().filter(Exists(theirs))
        assigned |= set(deputies.values_list("deputy", flat=True))
        nobodys = due.filter(assignee=None, office=OuterRef("office"))
        seen = Exists(nobodys.exclude(recusals__user=OuterRef("pk")))
        officers = active.filter(seen, role_grants__role__in=OFFICERS)
        people |= set(officers.values_list("pk", flat=True))
    return people | set(active.filter(pk__in=assigned).values_list("pk", flat=True))


def _chairs_far_behind(zone: str, *, at: datetime) -> set[int]:
    """Return the chairs of offices that are far behind, and of the level above, who may see with what."""
    chairs: set[int] = set()
    for rows in _open_rows(zone):
        far = rows.filter(due_at__lt=far_before(at)).exclude(recusals__user=OuterRef("pk"))
        for place in ("office", "office__parent"):
            behind = Exists(far.filter(**{place: OuterRef("office")}))
            found = User.objects.filter(behind, is_active=True, role_grants__role=Role.CHAIR)
            chairs |= set(found.values_list("pk", flat=True))
    return chairs


def _chairs_above_stalled(zone: str, *, at: datetime) -> set[int]:
    """Return the chairs one level above whatever stands still, who may see it.

    The office itself has its deadlines to hear of; that nothing moves at all is for whoever looks after it.
    """
    chairs: set[int] = set()
    still = (
        Complaint.objects.open().filter(stands_still("complaint", at=at)),
        Case.objects.open().filter(stands_still("case", at=at)),
    )
    for rows in still:
        theirs = rows.filter(office__time_zone=zone, office__parent=OuterRef("office"))
        seen = theirs.exclude(recusals__user=OuterRef("pk")).exclude(kept_from(OuterRef("office")))
        found = User.objects.filter(Exists(seen), is_active=True, role_grants__role=Role.CHAIR)
        chairs |= set(found.values_list("pk", flat=True))
    return chairs


def _offices_given(zone: str, *, at: datetime) -> set[int]:
    """Return the offices that a matter came up to lately because nobody below may have it.

    In the morning and not at once: a notice at the hour of a report would tell the hour.
    """
    rows = RoutingAlarm.objects.filter(at__gte=at - LATELY).annotate(
        at_office=Coalesce("target", "office"),
        zone=Coalesce("target__time_zone", "office__time_zone"),
    )
    return set(rows.filter(zone=zone).values_list("at_office", flat=True))


def _open_rows(zone: str) -> Iterable[QuerySet[Complaint] | QuerySet[Case]]:
    return (
        Complaint.objects.open().filter(office__time_zone=zone),
        Case.objects.open().filter(office__time_zone=zone),
    )


def _supervisors_of(offices: set[int]) -> set[int]:
    """Return the chairs of these offices and of the level above each."""
    above = Office.objects.filter(pk__in=offices).values_list("parent", flat=True)
    levels = offices | {parent for parent in above if parent is not None}
    return set(
        User.objects.filter(
            is_active=True, office__in=levels, role_grants__role=Role.CHAIR
        ).values_list("pk", flat=True)
    )


def send_reminder(*, subject_id: str) -> None:
    """Mail one reminder. A second try carries the same Message-ID, so mail readers show it once."""
    row = Reminder.objects.select_related("user").filter(pk=int(subject_id)).first()
    if row is None or not row.user.is_active or not settings.EMAIL_HOST:
        return
    with translation.override("id"):
        EmailMessage(
            subject=_("Ada yang menunggu Anda"),
            body=_("Masuk ke tempat kerja Anda untuk melihatnya. Surel ini sengaja tanpa isi."),
            to=[row.user.email],
            headers={"Message-ID": f"<{idempotency_key()}@{settings.EMAIL_MESSAGE_DOMAIN}>"},
        ).send()
