"""What officers decide about two records that are like each other.

Nothing of this reaches a reporter: no record changes its status, lane, statement or mailbox, and no
two reporters are brought together. Joining says of records that they tell of one event, no more.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import dateformat
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, NotPermittedError
from bawaslu_cases.shared.transitions import Machine, advance
from complaints.models import ClusterMember, Complaint, Likeness, LikenessEvent
from complaints.states import LIKENESS_LIFECYCLE, LikenessAction, LikenessStatus

MACHINE = Machine(LIKENESS_LIFECYCLE, LikenessStatus, LikenessEvent, "likeness")


@dataclass(frozen=True)
class Two:
    """Two records beside each other, as the officer saw them: ``seen`` is the status drawn."""

    one: Complaint
    other: Complaint
    seen: LikenessStatus = LikenessStatus.OPEN


@transaction.atomic
def relate(*, two: Two, officer: User, at: datetime, reason: str = "") -> Likeness:
    """Say that two records have to do with each other. Errors as in :func:`join`."""
    return _decide(two, LikenessAction.RELATE, officer, at, reason)


@transaction.atomic
def dismiss(*, two: Two, officer: User, at: datetime, reason: str = "") -> Likeness:
    """Say that two records are not of one event: they are not offered again. Errors as in :func:`join`."""
    return _decide(two, LikenessAction.DISMISS, officer, at, reason)


@transaction.atomic
def join(*, two: Two, lead: Complaint, officer: User, at: datetime, reason: str = "") -> Likeness:
    """Join two records, with all that is joined to either, under ``lead``, one of the two.

    Raises ConflictError when somebody was faster, NotPermittedError for a role that does not carry it or
    somebody who may not see every record of what would be one cluster. Nothing is changed then.
    """
    together = _clusters_of(two)
    _lock(together)
    if _clusters_of(two) != together:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    if Complaint.objects.visible_to(officer).filter(pk__in=together).count() < len(together):
        raise NotPermittedError(
            _("Laporan ini sudah digabung dengan laporan yang tidak dapat Anda buka.")
        )
    likeness = _decide(two, LikenessAction.JOIN, officer, at, reason)
    ClusterMember.objects.filter(complaint__in=together).delete()
    ClusterMember.objects.bulk_create(
        ClusterMember(complaint_id=pk, lead=lead) for pk in sorted(together - {lead.pk})
    )
    return likeness


@transaction.atomic
def undo(*, two: Two, officer: User, at: datetime, reason: str = "") -> Likeness:
    """Take back what was decided about two records; a joined one leaves its cluster.

    The one that does not lead leaves; where neither leads, the first of ``two``. Errors as in
    :func:`join`.
    """
    was = two.seen
    likeness = _decide(two, LikenessAction.UNDO, officer, at, reason)
    if was == LikenessStatus.JOINED:
        members = set(
            ClusterMember.objects.filter(complaint__in=[two.one, two.other]).values_list(
                "complaint", flat=True
            )
        )
        leaving = two.one.pk if two.one.pk in members else two.other.pk
        ClusterMember.objects.filter(complaint=leaving).delete()
    return likeness


def _decide(two: Two, action: LikenessAction, officer: User, at: datetime, reason: str) -> Likeness:
    """Lock both records, then take the step from the state that the officer saw."""
    first, second = sorted((two.one, two.other), key=lambda row: row.pk)
    _lock({first.pk, second.pk})
    likeness, _made = Likeness.objects.get_or_create(
        first=first, second=second, defaults={"status_at": at}
    )
    if likeness.status != two.seen:
        raise ConflictError(_last_decision(likeness))
    advance(row=likeness, machine=MACHINE, action=action, actor=officer, at=at, reason=reason)
    return likeness


def _lock(keys: set[int]) -> None:
    """Lock records in the order of their keys, whoever joins what with whom (docs/locking.md)."""
    rows = (
        Complaint.objects.filter(pk__in=keys)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    list(rows.values_list("pk"))


def _last_decision(likeness: Likeness) -> str:
    """Return who decided last, for somebody who came too late. One query."""
    event = likeness.events.select_related("actor").order_by("-pk").first()
    who = event.actor.name if event and event.actor else _("Sistem")
    return _("Baru diubah oleh %(who)s pada %(when)s. Muat ulang halaman.") % {
        "who": who,
        "when": dateformat.format(likeness.status_at, "j M, H.i"),
    }


def _clusters_of(two: Two) -> set[int]:
    """Return the keys of both records and of all that is joined to either. Two queries."""
    own = Q(complaint__in=[two.one, two.other]) | Q(lead__in=[two.one, two.other])
    leads = set(ClusterMember.objects.filter(own).values_list("lead", flat=True))
    members = ClusterMember.objects.filter(lead__in=leads).values_list("complaint", flat=True)
    return {two.one.pk, two.other.pk} | leads | set(members)
