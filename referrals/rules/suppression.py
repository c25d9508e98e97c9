"""Which cells of a public table are hidden, so that no small number can be worked out of the others.

Pure, and proven by exhaustion in ``tests/referrals/rules/test_suppression.py`` against a reader who
knows this file (ADR 0038). One rule carries it: **what is hidden depends on which cells are small, and
which cell is sacrificed for them depends on no cell's value.** Were the smallest remaining cell taken,
as is usual, its choice would tell what it is.

A small cell is one under ``K``; nought is small. A table is published with its total, which is not
small. Every hidden cell then has at least ``K`` possible values.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

K = 5
"""Numbers under this are never shown (checks K15, K17): a district with one case names a person."""


def cells_to_show(cells: Mapping[str, int], *, salt: str, k: int = K) -> dict[str, int | None]:
    """Return the cells of one table as they may be published; None where hidden.

    The caller publishes their sum. ``salt`` names the table and its period: it draws, for everybody to
    repeat, the order in which cells are sacrificed, so that it is not always the same province.
    Nothing at all is shown of a table whose sum is small.
    """
    order = sorted(cells, key=lambda key: sha256(f"{salt}:{key}".encode()).digest())
    values = [cells[key] for key in order]
    hidden = {order[index] for index in hidden_cells(values, k=k)}
    return {key: None if key in hidden else value for key, value in cells.items()}


def hidden_cells(values: Sequence[int], *, k: int = K) -> set[int]:
    """Return the indexes to hide of a table whose cells stand in the order of sacrifice.

    - one small cell: it and the first two others. With one other only, a sum of 5 would say 0 and 5.
    - several, whose sum lies within ``k`` … ``(k-1)(n-1)``: they alone. Within these bounds each of
      them may be anything from 0 to k-1; above, all must be near k-1, below, the reader knows the sum
      is less than one could be.
    - several, outside these bounds: they and the first other, which blurs the sum.
    - not enough others: the whole table.
    """
    everything = set(range(len(values)))
    if sum(values) < k:
        return everything
    small = {index for index, value in enumerate(values) if value < k}
    count = len(small)
    if count == 0:
        return set()
    if count == 1:
        wanted = 2
    else:
        wanted = 0 if k <= sum(values[index] for index in small) <= (k - 1) * (count - 1) else 1
    others = [index for index in range(len(values)) if index not in small]
    return everything if wanted > len(others) else small | set(others[:wanted])


def may_release(value: int, *, last: int, above: int | None, k: int = K) -> bool:
    """Return whether a running total may be published anew.

    ``last`` is what was published of it before (0 at first), ``above`` what is published now of the
    stage that it is a part of, None when it is no part. A step of fewer than ``k`` would tell how few
    came in one month; a total that comes nearer than ``k`` to the stage above would tell how few wait
    there, and would bound what is held back.
    """
    return value - last >= k and (above is None or value <= above - k)


def split_to_show(part: int, whole: int, *, k: int = K) -> int | None:
    """Return a part of a published whole if neither it nor the rest is small; None otherwise."""
    return part if part >= k and whole - part >= k else None
