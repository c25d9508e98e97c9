"""Finished drafts, as if that many reporters stood before the last button. Run as the owner.

    python -m bench.drafts LANE COUNT      prints the cookies' values as JSON
    python -m bench.drafts keys            fills the keyring with keys to seal to

Drafts are written by the product's own services, each name sealed for its own report; only the walk
through the pages is left out (``bench.journeys`` walks it).
"""

import json
import os
import sys
from dataclasses import asdict
from datetime import datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bawaslu_cases.settings.base")

import django

django.setup()

from django.utils import timezone  # noqa: E402 -- settings first

from bawaslu_cases.keyring.models import KeyGroup  # noqa: E402 -- settings first
from bench.journeys import ANSWERS, NAME  # noqa: E402 -- settings first
from complaints.services.names import seal_name  # noqa: E402 -- settings first
from complaints.services.reporter_session import start_session  # noqa: E402 -- settings first
from complaints.states import Lane  # noqa: E402 -- settings first
from complaints.web.intake_draft import CHECK, Draft, submission_of  # noqa: E402 -- settings first
from complaints.web.intake_keys import keys_of  # noqa: E402 -- settings first
from tests.support.vault import vault_world  # noqa: E402 -- settings first


def finished_draft(lane: Lane, *, at: datetime) -> Draft:
    """Return a draft that needs nothing but to be sent."""
    answers = ANSWERS | {"lane": {"lane": lane.value}}
    draft = Draft(
        began_at=(at - timedelta(minutes=7)).isoformat(),
        at=CHECK,
        typed={
            step: {name: [value] for name, value in said.items()} for step, said in answers.items()
        },
        said_at=dict.fromkeys(answers, at.isoformat()),
        done=list(answers),
        reached_check=True,
    )
    if draft.needs_name:
        identity = {name: value for name, value in NAME.items() if name in {"name", "address"}}
        draft.keep_name(
            seal_name(identity=identity, report=draft.report, lane=lane, keys=keys_of(draft, at=at))
        )
    return draft


def main() -> None:
    """Run from the command line."""
    if sys.argv[1] == "keys":
        if not KeyGroup.objects.exists():
            vault_world().fill()
        return
    at, lane = timezone.now(), Lane(sys.argv[1])
    submission_of(asdict(finished_draft(lane, at=at)), at=at)  # whatever is missing is said here
    tokens = [
        start_session(held={"draft": asdict(finished_draft(lane, at=at))}, at=at)
        for _ in range(int(sys.argv[2]))
    ]
    sys.stdout.write(json.dumps(tokens))


if __name__ == "__main__":
    main()
