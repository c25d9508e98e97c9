"""What is new in a record for one person: counted, not dated, because reporters' steps carry no hour."""

from datetime import datetime
from typing import Any

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from bawaslu_cases.accounts.models import User
from complaints.models import ComplaintEvent, Evidence, Message, ReadMark


class RowCount(Subquery):
    """How many rows a queryset holds; of a sliced one it never reads past the slice."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) _counted)"
    output_field = IntegerField()


class CountBefore(RowCount):
    """How many rows of a queryset with ``due_at`` are due before a moment.

    Of rows that come by deadline a slice's first ones tell: the moment stands outside the slice, where
    no estimate of how many there are can lead PostgreSQL to read and sort them all.
    """

    template = "(SELECT COUNT(*) FROM (%(subquery)s) _counted WHERE _counted.due_at < %%s)"

    def __init__(self, rows: "QuerySet[Any]", at: datetime) -> None:
        super().__init__(rows.values("due_at"))
        self.at = at

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL with the moment as its last parameter."""
        sql, params = super().as_sql(*args, **kwargs)
        return sql, (*params, self.at)


def _of(rows: "QuerySet[Any]") -> RowCount:
    return RowCount(rows.filter(complaint=OuterRef("pk")).order_by().values("pk"))


def news_for(user: User) -> Combinable:
    """Return the number of a record's news for somebody: steps of others, letters, files of the reporter.

    What the person did is no news to them. An expression, no query.
    """
    steps = ComplaintEvent.objects.filter(~Q(actor=user) | Q(actor__isnull=True))
    letters = Message.objects.filter(direction=Message.Direction.FROM_REPORTER)
    files = Evidence.objects.filter(added_by__isnull=True)
    return _of(steps) + _of(letters) + _of(files)


def news_beyond_mark(user: User) -> Combinable:
    """Return how many news of a record somebody has not seen; more than 0 is unread. No query."""
    mark = ReadMark.objects.filter(complaint=OuterRef("pk"), user=user).values("news")[:1]
    return news_for(user) - Coalesce(Subquery(mark), Value(0))
