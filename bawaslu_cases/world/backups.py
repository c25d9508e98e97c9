"""Backups of the three databases, sealed to keys that lie offline, and their way back (ADR 0022).

A copy is an `age` file: ``pg_dump`` flows into the cipher and no plain byte touches the disk. The
keyring goes to a folder and to recipients of its own and is kept for days only; the erasures since
then are replayed when an older copy comes back, so a name that was erased stays erased.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

import pyrage  # type: ignore[import-untyped]
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction

from bawaslu_cases.audit import sql
from bawaslu_cases.embedded.children import EmbeddedError
from bawaslu_cases.embedded.postgres import client_program
from bawaslu_cases.keyring.models import Erasure, MemberWrap, ReportWraps
from bawaslu_cases.shared.databases import AUDIT, KEYRING
from bawaslu_cases.shared.errors import DomainError
from complaints.models import Complaint, ParkedWraps, SealedIdentity
from complaints.services.key_retention import empty_keyring
from complaints.services.vault import KEYRING_BACKUPS_KEPT, forget_card

RECORDS: Final = (DEFAULT_DB_ALIAS, AUDIT)
"""What lies together in one set; the keyring never does."""
ERASURES: Final = "erasures"
STAMP: Final = "%Y%m%dT%H%M%SZ"
_SET = re.compile(r"\d{8}T\d{6}Z")
_KEYRING_FILE = re.compile(r"keyring-(\d{8}T\d{6}Z)\.age")
_NOT_KEPT: Final = (
    "complaints_reportersession",
    "django_session",
    # A database that was brought back counts its transactions anew: clients begin anew too.
    "complaints_recordchange",
    "complaints_changefeed",
)
"""Tables whose rows are gone soon or mean nothing elsewhere: copied empty."""
_TELLING = re.compile(r"^pg_(?:dump|restore): (?:error|fatal)[^\n]*", re.MULTILINE)
"""The line of a program that may be shown; those after it may quote a row."""


class BackupError(DomainError):
    """A copy was not made or not brought back; nothing half-made is left under its name."""

    code = "backup_failed"


def take_backup(*, folder: Path, keyring_folder: Path, at: datetime) -> list[Path]:
    """Copy the three databases; return the files. Removes copies of the keyring past their days.

    ``folder`` gets a folder of its own for this moment (UTC) with records, audit log and the list of
    erasures; ``keyring_folder`` one file. The keyring is copied last, so every identity among the
    records finds its wraps. Raises BackupError when keys are missing or shared, or a program fails.
    """
    own, keyring = settings.BACKUP_RECIPIENTS, settings.BACKUP_KEYRING_RECIPIENTS
    if not own or not keyring or set(own) & set(keyring):
        raise BackupError("BACKUP_RECIPIENTS and BACKUP_KEYRING_RECIPIENTS must be set, and differ")
    if folder.resolve() == keyring_folder.resolve():
        raise BackupError("the keyring's copies belong in a folder of their own")
    stamp = f"{at.astimezone(UTC):{STAMP}}"
    unfinished = folder / f".{stamp}.part"
    for each in (unfinished, keyring_folder):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        for alias in RECORDS:
            _dump(alias, unfinished / f"{alias}.age", own)
        wraps = keyring_folder / f"keyring-{stamp}.age"
        _dump(KEYRING, wraps, keyring)
        _seal(json.dumps(erasures()).encode(), unfinished / f"{ERASURES}.age", own)
        done = unfinished.rename(folder / stamp)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _drop_old_keyrings(keyring_folder, at=at)
    return [*sorted(done.iterdir()), wraps]


def restore_backup(
    *,
    records: Path,
    keyring: Path,
    identity: Path,
    keyring_identity: Path,
    erased: Sequence[Mapping[str, Any]] = (),
) -> int:
    """Bring a set back into the three databases, which must be empty; return the erasures replayed.

    ``erased`` are erasures that no set knows yet (:func:`erasures` of a server that still runs);
    those that newer sets beside ``records`` list are found by themselves. Raises BackupError; then a
    database is either wholly there or empty.
    """
    for alias in (*RECORDS, KEYRING):
        if connections[alias].introspection.table_names():
            raise BackupError(f"the database {alias} is not empty")
    own = _identities(identity)
    for alias in RECORDS:
        _restore(alias, records / f"{alias}.age", own)
    _hand_over_the_log()
    _restore(KEYRING, keyring, _identities(keyring_identity))
    newer = [*erased, *_erasures_after(records, own)]
    replayed = replay_erasures(newer)
    empty_keyring()
    return replayed


def erasures() -> list[dict[str, Any]]:
    """Return what was erased so far, as sets and ``manage.py backup --list-erased`` spell it.

    One query. Ids, days and codes; no name.
    """
    names = ("report", "group", "epoch", "why", "erased_on", "complete_on")
    return [
        {
            name: value.hex
            if isinstance(value, UUID)
            else value.isoformat()
            if isinstance(value, date)
            else value
            for name, value in zip(names, row, strict=True)
        }
        for row in Erasure.objects.order_by("pk").values_list(*names)
    ]


def replay_erasures(listed: Sequence[Mapping[str, Any]]) -> int:
    """Erase again what was erased after the copy was made; return how many.

    What the copy's own ledger names is left alone: a reporter may have given a name anew since.
    """
    known = {json.dumps(row, sort_keys=True) for row in erasures()}
    replayed = 0
    for row in listed:
        spelled = json.dumps(row, sort_keys=True)
        if spelled in known:
            continue
        known.add(spelled)
        with transaction.atomic(), transaction.atomic(using=KEYRING):
            _erase(row)
        replayed += 1
    return replayed


def _erase(row: Mapping[str, Any]) -> None:
    if row["report"]:
        report = UUID(row["report"])
        ParkedWraps.objects.filter(report=report).delete()
        ReportWraps.objects.filter(report=report).delete()
        for complaint in Complaint.objects.filter(public_id=report):
            forget_card(complaint=complaint)
        SealedIdentity.objects.filter(complaint__public_id=report).delete()
    else:
        place = {"group": row["group"], "epoch": row["epoch"]}
        MemberWrap.objects.filter(
            group_epoch__group=place["group"], group_epoch__epoch=place["epoch"]
        ).delete()
        for side in ("a", "b"):
            ReportWraps.objects.filter(
                **{f"{name}_{side}": value for name, value in place.items()}
            ).delete()
    Erasure.objects.create(
        report=UUID(row["report"]) if row["report"] else None,
        group=row["group"],
        epoch=row["epoch"],
        why=row["why"],
        erased_on=date.fromisoformat(row["erased_on"]),
        complete_on=date.fromisoformat(row["complete_on"]),
    )


def _erasures_after(records: Path, identities: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for path in sorted(records.parent.iterdir()):
        if _SET.fullmatch(path.name) and path.name > records.name:
            plain = BytesIO()
            with (path / f"{ERASURES}.age").open("rb") as file:
                _open(file, plain, identities)
            yield from json.loads(plain.getvalue())


# --- one file -------------------------------------------------------------------------------------


def _recipients(texts: Sequence[str]) -> list[Any]:
    try:
        return [pyrage.x25519.Recipient.from_str(text) for text in texts]
    except pyrage.RecipientError as error:
        raise BackupError("a recipient of backups is no age key") from error


def _identities(path: Path) -> list[Any]:
    """Return the private keys of a file as ``age-keygen`` writes it."""
    lines = path.read_text(encoding="ascii").splitlines()
    try:
        return [
            pyrage.x25519.Identity.from_str(line.strip())
            for line in lines
            if line.strip() and not line.startswith("#")
        ]
    except pyrage.IdentityError as error:
        raise BackupError("this file holds no age key") from error


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for its owner alone that gets its name when it is whole and on the disk."""
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def _seal(content: bytes, path: Path, recipients: Sequence[str]) -> None:
    with _new_file(path) as file:
        pyrage.encrypt_io(BytesIO(content), file, _recipients(recipients))


