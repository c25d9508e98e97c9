"""Vectors of byte format v1 that Python and JavaScript both read: ``tests/vectors/vault_v1.json``.

    python -m tests.complaints.vault.make_vectors

Everything random is SHA-256 of a name below, so the file can be made again byte for byte, and a test says
that it is. The RFC's own vectors are kept as published (RFC 9180, Appendix A.1.1, and the AES-256-GCM
suite of the working group's test-vectors.json); each keeps its first encryption.
"""

import hmac
import json
import math
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.complaints.vault import reference

FILE = Path(__file__).resolve().parents[2] / "vectors" / "vault_v1.json"
VERSION = b"bawaslu-vault/v1"

RFC9180 = [
    {
        "source": "RFC 9180, A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base",
        "aead_id": 1,
        "info": "4f6465206f6e2061204772656369616e2055726e",
        "skRm": "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
        "pkRm": "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
        "skEm": "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
        "enc": "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
        "shared_secret": "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc",
        "secret": "12fff91991e93b48de37e7daddb52981084bd8aa64289c3788471d9a9712f397",
        "key": "4531685d41d65f03dc48f6b8302c05b0",
        "base_nonce": "56d890e5accaaf011cff4b7d",
        "aad": "436f756e742d30",
        "pt": "4265617574792069732074727574682c20747275746820626561757479",
        "ct": "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
        "6d8770ac83d07bea87e13c512a",
    },
    {
        "source": "test-vectors.json of the HPKE working group: the same with AES-256-GCM",
        "aead_id": 2,
        "info": "4f6465206f6e2061204772656369616e2055726e",
        "skRm": "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d",
        "pkRm": "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c",
        "skEm": "179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11",
        "enc": "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
        "shared_secret": "3101c54c3a4f87439eaac080699ed9bbcc726ffe44e860c0424ccb7e3e2ead7b",
        "secret": "2058ac9b02c1f52c1aaf08bedbec9198219751a94ef67b7d5f0c8b6e2b54ebfb",
        "key": "f50b0609186798729ed0564b36ef2ef8044f1f9d05636874d1f46c819c7a669f",
        "base_nonce": "151d9929e2449747889bc923",
        "aad": "436f756e742d30",
        "pt": "4265617574792069732074727574682c20747275746820626561757479",
        "ct": "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be99319"
        "80a41de125a925cdad859d5b7a",
    },
]

REPORT = "3f1c0a52b7e94d10a6c5d2e8f9041b77"
REQUEST = "a0b1c2d3e4f5061728394a5b6c7d8e9f"
MESSAGE = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
VERIFIER = "11111111111141118111111111111111"
CUSTODIAN = "22222222222242228222222222222222"
GROUP_A, EPOCH_A, UNIT_A = "desk-aceh", 3, "bawaslu-aceh"
GROUP_B, EPOCH_B, UNIT_B = "custodians-ri", 7, "inspektorat"
NOT_AFTER = "2027-03-31"
EXPIRES = "2026-11-21T15:00:00Z"
IDENTITY = {
    "name": "I Gusti Ayu “Rai” Ñoño 😀",
    "address": "Jl. Melati 7\nRT 01/RW 02",
    "phone": "+62 811-0000-0001",
    "nik": "3273019999990001",
}


def fixed(name: str, length: int = 32) -> bytes:
    """Bytes that stand for randomness in these vectors."""
    return sha256(b"vault vectors: " + name.encode()).digest()[:length]


def ctx(*fields: str | bytes) -> bytes:
    out = VERSION
    for field in fields:
        raw = field.encode() if isinstance(field, str) else field
        out += len(raw).to_bytes(2, "big") + raw
    return out


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def padded(data: bytes) -> bytes:
    filled = len(data).to_bytes(4, "big") + data
    return filled + bytes(-len(filled) % 4096)


