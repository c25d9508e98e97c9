"""What is sealed opens only with its key, its context, and unchanged."""

import base64

import pytest

from bawaslu_cases.shared import envelope

CONTEXT = ("statement", "0b9d6f0e")


def ring(*names: str) -> str:
    return ",".join(f"{name}:{base64.b64encode(name.encode() * 16).decode()}" for name in names)


def test_round_trip_hides_the_text():
    sealed = envelope.seal(b"Pak Camat", context=CONTEXT)

    assert envelope.unseal(sealed, context=CONTEXT) == b"Pak Camat"
    assert b"Camat" not in sealed
    assert envelope.seal(b"Pak Camat", context=CONTEXT) != sealed


@pytest.mark.parametrize(
    "context",
    [
        ("statement", "other"),
        ("file", "0b9d6f0e"),
        ("statement0b9d6f0e",),
        ("statement", "0b9d", "6f0e"),
    ],
)
def test_another_context_does_not_open(context):
    sealed = envelope.seal(b"x", context=CONTEXT)

    with pytest.raises(envelope.UnsealError):
        envelope.unseal(sealed, context=context)


def test_every_flipped_bit_is_noticed():
    sealed = envelope.seal(b"x", context=CONTEXT)

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(envelope.UnsealError):
            envelope.unseal(bytes(changed), context=CONTEXT)


@pytest.mark.parametrize("stump", [b"", b"\x01", b"\x01\x05demo1", bytes(range(7, 47))])
def test_stumps_and_noise_do_not_open(stump):
    with pytest.raises(envelope.UnsealError):
        envelope.unseal(stump, context=CONTEXT)


def test_rotation_seals_with_the_first_and_opens_all(settings):
    settings.DATA_KEYRING = ring("aa")
    old = envelope.seal(b"old", context=CONTEXT)

    settings.DATA_KEYRING = ring("bb", "aa")
    new = envelope.seal(b"new", context=CONTEXT)
    assert envelope.unseal(old, context=CONTEXT) == b"old"

    settings.DATA_KEYRING = ring("bb")
    assert envelope.unseal(new, context=CONTEXT) == b"new"
    with pytest.raises(envelope.UnsealError):
        envelope.unseal(old, context=CONTEXT)


def test_value_sealed_with_a_secret_needs_that_secret():
    sealed = envelope.seal_with(b"cookie", b"draft", context=CONTEXT)

    assert envelope.unseal_with(b"cookie", sealed, context=CONTEXT) == b"draft"
    with pytest.raises(envelope.UnsealError):
        envelope.unseal_with(b"cookiE", sealed, context=CONTEXT)
