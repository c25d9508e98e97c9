"""What the papers' tab of a case shows."""

from typing import Any

from bawaslu_cases.accounts.models import User
from complaints.models import Case
from complaints.web.documents import papers_context


def case_papers(case: Case, *, user: User) -> dict[str, Any]:
    """Return the context of ``complaints/desk/case_documents.html``. One query."""
    return papers_context(case, user=user)
