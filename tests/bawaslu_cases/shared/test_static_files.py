"""Files that browsers keep for ever: every address in them carries the digest of what it names."""

import re
import shutil
from pathlib import Path

import pytest

from bawaslu_cases.shared.static_files import StaticFilesStorage, UncompressedStaticFilesStorage

SCRIPTS = Path(__file__).resolve().parents[3] / "static" / "js"
IMPORTED = re.compile(r"""^(?:import|export)\b[^"';]*["'](\.[^"']+)["'];""", re.MULTILINE)
DIGEST = re.compile(r"\.[0-9a-f]{12}(?=\.m?js\")")
WITH_DIGEST = re.compile(r"\.[0-9a-f]{12}\.m?js$")


@pytest.fixture(scope="module", params=[StaticFilesStorage, UncompressedStaticFilesStorage])
def collected(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Collect the scripts as a release does; give the files by their plain names."""
    root = tmp_path_factory.mktemp("static")
    shutil.copytree(SCRIPTS, root / "js")
    storage = request.param(location=root, base_url="/static/")
    names = [path.relative_to(root).as_posix() for path in root.rglob("*.*js")]
    paths = {name: (storage, name) for name in names}
    list(storage.post_process(paths))
    return {name: root / storage.hashed_files[name] for name in paths}


def test_modules_import_each_other_by_digest(collected: dict[str, Path]) -> None:
    imports = [
        (name, target)
        for name, path in collected.items()
        if name.endswith((".js", ".mjs"))
        for target in IMPORTED.findall(path.read_text())
    ]

    assert len(imports) > 10
    assert [each for each in imports if not WITH_DIGEST.search(each[1])] == []
    assert [
        (name, target)
        for name, target in imports
        if not (collected[name].parent / target).resolve().is_file()
    ] == []


def test_nothing_of_a_module_but_its_imports_changes(collected: dict[str, Path]) -> None:
    for name, path in collected.items():
        if name.endswith(".mjs"):
            source = (path.parents[name.count("/")] / name).read_text()
            assert DIGEST.sub("", path.read_text()) == source, name
