"""An office's old register: imports on their way, and the legacy cases that came of them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import ActAlias, ActKind, Agency, Office, Region, RegionKind
from bawaslu_cases.shared import envelope, sealed_files
from bawaslu_cases.shared.nip import LENGTH, normal_nip
from complaints.imports.columns import BY_NAME, folded, guessed, is_kept_out
from complaints.imports.values import PROBLEMS, Words
from complaints.models import LegacyCase, LegacyColumns, LegacyImport
from complaints.selectors.keyset import Cursor, Order, Page, keyset_page

ROWS_PURPOSE = "legacy-import"
PAGE = 50
SHOWN_PROBLEMS = 50
EXAMPLES = 3
_SHORTEST = {"Kabupaten": "kab", "Kota": "kota"}


@dataclass(frozen=True)
class Rows:
    """What was in the file: its heads, the number of the head's row, and each row with its number."""

    heads: list[str]
    head_at: int
    rows: list[tuple[int, list[str]]]

    def to_json(self) -> bytes:
        """Return the bytes that are sealed."""
        return json.dumps([self.heads, self.head_at, self.rows], ensure_ascii=False).encode()


def rows_of(legacy_import: LegacyImport) -> Rows:
    """Return the rows of a file that was read. Raises UnsealError and OSError where it is gone."""
    content = sealed_files.load(legacy_import.storage_name, purpose=ROWS_PURPOSE)
    heads, head_at, rows = json.loads(content)
    return Rows(heads, head_at, [(number, cells) for number, cells in rows])


def recent_imports(user: User) -> list[LegacyImport]:
    """Return the latest imports of the person's office. One query."""
    rows = LegacyImport.objects.visible_to(user).select_related("officer")
    return list(rows[:PAGE])


def columns_before(office: Office) -> dict[str, str]:
    """Return how this office's columns were read the last time, by folded head. One query."""
    row = LegacyColumns.objects.filter(pk=office.pk).first()
    return dict(row.columns) if row is not None else {}


@dataclass(frozen=True)
class HeadOffer:
    """One column of the file: its head, some of its cells, what it is taken for, whether it may be."""

    at: int
    head: str
    examples: list[str]
    chosen: str
    is_kept_out: bool


def column_offers(legacy_import: LegacyImport, rows: Rows) -> list[HeadOffer]:
    """Return each column with what it is taken for. One query while nobody has chosen."""
    chosen = legacy_import.columns or guessed(rows.heads, columns_before(legacy_import.office))
    width = max(len(rows.heads), *(len(cells) for _number, cells in rows.rows[:200]))
    found = []
    for at in range(width):
        head = rows.heads[at] if at < len(rows.heads) else ""
        examples = [cells[at] for _number, cells in rows.rows[:40] if at < len(cells) and cells[at]]
        kept_out = is_kept_out(head)
        found.append(
            HeadOffer(
                at=at,
                head=head or _("Kolom %(number)d") % {"number": at + 1},
                # what may name a reporter is not shown either
                examples=[] if kept_out else [text[:60] for text in examples[:EXAMPLES]],
                chosen=chosen[at] if at < len(chosen) else "",
                is_kept_out=kept_out,
            )
        )
    return found


def words_for(office: Office, *, today: date) -> Words:
    """Return the registry's words for the files of one office. Four queries.

    A name that two regions or agencies share is no name of either. At Bawaslu RI every region is its own.
    """
    acts = {folded(code): code for code in ActKind.objects.values_list("code", flat=True)}
    acts |= {
        folded(alias): code for alias, code in ActAlias.objects.values_list("alias", "act__code")
    }
    acts |= {folded(name): code for code, name in ActKind.objects.values_list("code", "label_id")}
    own = office.region
    regions = Region.objects.all()
    if own is not None:
        regions = regions.filter(Q(pk=own.pk) | Q(parent=own))
    return Words(
        acts=acts,
        regions=_regions(regions),
        agencies=_once(
            (word, code)
            for code, name, short in Agency.objects.values_list("code", "name", "short_name")
            for word in (code, name, short)
        ),
        own_region=own.code if own is not None else "",
        office=office.path,
        today=today,
    )