def _open(sealed: IO[bytes], plain: IO[bytes], identities: Sequence[Any]) -> None:
    try:
        pyrage.decrypt_io(sealed, plain, identities)
    except (pyrage.DecryptError, OSError) as error:
        raise BackupError("the copy does not open: another key, or a damaged file") from error


# --- one database ---------------------------------------------------------------------------------


def _dump(alias: str, path: Path, recipients: Sequence[str]) -> None:
    arguments = [
        "--format=custom",
        # They name roles that a new server may not have; grant_roles lays them down again.
        "--no-policies",
        *(f"--exclude-table-data={table}" for table in _NOT_KEPT),
    ]
    with (
        _new_file(path) as file,
        _running("pg_dump", alias, arguments) as program,
    ):
        pyrage.encrypt_io(program.stdout, file, _recipients(recipients))


def _restore(alias: str, path: Path, identities: Sequence[Any]) -> None:
    """Fill one database in one transaction. Owners and rights come from the commands afterwards."""
    arguments = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    connections[alias].close()
    name = connections[alias].settings_dict["NAME"]
    with (
        path.open("rb") as file,
        _running("pg_restore", alias, [*arguments, "--dbname", name]) as program,
    ):
        _open(file, program.stdin, identities)  # type: ignore[arg-type]


