"""Contexts, canonical JSON, padding and the two ciphers: what they give and what they refuse."""

import json
import os
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.vault.crypto import hpke
from complaints.vault.crypto.aead import aead_open, aead_seal
from complaints.vault.crypto.canonical import canonical_json, parse_canonical
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import MalformedError, OpenError
from complaints.vault.crypto.padding import pad, unpad

FIELDS = st.lists(st.one_of(st.text(max_size=40), st.binary(max_size=40)), max_size=5)
KEYS = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def as_bytes(fields):
    return [field.encode() if isinstance(field, str) else field for field in fields]


@given(FIELDS, FIELDS)
def test_two_contexts_are_equal_only_when_their_fields_are(one, other):
    assert (ctx(*one) == ctx(*other)) == (as_bytes(one) == as_bytes(other))


def test_context_takes_65535_bytes_and_no_more():
    assert len(ctx(bytes(65_535))) == 16 + 2 + 65_535
    with pytest.raises(MalformedError):
        ctx(bytes(65_536))
    with pytest.raises(MalformedError):
        ctx("\ud800")


@given(VALUES)
def test_canonical_json_has_one_spelling(value):
    data = canonical_json(value)
    assert parse_canonical(data) == value
    assert canonical_json(parse_canonical(data)) == data


def test_key_order_does_not_matter():
    assert canonical_json({"b": 1, "a": 2}) == canonical_json({"a": 2, "b": 1}) == b'{"a":2,"b":1}'


@pytest.mark.parametrize(
    "value",
    [1.5, {"A": 1}, {"é": 1}, {"": 1}, {1: 1}, 2**53, b"x", {"a": {1, 2}}, "\ud800", float("nan")],
)
def test_what_has_no_single_spelling_is_refused(value):
    with pytest.raises(MalformedError):
        canonical_json(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1,"a":2}',
        b'"\\u0041"',
        b"1.0",
        b"NaN",
        b"\xff",
        b"",
        b'{"a":1}\n',
        b"[" * 100_000,
        b"-0",
    ],
)
def test_another_spelling_is_refused(data):
    with pytest.raises(MalformedError):
        parse_canonical(data)


@pytest.mark.parametrize("depth", [700, 900, 990, 1000, 5000])
def test_deep_nesting_is_read_or_refused_but_never_a_crash(depth):
    data = b"[" * depth + b"]" * depth
    try:
        parse_canonical(data)
    except MalformedError:
        return
    assert depth < 1000


@given(st.binary(max_size=9000))
def test_padding_comes_off_again_and_fills_whole_blocks(data):
    assert unpad(pad(data)) == data
    assert len(pad(data)) == -(-(len(data) + 4) // 4096) * 4096


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        bytes(3),
        bytes(4095),
        bytes(4097),
        bytes(8192),
        (4093).to_bytes(4, "big") + bytes(4092),
        (1).to_bytes(4, "big") + b"xy" + bytes(4090),
        (2**32 - 1).to_bytes(4, "big") + bytes(4092),
    ],
)
def test_other_padding_is_refused(bad):
    with pytest.raises(MalformedError):
        unpad(bad)


@given(st.binary(max_size=64), st.binary(max_size=32))
def test_aead_opens_only_with_its_own_key_and_context(text, aad):
    key = os.urandom(32)
    blob = aead_seal(key, text, aad=aad)
    assert aead_open(key, blob, aad=aad) == text
    for wrong in ((os.urandom(32), aad), (key, aad + b"x")):
        with pytest.raises(OpenError):
            aead_open(wrong[0], blob, aad=wrong[1])


@given(st.binary(max_size=64), st.binary(max_size=32))
def test_hpke_opens_only_with_its_own_key_and_context(text, info):
    secret = os.urandom(32)
    blob = hpke.seal(hpke.public_key_of(secret), text, info=info)
    assert len(blob) == len(text) + hpke.OVERHEAD_BYTES
    assert hpke.unseal(secret, blob, info=info) == text
    for wrong in ((os.urandom(32), info), (secret, info + b"x")):
        with pytest.raises(OpenError):
            hpke.unseal(wrong[0], blob, info=wrong[1])


@pytest.mark.parametrize("bad", [bytes(32), b"\1" + bytes(31), b"x" * 31, b"x" * 33, b""])
def test_nothing_is_sealed_to_a_bad_public_key(bad):
    with pytest.raises(MalformedError):
        hpke.seal(bad, b"text", info=b"")


@pytest.mark.parametrize("length", [0, 12, 27])
def test_too_short_to_be_sealed(length):
    with pytest.raises(OpenError):
        aead_open(os.urandom(32), bytes(length), aad=b"")
    with pytest.raises(OpenError):
        hpke.unseal(os.urandom(32), bytes(length), info=b"")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_keys_of_another_length_are_refused(length):
    key = bytes(length)
    with pytest.raises(MalformedError):
        aead_seal(key, b"", aad=b"")
    with pytest.raises(MalformedError):
        hpke.unseal(key, bytes(80), info=b"")
    with pytest.raises(MalformedError):
        hpke.public_key_of(key)
    with pytest.raises(MalformedError):
        hpke.seal(key, b"", info=b"")


def test_a_low_order_encapsulated_key_does_not_open():
    with pytest.raises(OpenError):
        hpke.unseal(os.urandom(32), bytes(32) + os.urandom(48), info=b"")


def test_canonical_json_of_an_identity_is_plain_utf8():
    text = canonical_json({"name": "Ñoño 😀", "address": "a/b"})
    assert text == '{"address":"a/b","name":"Ñoño 😀"}'.encode()
    assert json.loads(text)["name"] == "Ñoño 😀"
