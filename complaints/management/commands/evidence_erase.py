"""Erase a file for good: ``manage.py evidence_erase UUID --why order|subject``."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bawaslu_cases.shared.errors import ConflictError
from complaints.models import Evidence
from complaints.rules.retention import ErasureReason
from complaints.services.evidence_retention import erase_evidence


class Command(BaseCommand):
    """Erase one file, its manifest and every copy of it; its facts and history remain."""

    help = "Erase the keys of one piece of evidence, then its bytes. Nobody opens it ever again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("evidence", type=UUID, help="the public id of the evidence")
        parser.add_argument(
            "--why",
            required=True,
            choices=[ErasureReason.ORDER.value, ErasureReason.SUBJECT.value],
            help="by order of a court or superior, or because whom it shows has a right to it",
        )

    def handle(self, **options: Any) -> None:
        """Erase and tell from which day no backup holds the keys."""
        found = Evidence.objects.filter(public_id=options["evidence"]).first()
        if found is None:
            raise CommandError("there is no such evidence")
        try:
            complete_on = erase_evidence(
                evidence=found, why=ErasureReason(options["why"]), at=timezone.now()
            )
        except ConflictError as error:
            raise CommandError("it was erased already") from error
        self.stdout.write(
            f"erased; complete on {complete_on.isoformat()}, when the last backup of the database "
            "that holds its keys is gone"
        )
