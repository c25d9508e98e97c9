"""Sealed files: the BKS1 container and the keys of a file (checks E17, E18)."""

import io
import math
import os
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.vault.crypto import hpke
from complaints.vault.crypto.errors import MalformedError, OpenError, SplitCustodyError, VaultError
from complaints.vault.crypto.files import (
    desk_file_context,
    new_file_key,
    open_key_as_cleaner,
    open_manifest,
    seal_key_for_cleaner,
    seal_key_for_desk,
    seal_manifest,
)
from complaints.vault.crypto.keys import GroupKey
from complaints.vault.crypto.padding import padme
from complaints.vault.crypto.streams import (
    FRAME_BYTES,
    MAGIC,
    SealingStream,
    open_stream,
    seal_stream,
    sealed_size,
)

KEY = bytes(range(32))
OBJECT = "0b" * 16
HEAD_BYTES = 4 + 24


def sealed(content: bytes, object_id: str = OBJECT) -> bytes:
    return b"".join(seal_stream([content], key=KEY, object_id=object_id))


def opened(blob: bytes, object_id: str = OBJECT, key: bytes = KEY) -> bytes:
    return b"".join(open_stream([blob], key=key, object_id=object_id))


def frames_of(blob: bytes) -> list[bytes]:
    """Return the frames of a sealed file, each with its length in front."""
    source, found = io.BytesIO(blob[HEAD_BYTES:]), []
    while head := source.read(4):
        found.append(head + source.read(int.from_bytes(head, "big")))
    return found


@pytest.mark.parametrize(
    "size", [0, 1, 4095, 4096, 4097, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 300_000]
)
def test_what_was_sealed_comes_back(size):
    content = os.urandom(size)
    blob = sealed(content)

    assert opened(blob) == content
    assert len(blob) == sealed_size(size)


@given(cuts=st.lists(st.integers(1, 50_000), max_size=8), blocks=st.integers(1, 70_000))
@settings(max_examples=25, deadline=None)
def test_pieces_of_any_length_give_the_same_content(cuts, blocks):
    content = os.urandom(sum(cuts))
    ends = [0]
    for cut in cuts:
        ends.append(ends[-1] + cut)
    stream = SealingStream(KEY, OBJECT)
    blob = b"".join(stream.push(content[a:b]) for a, b in pairwise(ends)) + stream.finish()

    pieces = [blob[at : at + blocks] for at in range(0, len(blob), blocks)]
    assert b"".join(open_stream(pieces, key=KEY, object_id=OBJECT)) == content
    assert stream.size == len(content)


@given(size=st.integers(0, 1 << 40))
def test_padding_tells_little_and_costs_little(size):
    padded = padme(size)

    assert size <= padded <= size * 1.12 + 1
    assert padme(padded) == padded
    if size > 1:
        # PURBs 2019: the significant bits of a padded size are at most log2 log2 of it, and one.
        significant = bin(padded).rstrip("0").count("1") if padded else 0
        assert significant <= math.log2(max(2, math.log2(padded))) + 2


def test_sizes_near_each_other_look_alike():
    assert len({len(sealed(os.urandom(size))) for size in range(0, 4097, 64)}) == 1
    assert len({sealed_size(3_000_000 + step) for step in range(0, 14_000, 1000)}) == 1


def test_e17_a_stored_original_is_noise_behind_its_magic():
    content = b"GPS -7.5755 110.8243 Magelang; " * 40_000
    blob = sealed(content)

    assert blob[:4] == MAGIC == b"BKS1"
    counts = Counter(blob)
    entropy = -sum(n / len(blob) * math.log2(n / len(blob)) for n in counts.values())
    assert entropy > 7.9
    runs = {content[at : at + 16] for at in range(31)}
    assert not any(blob.find(run) >= 0 for run in runs)


def three_frames() -> tuple[bytes, list[bytes]]:
    blob = sealed(os.urandom(3 * FRAME_BYTES))
    return blob[:HEAD_BYTES], frames_of(blob)


