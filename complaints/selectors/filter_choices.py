"""What the filters of the queue offer to one person: offices, colleagues, labels, regions, contests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import ActKind, Contest, Office, OfficeLevel, Region
from complaints.models import Tag
from complaints.selectors.filters import Asker, Choices
from complaints.states import OFFICERS

PEOPLE_WORDS = _("Saya, belum ditugaskan, atau rekan sekantor")


def end_of_day(user: User, at: datetime) -> datetime:
    """Return the first moment of tomorrow where the person works."""
    zone = ZoneInfo(user.office.time_zone if user.office else "Asia/Jakarta")
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def act_choices(_asker: Asker) -> Choices:
    """Return every act. One query."""
    return list(ActKind.objects.values_list("code", "label_id"))


def contest_choices(_asker: Asker) -> Choices:
    """Return every contest, the latest first. One query."""
    return list(Contest.objects.values_list("code", "name"))


def region_choices(asker: Asker) -> Choices:
    """Return the regions of the person's area; at Bawaslu RI all of them. One query."""
    rows = Region.objects.order_by("code")
    own = asker.user.office.region if asker.user.office else None
    if own is not None:
        rows = rows.filter(Q(pk=own.pk) | Q(parent=own))
    return list(rows.values_list("code", "name"))


def scope_choices(asker: Asker) -> Choices:
    """Return the offices a person may filter by: own and direct children. One query, or none."""
    office = asker.user.office
    if office is None or office.level == OfficeLevel.REGENCY:
        return []
    rows = Office.objects.filter(Q(pk=office.pk) | Q(parent=office)).order_by("path")
    return list(rows.values_list("code", "name"))


def offices_under(codes: Sequence[str]) -> list[int]:
    """Return the ids of these offices and of those below them. Two queries."""
    below = Q()
    for path in Office.objects.filter(code__in=codes).values_list("path", flat=True):
        below |= Q(path=path) | Q(path__startswith=f"{path}.")
    return list(Office.objects.filter(below).values_list("pk", flat=True)) if below else []


def colleagues(user: User) -> list[User]:
    """Return the active officers of the person's own office, by name. One query."""
    if user.office_id is None:
        return []
    rows = User.objects.filter(
        office_id=user.office_id, is_active=True, role_grants__role__in=OFFICERS
    )
    return list(rows.distinct().order_by("name", "pk"))


def colleague_choices(asker: Asker) -> Choices:
    """Return who may have a record in hand. One query."""
    return [
        ("me", _("Saya")),
        ("nobody", _("Belum ditugaskan")),
        ("somebody", _("Sudah ditugaskan")),
        *((str(person.public_id), person.name) for person in colleagues(asker.user)),
    ]


def tag_choices(asker: Asker) -> Choices:
    """Return the labels of the person's office. One query."""
    return [(str(tag.public_id), tag.name) for tag in office_tags(asker.user)]


def office_tags(user: User) -> list[Tag]:
    """Return the labels of the person's office, by name. One query."""
    return list(Tag.objects.filter(office=user.office)) if user.office_id is not None else []
