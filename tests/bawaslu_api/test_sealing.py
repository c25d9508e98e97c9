"""Names are sealed to nothing that the pinned root does not vouch for."""

import copy
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bawaslu_api.sealing import Trust, VaultError, seal_name, seal_name_with_card_key, verified_keys
from complaints.vault.crypto import hpke
from complaints.vault.crypto.cards import card_public_key
from complaints.vault.crypto.sealing import SealedIdentityBlob
from tests.factories import office
from tests.support.api_clients import api_client
from tests.support.vault import STARTED, vault_world

pytestmark = [pytest.mark.django_db]
NAME = {"name": "Wulan Contoh", "address": "Jalan Merpati 7"}


@pytest.fixture
def published(vault_keys) -> dict[str, Any]:
    peer = api_client(office("33"))
    told: dict[str, Any] = peer.get("/vault/keys", {"region": "33.08", "lane": "sealed"}).json()
    return told


@pytest.fixture
def trust() -> Trust:
    return Trust(vault_world().root_pk)


def test_a_name_is_sealed_in_the_products_own_format(published, trust):
    keys, report = verified_keys(published, trust), uuid4()

    sealed = seal_name(NAME, report=report, lane="sealed", keys=keys)

    blob = SealedIdentityBlob.from_json(sealed)
    assert (blob.report, blob.lane, blob.group_a) == (report.hex, "sealed", keys.group_a.group)
    assert "Wulan" not in json.dumps(sealed)


def test_a_name_is_sealed_with_the_key_for_its_card(published, trust, vault_keys):
    keys, report = verified_keys(published, trust), uuid4()

    sealed, card_key = seal_name_with_card_key(NAME, report=report, lane="open", keys=keys)

    blob = SealedIdentityBlob.from_json(sealed)
    dek = hpke.unseal(vault_keys.recovery, blob.wrap_r, info=blob.context("recovery"))
    assert card_key == card_public_key(dek, report=report.hex).hex()


def test_what_is_not_vouched_for_is_refused(published, trust):
    def refused(told: Any, by: Trust = trust, on: dt.date | None = None) -> None:
        with pytest.raises(VaultError):
            verified_keys(told, by, on=on)

    refused(published, Trust(bytes(31) + b"\x01"))
    refused(published, Trust(trust.root_pk, least_serial=2))
    refused(published, on=STARTED + dt.timedelta(days=400))
    for name in ("group_a", "group_b", "recovery"):
        told = copy.deepcopy(published)
        told[name]["pk"] = "ab" * 32
        refused(told)
    refused(published | {"group_a": published["group_b"]} | {"signers": []})
    refused({})
    verified_keys(published, trust)  # the control


def test_a_newer_list_of_revocations_is_remembered(published, trust):
    newer = published | {"revocations": vault_world().revocations(serial=5)}

    kept = verified_keys(newer, trust).trust

    assert kept.least_serial == 5
    with pytest.raises(VaultError):
        verified_keys(published, kept)


def test_a_trust_file(tmp_path):
    path = tmp_path / "trust.json"
    for wrong in ("", "{}", '{"root_pk": "00", "least_serial": 1}', "[]"):
        path.write_text(wrong)
        with pytest.raises(VaultError):
            Trust.read(path)
    made = Trust(bytes(range(32)), 7)
    path.write_text(json.dumps(made.to_json()))
    assert Trust.read(path) == made


def test_client_and_tool_load_nothing_of_the_product():
    code = (
        "import sys, bawaslu_api, bawaslu_sync.cli;"
        "print([name for name in sys.modules"
        " if name.split('.')[0] in ('django', 'bawaslu_cases', 'nacl', 'celery')"
        " or name.startswith('complaints.') and not name.startswith('complaints.vault')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "[]\n"
