"""Asking, releasing, opening and attesting in the officers' browsers (checks V02 to V14)."""

import base64
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from complaints.vault.crypto import hpke
from complaints.vault.crypto.certificates import OfficerCertificate
from complaints.vault.crypto.keys import GroupKey, RecoveryPublicKey
from complaints.vault.crypto.requests import Attestation, UnsealRequest
from complaints.vault.crypto.sealing import SealedIdentityBlob, seal_for_desk, seal_identity
from tests.support.vault_keys import CUSTODIANS, DESK, RECOVERY, Custody, Group, Officer
from tests.support.vault_modules import Run

pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
REPORT = "3f1c0a52b7e94d10a6c5d2e8f9041b77"
IDENTITY = {"name": "I Gusti Ayu “Rai” Ñoño 😀", "address": "Jl. " + "A" * 10_240}
REASON = "Kajian awal: nama & alamat 😀"
PRELUDE = """
  const now = new Date(given.now);
  const later = (minutes) => new Date(now.getTime() + minutes * 60000);
  const keysOf = async ({ officer, enc, seed }) => ({
    officer,
    enc: await hpke.importKeyPair(unhex(enc)),
    sign: await hpke.importSigningKey(unhex(seed)),
  });
  const [asking, releasing] = await Promise.all([given.asking, given.releasing].map(keysOf));
  const { verifier, custodian, seenByVerifier, seenByCustodian, trust } = given;
  const wraps = { asking: given.wrapsOfAsking, releasing: given.wrapsOfReleasing };
  const ask = (changes = {}) => officer.makeRequest(asking, {
    report: given.report, purpose: "formal_requirements", reason: given.reason, now, ...changes });
  const release = (request, changes = {}) => officer.release(releasing, {
    request, verifier, custodian, sealing: seenByCustodian, wraps: wraps.releasing, trust, now,
    ...changes });
  const open = (asked, released, changes = {}) => officer.openIdentity(asking, {
    ...asked, released, sealing: seenByVerifier, wraps: wraps.asking, now, ...changes });
  const code = (promise) => promise.then(() => "", (error) => error.code ?? String(error));
"""


@pytest.fixture
def custody() -> Custody:
    return Custody(NOW.date())


def sealed(custody: Custody, *, report: str = REPORT, lane: str = "sealed") -> SealedIdentityBlob:
    """Seal the identity as the server does without JavaScript."""

    def key(group: Group, side: Any) -> GroupKey:
        public = hpke.public_key_of(group.private)
        return GroupKey(group.code, side, group.unit, group.epoch, public)

    return seal_identity(
        IDENTITY,
        report=report,
        lane=lane,
        group_a=key(custody.desk, "a"),
        group_b=key(custody.custodians, "b"),
        recovery=RecoveryPublicKey(RECOVERY, hpke.public_key_of(custody.recovery)),
    )


def scene(custody: Custody, **changes: Any) -> dict[str, Any]:
    """Return what the two clients hold and what the server gives each of them."""
    blob = sealed(custody).to_json()
    binding = {
        name: blob[name] for name in ("report", "lane", "group_a", "epoch_a", "group_b", "epoch_b")
    }
    return {
        "now": NOW.isoformat(),
        "report": REPORT,
        "reason": REASON,
        "asking": custody.verifier.unlocked(),
        "releasing": custody.custodian.unlocked(),
        "verifier": custody.verifier.certificate,
        "custodian": custody.custodian.certificate,
        "wrapsOfAsking": [custody.wrap(custody.desk, custody.verifier)],
        "wrapsOfReleasing": [custody.wrap(custody.custodians, custody.custodian)],
        "trust": custody.trust(),
        "seenByVerifier": {
            **binding,
            "held_a": blob["epoch_a"],
            **{name: blob[name] for name in ("ciphertext", "kcv", "wrap_a")},
        },
        "seenByCustodian": {**binding, "held_b": blob["epoch_b"], "wrap_b": blob["wrap_b"]},
        **changes,
    }


def test_v05_verifier_and_custodian_open_byte_for_byte(run: Run, custody: Custody) -> None:
    identity, request = run(
        PRELUDE
        + """const asked = await ask();
        return [await open(asked, await release(asked.request)), asked.request];""",
        **scene(custody),
    )

    assert identity == IDENTITY
    UnsealRequest.from_json(request).verify(
        bytes.fromhex(custody.root_pk),
        NOW,
        verifier=OfficerCertificate.from_json(custody.verifier.certificate),
    )


