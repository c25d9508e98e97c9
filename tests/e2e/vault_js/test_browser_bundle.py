"""An officer's bundle in the browser: passphrase, recovery words, security key (check V20)."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.vault_modules import Run, authenticator

pytestmark = pytest.mark.browser

VECTOR = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors" / "vault_v1.json").read_text()
)["bundle"]
BUNDLE = VECTOR["bundle"]
CODE = "const code = (promise) => promise.then(hex, (error) => error.code ?? String(error));"


def with_slot(which: str, **changes: Any) -> dict[str, Any]:
    """Return the vector's bundle with one of its slots changed."""
    changed: dict[str, Any] = copy.deepcopy(BUNDLE)
    for slot in changed["slots"]:
        if slot["kind"] == which:
            slot.update(changes)
    return changed


def test_v15_passphrase_and_words_open_the_vectors_bundle(run: Run) -> None:
    keys, seen, unlocked = run(
        """const seen = [];
        const { passphrase, words } = given.secrets;
        const loud = `  ${words.toUpperCase().replaceAll(" ", "   ")} `;
        const keys = [
          await bundle.bundleKey(given.bundle, "passphrase", passphrase, (done) => seen.push(done)),
          await bundle.bundleKey(given.bundle, "words", loud),
        ];
        const { enc, sign, ...rest } = await bundle.unlock(given.bundle, keys[0]);
        const signed = await crypto.subtle.sign("Ed25519", sign, utf8("x"));
        await sealing.verifySignature(rest.sigPk, hex(new Uint8Array(signed)), utf8("x"));
        return [keys.map(hex), [seen.length > 100, seen.at(-1)], { ...rest, enc: hex(enc.publicRaw) }];""",
        **VECTOR,
    )

    assert keys == [VECTOR["bundle_key"]] * 2
    assert seen == [True, 1]
    assert unlocked == {
        "officer": BUNDLE["officer"],
        "encPk": BUNDLE["enc_pk"],
        "sigPk": BUNDLE["sig_pk"],
        "enc": BUNDLE["enc_pk"],
    }


def test_v15_prf_output_opens_the_vectors_bundle(run: Run) -> None:
    opened = run(
        CODE
        + """const { credential } = given.bundle.slots.find(({ kind }) => kind === "prf");
        const output = unhex(given.secrets.prf);
        return Promise.all([
          code(bundle.bundleKey(given.bundle, "prf", { credential, output })),
          code(bundle.bundleKey(given.bundle, "prf", { credential, output: output.slice().fill(1) })),
          code(bundle.bundleKey(given.bundle, "prf", { credential: "00", output })),
        ]);""",
        **VECTOR,
    )

    assert opened == [VECTOR["bundle_key"], "does_not_open", "no_slot"]


def test_v20_a_wrong_passphrase_does_not_open(run: Run) -> None:
    script = """return Promise.all(["kuda laut merah di teluk 8", "pendek"].map((typed) =>
      code(bundle.bundleKey(given.bundle, "passphrase", typed))));"""

    assert run(CODE + script, bundle=BUNDLE) == ["does_not_open", "weak_passphrase"]


@pytest.mark.parametrize(
    "changes",
    [
        {"time_cost": 2},
        {"memory_cost_kib": 65_535},
        {"parallelism": 2},
        {"time_cost": 17},
        {"memory_cost_kib": 1_048_577},
        {"time_cost": "3"},
        {"time_cost": 3.5},
    ],
)
def test_v20_lowered_parameters_are_refused_before_anything_is_hashed(
    run: Run, changes: dict[str, Any]
) -> None:
    # also when only another slot is asked for: the bundle as a whole is not to be trusted
    script = """let steps = 0;
      const slots = given.bundle.slots.map(({ kind }) => kind);
      const codes = await Promise.all(slots.map((kind) => code(bundle.bundleKey(
        given.bundle, kind, "kuda laut merah di teluk 7", () => { steps += 1; }))));
      return [codes, steps];"""
    refused = run(CODE + script, bundle=with_slot("passphrase", **changes))

    assert refused == [["weak_slot"] * 3, 0]


@pytest.mark.parametrize(
    "damaged",
    [
        {**BUNDLE, "alg": "bundle/v0"},
        {**BUNDLE, "extra": 1},
        {**BUNDLE, "slots": [slot for slot in BUNDLE["slots"] if slot["kind"] != "words"]},
        with_slot("words", kind="pin"),
        with_slot("words", salt="00"),
        with_slot("prf", prf_input="00"),
    ],
    ids=["algorithm", "extra field", "no words", "unknown kind", "short salt", "short input"],
)
def test_a_damaged_bundle_is_refused(run: Run, damaged: dict[str, Any]) -> None:
    script = 'return code(bundle.bundleKey(given.bundle, "passphrase", "kuda laut merah"));'

    assert run(CODE + script, bundle=damaged) == "malformed"


@pytest.mark.parametrize("name", ["officer", "enc_pk", "sig_pk", "body"])
def test_a_body_of_somebody_else_is_refused(run: Run, name: str) -> None:
    value = BUNDLE[name]
    altered = {**BUNDLE, name: ("1" if value[0] == "0" else "0") + value[1:]}
    script = """const unlocked = bundle.unlock(given.bundle, unhex(given.key));
      return code(unlocked.then(() => Uint8Array.of(1)));"""

    assert run(CODE + script, bundle=altered, key=VECTOR["bundle_key"]) == "does_not_open"


def test_a_security_key_opens_the_bundle_it_was_added_to(run: Run, blank: Page) -> None:
    script = """const key = unhex(given.key);
      const larger = await bundle.withSecurityKey(given.bundle, key, "kunci meja");
      const added = larger.slots.filter(({ label }) => label === "kunci meja");
      const secret = await bundle.askAuthenticator(added);
      const opened = await bundle.bundleKey(larger, "prf", secret);
      return [hex(opened), larger.slots.length, larger.slots.slice(0, -1)];"""
    with authenticator(blank, prf=True):
        opened = run(script, bundle=BUNDLE, key=VECTOR["bundle_key"])

    assert opened == [VECTOR["bundle_key"], 4, BUNDLE["slots"]]


def test_a_security_key_without_prf_is_refused(run: Run, blank: Page) -> None:
    script = """const added = bundle.withSecurityKey(given.bundle, unhex(given.key), "kunci");
      return code(added.then(() => Uint8Array.of(1)));"""
    with authenticator(blank, prf=False):
        refused = run(CODE + script, bundle=BUNDLE, key=VECTOR["bundle_key"])

    assert refused == "no_prf"
