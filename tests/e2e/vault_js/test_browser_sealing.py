"""The reporter's half of the vault in a real browser: the format, the chain of keys, the sealing."""

import copy
import hashlib
import json
import os
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser

from complaints.vault.crypto import aead, hpke
from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.certificates import GroupEpochCertificate, OfficerCertificate
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.padding import pad, unpad
from complaints.vault.crypto.sealing import (
    SealedIdentityBlob,
    desk_context,
    key_check_value,
    xor,
)
from tests.support.vault_keys import CUSTODIANS, DESK, Custody, signed
from tests.support.vault_modules import WITHOUT, Run, run_in

pytestmark = pytest.mark.browser

AT = date(2026, 11, 21)
ROUND_TRIPS = 200
IDENTITIES: list[dict[str, str]] = [
    {"name": "Sri Wahyuni", "address": "Jl. Melati 3"},
    {"name": "Ni Luh Ayu Ñandú ŞĞ", "address": "雅加达 · Қазақстан"},
    {"name": "😀👩‍👩‍👧‍👦 𠮷野家", "address": "\u202eterbalik\u202c אבג"},
    {"name": 'kutip " garis \\ nol \x00 \x1f \x7f \u2028', "address": "baris\nbaru\ttab\r"},
    {"name": "", "address": "A" * 10_240},
]


@pytest.fixture
def custody() -> Custody:
    return Custody(AT)


def test_context_and_padding_are_the_same_bytes(run: Run) -> None:
    fields = ["share-a", "0" * 32, "", "désk-é", "😀"]
    sizes = [0, 1, 4091, 4092, 4093, 8188]
    of_browser = run(
        """return [
          hex(sealing.ctx(...given.fields)),
          await Promise.all(given.sizes.map((size) =>
            sealing.fingerprint(sealing.pad(new Uint8Array(size).fill(7))))),
          given.sizes.map((size) => sealing.unpad(sealing.pad(new Uint8Array(size))).length),
        ];""",
        fields=fields,
        sizes=sizes,
    )

    digests = [hashlib.sha256(pad(b"\x07" * size)).hexdigest() for size in sizes]
    assert of_browser == [ctx(*fields).hex(), digests, sizes]


def test_canonical_json_is_the_same_text(run: Run) -> None:
    values: list[Any] = [
        {"b": 1, "a": [True, None, "x", -5, 2**53 - 1], "a_2": {"z": "", "y": {}}},
        *IDENTITIES,
        [],
        "".join(map(chr, range(256))),
    ]

    assert run("return given.values.map(sealing.canonical);", values=values) == [
        canonical_json(value).decode() for value in values
    ]


@pytest.mark.parametrize(
    "value", ["1.5", "2 ** 53", "NaN", "undefined", "{ A: 1 }", "{ é: 1 }", "[() => 1]"]
)
def test_canonical_json_refuses_what_has_no_single_spelling(run: Run, value: str) -> None:
    refusal = f"try {{ return sealing.canonical({value}); }} catch (error) {{ return error.code; }}"

    assert run(refusal) == "malformed"


def test_half_a_surrogate_pair_is_refused(run: Run) -> None:
    refusal = r'try { utf8("\ud83d"); } catch (error) { return error.code; }'

    assert run(refusal) == "malformed"


def test_v15_python_opens_200_identities_sealed_in_the_browser(run: Run, custody: Custody) -> None:
    cases = [
        {
            "identity": {**IDENTITIES[number % len(IDENTITIES)], "number": str(number)},
            "report": os.urandom(16).hex(),
            "lane": "sealed" if number % 2 else "open",
        }
        for number in range(ROUND_TRIPS)
    ]
    texts = run(
        """const keys = await sealing.verifyKeys(given.keys, given.root, given.at);
        return Promise.all(given.cases.map(async ({ identity, report, lane }) =>
          sealing.blobJson(await sealing.sealIdentity(identity, { report, lane, ...keys }))));""",
        keys=custody.keys(),
        root=custody.root_pk,
        at=AT.isoformat(),
        cases=cases,
    )

    for case, text in zip(cases, texts, strict=True):
        blob = SealedIdentityBlob.from_json(json.loads(text))
        assert canonical_json(blob.to_json()).decode() == text
        assert (blob.report, blob.lane) == (case["report"], case["lane"])
        assert opened_by_both(blob, custody) == canonical_json(case["identity"])
        assert opened_by_recovery(blob, custody) == canonical_json(case["identity"])


