"""An office's own wordings: written, and ended on a day; words in force are never changed."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import LetterStep, LetterTemplate
from complaints.services.deadlines import local_day
from complaints.services.messages import MAX_MESSAGE
from complaints.states import OFFICERS, Requirement


@transaction.atomic
def write_wording(
    *,
    title: str,
    body: str,
    step: LetterStep,
    requirements: Collection[Requirement],
    assigns_sender: bool,
    officer: User,
    at: datetime,
) -> LetterTemplate:
    """Keep a wording of the officer's office, in force from today.

    Raises NotPermittedError, DomainError for an empty or too long text, ConflictError when one of this
    name is in force: end that one first.
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
            )
    except IntegrityError as error:
        raise ConflictError(_("Kalimat dengan nama ini masih berlaku. Akhiri dulu.")) from error


@transaction.atomic
def end_wording(*, wording_id: int, officer: User, at: datetime) -> LetterTemplate:
    """End a wording of the officer's office today. Raises NotPermittedError, ConflictError."""
    office = _office_of(officer)
    rows = LetterTemplate.objects.filter(pk=wording_id, office=office)
    if not rows.filter(valid_until=None).update(valid_until=local_day(at, office)):
        raise ConflictError(_("Kalimat ini sudah diakhiri."))
    return rows.get()


def _office_of(officer: User) -> Office:
    if officer.office is None or not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    return officer.office
