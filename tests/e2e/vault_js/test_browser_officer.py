"""Asking, releasing, opening and attesting in the officers' browsers (checks V02 to V14)."""

import base64
import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from complaints.vault.crypto import hpke
from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.certificates import OfficerCertificate, PartnerCertificate
from complaints.vault.crypto.consent import Consent, consent_public_key, give_consent
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import OpenError
from complaints.vault.crypto.keys import GroupKey, PartnerPublicKey, RecoveryPublicKey
from complaints.vault.crypto.padding import unpad
from complaints.vault.crypto.requests import (
    Attestation,
    LegalBasis,
    UnsealRequest,
    reason_with_basis,
)
from complaints.vault.crypto.sealing import SealedIdentityBlob, seal_for_desk, seal_identity
from complaints.vaultctl.comparing import Texts, leaks_in
from tests.support.vault_keys import CUSTODIANS, DESK, RECOVERY, Custody, Group, Officer, signed
from tests.support.vault_modules import Run

pytestmark = pytest.mark.browser

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors/identity_in_text_v1.json").read_text(encoding="utf-8")
)
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
  const { desk, custody, listing, trust } = given;
  const directory = (at = now, lists = listing) => officer.openDirectory(lists, trust, at);
  const ask = (changes = {}) => officer.makeRequest(asking, {
    report: given.report, purpose: "formal_requirements", reason: given.reason, now, ...changes });
  const release = async (request, { at, ...changes } = {}) => officer.release(releasing, {
    request, part: custody, directory: await directory(at), ...changes });
  const open = async (own, released, { at, ...changes } = {}) => officer.openIdentity(asking, {
    own, released, part: desk, directory: await directory(at), ...changes });
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


def scene(
    custody: Custody, *, blob: SealedIdentityBlob | None = None, **changes: Any
) -> dict[str, Any]:
    """Return what the two clients hold and what the server gives each of them."""
    whole = (blob or sealed(custody)).to_json()
    names = ("report", "lane", "group_a", "epoch_a", "group_b", "epoch_b")
    binding = {name: whole[name] for name in names}
    return {
        "now": NOW.isoformat(),
        "report": REPORT,
        "reason": REASON,
        "asking": custody.verifier.unlocked(),
        "releasing": custody.custodian.unlocked(),
        "listing": custody.listing(),
        "trust": custody.trust(),
        "desk": {
            **binding,
            "held_a": whole["epoch_a"],
            **{name: whole[name] for name in ("ciphertext", "kcv", "wrap_a")},
        },
        "custody": {**binding, "held_b": whole["epoch_b"], "wrap_b": whole["wrap_b"]},
        **changes,
    }


def test_v05_verifier_and_custodian_open_byte_for_byte(run: Run, custody: Custody) -> None:
    identity, request = run(
        PRELUDE
        + """const own = await ask();
        return [await open(own, await release(own.request)), own.request];""",
        **scene(custody),
    )

    assert identity == IDENTITY
    UnsealRequest.from_json(request).verify(
        bytes.fromhex(custody.root_pk),
        NOW,
        verifier=OfficerCertificate.from_json(custody.verifier.certificate),
    )


def test_v05_a_share_that_python_released_opens_in_the_browser(run: Run, custody: Custody) -> None:
    blob = sealed(custody)
    given = scene(custody, blob=blob)
    own = run(PRELUDE + "return ask();", **given)
    request = UnsealRequest.from_json(own["request"])
    share = hpke.unseal(custody.custodians.private, blob.wrap_b, info=blob.context("share-b"))
    released = {
        "request": request.id,
        "custodian": custody.custodian.id,
        "sealed": hpke.seal(request.epk, share, info=request.release_context()).hex(),
    }
    script = "return open(given.own, given.released);"

    assert run(PRELUDE + script, **given, own=own, released=released) == IDENTITY


def test_v05_python_opens_what_the_browser_released(run: Run, custody: Custody) -> None:
    blob, secret = sealed(custody), os.urandom(32)
    unsigned = UnsealRequest(
        id="ab" * 16,
        report=REPORT,
        purpose="correction",
        reason=REASON,
        verifier=custody.verifier.id,
        epk=hpke.public_key_of(secret),
        expires=NOW + timedelta(hours=8),
        signature=bytes(64),
    )
    request = replace(unsigned, signature=custody.verifier.signing.sign(unsigned.message()))
    released = run(
        PRELUDE + "return release(given.request);",
        **scene(custody, blob=blob),
        request=request.to_json(),
    )

    share = hpke.unseal(secret, bytes.fromhex(released["sealed"]), info=request.release_context())
    assert share == hpke.unseal(
        custody.custodians.private, blob.wrap_b, info=blob.context("share-b")
    )


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