def test_v05_python_custodian_releases_to_a_browser(run: Run, custody: Custody) -> None:
    given = scene(custody)
    asked = run(PRELUDE + "return ask();", **given)
    request = UnsealRequest.from_json(asked["request"])
    blob = sealed(custody)
    share = hpke.unseal(custody.custodians.private, blob.wrap_b, info=blob.context("share-b"))
    released = hpke.seal(request.epk, share, info=request.release_context())
    given["seenByVerifier"] |= {
        name: blob.to_json()[name] for name in ("ciphertext", "kcv", "wrap_a")
    }

    assert (
        run(PRELUDE + "return open(given.asked, given.released);", **given, asked=asked,
            released=released.hex())
        == IDENTITY
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("{ purpose: 'correction' }", "bad_signature"),
        ("{ reason: 'lain' }", "bad_signature"),
        ("{ report: 'ab'.repeat(16) }", "bad_signature"),
        ("{ id: 'ab'.repeat(16) }", "bad_signature"),
        ("{ epk: '99'.repeat(32) }", "bad_signature"),
        ("{ expires: '2026-11-21T11:00:01Z' }", "bad_signature"),
        ("{ verifier: 'ab'.repeat(16) }", "not_certified"),
    ],
)
def test_v08_an_altered_request_is_not_released(
    run: Run, custody: Custody, change: str, code: str
) -> None:
    script = f"""const {{ request }} = await ask();
      return code(release({{ ...request, ...{change} }}));"""

    assert run(PRELUDE + script, **scene(custody)) == code


def test_v09_a_verifier_unknown_to_the_root_gets_nothing(run: Run, custody: Custody) -> None:
    intruder = Custody(NOW.date()).verifier
    given = scene(custody, asking=intruder.unlocked(), verifier=intruder.certificate)

    assert run(PRELUDE + "return code(release((await ask()).request));", **given) == "bad_signature"


@pytest.mark.parametrize("who", ["verifier", "custodian"])
def test_a_revoked_officer_gets_and_gives_nothing(run: Run, custody: Custody, who: str) -> None:
    officer: Officer = getattr(custody, who)
    name = OfficerCertificate.from_json(officer.certificate).fingerprint()
    given = scene(custody, trust=custody.trust((name,)))

    assert run(PRELUDE + "return code(release((await ask()).request));", **given) == "revoked"


def test_an_older_revocation_list_is_refused(run: Run, custody: Custody) -> None:
    given = scene(custody, trust={**custody.trust(), "leastSerial": 2})

    assert run(PRELUDE + "return code(release((await ask()).request));", **given) == "expired"


def test_v03_two_verifiers_of_one_desk_cannot_open(run: Run, custody: Custody) -> None:
    colleague = custody.officer(DESK, custody.verifier.unit)
    given = scene(
        custody,
        releasing=colleague.unlocked(),
        custodian=colleague.certificate,
        wrapsOfReleasing=[custody.wrap(custody.desk, colleague)],
    )
    assert run(PRELUDE + "return code(release((await ask()).request));", **given) == "split_custody"
    # and with everything the server has, and a client that checks nothing:
    script = """const blob = given.blob;
      const info = sealing.identityContext("share-b", blob);
      const secret = await hpke.open(releasing.enc, unhex(wraps.releasing[0].wrap),
        sealing.ctx("group-wrap", given.desk, String(blob.epoch_a), releasing.officer));
      const pair = await hpke.importKeyPair(secret);
      return code(hpke.open(pair, bytes.unbase64(blob.wrap_b), info));"""
    blob = sealed(custody).to_json()
    assert run(PRELUDE + script, **given, blob=blob, desk=DESK) == "does_not_open"


def test_two_officers_of_one_unit_cannot_open(run: Run, custody: Custody) -> None:
    cousin = custody.officer(CUSTODIANS, custody.verifier.unit)
    given = scene(
        custody,
        releasing=cousin.unlocked(),
        custodian=cousin.certificate,
        wrapsOfReleasing=[custody.wrap(custody.custodians, cousin)],
    )

    assert run(PRELUDE + "return code(release((await ask()).request));", **given) == "split_custody"


def test_v02_v04_one_side_alone_has_32_random_bytes(run: Run, custody: Custody) -> None:
    script = """const asked = await ask();
      const released = await release(asked.request);
      const zeros = async (info, pk) => hex(await hpke.seal(unhex(pk), new Uint8Array(32), info));
      const context = sealing.ctx("release", asked.request.id, given.report,
        "formal_requirements", asked.request.expires);
      return [
        await code(open(asked, await zeros(context, asked.request.epk))),
        await code(open(asked, released, { wraps: [] })),
        await code(open(asked, released, { wraps: wraps.releasing })),
      ];"""

    assert run(PRELUDE + script, **scene(custody)) == ["does_not_open", "no_wrap", "no_wrap"]


