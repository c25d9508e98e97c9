"""Internal notes of officers on a record or a case: apart from messages, never seen by a reporter."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.models import Case, Complaint, InternalNote
from complaints.states import STAFF

MAX_NOTE = 4000


@transaction.atomic
def write_note(*, subject: Complaint | Case, text: str, author: User, at: datetime) -> InternalNote:
    """Keep a note of an officer who may open the subject. It is never changed, so there is no conflict.

    The note is its own row of history. DomainError for an empty or a too long one.
    """
    if not author.has_role(*STAFF):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    words = text.strip()
    if not words:
        raise DomainError(_("Tulis catatannya"), field="text")
    if len(words) > MAX_NOTE:
        raise DomainError(_("Catatan terlalu panjang, paling banyak 4.000 huruf"), field="text")
    return InternalNote.objects.create(
        complaint=subject if isinstance(subject, Complaint) else None,
        case=subject if isinstance(subject, Case) else None,
        text=words,
        author=author,
        at=at,
    )
