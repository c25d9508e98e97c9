"""What the papers' tab of a case shows."""

from typing import Any

from bawaslu_cases.accounts.models import User
from complaints.models import Case


def case_papers(case: Case, *, user: User) -> dict[str, Any]:
    """Return the context of ``complaints/desk/case_documents.html``."""
    return {"case": case, "user": user}
