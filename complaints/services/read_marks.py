"""What somebody has seen of a record."""

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint, ReadMark
from complaints.selectors.news import news_for


def mark_read(*, complaint: Complaint, user: User, news: int | None = None) -> None:
    """Note that somebody has seen all that there is of a record now. One query; two without ``news``.

    A mark says how much was seen, not when: no hour of any reader or reporter is kept.
    """
    if news is None:
        rows = Complaint.objects.filter(pk=complaint.pk)
        news = int(rows.values_list(news_for(user), flat=True).get())
    ReadMark.objects.bulk_create(
        [ReadMark(user=user, complaint=complaint, news=news)],
        update_conflicts=True,
        unique_fields=["complaint", "user"],
        update_fields=["news"],
    )
