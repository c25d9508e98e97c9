"""What somebody has in hand: their own, and while a colleague is away the colleague's too.

Nothing is moved for the days of an absence, so nothing comes back afterwards: the lists ask who stands
in today. Scope and recusals cut these lists as any other, so a deputy never gets what they may not see.
"""

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, BooleanField, F, Func, OuterRef, Q, Subquery, Value

from bawaslu_cases.accounts.models import Absence, User


def in_hand_of(user: User, *, on: date) -> Q:
    """Return the condition that a record or case is the person's, or of whom they stand in for.

    A filter, no query. The people are one array that is made once, so the index on assignees serves.
    """
    # A role that went in the meantime ends it at once, as does another unit.
    theirs = Absence.objects.on(on).held().filter(deputy=user).order_by().values("user")
    own = Value(user.pk, output_field=BigIntegerField())
    people = Func(
        ArraySubquery(theirs), own, function="array_append", output_field=BigIntegerField()
    )
    return Q(
        Func(
            F("assignee"),
            people,
            template="%(expressions)s)",
            arg_joiner=" = ANY(",
            output_field=BooleanField(),
        )
    )


def stood_in_until(deputy: User, *, on: date) -> Subquery:
    """Return the last day on which the person stands in for the row's assignee, null for others."""
    rows = Absence.objects.on(on).filter(deputy=deputy, user=OuterRef("assignee"))
    return Subquery(rows.order_by().values("last_on")[:1])


def away_until(on: date, *, who: str = "pk") -> Subquery:
    """Return the last day of the absence of the person in column ``who``, null for who is there."""
    rows: Any = Absence.objects.on(on).filter(user=OuterRef(who))
    return Subquery(rows.order_by().values("last_on")[:1])