RELEASE = PRELUDE + "return code(release((await ask()).request));"


def test_v09_a_verifier_unknown_to_the_root_gets_nothing(run: Run, custody: Custody) -> None:
    intruder = Custody(NOW.date()).verifier
    given = scene(custody, asking=intruder.unlocked(), listing=custody.listing(intruder))

    assert run(RELEASE, **given) == "bad_signature"
    assert run(RELEASE, **{**given, "listing": custody.listing()}) == "not_certified"


@pytest.mark.parametrize("who", ["verifier", "custodian"])
def test_a_revoked_officer_gets_and_gives_nothing(run: Run, custody: Custody, who: str) -> None:
    officer: Officer = getattr(custody, who)
    name = OfficerCertificate.from_json(officer.certificate).fingerprint()

    assert run(RELEASE, **scene(custody, listing=custody.listing(revoked=(name,)))) == "revoked"


def test_an_older_or_forged_revocation_list_is_refused(run: Run, custody: Custody) -> None:
    older = scene(custody, trust={**custody.trust(), "least_serial": 2})
    forged = scene(custody)
    forged["listing"]["revocations"] = Custody(NOW.date()).listing()["revocations"]

    assert run(RELEASE, **older) == "expired"
    assert run(RELEASE, **forged) == "bad_signature"


def test_v03_two_verifiers_of_one_desk_cannot_open(run: Run, custody: Custody) -> None:
    colleague = custody.officer(DESK, custody.verifier.unit)
    listing = custody.listing(colleague)
    listing["epochs"][0] = custody.stored(custody.desk, custody.verifier, colleague)
    given = scene(custody, releasing=colleague.unlocked(), listing=listing)
    # with everything the server has, and a client that checks nothing:
    forced = """const { group_a: group, epoch_a: epoch } = given.blob;
      const info = sealing.ctx("group-wrap", group, String(epoch), releasing.officer);
      const wrap = listing.epochs[0].wraps[releasing.officer];
      const pair = await hpke.importKeyPair(await hpke.open(releasing.enc, unhex(wrap), info));
      const shareB = sealing.identityContext("share-b", given.blob);
      return code(hpke.open(pair, bytes.unbase64(given.blob.wrap_b), shareB));"""

    assert run(RELEASE, **given) == "split_custody"
    assert run(PRELUDE + forced, **given, blob=sealed(custody).to_json()) == "does_not_open"


def test_two_officers_of_one_unit_cannot_open(run: Run, custody: Custody) -> None:
    cousin = custody.officer(CUSTODIANS, custody.verifier.unit)
    listing = custody.listing(cousin)
    listing["epochs"][1] = custody.stored(custody.custodians, cousin)

    given = scene(custody, releasing=cousin.unlocked(), listing=listing)
    assert run(RELEASE, **given) == "split_custody"


def test_v02_v04_one_side_alone_has_32_random_bytes(run: Run, custody: Custody) -> None:
    script = """const own = await ask();
      const released = await release(own.request);
      const { id, expires, epk } = own.request;
      const context = sealing.ctx("release", id, given.report, "formal_requirements", expires);
      const zeros = hex(await hpke.seal(unhex(epk), new Uint8Array(32), context));
      const noWraps = listing.epochs.map((epoch) => ({ ...epoch, wraps: {} }));
      const blind = await directory(now, { ...listing, epochs: noWraps });
      return [
        await code(open(own, { ...released, sealed: zeros })),
        await code(open(own, released, { directory: blind })),
        await code(officer.openIdentity(releasing, {
          own, released, part: desk, directory: await directory() })),
      ];"""

    assert run(PRELUDE + script, **scene(custody)) == [
        "does_not_open",
        "not_certified",
        "does_not_open",
    ]


def test_v13_a_release_serves_one_request_only(run: Run, custody: Custody) -> None:
    script = """const [first, second] = [await ask(), await ask()];
      const other = await ask({ purpose: "correction" });
      const released = await release(first.request);
      const as = ({ request }) => ({ ...released, request: request.id });
      const elsewhere = { ...desk, report: "ab".repeat(16) };
      return [
        await code(open(second, released)),
        await code(open(second, as(second))),
        await code(open(other, as(other))),
        await code(open({ ...second, request: first.request }, released)),
        await code(open(first, released, { part: elsewhere })),
        await code(open(first, released)),
      ];"""

    assert run(PRELUDE + script, **scene(custody)) == [
        "does_not_open",
        "does_not_open",
        "does_not_open",
        "does_not_open",
        "split_custody",
        "",
    ]


