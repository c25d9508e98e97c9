"""The English catalogue: what the sources ask for, and keeping the file up to date with it.

``python -m tests.support.catalogue`` writes new texts of templates and code into ``django.po``, drops
the ones nobody asks for any more, and compiles ``django.mo``. It needs no gettext programs.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "bawaslu_cases" / "locale" / "en" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
PACKAGES = ("bawaslu_cases", "complaints", "referrals")
REGISTRY = {
    "sanction_types.csv": ("name", ""),
    "act_rules.csv": ("reason", ""),
    "violation_rules.csv": ("criminal_overlap", "|"),
    "guide_cases.csv": ("source", ""),
}
"""Reference data without an English column that the guide shows: column, and what separates its texts."""
KEYWORDS = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HEADER = """\
# English texts of the public pages, the form, the mailbox and the desk.
# msgid is the Indonesian text as it stands in the templates and in the code.
# Kept by: python -m tests.support.catalogue"""
EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def sources() -> Iterator[Path]:
    """Yield every file that can hold a text of the interface."""
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def texts_of(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield (msgid or (singular, plural), context) of each text a file asks for."""
    text = path.read_text()
    if path.suffix != ".py":
        # In brackets, because what templatize writes is no Python and its indentation means nothing.
        text = f"(\n{templatize(text, origin=str(path))}\n)"
    found = extract("python", io.BytesIO(text.encode()), KEYWORDS)
    for _line, msgid, _comments, context in found:
        yield msgid, context


def registry_texts() -> Iterator[tuple[str, Path]]:
    """Yield what the guide translates by name, as ``{% translate variable %}`` looks it up."""
    for name, (column, separator) in REGISTRY.items():
        path = ROOT / "bawaslu_cases" / "registry" / "data" / name
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                for text in row[column].split(separator) if separator else [row[column]]:
                    if text:
                        yield text.replace("%", "%%"), path


def asked() -> Catalog:
    """Return a catalogue without translations of all that the sources ask for."""
    catalog = empty()
    for path in sources():
        for msgid, context in texts_of(path):
            catalog.add(msgid, context=context, locations=[(str(path.relative_to(ROOT)), 1)])
    for text, path in registry_texts():
        catalog.add(text, locations=[(str(path.relative_to(ROOT)), 1)])
    return catalog


def empty() -> Catalog:
    """Return an English catalogue that holds nothing; its dates never change, so no diff is noise."""
    return Catalog(
        locale="en",
        header_comment=HEADER,
        project="Bawaslu Cases",
        version="1",
        msgid_bugs_address="",
        last_translator="",
        language_team="English",
        creation_date=EPOCH,
        revision_date=EPOCH,
        fuzzy=False,
    )


def kept() -> Catalog:
    """Return the catalogue as it lies in the repository."""
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def indonesian(message: Message) -> tuple[str, ...]:
    """Return the texts a message stands for, one or both of its numbers."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def english(message: Message) -> tuple[str, ...]:
    """Return their translations; none yet for a new message."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def compiled(catalog: Catalog) -> bytes:
    """Return the bytes of the .mo file."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def merged(known: Catalog) -> Catalog:
    """Return what the sources ask for with the translations already known, sorted by file."""
    catalog = asked()
    for message in catalog:
        old: Message | None = known.get(message.id, message.context) if message.id else None
        if old is not None and old.string:
            message.string = old.string
    return catalog


def write(catalog: Catalog) -> None:
    """Write .po and .mo."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=0, sort_by_file=True, include_lineno=False)
    MO.write_bytes(compiled(kept()))


def main() -> None:
    """Bring the catalogue up to date and say what is missing."""
    catalog = merged(kept() if PO.exists() else empty())
    write(catalog)
    missing = [str(message.id) for message in catalog if message.id and not any(english(message))]
    print(f"{len(catalog)} texts, {len(missing)} without English")
    for text in missing:
        print(f"  {text}")


if __name__ == "__main__":
    main()
