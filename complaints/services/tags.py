"""Labels of an office on its records."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.models import Complaint, ComplaintTag, Tag, WorkAction, WorkEvent
from complaints.states import STAFF

MAX_TAGS = 60
"""Labels of one office: more are no order any more."""
LONGEST_NAME = 40


@transaction.atomic
def make_tag(*, name: str, officer: User) -> Tag:
    """Return the office's label of this name, made when there is none yet. Three queries at most.

    A name is asked for without the case of its letters. Raises NotPermittedError for somebody without an
    office here, DomainError for an empty or long name and for one label too many.
    """
    if not officer.has_role(*STAFF) or officer.office is None:
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    name = " ".join(name.split())
    if not name:
        raise DomainError(_("Tulis nama label"), field="tag")
    if len(name) > LONGEST_NAME:
        raise DomainError(_("Nama label paling banyak 40 huruf"), field="tag")
    own = Tag.objects.filter(office=officer.office)
    known = own.filter(name__iexact=name).first()
    if known is not None:
        return known
    if own.count() >= MAX_TAGS:
        raise DomainError(_("Kantor ini sudah memakai 60 label"), field="tag")
    try:
        with transaction.atomic():
            return Tag.objects.create(office=officer.office, name=name)
    except IntegrityError:
        # Two people named it in the same moment.
        return own.get(name__iexact=name)


@transaction.atomic
def add_tag(
    *, complaint: Complaint, tag: Tag, officer: User, at: datetime, undone: bool = False
) -> WorkEvent:
    """Put a label of the officer's own office on a record. Raises DomainError when it is there.

    ``undone`` when that takes back one's own step a moment ago.
    """
    _check(tag, officer)
    try:
        _link, created = ComplaintTag.objects.get_or_create(complaint=complaint, tag=tag)
    except IntegrityError:
        created = False  # somebody put it there and took it off again between two of our looks
    if not created:
        raise _there()
    return _tell(complaint, tag, WorkAction.TAG, officer, at, undone=undone)


@transaction.atomic
def remove_tag(
    *, complaint: Complaint, tag: Tag, officer: User, at: datetime, undone: bool = False
) -> WorkEvent:
    """Take a label off a record. Raises DomainError when it is not there. ``undone`` as above."""
    _check(tag, officer)
    removed, _by_model = ComplaintTag.objects.filter(complaint=complaint, tag=tag).delete()
    if not removed:
        raise _not_there()
    return _tell(complaint, tag, WorkAction.UNTAG, officer, at, undone=undone)


@transaction.atomic
def tag_many(
    *, complaints: Sequence[Complaint], tag: Tag, officer: User, at: datetime
) -> Mapping[int, DomainError]:
    """Put a label on many records; return what :func:`add_tag` would have raised, by key. Three queries."""
    _check(tag, officer)
    keys = [complaint.pk for complaint in complaints]
    known = set(
        ComplaintTag.objects.filter(tag=tag, complaint__in=keys).values_list("complaint", flat=True)
    )
    fresh = [complaint for complaint in complaints if complaint.pk not in known]
    try:
        with transaction.atomic():
            ComplaintTag.objects.bulk_create(
                ComplaintTag(complaint=complaint, tag=tag) for complaint in fresh
            )
    except IntegrityError:
        # Somebody labelled one of them in this moment: one by one tells which.
        refused = _one_by_one(add_tag, fresh, tag, officer, at)
        return refused | {key: _there() for key in known}
    WorkEvent.objects.bulk_create(
        _event(complaint, tag, WorkAction.TAG, officer, at) for complaint in fresh
    )
    return {key: _there() for key in known}


@transaction.atomic
def untag_many(
    *, complaints: Sequence[Complaint], tag: Tag, officer: User, at: datetime
) -> Mapping[int, DomainError]:
    """Take a label off many records; return what :func:`remove_tag` would have raised, by key.

    Three queries.
    """
    _check(tag, officer)
    keys = [complaint.pk for complaint in complaints]
    links = ComplaintTag.objects.filter(tag=tag, complaint__in=keys).order_by("complaint")
    held = set(links.select_for_update().values_list("complaint", flat=True))
    links.order_by().filter(complaint__in=held).delete()
    WorkEvent.objects.bulk_create(
        _event(complaint, tag, WorkAction.UNTAG, officer, at)
        for complaint in complaints
        if complaint.pk in held
    )
    return {key: _not_there() for key in keys if key not in held}


def _one_by_one(
    step: Callable[..., WorkEvent],
    complaints: Iterable[Complaint],
    tag: Tag,
    officer: User,
    at: datetime,
) -> dict[int, DomainError]:
    refused = {}
    for complaint in complaints:
        try:
            step(complaint=complaint, tag=tag, officer=officer, at=at)
        except DomainError as error:
            refused[complaint.pk] = error
    return refused


def _there() -> DomainError:
    return DomainError(_("Label ini sudah ada."), code="tagged_already")


def _not_there() -> DomainError:
    return DomainError(_("Label ini tidak ada."), code="not_tagged")


def _check(tag: Tag, officer: User) -> None:
    if not officer.has_role(*STAFF):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if tag.office_id != officer.office_id:
        raise DomainError(_("Label kantor lain tidak dapat dipakai."), code="not_our_tag")


def _tell(
    complaint: Complaint,
    tag: Tag,
    action: WorkAction,
    officer: User,
    at: datetime,
    *,
    undone: bool,
) -> WorkEvent:
    event = _event(complaint, tag, action, officer, at)
    if undone:
        event.detail["undone"] = "yes"
    event.save()
    return event


def _event(
    complaint: Complaint, tag: Tag, action: WorkAction, officer: User, at: datetime
) -> WorkEvent:
    detail = {"tag": tag.public_id.hex}
    return WorkEvent(complaint=complaint, action=action, actor=officer, at=at, detail=detail)
