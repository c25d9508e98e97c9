"""Secrets of one running folder: made once, readable by their owner only.

They reach Django as ``<NAME>_FILE`` so that no environment listing shows them.
"""

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

ROOT = Path(__file__).resolve().parents[2]


def ensure_secrets(folder: Path) -> dict[str, str]:
    """Create what is missing in ``folder`` and return the variables that name the files.

    A secret that the environment already gives (plain or as a file) is left to it. Losing
    DATA_KEYRING or RECEIPT_PEPPER loses the data they sealed.
    """
    makers = {
        "SECRET_KEY": lambda: secrets.token_urlsafe(50),
        "DATA_KEYRING": lambda: "demo1:" + _base64(32),
        "RECEIPT_PEPPER": lambda: _base64(32),
        "AUDIT_SIGNING_KEY": lambda: _base64(32),
        "PACKET_SIGNING_KEY": lambda: _base64(32),
    }
    variables = {}
    for name, make in makers.items():
        if name not in os.environ and f"{name}_FILE" not in os.environ:
            path = folder / name
            keep_secret(path, make)
            variables[f"{name}_FILE"] = str(path)
    return variables


def ensure_cleaner_key(folder: Path) -> dict[str, str]:
    """Make the key pair of the evidence worker; return its public half and where the private one lies.

    Files wait under it only until their copy is made, so losing it loses nothing: what waited is parked.
    """
    if "CLEANER_PUBLIC_KEY" in os.environ:
        return {}
    path = folder / "CLEANER_PRIVATE_KEY"
    private = X25519PrivateKey.from_private_bytes(
        bytes.fromhex(keep_secret(path, lambda: secrets.token_bytes(32).hex()))
    )
    return {
        "CLEANER_PUBLIC_KEY": private.public_key().public_bytes_raw().hex(),
        "CLEANER_PRIVATE_KEY_FILE": str(path),
    }


def keep_secret(path: Path, make: Callable[[], str]) -> str:
    """Return the secret in ``path``, made first when the file is missing or empty."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists() or not path.stat().st_size:
        # Written aside and renamed: a full disk or a kill leaves no half secret behind.
        draft = path.with_name(f".{path.name}.new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    return path.read_text(encoding="ascii")


def _base64(length: int) -> str:
    return base64.b64encode(secrets.token_bytes(length)).decode("ascii")


def ensure_demo_root(folder: Path) -> dict[str, str]:
    """Make the demo's root key in ``folder``, in a process of its own; return what Django needs of it.

    In production a ceremony makes the root and the operator sets VAULT_ROOT_PUBLIC_KEY (docs/vaultctl.md).
    Where that is set already, nothing is made.
    """
    if "VAULT_ROOT_PUBLIC_KEY" in os.environ:
        return {}
    made = subprocess.run(
        [sys.executable, "-m", "complaints.vaultctl.demo", str(folder)],
        input='{"do": "root"}',
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    root = bytes.fromhex(json.loads(made.stdout)["root_pk"])
    return {
        "VAULT_ROOT_PUBLIC_KEY": base64.b64encode(root).decode("ascii"),
        "VAULT_DEMO_FOLDER": str(folder),
    }
