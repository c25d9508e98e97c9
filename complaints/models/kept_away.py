"""Whom a record or case is kept from, as a condition that costs a list next to nothing."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import BooleanField, F, Func, Q

from bawaslu_cases.accounts.models import User


def not_recused(model: type[models.Model], user: User) -> Q:
    """Return the condition that a person is not recused from a row of ``model`` (Recusal). No query.

    The keys of what they are recused from are one array, made once a statement: of one person there are
    few. Looked up row by row they cost a number of the desk more than all the rest of it.
    """
    relation: Any = model._meta.get_field("recusals")
    name = relation.field.name
    theirs = relation.related_model._default_manager.filter(
        # A recusal is from a record or from a case. An empty key in the array would hide every row.
        **{"user": user, f"{name}__isnull": False}
    )
    keys = ArraySubquery(theirs.order_by().values(name))
    return Q(
        Func(
            F("pk"),
            keys,
            template="%(expressions)s)",
            arg_joiner=" <> ALL(",
            output_field=BooleanField(),
        )
    )