@contextmanager
def _running(name: str, alias: str, arguments: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a client program of PostgreSQL; the password is in neither arguments nor a file.

    Raises BackupError with the program's own line. Whoever leaves by an exception kills it, so that
    what it had begun is rolled back.
    """
    own = connections[alias].settings_dict
    try:
        command = [str(client_program(name)), "--no-password"]
    except EmbeddedError as error:
        raise BackupError(str(error)) from error
    places = {"--host": own["HOST"], "--port": own["PORT"], "--username": own["USER"]}
    command += [part for option, value in places.items() if value for part in (option, str(value))]
    command += [*arguments] if name == "pg_restore" else [*arguments, own["NAME"]]
    with tempfile.TemporaryFile() as told:
        program = subprocess.Popen(  # noqa: S603 -- a program of ours, arguments of ours
            command,
            env=os.environ | {"PGPASSWORD": own["PASSWORD"]},
            stdin=subprocess.PIPE if name == "pg_restore" else subprocess.DEVNULL,
            stdout=subprocess.PIPE if name == "pg_dump" else subprocess.DEVNULL,
            stderr=told,
        )
        try:
            yield program
            if program.stdin:
                program.stdin.close()
        except BaseException:
            program.kill()
            program.wait()
            if program.returncode and (line := _line_of(told)):
                raise BackupError(line) from None
            raise
        finally:
            for pipe in (program.stdin, program.stdout):
                if pipe:
                    pipe.close()
        if program.wait():
            raise BackupError(_line_of(told) or f"{name} failed")


def _line_of(told: IO[bytes]) -> str:
    told.seek(0)
    found = _TELLING.search(told.read().decode(errors="replace"))
    return found.group() if found else ""


def _hand_over_the_log() -> None:
    """Close the log's functions to everybody and give it to the role nobody signs in as.

    Where we may not create that role, everything works and ``audit_verify`` says so.
    """
    with connections[AUDIT].cursor() as cursor:
        for signature in sql.FUNCTIONS:
            cursor.execute(f"REVOKE ALL ON FUNCTION {sql.plain(signature)} FROM PUBLIC")
    try:
        with transaction.atomic(using=AUDIT), connections[AUDIT].cursor() as cursor:
            cursor.execute(sql.OWN)
            cursor.execute(sql.hand_over())
    except DatabaseError:
        return


def _drop_old_keyrings(folder: Path, *, at: datetime) -> None:
    """Remove copies that would keep an erased wrap longer than its reporter was told."""
    for path in folder.iterdir():
        found = _KEYRING_FILE.fullmatch(path.name)
        if found:
            made = datetime.strptime(found.group(1), STAMP).replace(tzinfo=UTC)
            if at - made > KEYRING_BACKUPS_KEPT:
                path.unlink()
