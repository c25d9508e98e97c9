"""Who a reported official of a file is in the register of people: an officer says it, never a rule."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.matching.names import name_parts
from complaints.models import Case, Official, PersonRefusal, ReportedPerson, WorkAction, WorkEvent
from complaints.services.deadlines import local_day
from complaints.states import OFFICERS


def name_key(name: str) -> str:
    """Return a name as the register compares it: one spelling, parts in alphabetical order, no titles.

    >>> name_key("Drs. Moch. Budi, M.Si.") == name_key("BUDI Muhammad")
    True
    """
    return " ".join(sorted(name_parts(name)))


@transaction.atomic
def record_person(
    *, case: Case, official: Official, officer: User, at: datetime, seen: str = ""
) -> ReportedPerson:
    """Enter an official of this case in the register as somebody new. Errors as in :func:`confirm_person`.

    DomainError as well for an official without a name, or whose number (NIP) is that of somebody this
    officer can see in the register: then it is that person.
    """
    held = _held(official, officer, seen)
    if not held.name:
        raise DomainError(_("Isi namanya lebih dulu."), field="name")
    same = ReportedPerson.objects.visible_to(officer).filter(nip=held.nip) if held.nip else None
    if same is not None and same.exists():
        raise DomainError(_("Orang dengan NIP ini sudah ada di daftar terlapor."), field="nip")
    person = ReportedPerson.objects.create(
        name=held.name,
        name_key=name_key(held.name),
        nip=held.nip,
        position=held.position,
        agency_id=held.agency_id,
        since=local_day(at, case.office),
    )
    _tie(case, held, person, officer=officer, at=at)
    return person


@transaction.atomic
def confirm_person(
    *,
    case: Case,
    official: Official,
    person: ReportedPerson,
    officer: User,
    at: datetime,
    seen: str = "",
) -> None:
    """Say that an official of this case is that person of the register.

    What the register did not know yet (number, post, agency) it learns from the file. ``seen`` is the
    id of the person the page showed, "" for nobody: ConflictError when that changed meanwhile.
    DomainError where both have a number (NIP) and they differ; NotPermittedError for another role.
    """
    held = _held(official, officer, seen)
    known = ReportedPerson.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    if numbers_differ(held, known):
        raise DomainError(
            _("NIP keduanya berbeda. Betulkan dulu NIP yang salah ketik."),
            field="nip",
            code="numbers_differ",
        )
    known.nip = known.nip or held.nip
    known.position = held.position or known.position
    known.agency_id = held.agency_id or known.agency_id
    known.save(update_fields=["nip", "position", "agency"])
    _tie(case, held, known, officer=officer, at=at)


@transaction.atomic
def refuse_person(
    *, case: Case, official: Official, person: ReportedPerson, officer: User, at: datetime
) -> None:
    """Say that an official of this case is not that person: the suggestion does not come back."""
    held = _held(official, officer, "")
    _row, made = PersonRefusal.objects.get_or_create(official=held, person=person)
    if made:
        _note(case, held, person, WorkAction.UNLINK, "refused", officer=officer, at=at)


@transaction.atomic
def release_person(
    *, case: Case, official: Official, officer: User, at: datetime, seen: str = ""
) -> None:
    """Take back who an official was said to be. ConflictError as in :func:`confirm_person`."""
    held = _held(official, officer, seen)
    if held.person is None:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    person, held.person = held.person, None
    held.save(update_fields=["person"])
    _note(case, held, person, WorkAction.UNLINK, "released", officer=officer, at=at)


def release_if_numbers_differ(
    *, case: Case, official: Official, officer: User, at: datetime
) -> bool:
    """Part an official from a person whose number (NIP) is another one now; say whether that was so.

    Called with the official's row locked. At most three queries, none for somebody nobody identified.
    """
    if official.person is None or not numbers_differ(official, official.person):
        return False
    person, official.person = official.person, None
    official.save(update_fields=["person"])
    _note(case, official, person, WorkAction.UNLINK, "numbers_differ", officer=officer, at=at)
    return True


def numbers_differ(official: Official, person: ReportedPerson) -> bool:
    """Say whether both have a number (NIP) and not the same: then they are two people."""
    return bool(official.nip and person.nip and official.nip != person.nip)


def _held(official: Official, officer: User, seen: str) -> Official:
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    # The person is read after the lock: joined to it, it would be the one of before the wait.
    row = Official.objects.select_for_update(of=("self",), no_key=True).get(pk=official.pk)
    if seen != (str(row.person.public_id) if row.person else ""):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    return row


def _tie(
    case: Case, held: Official, person: ReportedPerson, *, officer: User, at: datetime
) -> None:
    held.person = person
    held.save(update_fields=["person"])
    _note(case, held, person, WorkAction.LINK, "person", officer=officer, at=at)


def _note(
    case: Case,
    held: Official,
    person: ReportedPerson,
    action: WorkAction,
    what: str,
    *,
    officer: User,
    at: datetime,
) -> None:
    WorkEvent.objects.create(
        case=case,
        action=action,
        actor=officer,
        at=at,
        detail={
            "what": what,
            "official": str(held.public_id),
            "person": str(person.public_id),
        },
    )
