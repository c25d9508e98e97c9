"""The search itself: it finds each shape of each text, and nothing where nothing is."""

import base64
import json
import secrets
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, quote_plus

import pytest

from tests.canary.forms import Canary, Search

pytestmark = pytest.mark.canary


def _base64(shift: int, text: str) -> bytes:
    return base64.b64encode(b"k" * shift + text.encode() + b"z")


def _url_safe(shift: int, text: str) -> bytes:
    return base64.urlsafe_b64encode(b"\xff" * shift + text.encode() + b"\xff")


ENCODED: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "upper": lambda text: text.upper().encode(),
    "lower": lambda text: text.lower().encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "hex": lambda text: text.encode().hex().encode(),
    "upper hex": lambda text: text.upper().encode().hex().upper().encode(),
    "postgres bytea": lambda text: b"\\x" + text.encode().hex().encode(),
    "quote": lambda text: quote(text, safe="").encode(),
    "quote_plus": lambda text: quote_plus(f"x={text}").encode(),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    "json": lambda text: json.dumps({"a": text}).encode(),
    "json escapes": lambda text: "".join(f"\\u{ord(each):04X}" for each in text).encode(),
    "reversed": lambda text: text[::-1].encode(),
    **{f"base64 at {shift}": partial(_base64, shift) for shift in range(4)},
    **{f"url-safe base64 at {shift}": partial(_url_safe, shift) for shift in range(3)},
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_each_text_is_found_in_each_encoding(encoding):
    canary = Canary()
    for label, text in canary.everything.items():
        content = secrets.token_bytes(100) + ENCODED[encoding](text) + secrets.token_bytes(100)
        found = Search(canary.everything).hits(content)
        assert {hit.split(" (")[0] for hit in found} == {label}, (encoding, label)


def test_a_single_word_is_enough():
    canary = Canary()
    for word in (
        canary.name.split()[1],
        canary.email.split("@")[0],
        canary.sentence.split()[-1],
        canary.address.split()[1],
    ):
        assert Search(canary.everything).hits(f"<b>{word}</b>".encode())


@pytest.mark.parametrize(
    "written", ["{0}", "+62{1}", "62{1}", "+62 {2}-{3}-{4}", "0{2} {3} {4}", "0{2}.{3}.{4}"]
)
def test_a_phone_number_is_found_however_it_is_written(written):
    canary = Canary()
    rest = canary.phone[1:]
    text = written.format(canary.phone, rest, rest[:3], rest[3:7], rest[7:])
    assert {hit.split(" (")[0] for hit in Search(canary.everything).hits(text.encode())} == {
        "phone"
    }


def test_nothing_is_found_where_nothing_is():
    search, other = Search(Canary().everything), Canary()
    assert search.hits(secrets.token_bytes(2_000_000)) == set()
    assert search.hits(base64.b64encode(secrets.token_bytes(2_000_000))) == set()
    for encode in ENCODED.values():
        for text in other.everything.values():
            assert search.hits(encode(text)) == set()


def test_two_runs_share_no_word():
    first, second = Canary(), Canary()
    assert not set(first.everything.values()) & set(second.everything.values())


def test_a_digest_is_found_as_bytes_hex_and_base64():
    digest = secrets.token_bytes(32)
    search = Search({}, {"file": digest})
    packed = [base64.b64encode(b"k" * shift + digest + b"z") for shift in range(3)]
    for content in (digest, digest.hex().upper().encode(), *packed):
        assert search.hits(b"a" * 50 + content + b"b" * 50) == {"file (digest)"}
    assert search.hits(secrets.token_bytes(1000)) == set()