def test_v14_an_expired_request_is_neither_released_nor_opened(run: Run, custody: Custody) -> None:
    script = """const own = await ask();
      const released = await release(own.request, { at: later(8 * 60 - 1) });
      return [
        await code(release(own.request, { at: later(8 * 60) })),
        await code(release(own.request, { at: later(-11) })),
        await code(release(own.request, { at: later(-10) })),
        await code(open(own, released, { at: later(8 * 60) })),
        await code(open(own, released, { at: later(8 * 60 - 1) })),
      ];"""

    assert run(PRELUDE + script, **scene(custody)) == ["expired", "expired", "", "expired", ""]


def test_an_expired_certificate_is_refused(run: Run, custody: Custody) -> None:
    past = (NOW.date() - timedelta(days=1)).isoformat()
    officer = custody.officer(DESK, custody.verifier.unit, not_after=past)
    given = scene(custody, asking=officer.unlocked(), listing=custody.listing(officer))

    assert run(RELEASE, **given) == "expired"


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
    script = """const own = await ask();
      const released = await release(own.request);
      const parts = ["ciphertext", "kcv", "wrap_a"];
      const outcomes = [];
      for (let turn = 0; turn < 200; turn += 1) {
        const name = parts[turn % parts.length];
        const changed = bytes.unbase64(desk[name]);
        const bit = Math.floor(Math.random() * 8 * changed.length);
        changed[bit >> 3] ^= 1 << (bit & 7);
        const part = { ...desk, [name]: bytes.base64(changed) };
        outcomes.push(await code(open(own, released, { part })));
      }
      return outcomes;"""

    assert run(PRELUDE + script, **scene(custody)) == ["does_not_open"] * 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ('{ lane: "open" }', "does_not_open"),
        ("{ epoch_a: 4 }", "does_not_open"),
        ("{ epoch_b: 8 }", "does_not_open"),
        ("{ held_a: 4 }", "not_certified"),
        ('{ group_b: "custodians-lain" }', "split_custody"),
    ],
)
def test_v12_a_sealing_moved_elsewhere_never_opens(
    run: Run, custody: Custody, change: str, code: str
) -> None:
    script = f"""const own = await ask();
      const released = await release(own.request);
      return code(open(own, released, {{ part: {{ ...desk, ...{change} }} }}));"""

    assert run(PRELUDE + script, **scene(custody)) == code


def test_a_share_moved_to_a_later_epoch_opens_with_its_first_binding(
    run: Run, custody: Custody
) -> None:
    blob = sealed(custody)
    newer = custody.epoch(DESK, custody.desk.unit, 4, custody.verifier)
    share = hpke.unseal(custody.desk.private, blob.wrap_a, info=blob.context("share-a"))
    moved = hpke.seal(hpke.public_key_of(newer.private), share, info=blob.context("share-a"))
    given = scene(custody, blob=blob)
    given["desk"] |= {"wrap_a": base64.b64encode(moved).decode(), "held_a": 4}
    given["listing"]["epochs"].append(custody.stored(newer, custody.verifier))
    script = "const own = await ask(); return open(own, await release(own.request));"

    assert run(PRELUDE + script, **given) == IDENTITY