def pk_of(sk: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(sk).public_key().public_bytes_raw()


def sig_pk_of(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def hkdf(ikm: bytes, *, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(ikm)


def gcm(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def hpke_case(sk_name: str, plaintext: bytes, info: bytes, eph_name: str) -> dict[str, str]:
    """One single-shot seal with everything needed to make and to open it."""
    sk, esk = fixed(sk_name), fixed(eph_name)
    return {
        "sk": sk.hex(),
        "pk": pk_of(sk).hex(),
        "esk": esk.hex(),
        "info": info.hex(),
        "plaintext": plaintext.hex(),
        "blob": reference.seal(pk_of(sk), plaintext, info, esk).hex(),
    }


def signed_case(seed_name: str, label: str, content: dict[str, Any]) -> dict[str, Any]:
    seed = fixed(seed_name)
    message = ctx(label, canonical(content))
    return {
        "seed": seed.hex(),
        "signer_pk": sig_pk_of(seed).hex(),
        "message": message.hex(),
        "fingerprint": sha256(message).hexdigest(),
        "json": {**content, "signature": sign(seed, message).hex()},
    }


def small() -> dict[str, Any]:
    fields = ["identity", "", "é😀", "x" * 300]
    values: list[Any] = [
        {"b": 1, "a": [True, False, None], "aa": "“é”/😀"},
        {"text": 'tab\t newline\n quote" backslash\\ nul\u0000 del\u007f ls\u2028 slash/'},
        {"n": 9007199254740991, "m": -9007199254740991, "empty": {}, "list": []},
    ]
    return {
        "ctx": [
            {"fields": fields, "bytes": ctx(*fields).hex()},
            {"fields": [], "bytes": ctx().hex()},
            {"fields": ["ab", "c"], "bytes": ctx("ab", "c").hex()},
            {"fields": ["a", "bc"], "bytes": ctx("a", "bc").hex()},
        ],
        "canonical_json": [
            {"value": value, "bytes": canonical(value).hex()} for value in values
        ],
        "padding": [
            {"length": length, "padded_length": len(padded(bytes(length))),
             "sha256": sha256(padded(b"\x5a" * length)).hexdigest()}
            for length in (0, 1, 4091, 4092, 4093, 8188, 8189)
        ],
    }  # fmt: skip


def identity() -> dict[str, Any]:
    def bound(what: str) -> bytes:
        return ctx(what, REPORT, "sealed", GROUP_A, str(EPOCH_A), GROUP_B, str(EPOCH_B))

    dek, share_a = fixed("dek"), fixed("share a")
    share_b = bytes(x ^ y for x, y in zip(dek, share_a, strict=True))
    nonce = fixed("identity nonce", 12)
    wraps = {
        "wrap_a": hpke_case("group a", share_a, bound("share-a"), "ephemeral a"),
        "wrap_b": hpke_case("group b", share_b, bound("share-b"), "ephemeral b"),
        "wrap_r": hpke_case("recovery", dek, bound("recovery"), "ephemeral r"),
    }
    ciphertext = gcm(dek, nonce, padded(canonical(IDENTITY)), bound("identity"))
    return {
        "identity": IDENTITY,
        "canonical": canonical(IDENTITY).hex(),
        "dek": dek.hex(),
        "share_a": share_a.hex(),
        "share_b": share_b.hex(),
        "nonce": nonce.hex(),
        "contexts": {
            what: bound(what).hex()
            for what in ("identity", "share-a", "share-b", "recovery", "kcv")
        },
        "wraps": wraps,
        "blob": {
            "alg": "hpke-x25519-aes256gcm/v1",
            "report": REPORT,
            "lane": "sealed",
            "group_a": GROUP_A,
            "epoch_a": EPOCH_A,
            "group_b": GROUP_B,
            "epoch_b": EPOCH_B,
            "recovery": "r-2026",
            "ciphertext": b64encode(ciphertext).decode(),
            **{
                name: b64encode(bytes.fromhex(wrap["blob"])).decode()
                for name, wrap in wraps.items()
            },
            "kcv": b64encode(hmac.digest(dek, bound("kcv"), sha256)[:16]).decode(),
        },
    }


def certificates() -> dict[str, Any]:
    def officer(person: str, unit: str, group: str) -> dict[str, Any]:
        return signed_case(
            "root",
            "officer-cert",
            {
                "officer": person,
                "unit": unit,
                "group": group,
                "enc_pk": pk_of(fixed(f"enc {person}")).hex(),
                "sig_pk": sig_pk_of(fixed(f"sig {person}")).hex(),
                "not_after": NOT_AFTER,
            },
        )

    def epoch(person: str, group: str, side: str, unit: str, number: int) -> dict[str, Any]:
        return signed_case(
            f"sig {person}",
            "group-epoch",
            {
                "group": group,
                "side": side,
                "unit": unit,
                "epoch": number,
                "pk": pk_of(fixed(f"group {side}")).hex(),
                "signed_by": person,
                "not_after": "2026-12-31",
            },
        )

    verifier = officer(VERIFIER, UNIT_A, GROUP_A)
    return {
        "root_pk": sig_pk_of(fixed("root")).hex(),
        "verifier": verifier,
        "custodian": officer(CUSTODIAN, UNIT_B, GROUP_B),
        "epoch_a": epoch(VERIFIER, GROUP_A, "a", UNIT_A, EPOCH_A),
        "epoch_b": epoch(CUSTODIAN, GROUP_B, "b", UNIT_B, EPOCH_B),
        "recovery": signed_case(
            "root",
            "recovery-key",
            {"recovery": "r-2026", "pk": pk_of(fixed("recovery")).hex(), "not_after": NOT_AFTER},
        ),
        "partner": signed_case(
            "root",
            "partner-key",
            {"partner": "lpsk", "pk": pk_of(fixed("lpsk")).hex(), "not_after": NOT_AFTER},
        ),
        "revocations": signed_case(
            "root",
            "revocation-list",
            {"serial": 2, "revoked": [verifier["fingerprint"]], "not_after": NOT_AFTER},
        ),
        "member_wrap": {
            "group": GROUP_A,
            "epoch": EPOCH_A,
            "officer": VERIFIER,
            **hpke_case(
                f"enc {VERIFIER}",
                fixed("group a"),
                ctx("group-wrap", GROUP_A, str(EPOCH_A), VERIFIER),
                "ephemeral member",
            ),
        },
    }


def opening() -> dict[str, Any]:
    esk = fixed("request key")
    reason = "Kajian awal: nama & alamat 😀"
    message = ctx(
        "unseal-request",
        REQUEST,
        REPORT,
        "formal_requirements",
        reason,
        VERIFIER,
        pk_of(esk),
        EXPIRES,
    )
    attested = {
        "report": REPORT,
        "request": REQUEST,
        "result": {"name_present": True, "address_present": True, "signature_matches": None},
        "ciphertext_sha256": sha256(b64decode(identity()["blob"]["ciphertext"])).hexdigest(),
        "verifier": VERIFIER,
        "attested_on": "2026-11-21",
    }
    order = sha256(b"order").hexdigest()
    return {
        "request": {
            "json": {
                "id": REQUEST,
                "report": REPORT,
                "purpose": "formal_requirements",
                "reason": reason,
                "verifier": VERIFIER,
                "epk": pk_of(esk).hex(),
                "expires": EXPIRES,
                "signature": sign(fixed(f"sig {VERIFIER}"), message).hex(),
            },
            "message": message.hex(),
            "key_sealed": hpke_case(
                f"enc {VERIFIER}", esk, ctx("request-key", REQUEST, VERIFIER), "ephemeral request"
            ),
        },
        "basis": {
            "reference": "Penetapan 12/Pid/2026/PN Bna",
            "document_sha256": order,
            "reason": f"dasar: Penetapan 12/Pid/2026/PN Bna sha256:{order}\nPerintah tertulis.",
        },
        "release": hpke_case(
            "request key",
            bytes.fromhex(identity()["share_b"]),
            ctx("release", REQUEST, REPORT, "formal_requirements", EXPIRES),
            "ephemeral release",
        ),
        "attestation": signed_case(f"sig {VERIFIER}", "attestation", attested),
    }


def words() -> dict[str, Any]:
    text = "Camat mengajak memilih. 😀\nSaya melihat sendiri."
    message = {"kind": "question", "text": "Tanggal berapa kejadiannya?", "on": "2026-11-21"}
    mailbox_sk = fixed("mailbox")
    consent_seed = hkdf(mailbox_sk, salt=None, info=ctx("consent-key", REPORT))
    lpsk = pk_of(fixed("lpsk"))
    consent = ctx("handover-consent", REPORT, "lpsk", lpsk, "2026-11-21")
    return {
        "desk": {
            "text": text,
            "kind": "statement",
            **hpke_case(
                "group a",
                padded(text.encode()),
                ctx("desk-words", REPORT, "statement", GROUP_A, str(EPOCH_A)),
                "ephemeral words",
            ),
        },
        "mailbox": {
            "message": message,
            "message_id": MESSAGE,
            **hpke_case(
                "mailbox",
                padded(canonical(message)),
                ctx("mailbox", REPORT, MESSAGE),
                "ephemeral mailbox",
            ),
        },
        "partner": {
            "parcel": IDENTITY,
            **hpke_case(
                "lpsk",
                padded(canonical(IDENTITY)),
                ctx("partner-parcel", REPORT, "lpsk"),
                "ephemeral parcel",
            ),
        },
        "consent": {
            "mailbox_sk": mailbox_sk.hex(),
            "consent_pk": sig_pk_of(consent_seed).hex(),
            "given_on": "2026-11-21",
            "message": consent.hex(),
            "signature": sign(consent_seed, consent).hex(),
        },
    }


def padme(size: int) -> int:
    """The paper's own words: E = floor(log2 L), S = floor(log2 E) + 1, the last E - S bits zero."""
    exponent = math.floor(math.log2(size))
    step = 1 << (exponent - (math.floor(math.log2(exponent)) + 1))
    return -(-size // step) * step


def card() -> dict[str, Any]:
    said = {
        "content_type": "image/jpeg",
        "officer": VERIFIER,
        "office": "Bawaslu Kota Uji – “Loket” 😀",
        "scanned_at": "2026-11-21T08:30:00Z",
        "is_of_bearer": True,
    }
    image = b"\xff\xd8\xff" + fixed("card picture") * 200
    words = canonical(said)
    filled = b"".join(len(one).to_bytes(4, "big") + one for one in (words, image))
    packed = filled + bytes(padme(max(len(filled), 4096)) - len(filled))
    sk = hkdf(fixed("dek"), salt=None, info=ctx("card-key", REPORT))
    esk = fixed("ephemeral card")
    info = ctx("identity-card", REPORT)
    return {
        "dek": fixed("dek").hex(),
        "said": said,
        "image": image.hex(),
        "sealed": {
            "sk": sk.hex(),
            "pk": pk_of(sk).hex(),
            "esk": esk.hex(),
            "info": info.hex(),
            "plaintext": packed.hex(),
            "blob": reference.seal(pk_of(sk), packed, info, esk).hex(),
        },
    }


def bundle() -> dict[str, Any]:
    enc_sk, sig_seed = fixed(f"enc {VERIFIER}"), fixed(f"sig {VERIFIER}")
    enc_pk, sig_pk = pk_of(enc_sk), sig_pk_of(sig_seed)
    key = fixed("bundle key")
    secrets = {
        "passphrase": "kuda laut merah di teluk 7",
        "words": "academic acid acne acquire acrobat activity actress adapt adequate adjust",
        "prf": fixed("prf output").hex(),
    }

    def slow(kind: str) -> dict[str, Any]:
        salt = fixed(f"{kind} salt", 16)
        kek = hash_secret_raw(
            secrets[kind].encode(), salt, time_cost=3, memory_cost=65536, parallelism=1,
            hash_len=32, type=Type.ID,
        )  # fmt: skip
        aad = ctx("bundle-slot", VERIFIER, kind, salt, "3", "65536", "1")
        return {
            "kind": kind,
            "label": "",
            "salt": salt.hex(),
            "time_cost": 3,
            "memory_cost_kib": 65536,
            "parallelism": 1,
            "ct": gcm(kek, fixed(f"{kind} nonce", 12), key, aad).hex(),
        }

    salt = fixed("prf salt", 16)
    prf_kek = hkdf(fixed("prf output"), salt=salt, info=ctx("prf-slot", VERIFIER))
    prf_input, credential = fixed("prf input"), fixed("credential", 20)
    aad = ctx("bundle-slot", VERIFIER, "prf", salt, prf_input, credential)
    body_aad = ctx("bundle", VERIFIER, enc_pk, sig_pk)
    return {
        "secrets": secrets,
        "bundle_key": key.hex(),
        "enc_sk": enc_sk.hex(),
        "sig_seed": sig_seed.hex(),
        "bundle": {
            "alg": "bundle-aes256gcm/v1",
            "officer": VERIFIER,
            "enc_pk": enc_pk.hex(),
            "sig_pk": sig_pk.hex(),
            "body": gcm(key, fixed("body nonce", 12), enc_sk + sig_seed, body_aad).hex(),
            "slots": [
                slow("passphrase"),
                slow("words"),
                {
                    "kind": "prf",
                    "label": "kunci 1",
                    "salt": salt.hex(),
                    "prf_input": prf_input.hex(),
                    "credential": credential.hex(),
                    "ct": gcm(prf_kek, fixed("prf nonce", 12), key, aad).hex(),
                },
            ],
        },
    }


def vectors() -> dict[str, Any]:
    """Everything in the file."""
    return {
        "format": VERSION.decode(),
        "rfc9180": RFC9180,
        **small(),
        "identity": identity(),
        "certificates": certificates(),
        "opening": opening(),
        "words": words(),
        "card": card(),
        "bundle": bundle(),
    }


def text() -> str:
    """The file as it is kept."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