def test_v13_a_release_serves_one_request_only(run: Run, custody: Custody) -> None:
    script = """const [first, second] = [await ask(), await ask()];
      const other = await ask({ purpose: "correction" });
      const released = await release(first.request);
      return [
        await code(open(second, released)),
        await code(open(other, released)),
        await code(open({ ...second, request: first.request }, released)),
        await code(open({ ...first, request: { ...first.request, purpose: "correction" } }, released)),
        await code(open(first, released, { sealing: { ...seenByVerifier, report: "ab".repeat(16) } })),
        await code(open(first, released)),
      ];"""

    assert run(PRELUDE + script, **scene(custody)) == [
        "does_not_open",
        "does_not_open",
        "does_not_open",
        "does_not_open",
        "other_report",
        "",
    ]


def test_v14_an_expired_request_is_neither_released_nor_opened(run: Run, custody: Custody) -> None:
    script = """const asked = await ask();
      const released = await release(asked.request, { now: later(8 * 60 - 1) });
      return [
        await code(release(asked.request, { now: later(8 * 60) })),
        await code(release(asked.request, { now: later(-6) })),
        await code(open(asked, released, { now: later(8 * 60) })),
      ];"""

    assert run(PRELUDE + script, **scene(custody)) == ["expired", "expired", "expired"]


def test_an_expired_certificate_is_refused(run: Run, custody: Custody) -> None:
    past = (NOW.date() - timedelta(days=1)).isoformat()
    officer = custody.officer(DESK, custody.verifier.unit, not_after=past)
    given = scene(custody, asking=officer.unlocked(), verifier=officer.certificate)

    assert run(PRELUDE + "return code(release((await ask()).request));", **given) == "expired"


@pytest.mark.parametrize(
    ("purpose", "reason", "code"),
    [
        ("curiosity", REASON, "purpose"),
        ("formal_requirements", "  ", "purpose"),
        ("formal_requirements", "a" * 2001, "purpose"),
        ("formal_requirements", "😀" * 2000, ""),
        ("court_order", REASON, "purpose"),
        ("court_order", f"dasar: Penetapan 12/2026 sha256:{'ab' * 32}\nUntuk sidang", ""),
        ("lpsk_handover", f"dasar: Persetujuan sha256:{'AB' * 32}\nx", "purpose"),
    ],
)
def test_v25_purposes_need_their_reason_and_basis(
    run: Run, custody: Custody, purpose: str, reason: str, code: str
) -> None:
    script = "return code(ask({ purpose: given.purpose, reason: given.text }));"

    assert run(PRELUDE + script, **scene(custody), purpose=purpose, text=reason) == code


def test_v12_200_flipped_bits_never_open(run: Run, custody: Custody) -> None:
    script = """const asked = await ask();
      const released = await release(asked.request);
      const parts = ["ciphertext", "kcv", "wrap_a"];
      const outcomes = [];
      for (let turn = 0; turn < 200; turn += 1) {
        const part = parts[turn % parts.length];
        const changed = bytes.unbase64(seenByVerifier[part]);
        const bit = Math.floor(Math.random() * 8 * changed.length);
        changed[bit >> 3] ^= 1 << (bit & 7);
        const view = { ...seenByVerifier, [part]: bytes.base64(changed) };
        outcomes.push(await code(open(asked, released, { sealing: view })));
      }
      return outcomes;"""

    assert run(PRELUDE + script, **scene(custody)) == ["does_not_open"] * 200


@pytest.mark.parametrize(
    "change",
    [
        '{ lane: "open" }',
        '{ group_b: "custodians-lain" }',
        "{ epoch_a: 4 }",
        "{ epoch_b: 8 }",
    ],
)
def test_v12_a_sealing_moved_elsewhere_never_opens(run: Run, custody: Custody, change: str) -> None:
    script = f"""const asked = await ask();
      const released = await release(asked.request);
      return code(open(asked, released, {{ sealing: {{ ...seenByVerifier, ...{change} }} }}));"""

    assert run(PRELUDE + script, **scene(custody)) == "does_not_open"


