"""``manage.py audit_verify``: exit 0 for a sound log, 1 for something to look at, 2 for tampering."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from bawaslu_cases.audit.checkpoints import KEY_FILE, folder
from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.notes import parse_verifier_key, private_key
from bawaslu_cases.audit.rules import Finding
from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.audit.verification import Report, verify_log


class Command(BaseCommand):
    """Check the log as the owner of its database, against checkpoints kept elsewhere."""

    help = "Verify the audit log: numbers, chain, checkpoints, triggers, rights, functions, rules."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to begin, where the checkpoints are, and how to print."""
        parser.add_argument("--from", type=int, default=1, metavar="N", dest="start")
        parser.add_argument("--checkpoints", type=Path, metavar="DIR")
        parser.add_argument("--key", metavar="LINE", help="verifier key: name+hash+base64")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report and exit with its code; the run itself is an entry."""
        place = options["checkpoints"] or folder()
        report = verify_log(
            place=place,
            key=_key(options["key"], place),
            at=timezone.now(),
            start=options["start"],
        )
        try:
            record(
                actor=f"{SYSTEM}:audit_verify",
                action="audit.verified",
                subject=f"log:{report.entries}",
                detail={"exit": report.exit_code, "findings": len(report.findings)},
            )
        except AuditUnavailableError:
            text = "this run could not be recorded: nothing can be appended"
            report.findings.append(Finding("append", text, tampering=False))
        if options["as_json"]:
            told = {**asdict(report), "exit": report.exit_code}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self._print(report)
        if report.exit_code:
            sys.exit(report.exit_code)

    def _print(self, report: Report) -> None:
        for finding in report.findings:
            word = "TAMPERING" if finding.tampering else "notice"
            self.stdout.write(f"{word}: {finding.code}: {finding.text}")
        self.stdout.write(
            f"{report.entries} entries, {report.checkpoints} checkpoints, "
            f"{report.unprotected} entries after the last one (not protected)"
        )


def _key(line: str | None, place: Path) -> Ed25519PublicKey | None:
    """Return the key given, else our own, else the one that lies beside the checkpoints."""
    if line:
        return parse_verifier_key(line)
    if settings.AUDIT_SIGNING_KEY:
        return private_key(settings.AUDIT_SIGNING_KEY).public_key()
    beside = place / KEY_FILE
    return parse_verifier_key(beside.read_text(encoding="ascii")) if beside.exists() else None