def _regions(rows: Iterable[Region]) -> dict[str, str]:
    pairs: list[tuple[str, str]] = []
    for row in rows:
        bare = row.short_name
        names = [row.code, row.code.replace(".", ""), row.name, bare]
        if row.kind == RegionKind.KABUPATEN:
            names += [f"kab {bare}", f"kabupaten {bare}"]
        elif row.kind == RegionKind.KOTA:
            names += [f"kota {bare}"]
        else:
            names += [f"provinsi {bare}", f"prov {bare}"]
        pairs += [(name, row.code) for name in names]
    return _once(pairs)


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return word → code of the words that name one thing alone."""
    found: dict[str, set[str]] = {}
    for word, code in pairs:
        if key := folded(word):
            found.setdefault(key, set()).add(code)
    return {word: next(iter(codes)) for word, codes in found.items() if len(codes) == 1}


def problem_words(codes: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the columns and what is wrong with each, in words."""
    return [(str(BY_NAME[column].label), str(PROBLEMS[code])) for column, code in codes]


def first_problems(legacy_import: LegacyImport) -> list[dict[str, Any]]:
    """Return the first rows that cannot be taken, with what is wrong. One query."""
    rows = legacy_import.problems.all()[:SHOWN_PROBLEMS]
    return [{"row": row.row, "problems": problem_words(row.codes)} for row in rows]


def problem_table(legacy_import: LegacyImport) -> tuple[list[str], Iterator[list[str]]]:
    """Return head and rows of the error file. One query; the file is opened while it is there.

    A row of a spreadsheet with everything wrong in it, and its own cells to put right; without them once
    the file is gone. Columns that may name a reporter are left out.
    """
    problems: Mapping[int, Any] = dict(legacy_import.problems.values_list("row", "codes"))
    head = [_("Baris"), _("Yang perlu diperbaiki")]
    cells: dict[int, list[str]] = {}
    if legacy_import.storage_name:
        read = rows_of(legacy_import)
        kept = [at for at, name in enumerate(read.heads) if not is_kept_out(name)]
        head += [read.heads[at] for at in kept]
        cells = {
            number: [row[at] if at < len(row) else "" for at in kept]
            for number, row in read.rows
            if number in problems
        }

    def rows() -> Iterator[list[str]]:
        for number in sorted(problems):
            told = "; ".join(
                f"{column}: {words}" for column, words in problem_words(problems[number])
            )
            yield [str(number), told, *cells.get(number, [])]

    return head, rows()


def legacy_cases(*, user: User, q: str, cursor: Cursor | None) -> Page[LegacyCase]:
    """Return a page of the legacy cases somebody may see, the latest imported first. One to three queries."""
    rows = LegacyCase.objects.visible_to(user).select_related("office", "region", "agency")
    q = q.strip()
    if not q:
        return keyset_page(rows, order=Order.NEWEST_FIRST, cursor=cursor, size=PAGE)
    digits = normal_nip(q)
    if len(digits) == LENGTH and digits.isdigit():
        rows = rows.filter(nip=digits)
        return keyset_page(rows, order=Order.NEWEST_FIRST, cursor=cursor, size=PAGE)
    words = SearchQuery(q, config="indonesian", search_type="websearch")
    rows = rows.filter(Q(search=words) | Q(register_number=q))
    return keyset_page(rows, order=Order.SEARCHED, cursor=cursor, size=PAGE)


def description_of(legacy: LegacyCase) -> str:
    """Return the office's own account of a legacy case, "" where there is none. No query."""
    if legacy.description is None:
        return ""
    return envelope.unseal(
        bytes(legacy.description), context=("legacy-case", legacy.public_id.hex)
    ).decode()
