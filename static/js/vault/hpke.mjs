/*
 * HPKE (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-GCM.
 *
 * Over WebCrypto alone: no dependency, no WebAssembly, nothing the strict policy forbids. A blob is
 * enc (32 bytes) followed by the ciphertext, as `cryptography` writes it on the server.
 */
import { VaultError, concat, unbase64, unhex, utf8, wipe } from "./bytes.mjs";

const NONE = new Uint8Array(0);
const KEM_ID = 0x0020;
const KDF_ID = 0x0001;
const ENC_BYTES = 32;

export const AES_128_GCM = { id: 0x0001, keyBytes: 16 };
export const AES_256_GCM = { id: 0x0002, keyBytes: 32 };

/** A number as 2 bytes, big end first (I2OSP of the RFC). */
export const uint16 = (number) => Uint8Array.of(number >> 8, number & 0xff);

const VERSION = utf8("HPKE-v1");
const KEM_SUITE = concat(utf8("KEM"), uint16(KEM_ID));

const labelledInput = (suite, label, input) => concat(VERSION, suite, utf8(label), input);
const labelledInfo = (suite, label, info, size) =>
  concat(uint16(size), VERSION, suite, utf8(label), info);

async function hmac(key, data) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

// WebCrypto refuses an empty HMAC key; HMAC pads any key with zeros, so 32 zeros are the same key.
const extract = (input) => hmac(new Uint8Array(32), input);

/** Extract and expand in one step: HKDF as the platform has it. */
export async function hkdf(salt, input, info, size) {
  const key = await crypto.subtle.importKey("raw", input, "HKDF", false, ["deriveBits"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 8 * size));
}

/** What X25519 makes of a private and a public key. Throws for a public key of low order. */
async function diffieHellman(privateKey, publicRaw) {
  if (publicRaw.length !== ENC_BYTES) throw new VaultError("malformed");
  const imported = crypto.subtle.importKey("raw", publicRaw, { name: "X25519" }, false, []);
  const peer = { name: "X25519", public: await imported };
  const bits = await crypto.subtle.deriveBits(peer, privateKey, 256).catch(() => {
    throw new VaultError("malformed");
  });
  const shared = new Uint8Array(bits);
  // Zeros whatever our key is: the standard lets engines refuse such keys late, so look here too.
  if (shared.every((byte) => byte === 0)) throw new VaultError("malformed");
  return shared;
}

/** The KEM's shared secret of a private and a public key (RFC 9180, 4.1). */
async function sharedSecret(privateKey, publicRaw, enc, recipient) {
  const dh = await diffieHellman(privateKey, publicRaw);
  const info = labelledInfo(KEM_SUITE, "shared_secret", concat(enc, recipient), 32);
  return hkdf(NONE, labelledInput(KEM_SUITE, "eae_prk", dh), info, 32);
}

/** `seal` and `open` of one suite; the AEAD is the only choice. */
export function suite(aead) {
  const id = concat(utf8("HPKE"), uint16(KEM_ID), uint16(KDF_ID), uint16(aead.id));

  /** The key and the nonce of the only message (RFC 9180, 5.1; base mode has no pre-shared key). */
  async function schedule(secret, info, use) {
    const context = concat(
      Uint8Array.of(0),
      await extract(labelledInput(id, "psk_id_hash", NONE)),
      await extract(labelledInput(id, "info_hash", info)),
    );
    const input = labelledInput(id, "secret", NONE);
    const derive = (label, size) =>
      hkdf(secret, input, labelledInfo(id, label, context, size), size);
    const [key, iv] = await Promise.all([derive("key", aead.keyBytes), derive("base_nonce", 12)]);
    return { key: await crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]), iv };
  }

  /** Seal `plaintext` to the holder of the key whose public half is `publicRaw` (32 bytes). */
  async function seal(publicRaw, plaintext, info, aad = NONE) {
    const ephemeral = await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
    const enc = new Uint8Array(await crypto.subtle.exportKey("raw", ephemeral.publicKey));
    const secret = await sharedSecret(ephemeral.privateKey, publicRaw, enc, publicRaw);
    const { key, iv } = await schedule(secret, info, "encrypt");
    const algorithm = { name: "AES-GCM", iv, additionalData: aad };
    return concat(enc, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext)));
  }

  /** Open a blob with a pair of `importKeyPair`. VaultError("does_not_open") whatever differs. */
  async function open(pair, blob, info, aad = NONE) {
    try {
      const enc = blob.slice(0, ENC_BYTES);
      const secret = await sharedSecret(pair.privateKey, enc, enc, pair.publicRaw);
      const { key, iv } = await schedule(secret, info, "decrypt");
      const algorithm = { name: "AES-GCM", iv, additionalData: aad };
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, blob.slice(ENC_BYTES)));
    } catch {
      throw new VaultError("does_not_open");
    }
  }

  return { seal, open };
}

export const { seal, open } = suite(AES_256_GCM);

// Everything of a PKCS#8 private key (RFC 8410) but its 32 bytes; the last but two names the curve.
const pkcs8 = (oid, raw) => concat(unhex(`302e020100300506032b65${oid}04220420`), raw);

/** The key pair of a raw X25519 private key: {privateKey (not extractable), publicRaw}. */
export async function importKeyPair(raw) {
  const encoded = pkcs8("6e", raw);
  const algorithm = { name: "X25519" };
  const readable = await crypto.subtle.importKey("pkcs8", encoded, algorithm, true, ["deriveBits"]);
  const { x } = await crypto.subtle.exportKey("jwk", readable);
  const privateKey = await crypto.subtle.importKey("pkcs8", encoded, algorithm, false, ["deriveBits"]);
  wipe(encoded);
  return { privateKey, publicRaw: unbase64(x) };
}

/** An Ed25519 private key for signing, from its 32 raw bytes; not extractable. */
export async function importSigningKey(raw) {
  const encoded = pkcs8("70", raw);
  const key = await crypto.subtle.importKey("pkcs8", encoded, { name: "Ed25519" }, false, ["sign"]);
  wipe(encoded);
  return key;
}