def test_an_attestation_of_the_browser_is_taken_by_python(run: Run, custody: Custody) -> None:
    blob = sealed(custody)
    result = {"name_present": True, "id_card_matches": None, "not_the_reported": False}
    attested = run(
        PRELUDE
        + """const { request } = await ask();
        return officer.attest(asking, { request, part: desk, result: given.result, now });""",
        **scene(custody, blob=blob),
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
      return code(officer.attest(asking, {{ request, part: desk, result: {result}, now }}));"""

    assert run(PRELUDE + script, **scene(custody)) == "malformed"


def test_the_desk_reads_words_and_custodians_do_not(run: Run, custody: Custody) -> None:
    key = GroupKey(
        DESK, "a", custody.desk.unit, custody.desk.epoch, hpke.public_key_of(custody.desk.private)
    )
    text = "Camat mengajak memilih. 😀\nSaya melihat sendiri."
    blob = seal_for_desk(text, report=REPORT, kind="statement", group_a=key)
    words = {
        "report": REPORT,
        "kind": "statement",
        "group": DESK,
        "epoch": custody.desk.epoch,
        "blob": base64.b64encode(blob).decode(),
    }
    script = """const read = async (keys, changes = {}) => officer.readDeskWords(
        keys, { words: { ...given.words, ...changes }, directory: await directory() });
      return [
        await read(asking),
        await code(read(releasing)),
        await code(read(asking, { kind: "message:" + "ab".repeat(16) })),
      ];"""

    assert run(PRELUDE + script, **scene(custody), words=words) == [
        text,
        "not_certified",
        "does_not_open",
    ]


def test_a_wrap_for_somebody_else_or_of_another_key_is_refused(run: Run, custody: Custody) -> None:
    colleague = custody.officer(DESK, custody.verifier.unit)
    stolen, false = custody.listing(), custody.listing()
    of_colleague = custody.stored(custody.desk, colleague)["wraps"][colleague.id]
    stolen["epochs"][0]["wraps"] = {custody.verifier.id: of_colleague}
    planted = replace(custody.desk, private=os.urandom(32))
    false["epochs"][0] = custody.stored(planted, custody.verifier)
    script = """const own = await ask();
      return code(open(own, await release(own.request)));"""

    assert run(PRELUDE + script, **scene(custody, listing=stolen)) == "does_not_open"
    assert run(PRELUDE + script, **scene(custody, listing=false)) == "malformed"


def test_k05_the_browser_finds_what_vaultctl_finds(run: Run) -> None:
    cases = [{"identity": VECTORS["identity"], **case} for case in VECTORS["cases"]]
    script = """return given.cases.map(({ identity, text, known }) =>
      comparing.leaksIn(identity, { texts: [{ place: "Ringkasan", text }], known }));"""

    found = run(script, cases=cases)

    assert [[leak["field"] for leak in leaks] for leaks in found] == [
        case["fields"] for case in cases
    ]
    assert found == [
        [
            vars(leak)
            for leak in leaks_in(
                case["identity"], Texts((("Ringkasan", case["text"]),), tuple(case["known"]))
            )
        ]
        for case in cases
    ]


def test_instants_are_written_as_python_does(run: Run) -> None:
    assert run('return officer.instant(new Date("2026-11-21T03:04:05.678Z"));') == (
        "2026-11-21T03:04:05Z"
    )


def test_v29_a_hand_over_needs_the_reporters_own_consent(run: Run, custody: Custody) -> None:
    mailbox, lpsk, other = os.urandom(32), os.urandom(32), os.urandom(32)
    named = {
        "partner": "lpsk",
        "pk": hpke.public_key_of(lpsk).hex(),
        "not_after": custody.not_after,
    }
    listing = custody.listing()
    listing["partners"] = [signed(PartnerCertificate, named, custody.root)]
    partner = PartnerPublicKey("lpsk", hpke.public_key_of(lpsk))
    given = give_consent(mailbox, report=REPORT, partner=partner, on=NOW.date())
    forged = give_consent(other, report=REPORT, partner=partner, on=NOW.date())
    elsewhere = give_consent(mailbox, report="ab" * 16, partner=partner, on=NOW.date())

    def reason(consent: Consent) -> str:
        return reason_with_basis("Serah", LegalBasis("Persetujuan", consent.digest()))

    script = """const directory_ = await directory();
      const ask_ = (reason, purpose = "lpsk_handover") => ask({ reason, purpose });
      const give = async (consent, { request }) => officer.handOver({
        identity: given.identity, request, consent, consentPk: given.consentPk,
        directory: directory_ });
      const [own, ofForged, ofOther] = await Promise.all(given.reasons.map((text) => ask_(text)));
      const purpose = await ask_(given.reasons[0], "correction");
      return [
        await give(given.consents[0], own),
        await code(give(given.consents[1], ofForged)),
        await code(give(given.consents[2], ofOther)),
        await code(give(given.consents[0], ofForged)),
        await code(give(given.consents[0], purpose)),
      ];"""
    parcel, *refused = run(
        PRELUDE + script,
        **scene(custody, listing=listing),
        identity=IDENTITY,
        consentPk=consent_public_key(mailbox, report=REPORT).hex(),
        consents=[consent.to_json() for consent in (given, forged, elsewhere)],
        reasons=[reason(consent) for consent in (given, forged, elsewhere)],
    )

    assert refused == ["bad_signature", "bad_signature", "purpose", "purpose"]
    assert (parcel["report"], parcel["partner"]) == (REPORT, "lpsk")
    sealed_parcel = bytes.fromhex(parcel["sealed"])
    opened = hpke.unseal(lpsk, sealed_parcel, info=ctx("partner-parcel", REPORT, "lpsk"))
    assert unpad(opened) == canonical_json(IDENTITY)
    with pytest.raises(OpenError):
        hpke.unseal(other, sealed_parcel, info=ctx("partner-parcel", REPORT, "lpsk"))
