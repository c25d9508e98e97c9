"""The browser's half of the card: Python's bytes, the same sizes, and nothing else taken (V15, V18)."""

import json
from pathlib import Path
from typing import Any

import pytest

from complaints.vault.crypto import hpke
from complaints.vault.crypto.cards import card_public_key
from complaints.vault.crypto.padding import padme
from complaints.vault.crypto.sealing import SealedIdentityBlob
from tests.complaints.vault.make_vectors import REPORT
from tests.e2e.vault_js.test_browser_officer import IDENTITY, NOW, PRELUDE, scene, sealed
from tests.support.vault_keys import RECOVERY, Custody
from tests.support.vault_modules import Run

pytestmark = pytest.mark.browser

CARD = json.loads((Path(__file__).resolve().parents[2] / "vectors" / "vault_v1.json").read_text())[
    "card"
]


@pytest.fixture
def custody() -> Custody:
    return Custody(NOW.date())


def test_v15_the_card_of_the_norm_opens_and_gives_the_same_key(run: Run) -> None:
    told, public = run(
        """const dek = unhex(given.dek);
        const card = await cards.openCard(dek, given.report, unhex(given.sealed.blob));
        const { publicRaw } = await sealing.cardPair(dek, given.report);
        return [{ ...card, image: hex(card.image) }, hex(publicRaw)];""",
        **CARD,
        report=REPORT,
    )

    said = CARD["said"]
    assert told == {
        "contentType": said["content_type"],
        "officer": said["officer"],
        "office": said["office"],
        "scannedAt": said["scanned_at"],
        "isOfBearer": said["is_of_bearer"],
        "image": CARD["image"],
    }
    assert public == CARD["sealed"]["pk"]


def test_v18_padme_is_python_s(run: Run) -> None:
    sizes = [*range(4096, 4300), *range(65_530, 65_560), *range(1_000_000, 5_300_000, 99_991)]

    assert run("return given.sizes.map(cards.padme);", sizes=sizes) == [*map(padme, sizes)]


@pytest.mark.parametrize(
    "change",
    [
        "packed.slice(0, -1)",
        "Uint8Array.from([...packed, ...new Uint8Array(4096)])",
        "Uint8Array.from([...packed.slice(0, -1), 1])",
        "Uint8Array.from([0xff, 0xff, 0xff, 0xff, ...packed.slice(4)])",
        "ascii(fromBytes(packed).replace('image/jpeg', 'image/webp'))",
        "ascii(fromBytes(packed).replace('true', '1234'))",
        "new Uint8Array(0)",
    ],
)
def test_what_is_no_card_is_refused(run: Run, change: str) -> None:
    code = run(
        """const ascii = (text) => Uint8Array.from(text, (one) => one.charCodeAt(0));
        const said = ascii('{"content_type":"image/jpeg","is_of_bearer":true,"office":"x",'
          + '"officer":"' + "ab".repeat(16) + '","scanned_at":"2026-11-21T08:30:00Z"}');
        const packed = new Uint8Array(4096);
        new DataView(packed.buffer).setUint32(0, said.length);
        packed.set(said, 4);
        new DataView(packed.buffer).setUint32(4 + said.length, 3);
        packed.set([0xff, 0xd8, 0xff], 8 + said.length);
        const fromBytes = (raw) => String.fromCharCode(...raw);
        const whole = cards.unpackCard(packed).image.length;
        try {
          cards.unpackCard("""
        + change
        + """);
          return "taken";
        } catch (error) {
          return [whole, error.code];
        }"""
    )

    assert code == [3, "malformed"]


def test_what_a_reporters_browser_gives_is_the_key_of_its_own_sealing(
    run: Run, custody: Custody
) -> None:
    group_a, group_b = custody.desk, custody.custodians
    blob_json, key = run(
        """const { report, lane, groupA, groupB, recovery } = given;
        const { blob, cardKey } = await sealing.sealWithCardKey(
          given.identity, { report, lane, groupA, groupB, recovery });
        return [sealing.blobJson(blob), cardKey];""",
        identity=IDENTITY,
        report=REPORT,
        lane="sealed",
        groupA=group_a.certificate,
        groupB=group_b.certificate,
        recovery={"recovery": RECOVERY, "pk": hpke.public_key_of(custody.recovery).hex()},
    )

    blob = SealedIdentityBlob.from_json(json.loads(blob_json))
    dek = hpke.unseal(custody.recovery, blob.wrap_r, info=blob.context("recovery"))
    assert key == card_public_key(dek, report=REPORT).hex()


def test_a_card_that_does_not_open_never_hides_the_identity(run: Run, custody: Custody) -> None:
    opened: Any = run(
        PRELUDE
        + """const own = await ask();
        const released = await release(own.request);
        const card = crypto.getRandomValues(new Uint8Array(5000));
        return officer.openWithCard(asking, {
          own, released, part: desk, directory: await directory(), card });""",
        **scene(custody, blob=sealed(custody)),
    )

    assert opened == {"identity": IDENTITY, "card": None, "cardError": "does_not_open"}
