"""V19: what server processes can import opens nothing with an officer's, a group's or the root's key."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "complaints" / "vaultctl"
OPENING = {"unseal", "X25519PrivateKey"}
"""Names of HPKE opening and of the key type it needs (``envelope.unseal`` is of another module)."""


def server_modules():
    for package in ("bawaslu_cases", "complaints", "referrals"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if CLIENT not in path.parents:
                yield path


def client_modules():
    yield from sorted(CLIENT.rglob("*.py"))


def scanned(paths, hit):
    return {
        path.relative_to(ROOT).as_posix()
        for path in paths
        if any(hit(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    }


def imports_the_client(node):
    if isinstance(node, ast.Import):
        return any(alias.name.startswith("complaints.vaultctl") for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith("complaints.vaultctl") or (
            node.module == "complaints" and any(alias.name == "vaultctl" for alias in node.names)
        )
    return False


def opens_with_a_private_key(node):
    if isinstance(node, ast.ImportFrom):
        names = {alias.name for alias in node.names}
        is_crypto = (node.module or "").endswith(("vault.crypto.hpke", "asymmetric.x25519"))
        return is_crypto and bool(names & OPENING)
    return (
        isinstance(node, ast.Attribute)
        and node.attr in OPENING
        and isinstance(node.value, ast.Name)
        and node.value.id in {"hpke", "x25519"}
    )


def opens_a_mailbox(node):
    return isinstance(node, ast.Name) and node.id == "open_in_mailbox"


def test_v19_no_server_module_imports_the_client():
    assert scanned(server_modules(), imports_the_client) == set()
    assert "complaints/vaultctl/opening.py" in scanned(client_modules(), imports_the_client)


@pytest.mark.long
def test_v19_on_the_server_only_the_reporters_own_mailbox_is_opened():
    assert scanned(server_modules(), opens_with_a_private_key) == {
        "bawaslu_cases/embedded/secret_files.py",  # makes the cleaner's pair, opens nothing
        "complaints/receipts/derivation.py",  # the key a typed receipt gives
        "complaints/vault/crypto/files.py",  # the cleaner opens a file that waits for its copy
        "complaints/vault/crypto/hpke.py",
        "complaints/vault/crypto/sealing.py",  # open_in_mailbox
    }
    assert scanned(server_modules(), opens_a_mailbox) == {"complaints/selectors/messages.py"}
    assert scanned(client_modules(), opens_with_a_private_key) == {
        "complaints/vaultctl/commands/identity.py",
        "complaints/vaultctl/groups.py",
        "complaints/vaultctl/opening.py",
        "complaints/vaultctl/originals.py",
        "complaints/vaultctl/recovery.py",
    }
