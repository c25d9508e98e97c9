"""Each gate of ``.ci/run`` catches the offence it is there for.

A copy of the tree gets one offence at a time; the very command of ``.ci/run`` must then fail and
name it. That the gates pass on the tree itself is what ``.ci/run`` shows.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv",
    ".run",
    "__pycache__",
    ".pytest_cache",
    "media",
    "staticfiles",
    "shots",
    "secrets",
)
# One process builds the copy for all of these: with xdist they stay together.
pytestmark = pytest.mark.xdist_group("gates")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Copy the tree, caches included: mypy then reads only what changed."""
    copy = tmp_path_factory.mktemp("gates") / "tree"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT, symlinks=True)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    return copy


@pytest.fixture
def plant(tree):
    """Write an offence into the copy; take it out again afterwards."""
    undo = []

    def write(path, text, *, append=False):
        file = tree / path
        undo.append((file, file.read_bytes() if file.exists() else None))
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a" if append else "w", encoding="utf-8") as out:
            out.write(text)

    yield write
    for file, before in reversed(undo):
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)


def gate(tree, name):
    kept = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [".ci/run", "gate", name],
        cwd=tree,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def refused(tree, name, *evidence):
    code, said = gate(tree, name)
    assert code == 1, said
    assert re.search(rf"^FAILED: {name}$", said, re.MULTILINE)
    for text in evidence:
        assert text in said


def test_format(tree, plant):
    plant("complaints/planted.py", "x  =  [ 1,2 ]\n")
    refused(tree, "format", "--> complaints/planted.py:1:3")


def test_lint(tree, plant):
    plant("complaints/planted.py", '"""Planted."""\n\nfrom . import states\n\nprint(states)\n')
    refused(tree, "lint", "TID252", "T201", "complaints/planted.py")


@pytest.mark.long
def test_types(tree, plant):
    plant("complaints/planted.py", '"""Planted."""\n\nLENGTH: int = "three"\n')
    refused(tree, "types", "complaints/planted.py:3: error: Incompatible types in assignment")


@pytest.mark.parametrize(
    "offences",
    [
        # One look at the imports for those that no other one of them could be taken for.
        {
            "complaints/rules.py": ("import referrals.states", "Apps point one way BROKEN"),
            "referrals/errors.py": (
                "import bawaslu_cases.settings.base",
                "Settings are read through django.conf BROKEN",
            ),
            "complaints/states.py": ("import celery", "are pure BROKEN"),
        },
        {
            "complaints/states.py": (
                "import complaints.services",
                "Inside an app, each layer sees only the layers under it BROKEN",
            )
        },
        {"complaints/helpers.py": ('"""Planted."""', "Inside an app")},
    ],
    ids="+".join,
)
def test_imports(tree, plant, offences):
    for path, (text, _broken) in offences.items():
        plant(path, f"\n{text}\n", append=True)
    refused(tree, "imports", *(broken for _text, broken in offences.values()))


def test_templates(tree, plant):
    plant("templates/planted.html", "{% load static i18n %}{{x}}\n")
    plant("templates/planted_too.html", '<p style="color: red"><img src="a.png"></p>\n')
    refused(
        tree,
        "templates",
        *("Would reformat: templates/planted.html", "templates/planted_too.html", "H021", "H013"),
    )


@pytest.mark.long
def test_migrations(tree, plant):
    models = (
        "\n\nclass Planted(models.Model):\n"
        '    """Planted."""\n\n    word = models.CharField(max_length=3)\n'
    )
    plant(
        "bawaslu_cases/shared/models.py", f"\nfrom django.db import models\n{models}", append=True
    )
    refused(tree, "migrations", "Create model Planted")


@pytest.mark.long
def test_deploy(tree, plant):
    loosened = {
        "DEBUG = True": "security.W018",
        "SESSION_COOKIE_SECURE = False": "security.W012",
        "SECURE_HSTS_SECONDS = 0": "security.W004",
    }
    plant("bawaslu_cases/settings/base.py", "\n" + "\n".join(loosened) + "\n", append=True)
    refused(tree, "deploy", *loosened.values())


@pytest.mark.long
def test_openapi(tree, plant):
    committed = (ROOT / "docs/openapi.yml").read_text()
    plant("docs/openapi.yml", committed.replace("title:", "title: Another", 1))
    refused(tree, "openapi", "-  title: Another", "write it anew")


LOCKS = (
    "requirements-client.txt",
    "requirements-server.txt",
    "requirements.txt",
    "requirements-dev.txt",
)


def test_the_locks_agree():
    pins: dict[str, set[str]] = {}
    for name in LOCKS:
        for package, version in re.findall(
            r"^([\w.-]+)(==\S+)", (ROOT / name).read_text(), re.MULTILINE
        ):
            pins.setdefault(package, set()).add(version)

    assert {package: found for package, found in pins.items() if len(found) > 1} == {}
    assert len(pins) > 60


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text()

    assert "://" not in text
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
