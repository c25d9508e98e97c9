"""Is the log what it was? Reads everything itself and trusts nothing the database computes."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connections

from bawaslu_cases.audit import sql
from bawaslu_cases.audit.chain import FIRST_PREV, Entry, hash_of
from bawaslu_cases.audit.checkpoints import is_late, signed_notes
from bawaslu_cases.audit.merkle import Accumulator
from bawaslu_cases.audit.notes import Checkpoint, NoteError, verify
from bawaslu_cases.audit.rules import Finding, Rule, fresh_rules
from bawaslu_cases.audit.selectors import entry_of
from bawaslu_cases.shared.databases import AUDIT

BATCH: Final = 5000
COLUMNS: Final = "seq, at, actor, action, subject, purpose, detail, prev, hash"


@dataclass(slots=True)
class Report:
    """What one run found."""

    entries: int = 0
    checkpoints: int = 0
    unprotected: int = 0
    """Entries after the last valid checkpoint: cutting them off would not show."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """Return 0 for a sound log, 1 for what may be innocent, 2 for tampering."""
        if any(finding.tampering for finding in self.findings):
            return 2
        return 1 if self.findings else 0


def verify_log(
    *, place: Path, key: Ed25519PublicKey | None, at: datetime, start: int = 1
) -> Report:
    """Check numbers, chain, time, checkpoints, triggers, rights, functions, and the apps' rules.

    From ``start`` on entries are checked whole; of those before it the number, the link and the hash
    are still read, because the checkpoints' roots cover them. One query for each 5,000 entries and
    five more.
    """
    report = Report()
    notes = _valid_notes(place, key, report)
    roots = _walk(report, start=start, sizes={note.size for note in notes}, rules=fresh_rules())
    for note in notes:
        found = roots.get(note.size)
        if found is None:
            text = f"checkpoint says {note.size} entries, the log has {report.entries}"
            report.findings.append(Finding("cut", text, note.size))
        elif found != note.root:
            text = f"the first {note.size} entries are not the ones that were signed"
            report.findings.append(Finding("rewritten", text, note.size))
    sound = [note for note in notes if roots.get(note.size) == note.root]
    report.unprotected = report.entries - max((note.size for note in sound), default=0)
    if report.entries and is_late(max(notes, key=lambda note: note.at, default=None), at=at):
        text = "no checkpoint in 30 minutes: is the signer running?"
        report.findings.append(Finding("late", text, tampering=False))
    report.findings += [*_triggers(), *_functions(), *_owner(), *_rights()]
    return report


def _valid_notes(place: Path, key: Ed25519PublicKey | None, report: Report) -> list[Checkpoint]:
    notes = []
    for name, text in signed_notes(place):
        report.checkpoints += 1
        if key is None:
            finding = Finding("no_key", f"{name}: no key to check its signature", tampering=False)
            report.findings.append(finding)
            continue
        try:
            notes.append(verify(text, key))
        except NoteError as error:
            report.findings.append(Finding("forged", f"{name}: {error}"))
    return notes


def _walk(report: Report, *, start: int, sizes: set[int], rules: list[Rule]) -> dict[int, bytes]:
    """Read the log once; return the root at each of ``sizes`` that it reaches."""
    tree, roots, last, time = Accumulator(), {}, FIRST_PREV, None
    for entry in _entries():
        wanted = report.entries + 1
        if entry.seq != wanted:
            text = f"gap: entry {wanted} is missing, {entry.seq} follows"
            report.findings.append(Finding("gap", text, entry.seq))
            report.entries = entry.seq - 1
        elif entry.prev != last:
            text = f"chain broken: entry {entry.seq} does not follow the one before it"
            report.findings.append(Finding("chain", text, entry.seq))
        if entry.seq >= start:
            if hash_of(entry) != entry.hash:
                text = f"entry {entry.seq} was changed: its hash is not that of what it says"
                report.findings.append(Finding("changed", text, entry.seq))
            if time is not None and entry.at < time:
                text = f"entry {entry.seq} is older than the one before it: was a clock set back?"
                report.findings.append(Finding("time", text, entry.seq, tampering=False))
            for rule in rules:
                rule.see(entry)
        report.entries, last, time = entry.seq, entry.hash, entry.at
        tree.add(entry.hash)
        if tree.size in sizes and tree.size == entry.seq:
            roots[tree.size] = tree.root()
    for rule in rules:
        report.findings += rule.findings()
    return roots


def _entries() -> Iterator[Entry]:
    after = 0
    while True:
        rows = _ask(
            f"SELECT {COLUMNS} FROM {sql.TABLE} WHERE seq > %s ORDER BY seq LIMIT %s", after, BATCH
        )
        yield from map(entry_of, rows)
        if len(rows) < BATCH:
            return
        after = rows[-1][0]


def _triggers() -> list[Finding]:
    found = dict(
        _ask(
            "SELECT tgname::text, tgenabled::text || ' ' || pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            sql.TABLE,
        )
    )
    findings = []
    for name, when in sql.TRIGGERS.items():
        wanted = f"{when.format(table=f'public.{sql.TABLE}')} EXECUTE FUNCTION audit_refuse()"
        if not found.get(name, "").endswith(wanted):
            findings.append(Finding("trigger", f"trigger {name} is missing or another one"))
        elif not found[name].startswith("A "):
            findings.append(Finding("trigger", f"trigger {name} is not enabled always"))
    findings += [
        Finding("trigger", f"trigger {name} was added") for name in found.keys() - sql.TRIGGERS
    ]
    return findings


def _functions() -> list[Finding]:
    rows = _ask(
        "SELECT p.oid::regprocedure::text, p.prosrc, p.prosecdef, "
        "coalesce(array_to_string(p.proconfig, ';'), '') "
        "FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'audit\\_%%'"
    )
    found = {_short(name): told for name, *told in rows}
    findings = []
    for signature, (how, body, _roles) in sql.FUNCTIONS.items():
        name = _short(sql.plain(signature))
        prosrc, definer, config = found.pop(name, ("", None, ""))
        settings = ["search_path=pg_catalog, pg_temp"] if "search_path" in how else []
        settings += ["lock_timeout=3s"] if "lock_timeout" in how else []
        if prosrc != body or definer != ("SECURITY DEFINER" in how) or config != ";".join(settings):
            findings.append(Finding("function", f"function {name} is missing or another one"))
    return findings + [Finding("function", f"function {name} was added") for name in found]


def _short(signature: str) -> str:
    """Return a signature the way both sides can write it."""
    long = {"timestamp with time zone": "timestamptz", "integer": "int"}
    for full, short in long.items():
        signature = signature.replace(full, short)
    return signature.replace(", ", ",")


def _owner() -> list[Finding]:
    ((owner, may_sign_in),) = _ask(
        "SELECT r.rolname::text, r.rolcanlogin FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner "
        "WHERE c.oid = %s::regclass",
        sql.TABLE,
    )
    if owner != sql.OWNER:
        text = f"the log belongs to {owner}, not to {sql.OWNER} (docs/operations.md)"
        return [Finding("owner", text, tampering=False)]
    if may_sign_in:
        return [Finding("owner", f"somebody can sign in as {owner}")]
    return []


def _rights() -> list[Finding]:
    """Compare who may touch the table and call the functions with what grant_roles sets."""
    allowed = {
        os.environ.get(f"{kind.upper()}_ROLE", f"bc_{kind}"): {
            _short(name.removeprefix("FUNCTION ")) for name in sql.rights(kind)
        }
        for kind in ("web", "worker")
    }
    rows = _ask(
        "SELECT coalesce(g.rolname::text, 'PUBLIC'), x.name, x.right FROM ("
        " SELECT c.oid::regclass::text AS name, c.relowner AS owner, a.grantee,"
        "   a.privilege_type AS right"
        " FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %s::regclass"
        " UNION ALL"
        " SELECT p.oid::regprocedure::text, p.proowner, a.grantee, a.privilege_type"
        " FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
        " WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'audit\\_%%'"
        ") x LEFT JOIN pg_roles g ON g.oid = x.grantee WHERE x.grantee <> x.owner",
        sql.TABLE,
    )
    return [
        Finding("grant", f"{role} holds {right} on {name}")
        for role, name, right in sorted(rows)
        if _short(name) not in allowed.get(role, set())
    ]


def _ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connections[AUDIT].cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
