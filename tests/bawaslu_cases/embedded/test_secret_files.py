"""Secrets are made once, are private, and yield to the environment."""

import base64
import stat

import pytest

from bawaslu_cases.embedded.secret_files import ensure_secrets, keep_secret

NAMES = (
    "SECRET_KEY",
    "DATA_KEYRING",
    "RECEIPT_PEPPER",
    "AUDIT_SIGNING_KEY",
    "PACKET_SIGNING_KEY",
)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def test_made_once_and_private(tmp_path):
    folder = tmp_path / "secrets"

    variables = ensure_secrets(folder)
    first = {path.name: path.read_text() for path in folder.iterdir()}

    assert variables == {f"{name}_FILE": str(folder / name) for name in NAMES}
    assert ensure_secrets(folder) == variables
    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(base64.b64decode(first["DATA_KEYRING"].removeprefix("demo1:"))) == 32
    assert len(base64.b64decode(first["RECEIPT_PEPPER"])) == 32


def test_what_the_environment_gives_is_left_to_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "given")
    monkeypatch.setenv("DATA_KEYRING_FILE", "/run/secrets/keyring")

    assert ensure_secrets(tmp_path) == {
        f"{name}_FILE": str(tmp_path / name)
        for name in ("RECEIPT_PEPPER", "AUDIT_SIGNING_KEY", "PACKET_SIGNING_KEY")
    }


def test_an_empty_file_is_no_secret(tmp_path):
    (tmp_path / "half").touch()

    assert keep_secret(tmp_path / "half", lambda: "whole") == "whole"
    assert (tmp_path / "half").read_text() == "whole"
