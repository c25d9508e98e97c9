"""Keys at rest: what opens a bundle, and bundles that a client will not even try."""

import json
import os
from copy import deepcopy

import pytest

from complaints.vault.crypto.errors import MalformedError, OpenError
from complaints.vaultctl.bundle import Bundle, SecretFile
from complaints.vaultctl.keys import new_officer_keys
from complaints.vaultctl.slots import (
    FLOOR,
    PrfSlot,
    SlowCost,
    SlowSlot,
    WeakPassphraseError,
    WeakSlotError,
    new_recovery_words,
)
from tests.complaints.vault import make_vectors

VECTOR = json.loads(make_vectors.FILE.read_text(encoding="utf-8"))["bundle"]
SECRETS = VECTOR["secrets"]


@pytest.fixture
def value():
    return deepcopy(VECTOR["bundle"])


def test_v20_each_slot_of_the_vector_opens_the_same_keys(value):
    bundle = Bundle.from_json(value)

    for kind, secret in (
        ("passphrase", SECRETS["passphrase"]),
        ("words", SECRETS["words"].upper().replace(" ", "  ")),
        ("prf", bytes.fromhex(SECRETS["prf"])),
    ):
        keys = bundle.unlock(kind, secret)
        assert keys.enc_secret.hex() == VECTOR["enc_sk"]
        assert keys.sig_seed.hex() == VECTOR["sig_seed"]
    assert bundle.to_json() == value


def test_v20_wrong_secrets_open_nothing(value):
    bundle = Bundle.from_json(value)
    for kind, secret in (
        ("passphrase", SECRETS["passphrase"] + " "),
        ("words", SECRETS["passphrase"]),
        ("passphrase", SECRETS["words"]),
        ("prf", os.urandom(32)),
        ("prf", "text"),
        ("unknown", SECRETS["passphrase"]),
    ):
        with pytest.raises(OpenError):
            bundle.unlock(kind, secret)


@pytest.mark.parametrize(
    "lowered",
    [
        {"time_cost": 2},
        {"time_cost": 1, "memory_cost_kib": 1 << 20},
        {"memory_cost_kib": 65_535},
        {"memory_cost_kib": 8},
        {"parallelism": 2},
        {"parallelism": 0},
        {"time_cost": 17},
        {"memory_cost_kib": (1 << 20) + 1},
    ],
    ids=str,
)
def test_v20_a_bundle_with_other_argon2_costs_is_refused_unread(value, lowered):
    value["slots"][0] |= lowered
    with pytest.raises(WeakSlotError):
        Bundle.from_json(value)


def test_v20_new_slots_stand_at_the_floor():
    slot = SlowSlot.make("words", "x", bytes(32), owner="0" * 32)
    assert slot.cost == FLOOR == SlowCost(time_cost=3, memory_cost_kib=65_536, parallelism=1)


def test_v20_a_slot_made_cheaper_in_memory_is_refused_too():
    cheap = SlowSlot("passphrase", "", bytes(16), SlowCost(1, 8, 1), bytes(60))
    with pytest.raises(WeakSlotError):
        cheap.open("secret", owner="0" * 32)


def test_v20_a_raised_cost_does_not_open_another_seal(value):
    """The cost is part of what the slot is sealed to, so it cannot be changed either way."""
    value["slots"][0]["time_cost"] = 4
    with pytest.raises(OpenError):
        Bundle.from_json(value).unlock("passphrase", SECRETS["passphrase"])


def test_a_slot_or_body_of_another_officer_does_not_open(value):
    value["officer"] = "3" * 32
    with pytest.raises(OpenError):
        Bundle.from_json(value).unlock("prf", bytes.fromhex(SECRETS["prf"]))


@pytest.mark.parametrize("name", ["enc_pk", "sig_pk"])
def test_a_bundle_with_another_public_key_does_not_open(value, name):
    value[name] = "00" * 32
    with pytest.raises(OpenError):
        Bundle.from_json(value).unlock("prf", bytes.fromhex(SECRETS["prf"]))


def test_a_bundle_without_recovery_words_is_refused(value):
    value["slots"] = value["slots"][2:]
    with pytest.raises(MalformedError):
        Bundle.from_json(value)


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (None, {"alg": "bundle/v0"}),
        (None, {"slots": []}),
        (None, {"slots": None}),
        (None, {"slots": [7]}),
        (None, {"body": "00"}),
        (0, {"kind": "pin"}),
        (0, {"salt": "00" * 15}),
        (0, {"time_cost": "3"}),
        (0, {"time_cost": 3.0}),
        (0, {"label": "x" * 61}),
        (0, {"label": None}),
        (0, {"ct": "00" * 59}),
        (2, {"credential": ""}),
        (2, {"prf_input": "00" * 31}),
        (2, {"extra": 1}),
    ],
    ids=str,
)
def test_a_malformed_bundle_is_refused(value, place, change):
    target = value if place is None else value["slots"][place]
    target |= change
    with pytest.raises(MalformedError):
        Bundle.from_json(value)


def test_a_prf_slot_is_added_with_the_passphrase_and_replaces_its_namesake(value):
    bundle = Bundle.from_json(value)
    output = os.urandom(32)

    def new_slot(label):
        return lambda key: PrfSlot.make(
            output,
            key,
            owner=bundle.officer,
            prf_input=bytes(32),
            credential=b"id",
            label=label,
        )

    prf = bytes.fromhex(SECRETS["prf"])
    second = bundle.with_slot("prf", prf, new_slot("kunci 2"))
    replaced = bundle.with_slot("prf", prf, new_slot("kunci 1"))

    assert [slot.kind for slot in second.slots] == ["passphrase", "words", "prf", "prf"]
    assert second.unlock("prf", output) == bundle.unlock("prf", prf)
    assert [slot.kind for slot in replaced.slots] == ["passphrase", "words", "prf"]
    with pytest.raises(OpenError):
        replaced.unlock("prf", prf)
    with pytest.raises(OpenError):
        bundle.with_slot("prf", bytes(32), new_slot("kunci 2"))


def test_a_short_passphrase_is_refused():
    with pytest.raises(WeakPassphraseError):
        SlowSlot.make("passphrase", "pendek", bytes(32), owner="0" * 32)


def test_recovery_words_are_ten_and_never_the_same():
    made = {new_recovery_words() for _ in range(200)}
    assert len(made) == 200
    assert {len(words.split()) for words in made} == {10}


def test_composed_and_decomposed_letters_are_one_passphrase():
    slot = SlowSlot.make("passphrase", "café dan kopi tubruk", bytes(32), owner="0" * 32)
    assert slot.open("cafe\u0301 dan kopi tubruk", owner="0" * 32) == bytes(32)


def test_a_partners_key_file_keeps_one_secret():
    secret = os.urandom(32)
    made = SecretFile.lock(
        "lpsk", secret, lambda key: (SlowSlot.make("words", "kata", key, owner="lpsk"),)
    )
    again = SecretFile.from_json(json.loads(json.dumps(made.to_json())))

    assert again.unlock("words", "Kata") == secret
    with pytest.raises(OpenError):
        again.unlock("words", "lain")
    with pytest.raises(MalformedError):
        SecretFile.from_json(made.to_json() | {"alg": "secret/v0"})


def test_unlocked_keys_do_not_print_themselves():
    keys = new_officer_keys("0" * 32)
    assert keys.enc_secret.hex() not in repr(keys)
    assert repr(keys) == "OfficerKeys(…)"