def opened_by_both(blob: SealedIdentityBlob, custody: Custody) -> bytes:
    """Open with both shares, as two officers of two units would together."""
    share_a = hpke.unseal(custody.desk.private, blob.wrap_a, info=blob.context("share-a"))
    share_b = hpke.unseal(custody.custodians.private, blob.wrap_b, info=blob.context("share-b"))
    dek = xor(share_a, share_b)
    assert key_check_value(dek, blob.context("kcv")) == blob.kcv
    return unpad(aead.aead_open(dek, blob.ciphertext, aad=blob.context("identity")))


def opened_by_recovery(blob: SealedIdentityBlob, custody: Custody) -> bytes:
    """Open with the offline recovery key."""
    dek = hpke.unseal(custody.recovery, blob.wrap_r, info=blob.context("recovery"))
    return unpad(aead.aead_open(dek, blob.ciphertext, aad=blob.context("identity")))


def test_v15_words_for_the_desk_open_in_python(run: Run, custody: Custody) -> None:
    words = "Camat menyuruh kami memakai kaus 😀\n" * 300
    sealed = run(
        """const { groupA } = await sealing.verifyKeys(given.keys, given.root, given.at);
        const place = { report: "ab".repeat(16), kind: "statement", groupA };
        return hex(await sealing.sealForDesk(given.words, place));""",
        keys=custody.keys(),
        root=custody.root_pk,
        at=AT.isoformat(),
        words=words,
    )

    info = desk_context(report="ab" * 16, kind="statement", group=DESK, epoch=custody.desk.epoch)
    assert unpad(hpke.unseal(custody.desk.private, bytes.fromhex(sealed), info=info)) == (
        words.encode()
    )


def test_v18_identities_of_any_length_fall_in_one_bucket(run: Run, custody: Custody) -> None:
    sizes = run(
        """const keys = await sealing.verifyKeys(given.keys, given.root, given.at);
        const place = { report: "ab".repeat(16), lane: "sealed", ...keys };
        const lengths = Array.from({ length: 200 }, (_, length) => length + 1);
        const blobs = await Promise.all(lengths.map((length) =>
          sealing.sealIdentity({ name: "n".repeat(length) }, place)));
        return blobs.map((blob) => sealing.blobJson(blob).length);""",
        keys=custody.keys(),
        root=custody.root_pk,
        at=AT.isoformat(),
    )

    assert len(set(sizes)) == 1


def test_v17_no_two_sealings_share_a_key_or_a_nonce(run: Run, custody: Custody) -> None:
    texts = run(
        """const keys = await sealing.verifyKeys(given.keys, given.root, given.at);
        const place = { report: "ab".repeat(16), lane: "sealed", ...keys };
        const same = () => sealing.sealIdentity({ name: "sama" }, place);
        const blobs = await Promise.all(Array.from({ length: 100 }, same));
        return blobs.map(sealing.blobJson);""",
        keys=custody.keys(),
        root=custody.root_pk,
        at=AT.isoformat(),
    )

    blobs = [SealedIdentityBlob.from_json(json.loads(text)) for text in texts]
    parts = [blob.ciphertext[:12] for blob in blobs]
    parts += [wrap[:32] for blob in blobs for wrap in (blob.wrap_a, blob.wrap_b, blob.wrap_r)]
    parts += [blob.kcv for blob in blobs]
    assert len(set(parts)) == 500


def changed(keys: dict[str, Any], *path: str | int, to: Any) -> dict[str, Any]:
    """Return a copy of the keys with one value changed."""
    copied = copy.deepcopy(keys)
    place: Any = copied
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return copied


def refusal_of(run: Run, custody: Custody, keys: dict[str, Any], at: date = AT) -> str:
    """Return the code with which the browser refuses these keys, "" when it takes them."""
    script = """return sealing.verifyKeys(given.keys, given.root, given.at)
          .then(() => "", (error) => error.code);"""
    return str(run(script, keys=keys, root=custody.root_pk, at=at.isoformat()))


