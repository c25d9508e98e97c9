"""docker-compose.yml and what its containers run, as far as that goes without Docker."""

import base64
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

# With the tests of the launcher: they share the cluster.
pytestmark = pytest.mark.xdist_group("worlds")

ROOT = Path(__file__).resolve().parents[3]
APP_SERVICES = ("migrate", "web", "worker", "evidence", "beat")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_three_roles_and_nobody_but_migrate_is_the_owner(compose):
    services = compose["services"]

    assert sorted(services) == ["beat", "db", "evidence", "migrate", "valkey", "web", "worker"]
    assert {name: services[name]["environment"]["DATABASE_ROLE"] for name in APP_SERVICES} == {
        "migrate": "bc_owner",
        "web": "bc_web",
        "worker": "bc_worker",
        "evidence": "bc_worker",
        "beat": "bc_worker",
    }
    for name in APP_SERVICES:
        passwords = [item for item in services[name]["secrets"] if item.endswith("_password")]
        role = services[name]["environment"]["DATABASE_ROLE"].removeprefix("bc_")
        assert passwords == [f"{role}_password"]


def test_containers_are_read_only_and_unprivileged(compose):
    for name in APP_SERVICES:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["tmpfs"] == ["/tmp"]
        assert "inside" in service["networks"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert compose["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "\nUSER bawaslu\n" in (ROOT / "Dockerfile").read_text()


def test_only_the_evidence_worker_holds_the_cleaners_key(compose):
    services = compose["services"]
    holders = {name for name in APP_SERVICES if "cleaner_private_key" in services[name]["secrets"]}
    assert holders == {"evidence"}
    unfiltered = {
        name for name in APP_SERVICES if "seccomp:unconfined" in services[name]["security_opt"]
    }
    assert unfiltered == {"evidence"}
    assert services["evidence"]["environment"]["WORKER_QUEUES"] == "evidence,copies"
    taken = services["worker"]["environment"]["WORKER_QUEUES"].split(",")
    assert not {"evidence", "copies"} & set(taken)
    assert "data_keyring" in services["evidence"]["secrets"]  # copies are sealed under it
    assert "bubblewrap" in (ROOT / "Dockerfile").read_text()


def test_every_secret_is_a_file_that_make_secrets_makes(compose, secrets_folder):
    files = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    used = {name for service in compose["services"].values() for name in service.get("secrets", [])}

    assert files == used == {path.name for path in secrets_folder.iterdir()}
    keyring = (secrets_folder / "data_keyring").read_text()
    assert len(base64.b64decode(keyring.removeprefix("k1:"))) == 32
    assert len(base64.b64decode((secrets_folder / "receipt_pepper").read_text())) == 32
    assert stat.S_IMODE(secrets_folder.stat().st_mode) == 0o700


def test_secrets_are_made_once(secrets_folder):
    before = {path.name: path.read_text() for path in secrets_folder.iterdir()}

    subprocess.run([ROOT / "docker/make-secrets", secrets_folder], check=True, capture_output=True)

    assert {path.name: path.read_text() for path in secrets_folder.iterdir()} == before


@pytest.mark.faults
def test_roles_script_and_migrate_work_on_a_real_cluster(server_cluster):
    assert "grant_roles: bc_web may use" in server_cluster.said
    assert "grant_roles: bc_worker may use" in server_cluster.said
    code = (
        "from django.db import connection; c = connection.cursor();"
        "c.execute('SELECT current_user, count(*) > 500 FROM registry_office');"
        "print(*c.fetchone())"
    )

    said = server_cluster.run("web", "shell", "--verbosity", "0", "-c", code)

    assert said.strip().splitlines()[-1] == "bc_web True"
