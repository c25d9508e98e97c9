"""Who is away and who stands in: entered by the officer, or by somebody who supervises them."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import Absence, User
from bawaslu_cases.accounts.roles import WORKING_ROLES, Role
from bawaslu_cases.accounts.selectors import today_of
from bawaslu_cases.shared.errors import DomainError, NotPermittedError

LONGEST = dt.timedelta(days=366)
"""Longer than a year nobody is away: then the work is handed over (working rule, no source)."""
DAY = dt.timedelta(days=1)


@transaction.atomic
def enter_absence(
    *,
    person: User,
    deputy: User,
    first_on: dt.date,
    last_on: dt.date,
    officer: User,
    at: dt.datetime,
) -> Absence:
    """Write down that ``person`` is away from the first to the last day, and who stands in.

    For the person, or for a chair whose scope holds the person's office. NotPermittedError for anybody
    else; DomainError with the field for days that lie behind, are in the wrong order or meet another
    absence, and for a deputy of another office, without the person's roles, suspended, or away then.
    Two at once wait for each other: nobody becomes deputy of somebody who is away.
    """
    _check_may_enter(person, officer)
    if first_on < today_of(person, at):
        raise DomainError(_("Paling awal hari ini"), field="first_on")
    if last_on < first_on:
        raise DomainError(_("Tanggal akhir mendahului tanggal mulai."), field="last_on")
    if last_on - first_on > LONGEST:
        raise DomainError(_("Paling lama satu tahun. Serahkan tugasnya."), field="last_on")
    both = User.objects.select_for_update(of=("self",)).order_by("pk")
    list(both.filter(pk__in=[person.pk, deputy.pk]))
    _check_deputy(person, deputy, first_on, last_on)
    if Absence.objects.meeting(first_on, last_on).filter(deputy=person).exists():
        raise DomainError(
            _("Pada hari itu orang ini menggantikan petugas lain."),
            field="first_on",
            code="stands_in",
        )
    try:
        with transaction.atomic():
            return Absence.objects.create(
                user=person,
                deputy=deputy,
                first_on=first_on,
                last_on=last_on,
                entered_by=officer,
                made_at=at,
            )
    except IntegrityError as error:
        if "absence_one_at_a_time" not in str(error):
            raise
        raise DomainError(
            _("Hari itu sudah termasuk ketidakhadiran lain."), field="first_on", code="overlaps"
        ) from error


@transaction.atomic
def end_absence(*, absence: Absence, officer: User, at: dt.datetime) -> None:
    """Let an absence end before today, or call off one that has not begun or began today.

    Who may enter it may end it. DomainError when it is over or was called off.
    """
    _check_may_enter(absence.user, officer)
    today = today_of(absence.user, at)
    rows = Absence.objects.filter(pk=absence.pk, cancelled_at=None, last_on__gte=today)
    begun = rows.filter(first_on__lt=today).update(last_on=today - DAY)
    if not begun and not rows.update(cancelled_at=at):
        raise DomainError(_("Ketidakhadiran ini sudah berakhir."))
    absence.refresh_from_db()


def _check_may_enter(person: User, officer: User) -> None:
    if not person.has_role(*WORKING_ROLES):
        raise NotPermittedError(_("Hanya petugas yang menerima tugas mencatat ketidakhadiran."))
    if officer.pk == person.pk and officer.is_active:
        return
    within = officer.scope_office_ids is None or person.office_id in officer.scope_office_ids
    if not (officer.has_role(Role.CHAIR) and within):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))


def _check_deputy(person: User, deputy: User, first_on: dt.date, last_on: dt.date) -> None:
    if deputy.pk == person.pk or not deputy.is_active or deputy.office_id != person.office_id:
        raise DomainError(_("Pilih petugas lain di unit yang sama."), field="deputy")
    if not (person.roles & WORKING_ROLES) <= deputy.roles:
        raise DomainError(_("Pengganti harus memegang peran yang sama."), field="deputy")
    if Absence.objects.meeting(first_on, last_on).filter(user=deputy).exists():
        raise DomainError(_("Orang ini juga tidak hadir pada hari itu."), field="deputy")