def test_keys_are_good_through_their_last_day(run: Run, custody: Custody) -> None:
    last = date.fromisoformat(custody.not_after)

    assert refusal_of(run, custody, custody.keys(), last) == ""
    assert (
        refusal_of(run, custody, custody.keys(), date.fromordinal(last.toordinal() + 1))
        == "expired"
    )


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("group_a", "pk"), "99" * 32, "bad_signature"),
        (("group_b", "pk"), "99" * 32, "bad_signature"),
        (("recovery", "pk"), "99" * 32, "bad_signature"),
        (("signers", 0, "unit"), "inspektorat", "bad_signature"),
        (("signers", 1, "sig_pk"), "99" * 32, "bad_signature"),
        (("signers",), [], "not_certified"),
        (("group_a", "signature"), "00" * 64, "bad_signature"),
        (("group_a", "epoch"), 4, "bad_signature"),
        (("group_a", "extra"), "x", "malformed"),
        (("group_a", "not_after"), "kapan-kapan", "malformed"),
        (("revocations", "serial"), 2, "bad_signature"),
    ],
)
def test_v10_altered_keys_are_refused(
    run: Run, custody: Custody, path: tuple[str | int, ...], value: Any, code: str
) -> None:
    assert refusal_of(run, custody, changed(custody.keys(), *path, to=value)) == code


def test_v10_another_root_is_refused(run: Run, custody: Custody) -> None:
    assert refusal_of(run, Custody(AT), custody.keys()) == "bad_signature"


def test_v09_a_member_whom_the_root_does_not_know_is_refused(run: Run, custody: Custody) -> None:
    intruder = Custody(AT).verifier
    keys = custody.keys()
    keys["group_a"] = custody.epoch(DESK, intruder.unit, 9, intruder).certificate
    keys["signers"].append(intruder.certificate)

    assert refusal_of(run, custody, keys) == "bad_signature"


def test_a_custodian_cannot_vouch_for_a_desk(run: Run, custody: Custody) -> None:
    keys = custody.keys()
    keys["group_a"] = custody.epoch(DESK, "bawaslu-jt", 9, custody.custodian).certificate

    assert refusal_of(run, custody, keys) == "not_certified"


def test_a_group_on_the_other_side_is_refused(run: Run, custody: Custody) -> None:
    keys = custody.keys()
    content = {**custody.desk.certificate, "side": "b"}
    del content["signature"]
    keys["group_a"] = signed(GroupEpochCertificate, content, custody.verifier.signing)

    assert refusal_of(run, custody, keys) == "not_certified"


def test_a_revoked_signer_is_refused(run: Run, custody: Custody) -> None:
    name = OfficerCertificate.from_json(custody.custodian.certificate).fingerprint()

    assert refusal_of(run, custody, custody.keys(revoked=(name,))) == "revoked"


def test_two_groups_of_one_unit_are_refused(run: Run, custody: Custody) -> None:
    custody.custodian = custody.officer(CUSTODIANS, "bawaslu-jt")
    custody.custodians = custody.epoch(CUSTODIANS, "bawaslu-jt", 7, custody.custodian)
    script = """const keys = await sealing.verifyKeys(given.keys, given.root, given.at);
      const place = { report: "ab".repeat(16), lane: "sealed", ...keys };
      return sealing.sealIdentity({ name: "x" }, place).then(() => "", (error) => error.code);"""

    assert (
        run(script, keys=custody.keys(), root=custody.root_pk, at=AT.isoformat()) == "split_custody"
    )


@pytest.mark.parametrize("identity", ['{ name: "x".repeat(70000) }', "{ name: 5 }"])
def test_an_identity_that_is_too_long_or_not_text_is_refused(
    run: Run, custody: Custody, identity: str
) -> None:
    script = f"""const keys = await sealing.verifyKeys(given.keys, given.root, given.at);
      const place = {{ report: "ab".repeat(16), lane: "sealed", ...keys }};
      return sealing.sealIdentity({identity}, place).then(() => "", (error) => error.code);"""

    assert run(script, keys=custody.keys(), root=custody.root_pk, at=AT.isoformat()) == "malformed"


def test_v16_a_current_browser_is_supported(run: Run) -> None:
    assert run("return sealing.supported();") is True


@pytest.mark.parametrize("what", list(WITHOUT))
def test_v16_a_browser_without_the_curves_is_not(
    chromium: Browser, modules_url: str, what: str
) -> None:
    context = chromium.new_context(base_url=modules_url)
    context.add_init_script(WITHOUT[what])
    page = context.new_page()
    page.goto("/")

    assert run_in(page, "return sealing.supported();") is False
    context.close()
