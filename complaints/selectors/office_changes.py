"""What was asked of the level above, and what came of it: the pages of a takeover show it."""

from complaints.models import Complaint, OfficeChange


def request_from_below(complaint: Complaint) -> OfficeChange | None:
    """Return the newest request that the level above takes a record, answered or not. One query."""
    rows = complaint.office_changes.select_related("source", "target")
    return rows.filter(direction=OfficeChange.Direction.UP).order_by("-pk").first()


def taken_from_below(complaint: Complaint) -> OfficeChange | None:
    """Return how the office that has a record took it from the one below; None else. One query."""
    change = request_from_below(complaint)
    has_it = change is not None and change.taken and change.target_id == complaint.office_id
    return change if has_it else None
