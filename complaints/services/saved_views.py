"""Named sets of filters: kept, renamed, shared in the office, deleted."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.models import SavedView
from complaints.selectors.queue import QueueQuery
from complaints.states import STAFF

MAX_VIEWS = 12
"""Views of one person, and of one office: each has its number counted on every page of the queue."""
LONGEST_NAME = 60
LONGEST_QUERY = 2000


@transaction.atomic
def keep_view(*, query: QueueQuery, name: str, shared: bool, owner: User) -> SavedView:
    """Keep a query under a name, for oneself or for the whole office.

    Raises NotPermittedError for somebody who does not work here, DomainError for an empty, long or used
    name, for a query too long to keep, and for one view too many.
    """
    _check(owner)
    stored = query.stored()
    if len(stored) > LONGEST_QUERY:
        raise DomainError(_("Terlalu banyak saringan untuk satu tampilan"), field="name")
    office = owner.office if shared else None
    known = SavedView.objects.filter(office=office) if shared else _own(owner)
    if known.count() >= MAX_VIEWS:
        raise DomainError(_("Paling banyak 12 tampilan. Hapus salah satu dulu"), field="name")
    view = SavedView(owner=owner, office=office, name=_checked_name(name), query=stored)
    _save(view)
    return view


@transaction.atomic
def rename_view(*, view: SavedView, name: str, user: User) -> SavedView:
    """Give a view another name; errors as in :func:`keep_view`."""
    _check_may_change(view, user)
    view.name = _checked_name(name)
    _save(view)
    return view


@transaction.atomic
def share_view(*, view: SavedView, shared: bool, user: User) -> SavedView:
    """Share an own view in the office, or take it back. The filters go along, never the rows.

    Whoever opens it sees what lies in their own scope. Errors as in :func:`keep_view`.
    """
    _check_may_change(view, user)
    office = user.office if shared else None
    if office is not None and SavedView.objects.filter(office=office).count() >= MAX_VIEWS:
        raise DomainError(_("Paling banyak 12 tampilan. Hapus salah satu dulu"), field="name")
    view.office = office
    _save(view)
    return view


@transaction.atomic
def delete_view(*, view: SavedView, user: User) -> None:
    """Delete a view. Errors as in :func:`rename_view`."""
    _check_may_change(view, user)
    view.delete()


def _own(owner: User) -> "QuerySet[SavedView]":
    return SavedView.objects.filter(owner=owner, office__isnull=True)


def _check(user: User) -> None:
    if not user.has_role(*STAFF) or user.office_id is None:
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))


def _check_may_change(view: SavedView, user: User) -> None:
    _check(user)
    if view.owner_id != user.pk:
        raise NotPermittedError(_("Tampilan sekantor hanya diubah oleh pembuatnya."))


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise DomainError(_("Tulis nama tampilan"), field="name")
    if len(name) > LONGEST_NAME:
        raise DomainError(_("Nama tampilan paling banyak 60 huruf"), field="name")
    return name


def _save(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise DomainError(_("Nama ini sudah dipakai"), field="name") from error
