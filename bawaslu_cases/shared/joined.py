"""Work that is a part of its caller's transaction, with no savepoint of its own."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
R = TypeVar("R")


def joined(function: Callable[P, R]) -> Callable[P, R]:
    """Run in the caller's transaction, or in one of its own where there is none.

    ``transaction.atomic`` sets a savepoint inside another one, two journeys to the database each time,
    so that a caller may catch an error and go on. This is for services whose errors nobody catches
    before the whole transaction is rolled back, as the outbox does with whatever its handlers raise.
    """

    @wraps(function)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        with transaction.atomic():
            return function(*args, **kwargs)

    return whole
