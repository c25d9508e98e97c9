"""The quick start of docs/api.md runs as it stands against the running server."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from bawaslu_api import Api, PrivateKey
from bawaslu_cases.accounts import api_quota
from bawaslu_cases.accounts.services.api_clients import add_key
from complaints.models import Complaint, Evidence
from complaints.states import Lane
from tests.bawaslu_sync.office import PASSPHRASE
from tests.complaints.web.test_uploads import picture
from tests.factories import office, person
from tests.support.api_clients import ApiPeer, api_client

pytestmark = [pytest.mark.django_db(transaction=True)]

PROJECT = Path(__file__).resolve().parents[2]
QUICK_START = re.compile(r"^## Quick start$(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
ACCESS = re.compile(r"^## Access$(.*?)(?=^## )", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> str:
    """Return all code of a language in the quick start, in order."""
    found = QUICK_START.search((PROJECT / "docs/api.md").read_text())
    assert found is not None
    return "\n".join(code for kind, code in BLOCK.findall(found[1]) if kind == language)


@pytest.fixture
def peer() -> ApiPeer:
    api_quota.forget()
    return api_client(office("33"))


@pytest.fixture
def run(live_server: Any, peer: ApiPeer, tmp_path: Path) -> Any:
    """Run a program in a folder with a picture, as a reader of the page would."""
    (tmp_path / "acara.jpg").write_bytes(picture(60_000))
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT),
        "PYTHONUTF8": "1",
        "HOME": str(tmp_path),
        "SERVER": live_server.url,
        "CLIENT_ID": peer.client.client_id,
        "CLIENT_SECRET": peer.secret,
    }

    def started(*command: str) -> str:
        ended = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240,
            check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    return started


@pytest.mark.long
def test_in_the_shell(run):
    script = blocks("sh")
    assert script.count("curl") >= 2
    # What is typed on a terminal comes from a file here; the tool is called as from the checkout.
    tool = f"""
bawaslu-sync() {{
    {sys.executable} -m bawaslu_sync --secrets-fd 3 "$@" 3<<SECRETS
{PASSPHRASE}
$CLIENT_SECRET
SECRETS
}}
"""
    said = run("bash", "-c", f"set -eu\n{tool}\n{script}")

    assert '"region":"33"' in said
    assert said.count('"status":"recorded"') >= 2
    assert '"has_more":' in said
    # Twice under one key is once; the tool sent its own.
    assert Complaint.objects.filter(lane=Lane.FINDING).count() == 2
    assert Evidence.objects.count() == 1
    assert "Terkirim 2, perlu diperbaiki 0, menunggu 0." in said
    assert "complaint 2" in said.splitlines()[-1]


def test_in_python(run):
    said = run(sys.executable, "-c", blocks("python"))

    assert office("33").name in said
    assert re.search(r"for the reporter: [\d ]{20,}", said)
    assert "60000 bytes arrived" in said
    assert "'region'" in said
    assert Complaint.objects.get().lane == Lane.TIP
    assert Evidence.objects.count() == 1


def test_a_key_of_ones_own(run, peer, live_server, tmp_path):
    """What "Access" tells to type makes a key that the server takes for a token."""
    told = ACCESS.search((PROJECT / "docs/api.md").read_text())
    assert told is not None
    _kind, script = next(each for each in BLOCK.findall(told[1]) if each[0] == "sh")

    jwk = run("bash", "-c", f"set -eu\n{script}")

    assert (tmp_path / "kunci.pem").stat().st_mode & 0o077 == 0
    add_key(client=peer.client, jwk=jwk, administrator=person("agus"), at=timezone.now())
    key = PrivateKey.read(peer.client.client_id, tmp_path / "kunci.pem")
    assert Api(live_server.url, key).me().office.name == office("33").name
