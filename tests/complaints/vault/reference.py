"""HPKE written a second time, from the text of RFC 9180 with X25519, HMAC and AES-GCM alone.

It takes the ephemeral key as an argument, so vectors can be made byte for byte, and it is how the library
in use is checked against the RFC's vectors: those carry additional data, which single-shot use has not.
"""

import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

AES_128_GCM = 1
AES_256_GCM = 2
KEY_BYTES = {AES_128_GCM: 16, AES_256_GCM: 32}
KEM_SUITE = b"KEM" + (0x20).to_bytes(2, "big")


def _two(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, sha256)


def _labeled_expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    info = _two(length) + b"HPKE-v1" + suite + label + info
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([counter]), sha256)
        out, counter = out + block, counter + 1
    return out[:length]


def schedule(dh: bytes, enc: bytes, pk: bytes, info: bytes, aead: int) -> dict[str, bytes]:
    """KeySchedule of mode_base (RFC 9180, 4.1 and 5.1), every step by its name there."""
    prk = _labeled_extract(KEM_SUITE, b"", b"eae_prk", dh)
    shared = _labeled_expand(KEM_SUITE, prk, b"shared_secret", enc + pk, 32)
    suite = b"HPKE" + _two(0x20) + _two(1) + _two(aead)
    context = (
        b"\0"
        + _labeled_extract(suite, b"", b"psk_id_hash", b"")
        + _labeled_extract(suite, b"", b"info_hash", info)
    )
    secret = _labeled_extract(suite, shared, b"secret", b"")
    return {
        "shared_secret": shared,
        "key_schedule_context": context,
        "secret": secret,
        "key": _labeled_expand(suite, secret, b"key", context, KEY_BYTES[aead]),
        "base_nonce": _labeled_expand(suite, secret, b"base_nonce", context, 12),
    }


def seal(
    pk: bytes,
    plaintext: bytes,
    info: bytes,
    esk: bytes,
    *,
    aad: bytes = b"",
    aead: int = AES_256_GCM,
) -> bytes:
    """enc || ct with the ephemeral key ``esk``."""
    ephemeral = X25519PrivateKey.from_private_bytes(esk)
    enc = ephemeral.public_key().public_bytes_raw()
    keys = schedule(ephemeral.exchange(X25519PublicKey.from_public_bytes(pk)), enc, pk, info, aead)
    return enc + AESGCM(keys["key"]).encrypt(keys["base_nonce"], plaintext, aad)


def unseal(
    sk: bytes, blob: bytes, info: bytes, *, aad: bytes = b"", aead: int = AES_256_GCM
) -> bytes:
    private = X25519PrivateKey.from_private_bytes(sk)
    enc, pk = blob[:32], private.public_key().public_bytes_raw()
    keys = schedule(private.exchange(X25519PublicKey.from_public_bytes(enc)), enc, pk, info, aead)
    return AESGCM(keys["key"]).decrypt(keys["base_nonce"], blob[32:], aad)
