"""A fixed sealed file, put together from docs/vault-format.md section 10 alone, and opened by the product.

It shares no code with complaints/vault: libsodium, and the lengths written out by hand.
"""

import hashlib

from nacl import bindings

from complaints.vault.crypto.streams import open_stream

KEY = bytes.fromhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
OBJECT = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
HEADER = bytes.fromhex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7")
CONTENT = b"Bukti nomor satu.\n" * 4000  # 72,000 bytes: one full frame and a part of a second
PADDED = 73_728  # Padme: the next multiple of 2,048
DIGEST = "4f2b42e48ed47c9feade04f20e6392d4d916e08f7515fe1d1ccc128832d9cd6c"


def bound(number: int) -> bytes:
    fields = (b"file-frame", OBJECT.encode("ascii"), b"%d" % number)
    return b"bawaslu-vault/v1" + b"".join(len(each).to_bytes(2, "big") + each for each in fields)


class Frames:
    """secretstream with a header that is given: pull's beginning and push's are one and the same."""

    def __init__(self) -> None:
        self.state = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(self.state, HEADER, KEY)
        self.number = 0

    def sealed(self, plain: bytes, tag: int) -> bytes:
        frame: bytes = bindings.crypto_secretstream_xchacha20poly1305_push(
            self.state, plain, bound(self.number), tag
        )
        self.number += 1
        return len(frame).to_bytes(4, "big") + frame


def file_of_the_page() -> bytes:
    frames = Frames()
    first = b"\x00\x01\x00\x00" + CONTENT[:65_536]
    rest = CONTENT[65_536:]
    second = b"\x00\x00\x19\x40" + rest + bytes(PADDED - 65_536 - len(rest))
    last = b"\x00\x00\x00\x00\x00\x01\x19\x40"
    return (
        b"BKS1"
        + HEADER
        + frames.sealed(first, 0)
        + frames.sealed(second, 0)
        + frames.sealed(last, 3)
    )


def test_the_file_is_the_one_that_the_page_prints():
    file = file_of_the_page()

    assert len(file) == 4 + 24 + (4 + 4 + 65_536 + 17) + (4 + 4 + 8_192 + 17) + (4 + 8 + 17)
    assert file[28:32] == b"\x00\x01\x00\x15"  # 65,557
    assert file[-29:].hex() == "0000001939d12c5884574f3db9f87b92c55dd131b45b9c47fb764771e1"
    assert (
        hashlib.sha256(file).hexdigest()
        == "4f2b42e48ed47c9feade04f20e6392d4d916e08f7515fe1d1ccc128832d9cd6c"
    )


def test_the_product_opens_it():
    content = b"".join(open_stream([file_of_the_page()], key=KEY, object_id=OBJECT))

    assert content == CONTENT