def spoilt() -> dict[str, bytes]:
    head, frames = three_frames()
    other = frames_of(sealed(os.urandom(3 * FRAME_BYTES)))
    whole = head + b"".join(frames)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    return {
        "cut in a frame": whole[:-5],
        "cut at a frame": head + b"".join(frames[:-1]),
        "cut to its head": head,
        "empty": b"",
        "first frame left out": head + b"".join(frames[1:]),
        "middle frame left out": head + b"".join(frames[:1] + frames[2:]),
        "moved": head + b"".join([frames[1], frames[0], *frames[2:]]),
        "doubled": head + b"".join([frames[0], frames[0], *frames[1:]]),
        "frame of another file": head + b"".join([frames[0], other[1], *frames[2:]]),
        "bytes added": whole + b"\0",
        "frame added": whole + frames[-1],
        "one bit": bytes(flipped),
        "another magic": b"BKS2" + whole[4:],
        "impossible length": head + b"\xff\xff\xff\xff" + whole[HEAD_BYTES + 4 :],
    }


SPOILT = spoilt()


@pytest.mark.parametrize("how", SPOILT)
def test_e18_what_was_altered_does_not_open(how):
    with pytest.raises(VaultError):
        opened(SPOILT[how])


def test_e18_the_frames_themselves_are_whole():
    head, frames = three_frames()

    assert len(opened(head + b"".join(frames))) == 3 * FRAME_BYTES


def test_e18_another_object_or_key_does_not_open():
    blob = sealed(b"isi")

    with pytest.raises(OpenError):
        opened(blob, object_id="0c" * 16)
    with pytest.raises(OpenError):
        opened(blob, key=bytes(32))
    with pytest.raises(MalformedError):
        opened(blob, key=b"short")


def test_key_goes_to_the_desk_and_to_nobody_else():
    desk = os.urandom(32)
    group = GroupKey("desk-jt", "a", "bawaslu-jt", 3, hpke.public_key_of(desk))
    key = new_file_key()

    wrap = seal_key_for_desk(key, object_id=OBJECT, group_a=group)

    info = desk_file_context(object_id=OBJECT, group="desk-jt", epoch=3)
    assert hpke.unseal(desk, wrap, info=info) == key
    for wrong in (
        desk_file_context(object_id="0c" * 16, group="desk-jt", epoch=3),
        desk_file_context(object_id=OBJECT, group="desk-ri", epoch=3),
        desk_file_context(object_id=OBJECT, group="desk-jt", epoch=4),
    ):
        with pytest.raises(OpenError):
            hpke.unseal(desk, wrap, info=wrong)
    custodians = GroupKey("custodians", "b", "inspektorat", 7, hpke.public_key_of(desk))
    with pytest.raises(SplitCustodyError):
        seal_key_for_desk(key, object_id=OBJECT, group_a=custodians)


def test_e27_the_cleaners_wrap_is_for_one_file():
    cleaner, key = os.urandom(32), new_file_key()
    wrap = seal_key_for_cleaner(key, object_id=OBJECT, public_key=hpke.public_key_of(cleaner))

    assert open_key_as_cleaner(wrap, object_id=OBJECT, private_key=cleaner) == key
    with pytest.raises(OpenError):
        open_key_as_cleaner(wrap, object_id="0c" * 16, private_key=cleaner)
    with pytest.raises(OpenError):
        open_key_as_cleaner(wrap, object_id=OBJECT, private_key=os.urandom(32))


def test_manifest_opens_with_the_files_key_alone_and_hides_its_length():
    key, manifest = new_file_key(), {"name": "layar.jpg", "size": 3, "sha256": "ab" * 32}
    blob = seal_manifest(manifest, key=key, object_id=OBJECT)

    assert open_manifest(blob, key=key, object_id=OBJECT) == manifest
    long = seal_manifest(manifest | {"name": "x" * 200}, key=key, object_id=OBJECT)
    assert len(blob) == len(long)
    for wrong_key, wrong_object in ((new_file_key(), OBJECT), (key, "0c" * 16)):
        with pytest.raises(OpenError):
            open_manifest(blob, key=wrong_key, object_id=wrong_object)