def test_a_share_moved_to_a_later_epoch_opens_with_its_first_binding(
    run: Run, custody: Custody
) -> None:
    given = scene(custody)
    newer = custody.epoch(DESK, custody.desk.unit, 4, custody.verifier)
    blob = sealed(custody)
    share = hpke.unseal(custody.desk.private, blob.wrap_a, info=blob.context("share-a"))
    moved = hpke.seal(hpke.public_key_of(newer.private), share, info=blob.context("share-a"))
    view = blob.to_json()
    given["seenByVerifier"] |= {
        "ciphertext": view["ciphertext"],
        "kcv": view["kcv"],
        "wrap_a": base64.b64encode(moved).decode(),
        "held_a": 4,
    }
    given["seenByCustodian"] |= {"wrap_b": view["wrap_b"]}
    given["wrapsOfAsking"] = [custody.wrap(newer, custody.verifier)]
    script = "const asked = await ask(); return open(asked, await release(asked.request));"

    assert run(PRELUDE + script, **given) == IDENTITY


def test_an_attestation_of_the_browser_is_taken_by_python(run: Run, custody: Custody) -> None:
    given = scene(custody)
    blob = sealed(custody)
    given["seenByVerifier"]["ciphertext"] = blob.to_json()["ciphertext"]
    result = {"name_present": True, "id_card_matches": None, "not_the_reported": False}
    attested = run(
        PRELUDE
        + """const { request } = await ask();
        return officer.attest(asking, { request, sealing: seenByVerifier, result: given.result, now });""",
        **given,
        result=result,
    )

    statement = Attestation.from_json(attested)
    statement.verify(
        bytes.fromhex(custody.root_pk),
        date(2026, 11, 21),
        verifier=OfficerCertificate.from_json(custody.verifier.certificate),
        blob=blob,
    )
    assert dict(statement.result) == result


@pytest.mark.parametrize("result", ["{}", "{ shoe_size: true }", "{ name_present: 'Sri' }"])
def test_an_attestation_says_nothing_but_known_findings(
    run: Run, custody: Custody, result: str
) -> None:
    script = f"""const {{ request }} = await ask();
      const asked = {{ request, sealing: seenByVerifier, result: {result}, now }};
      return code(officer.attest(asking, asked));"""

    assert run(PRELUDE + script, **scene(custody)) == "malformed"


def test_the_desk_reads_words_and_custodians_do_not(run: Run, custody: Custody) -> None:
    key = GroupKey(
        DESK, "a", custody.desk.unit, custody.desk.epoch, hpke.public_key_of(custody.desk.private)
    )
    text = "Camat mengajak memilih. 😀\nSaya melihat sendiri."
    blob = seal_for_desk(text, report=REPORT, kind="statement", group_a=key)
    words = {
        "kind": "statement",
        "group": DESK,
        "epoch": custody.desk.epoch,
        "blob": base64.b64encode(blob).decode(),
    }
    script = """const read = (keys, held, changes = {}) => officer.readDeskWords(
        keys, { report: given.report, words: { ...given.words, ...changes }, wraps: held });
      return [
        await read(asking, wraps.asking),
        await code(read(releasing, wraps.releasing)),
        await code(read(asking, wraps.asking, { kind: "message:" + "ab".repeat(16) })),
      ];"""

    assert run(PRELUDE + script, **scene(custody), words=words) == [
        text,
        "no_wrap",
        "does_not_open",
    ]


def test_a_wrap_for_somebody_else_does_not_open(run: Run, custody: Custody) -> None:
    colleague = custody.officer(DESK, custody.verifier.unit)
    stolen = custody.wrap(custody.desk, colleague)
    given = scene(custody, wrapsOfAsking=[stolen])
    script = """const asked = await ask();
      return code(open(asked, await release(asked.request)));"""

    assert run(PRELUDE + script, **given) == "does_not_open"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Camat mengumpulkan warga di balai desa.", []),
        ("Saya, SRI WAHYUNI, melihatnya.", ["name"]),
        ("Bu sri-wahyuni ada di sana", ["name"]),
        ("hubungi 0811 0000 001", ["phone"]),
        ("hubungi +62811-0000-001", ["phone"]),
        ("Wahyuningsih bukan dia", []),
    ],
)
def test_k_leaks_of_the_identity_in_a_summary_are_named(
    run: Run, text: str, fields: list[str]
) -> None:
    identity = {"name": "Sri Wahyuni", "phone": "+62 811-0000-001"}

    assert run("return officer.leaksIn(given.identity, given.text);",
               identity=identity, text=text) == fields  # fmt: skip


def test_instants_are_written_as_python_does(run: Run) -> None:
    assert run('return officer.instant(new Date("2026-11-21T03:04:05.678Z"));') == (
        "2026-11-21T03:04:05Z"
    )
