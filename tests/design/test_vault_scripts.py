"""What the vault's modules may not do, and that the vendored library is the published one."""

import hashlib
import re
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
VAULT = SCRIPTS / "vault"
OWN = [*sorted(VAULT.glob("*.mjs")), SCRIPTS / "identity_step.mjs"]

PUBLISHED = {
    "LICENSE.txt": "4f221aee6e072336700c408c68ab3b96a3fc09f6aebe6f48f1bd99e5ef13faec",
    "_blake.js": "cabbff61d1f373bac45594ad758df7c42e176464ddbb94b44f5533fa977a4f56",
    "_md.js": "60cf3010fda89e3e4d3f0e7ff1ce249e9c467f34b4fd41b6fd6101d9f69be763",
    "_u64.js": "b09da8c07fe8187c07649494cdb7cd0bcf13df90b506a9473d19e4d5f8c2e102",
    "argon2.js": "f39753324bdf2f484150731d24b1d71236f26bf10bedd594f7d190fcdfdefdc9",
    "blake2.js": "03f00237bcc0b4d822a80f7c0ac22e42632c48e246c3b6da584e6452186e32f0",
    "utils.js": "037ad49adb78168b6b699598fd33f85f7877456b1d28b4d032e2a1a16807947c",
}
"""SHA-256 of the files as they are in ``@noble/hashes`` 2.4.0."""

NEVER = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|WebAssembly|"
    r"new Worker|console\.|sessionStorage|indexedDB|document\.cookie|Math\.random|https?://"
)
ONLY_IN = {
    "localStorage": {"officer_page.mjs"},
    "fetch(": {"officer_page.mjs", "card_view.mjs", "identity_step.mjs"},
    "document.": {"officer_page.mjs", "card_view.mjs", "identity_step.mjs"},
    "navigator.": {"bundle.mjs"},
}


def code_of(path: Path) -> str:
    """Return a module without its comments."""
    return re.sub(r"/\*.*?\*/|(?m:^|\s)//[^\n]*", "", path.read_text(), flags=re.DOTALL)


def test_the_vendored_library_is_the_published_one() -> None:
    folder = VAULT / "vendor" / "noble-hashes"

    assert {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()
    } == PUBLISHED


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_modules_of_the_vault_stay_strict(path: Path) -> None:
    code = code_of(path)

    assert NEVER.findall(code) == []
    for word, allowed in ONLY_IN.items():
        assert (word in code) <= (path.name in allowed), word
    assert len(path.read_text().splitlines()) < 500


def test_the_rule_would_find_what_it_forbids(tmp_path: Path) -> None:
    planted = tmp_path / "planted.mjs"
    planted.write_text(
        "// innerHTML in a comment\nview.innerHTML = name; // and\nfetch('https://x')\n"
    )

    assert NEVER.findall(code_of(planted)) == ["innerHTML", "https://"]
