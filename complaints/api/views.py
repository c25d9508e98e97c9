"""Addresses that take more than one method, each method being another module's."""

from typing import ClassVar

from bawaslu_cases.accounts.scopes import Scope
from complaints.api.reads import ComplaintReads
from complaints.api.writes import ComplaintWrites


class ComplaintsView(ComplaintReads, ComplaintWrites):
    """The list of records: read it, or relay a report."""

    scopes: ClassVar = {"GET": Scope.COMPLAINTS_READ, "POST": Scope.COMPLAINTS_WRITE}
