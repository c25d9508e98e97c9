"""The neutral summary a verifier writes for those who may not read the reporter's own words."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.models import Complaint, SealedIdentity
from complaints.selectors.vault import desk_code

MAX_SUMMARY = 4000


@transaction.atomic
def write_summary(*, complaint: Complaint, verifier: User, text: str, at: datetime) -> None:
    """Keep a verifier's account of a report of their own desk; the last one counts.

    That no word of the identity stands in it, only the verifier's client can check: it has both for as
    long as it shows them. Raises NotPermittedError, DomainError for an empty or too long text.
    """
    identity = SealedIdentity.objects.filter(complaint=complaint).first()
    if (
        not verifier.has_role(Role.VERIFIER)
        or verifier.office is None
        or identity is None
        or identity.group_a != desk_code(verifier.office)
    ):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise DomainError(_("Tulis ringkasannya"), field="text")
    if len(text) > MAX_SUMMARY:
        raise DomainError(_("Ringkasan paling banyak 4.000 huruf"), field="text")
    complaint.summary = text
    complaint.save(update_fields=["summary"])
    audit.record(
        actor=verifier.public_id,
        action="vault.summary",
        subject=f"complaint:{complaint.public_id.hex}",
        detail={"length": len(text), "day": at.date().isoformat()},
    )
