"""Row-level security of ``default``: which rows the web's lesser roles see (ADR 0050).

Each app says for its tables what names an office or hangs on something that does (``row_sight`` of its
AppConfig); ``grant_roles`` lays the policies down. Conditions are SQL of our own, never from outside.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from django.apps import apps
from django.db import transaction
from django.db.backends.utils import CursorWrapper

from bawaslu_cases.shared.brief_locks import until_free
from bawaslu_cases.shared.row_scopes import SETTING, Sight

ALL: Final = "true"
NONE: Final = "false"


def _nearly_always(condition: str) -> str:
    """Write a condition so that the planner expects it of 995 rows in 1,000.

    Beside the same filter of ``visible_to`` it would count both and choose plans for a fiftieth of the rows.
    """
    return f"(CASE WHEN {condition} THEN true END) IS NOT NULL"


def of_office(*columns: str) -> str:
    """Return that one of these columns names an office in sight. Asked once a query, compared a row."""
    sight = f"(SELECT current_setting('{SETTING[Sight.OFFICE]}', true)::int8multirange)"
    return _nearly_always(" OR ".join(f"{sight} @> {column}" for column in columns))


def own(sight: Sight, column: str) -> str:
    """Return that a column is the key of whoever asks: of their body, agency or record."""
    return f"{column} = (SELECT NULLIF(current_setting('{SETTING[sight]}', true), '')::bigint)"


def hangs_on(table: str, column: str, *, key: str = "id") -> str:
    """Return that the row which a column names is in sight, by that table's own policies."""
    return _nearly_always(f"EXISTS (SELECT 1 FROM {table} above WHERE above.{key} = {column})")


def either(*conditions: str) -> str:
    """Return that one of the conditions holds."""
    return "(" + " OR ".join(conditions) + ")"


@dataclass(frozen=True)
class RowSight:
    """What the lesser roles see of one table and may write to it; the country's role sees all of it."""

    office: str
    recipient: str = ALL
    agency: str = ALL
    reporter: str = ALL

    def condition(self, sight: Sight) -> str:
        """Return the condition of one lesser role."""
        return ALL if sight is Sight.NATION else str(getattr(self, sight.value))


def row_sights() -> dict[str, RowSight]:
    """Return table → rule, of all apps."""
    known: dict[str, RowSight] = {}
    for app in apps.get_app_configs():
        sights: Mapping[str, RowSight] = getattr(app, "row_sight", {})
        known |= sights
    return known


LEAKPROOF: Final = (
    "ts_match_vq(tsvector, tsquery)",
    "arrayoverlap(anyarray, anyarray)",
    "arraycontains(anyarray, anyarray)",
)
"""Behind ``@@``, ``&&`` and ``@>``. They return true or false and tell no value by an error; not marked so,
PostgreSQL asks the policy of every row before them and no index of theirs is of use."""


def lay_policies(
    cursor: CursorWrapper,
    *,
    web: str,
    lesser: Mapping[Sight, str],
    others: Iterable[str],
    tell: Callable[[str], object],
) -> int:
    """Enable and force row security, and lay down each role's policies; return how many tables changed.

    ``others`` see everything: worker and owner. A table whose policies are as they should be is left
    alone: its lock would make everybody wait. The others change one by one, each in a transaction of its own
    that waits briefly for its lock; ``tell`` gets a line where one is in use, StillHeldError is raised where
    it stays so. Two statements where nothing changed.
    """
    changed = 0
    laid, walled = _laid(cursor), _walled(cursor)
    for table, sight in row_sights().items():
        wanted = {role: sight.condition(each) for each, role in lesser.items()}
        wanted |= dict.fromkeys(sorted(set(others)), ALL)
        known = laid.get(table, {})
        left_over = {name for name in known if name.startswith(f"{web}_")} - set(wanted)
        is_right = all(
            name in known and known[name].is_by(condition) for name, condition in wanted.items()
        )
        if table in walled and is_right and not left_over:
            continue
        changed += 1
        gone = sorted({*wanted, *left_over} & {*known})
        until_free(cursor.db, partial(_change, cursor, table, wanted, gone), tell=tell)
    return changed


def _change(
    cursor: CursorWrapper, table: str, wanted: Mapping[str, str], gone: Iterable[str]
) -> None:
    with transaction.atomic(using=cursor.db.alias):
        cursor.execute("; ".join(_statements(table, wanted, gone)))
        for name, policy in _laid(cursor, table)[table].items():
            if name in wanted:
                mark = policy.mark_of(wanted[name])
                cursor.execute(f'COMMENT ON POLICY "{name}" ON "{table}" IS \'{mark}\'')


def _statements(table: str, wanted: Mapping[str, str], gone: Iterable[str]) -> Iterator[str]:
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
    for name in gone:
        yield f'DROP POLICY "{name}" ON "{table}"'
    for role, condition in wanted.items():
        asked = f"USING ({condition}) WITH CHECK ({condition})"
        yield f'CREATE POLICY "{role}" ON "{table}" TO "{role}" {asked}'


class _Laid(NamedTuple):
    """A policy as it stands: what was noted when it was laid down, and a digest of it as it is."""

    noted: str
    now: str

    def mark_of(self, condition: str) -> str:
        """Return what tells whether it is still ours: PostgreSQL shows its own wording of a condition."""
        return f"{hashlib.sha256(condition.encode()).hexdigest()[:16]} {self.now}"

    def is_by(self, condition: str) -> bool:
        """Say whether it is what this condition made, and nobody changed it since."""
        return self.noted == self.mark_of(condition)


def _laid(cursor: CursorWrapper, table: str = "") -> dict[str, dict[str, _Laid]]:
    """Return table → policy → how it stands, of one table or of all. One query."""
    cursor.execute(
        "SELECT c.relname, p.polname, COALESCE(obj_description(p.oid, 'pg_policy'), ''),"
        " md5(concat_ws('|', p.polcmd, p.polpermissive, p.polroles::regrole[],"
        " pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)))"
        " FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND %s IN ('', c.relname)",
        [table],
    )
    laid: dict[str, dict[str, _Laid]] = {}
    for name, policy, noted, now in cursor.fetchall():
        laid.setdefault(name, {})[policy] = _Laid(noted, now)
    return laid


def _walled(cursor: CursorWrapper) -> set[str]:
    """Return the tables whose row security is on and forced. One query."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relrowsecurity AND relforcerowsecurity"
    )
    return {row[0] for row in cursor.fetchall()}
