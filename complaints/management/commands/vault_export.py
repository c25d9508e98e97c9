"""Write what vaultctl works on: ``manage.py vault_export listing|bundle|desk|custodian|…``."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.shared.errors import DomainError
from complaints.models import Complaint, Evidence
from complaints.services.exchange import custodian_part, desk_part, desk_words, recovery_part
from complaints.services.keys import listing
from complaints.services.originals import key_file

PARTS: dict[str, Callable[[Complaint], Any]] = {
    "desk": desk_part,
    "custodian": custodian_part,
    "recovery": recovery_part,
}
OWNER_ONLY = 0o600


class Command(BaseCommand):
    """Write one file, or one for each piece of words or original, for the owner of the process alone."""

    help = (
        "Export public lists, a locked bundle, or a report's sealed parts as vaultctl reads them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("what", choices=["listing", "bundle", *PARTS, "words", "files"])
        parser.add_argument("--id", type=UUID, help="officer of a bundle, or public id of a report")
        parser.add_argument(
            "--out", type=Path, required=True, help="file; for words and files a folder"
        )
        parser.add_argument(
            "--group", default="", help="of files: the desk that they are sealed to"
        )
        parser.add_argument("--epoch", type=int, help="of files: the epoch that they lie under")

    def handle(self, **options: Any) -> None:
        """Write the file."""
        what, ident, out = options["what"], options["id"], options["out"]
        if what == "listing":
            self._write(out, listing())
            return
        if what == "files":
            self._write_files(options["group"], options["epoch"], ident, out)
            return
        if ident is None:
            raise CommandError(f"{what} needs --id")
        if what == "bundle":
            row = keyring.bundle_of(ident)
            if row is None:
                raise CommandError("no bundle of this officer")
            self._write(out, json.loads(bytes(row.bundle)))
            return
        complaint = Complaint.objects.filter(public_id=ident).first()
        if complaint is None:
            raise CommandError("no such report")
        if what == "words":
            for number, words in enumerate(desk_words(complaint)):
                self._write(out / f"words-{number}.json", words)
            return
        try:
            self._write(out, PARTS[what](complaint))
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.message}") from error

    def _write_files(self, group: str, epoch: int | None, report: UUID | None, out: Path) -> None:
        """Write the sealed keys of a report's originals, or of all that lie under an epoch of a desk."""
        if (report is None) == (not group or epoch is None):
            raise CommandError("files need --id, or --group and --epoch")
        rows = Evidence.objects.filter(scheme=Evidence.Scheme.DESK, wrap__isnull=False)
        of = {"complaint__public_id": report} if report else {"group": group, "epoch": epoch}
        for row in rows.filter(**of).order_by("public_id").iterator():
            self._write(out / f"file-{row.object_id.hex}.json", key_file(row))

    def _write(self, path: Path, value: Any) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
        self.stdout.write(str(path))
