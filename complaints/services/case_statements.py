"""That a person of staff has no tie in one case, said before its page is shown (ADR 0049, check A26)."""

from datetime import datetime

from django.db import transaction

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit import services as audit
from complaints.models import Case, CaseStatement


@transaction.atomic
def state_no_conflict(*, case: Case, user: User, at: datetime) -> None:
    """Keep the statement; saying it again changes nothing. Raises AuditUnavailableError: nothing is kept."""
    _row, is_new = CaseStatement.objects.get_or_create(case=case, user=user, defaults={"at": at})
    if is_new:
        audit.record(
            actor=user.public_id, action="conflict.none", subject=f"case:{case.public_id.hex}"
        )
