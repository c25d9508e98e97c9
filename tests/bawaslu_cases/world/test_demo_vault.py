"""The demo's custody and its reports: sealed, asked for, opened, decided, by real keyholders' clients."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from bawaslu_cases.embedded.secret_files import ROOT, ensure_demo_root
from bawaslu_cases.keyring.models import KeyBundle
from bawaslu_cases.registry.models import Contest
from bawaslu_cases.world import demo_vault
from bawaslu_cases.world.demo import CONTEST_CODE, DEMO_CODES, seed_world
from complaints.models import Attestation, Complaint, UnsealRequest
from complaints.selectors.openings import opened_for
from complaints.services.key_check import key_problems
from complaints.services.receipts import open_mailbox
from complaints.states import ComplaintStatus, UnsealStatus
from complaints.vaultctl.bundle import Bundle
from complaints.vaultctl.demo import PASSPHRASE

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def demo_keys(tmp_path: Path, settings: Any, monkeypatch: Any) -> Path:
    """Give this demo a root of its own, as ``./up`` does."""
    monkeypatch.delenv("VAULT_ROOT_PUBLIC_KEY", raising=False)
    variables = ensure_demo_root(tmp_path / "vault")
    assert ensure_demo_root(tmp_path / "vault") == variables
    settings.DEMO = True
    for name, value in variables.items():
        setattr(settings, name, value)
    return tmp_path / "vault"


@pytest.fixture(autouse=True, scope="module")
def _without_the_contest(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        Contest.objects.filter(code=CONTEST_CODE).delete()


def test_demo_reports_stand_in_every_state(demo_keys):
    first = seed_world()
    assert first.people == 28
    reports = Complaint.objects.filter(lane__in=["sealed", "open"])
    assert reports.count() == len(demo_vault.REPORTS)
    assert set(reports.values_list("status", flat=True)) == {
        ComplaintStatus.RECEIVED,
        ComplaintStatus.AWAITING,
        ComplaintStatus.PROPOSED,
        ComplaintStatus.REGISTERED,
        ComplaintStatus.REFUSED,
        ComplaintStatus.FORWARDED,
        ComplaintStatus.TAKEOVER,
    }
    assert set(UnsealRequest.objects.values_list("status", flat=True)) == {
        UnsealStatus.PENDING,
        UnsealStatus.RELEASED,
        UnsealStatus.ATTESTED,
    }
    assert set(Attestation.objects.values_list("is_complete", flat=True)) == {True, False}
    assert {problem.code for problem in key_problems(on=timezone.localdate())} == {"few_members"}
    assert KeyBundle.objects.count() == 5
    bundle = next(demo_keys.glob("officer-*.json"))
    opened = Bundle.from_json(json.loads(bundle.read_text()))
    assert opened.unlock("passphrase", PASSPHRASE).officer in bundle.name

    told = open_mailbox(typed=DEMO_CODES[2][1], at=timezone.now()).complaint
    assert opened_for(told, at=timezone.now())[0].purpose == "formal_requirements"

    again = seed_world()
    assert (again.people, again.records) == (0, 0)


def test_keyholders_process_needs_its_folder(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "complaints.vaultctl.demo", str(tmp_path / "none")],
        input='{"do": "ask", "jobs": [{"who": "0"}]}',
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1


def test_sign_ins_name_the_passphrase(capsys, settings):
    settings.DEMO = True
    call_command("seed_world", "--sign-ins")
    assert PASSPHRASE in capsys.readouterr().out
