"""An office's own wordings: proposed, read by a second person, and ended on a day; never changed.

What goes out to reporters in an office's name is read by two people before. Ending needs one: it only takes
away, and the nation's wording of the same name stands in.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
)
from complaints.models import LetterStep, LetterTemplate
from complaints.models.letter_template import Approval
from complaints.services.deadlines import local_day
from complaints.services.messages import MAX_MESSAGE
from complaints.states import OFFICERS, Requirement

MAX_REFUSAL = 300
DECIDERS = OFFICERS | {Role.CHAIR}
"""Who may be the second person: whoever works with the wordings, or answers for the office."""


@transaction.atomic
def propose_wording(
    *,
    title: str,
    body: str,
    step: LetterStep,
    requirements: Collection[Requirement],
    assigns_sender: bool,
    officer: User,
    at: datetime,
) -> LetterTemplate:
    """Keep a wording for the officer's office until a colleague approves or refuses it.

    Raises NotPermittedError, DomainError for an empty or too long text, ConflictError when one of this
    name is in force or waits: end that one first.
    """
    office = _office_of(officer)
    code = slugify(title)[:40]
    if not code or not body.strip():
        raise DomainError(_("Tulis nama dan isinya"), field="body")
    if len(body) > MAX_MESSAGE:
        raise DomainError(_("Pesan terlalu panjang, paling banyak 4.000 huruf"), field="body")
    asked = [item.value for item in Requirement if item in requirements]
    try:
        with transaction.atomic():
            return LetterTemplate.objects.create(
                office=office,
                code=code,
                title=title.strip(),
                body=body.replace("\r\n", "\n").strip(),
                step=step,
                requirements=asked if step == LetterStep.ASK_REPAIR else [],
                assigns_sender=assigns_sender,
                valid_from=local_day(at, office),
                made_by=officer,
                approval=Approval.WAITING,
            )
    except IntegrityError as error:
        raise ConflictError(
            _("Kalimat dengan nama ini masih berlaku atau diusulkan. Akhiri dulu.")
        ) from error


@transaction.atomic
def approve_wording(*, wording_id: int, officer: User, at: datetime) -> LetterTemplate:
    """Let a colleague's wording be offered from today. Raises as :func:`refuse_wording`."""
    row, day = _waiting(wording_id, officer, at)
    row.approval, row.decided_by = Approval.APPROVED, officer
    row.decided_on = row.valid_from = day
    row.save(update_fields=["approval", "decided_by", "decided_on", "valid_from"])
    return row


@transaction.atomic
def refuse_wording(*, wording_id: int, officer: User, at: datetime, reason: str) -> LetterTemplate:
    """Turn a colleague's wording down; its name is free again.

    Raises NotPermittedError for the proposer and for who neither works nor presides at the office,
    ReasonNeededError or DomainError for the reason, ConflictError when it is decided or was taken back.
    """
    row, day = _waiting(wording_id, officer, at)
    if not reason.strip():
        raise ReasonNeededError(_("Tulis alasannya."), field="reason")
    if len(reason.strip()) > MAX_REFUSAL:
        raise DomainError(_("Alasan paling banyak 300 huruf"), field="reason")
    row.approval, row.decided_by, row.refusal = Approval.REFUSED, officer, reason.strip()
    row.decided_on = row.valid_until = day
    row.save(update_fields=["approval", "decided_by", "decided_on", "valid_until", "refusal"])
    return row


def _waiting(wording_id: int, officer: User, at: datetime) -> tuple[LetterTemplate, date]:
    """Return a proposal of the officer's office, locked, and today there. One query."""
    office = _office_of(officer, DECIDERS)
    rows = LetterTemplate.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=wording_id, office=office).first()
    if row is None or not row.is_waiting:
        raise ConflictError(_("Usulan ini sudah diputus atau ditarik."))
    if row.made_by_id == officer.pk:
        raise NotPermittedError(_("Kalimat disetujui atau ditolak rekan, bukan pengusulnya."))
    return row, local_day(at, office)


@transaction.atomic
def end_wording(*, wording_id: int, officer: User, at: datetime) -> LetterTemplate:
    """End a wording of the officer's office today, or take a proposal back.

    Raises NotPermittedError, ConflictError.
    """
    office = _office_of(officer)
    rows = LetterTemplate.objects.filter(pk=wording_id, office=office)
    if not rows.filter(valid_until=None).update(valid_until=local_day(at, office)):
        raise ConflictError(_("Kalimat ini sudah diakhiri."))
    return rows.get()


def _office_of(officer: User, roles: Collection[str] = OFFICERS) -> Office:
    if officer.office is None or not officer.has_role(*roles):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    return officer.office
