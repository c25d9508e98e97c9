"""Internal notes of officers on a record or a case: apart from messages, never seen by a reporter."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.models import Case, Complaint, InternalNote, WorkAction, WorkEvent
from complaints.states import STAFF

MAX_NOTE = 4000


@transaction.atomic
def write_note(*, subject: Complaint | Case, text: str, author: User, at: datetime) -> InternalNote:
    """Keep a note of an officer who may open the subject. It is never changed, so there is no conflict.

    The note is its own row of history; that somebody worked on the subject is told beside it, without
    its words. DomainError for an empty or a too long one.
    """
    if not author.has_role(*STAFF):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    words = text.strip()
    if not words:
        raise DomainError(_("Tulis catatannya"), field="text")
    if len(words) > MAX_NOTE:
        raise DomainError(_("Catatan terlalu panjang, paling banyak 4.000 huruf"), field="text")
    about = {"complaint" if isinstance(subject, Complaint) else "case": subject}
    note = InternalNote.objects.create(text=words, author=author, at=at, **about)
    WorkEvent.objects.create(
        action=WorkAction.NOTE, actor=author, at=at, detail={"note": note.pk}, **about
    )
    return note
