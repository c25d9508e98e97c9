"""Gap-free numbers in named series, under a row lock held until the caller commits."""

from django.db import connection, transaction

# One statement creates the series or adds one, locks the row and returns: two callers cannot both
# create it, and a rolled-back number was never given out.
_NEXT_NUMBER = """
INSERT INTO shared_numberseries AS known (series, last_number) VALUES (%s, 1)
ON CONFLICT (series) DO UPDATE SET last_number = known.last_number + 1
RETURNING last_number
"""


def next_number(*, series: str) -> int:
    """Return the next number of the series, 1 for a new one. One query.

    Holds the series' row until the transaction ends, so every other caller of the series waits:
    take numbers last in a transaction, and several series in alphabetical order
    (``docs/locking.md``). Raises TransactionManagementError outside a transaction, where a number
    could be lost between here and its use.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "next_number() needs the transaction that uses the number"
        )
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [series])
        (number,) = cursor.fetchone()
    return int(number)
