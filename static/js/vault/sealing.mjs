/*
 * The reporter's half of the vault, format version 1 (docs/vault-format.md is the norm).
 *
 * Seals an identity so that only the desk and the custodians together open it, after checking that
 * every public key is certified up to the root. Same bytes as complaints/vault/crypto.
 */
import { VaultError, base64, concat, hex, random, unhex, utf8, wipe, xor } from "./bytes.mjs";
import { hkdf, importKeyPair, seal, uint16 } from "./hpke.mjs";

export const ALG = "hpke-x25519-aes256gcm/v1";
const VERSION = utf8("bawaslu-vault/v1");
const BLOCK_BYTES = 4096;
export const NONCE_BYTES = 12;
const KCV_BYTES = 16;
const SHARE_BYTES = 32;
const IDENTITY_BLOCKS_MAX = 16;

/** What a ciphertext is bound to: the version, then each field behind its length (2 bytes). */
export function ctx(...fields) {
  const parts = [VERSION];
  for (const field of fields) {
    const bytes = typeof field === "string" ? utf8(field) : field;
    if (bytes.length > 0xffff) throw new VaultError("malformed");
    parts.push(uint16(bytes.length), bytes);
  }
  return concat(...parts);
}

/** Length (4 bytes), data, zeros up to a multiple of 4096: sizes say nothing about a name. */
export function pad(data) {
  const padded = new Uint8Array(Math.ceil((4 + data.length) / BLOCK_BYTES) * BLOCK_BYTES);
  new DataView(padded.buffer).setUint32(0, data.length);
  padded.set(data, 4);
  return padded;
}

/** The data of `pad`. Throws VaultError("malformed") on any other bytes. */
export function unpad(padded) {
  const malformed = () => new VaultError("malformed");
  if (padded.length === 0 || padded.length % BLOCK_BYTES !== 0) throw malformed();
  const size = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  const end = 4 + size;
  if (end > padded.length || padded.length - end >= BLOCK_BYTES) throw malformed();
  if (padded.subarray(end).some((byte) => byte !== 0)) throw malformed();
  return padded.slice(4, end);
}

const KEY = /^[a-z][a-z0-9_]*$/;

/** The one JSON text of a value: sorted keys, no spaces. What has no single spelling is refused. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort();
    if (!keys.every((key) => KEY.test(key))) throw new VaultError("malformed");
    return `{${keys.map((key) => `"${key}":${canonical(value[key])}`).join(",")}}`;
  }
  const isPlain = value === null || typeof value === "boolean" || typeof value === "string";
  if (!isPlain && !Number.isSafeInteger(value)) throw new VaultError("malformed");
  return JSON.stringify(value);
}

/** Check an Ed25519 signature (hex) over `message`. Throws VaultError("bad_signature"). */
export async function verifySignature(publicHex, signatureHex, message) {
  const raw = unhex(publicHex, 32);
  const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  const signature = unhex(signatureHex, 64);
  if (!(await crypto.subtle.verify({ name: "Ed25519" }, key, signature, message))) {
    throw new VaultError("bad_signature");
  }
}

const SIDES = { "desk-": "a", "custodians-": "b" };

/** "a" for a verification desk, "b" for custodians. VaultError("split_custody") for neither. */
export function sideOf(group) {
  for (const [prefix, side] of Object.entries(SIDES)) {
    if (group.startsWith(prefix) && group.length > prefix.length) return side;
  }
  throw new VaultError("split_custody");
}

/** SHA-256 of a signed message as hex: the name by which the root revokes it. */
export async function fingerprint(message) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", message)));
}

const FIELDS = {
  "officer-cert": ["enc_pk", "group", "not_after", "officer", "sig_pk", "signature", "unit"],
  "group-epoch": ["epoch", "group", "not_after", "pk", "side", "signature", "signed_by", "unit"],
  "recovery-key": ["not_after", "pk", "recovery", "signature"],
  "partner-key": ["not_after", "partner", "pk", "signature"],
  "revocation-list": ["not_after", "revoked", "serial", "signature"],
};

/** Check one signed statement by the day `at` (ISO). Everything else about it is the caller's. */
async function checkStatement(label, statement, signerHex, at, revoked) {
  const { signature, ...content } = statement;
  const names = Object.keys(statement).sort();
  if (canonical(names) !== canonical(FIELDS[label])) throw new VaultError("malformed");
  if (!/^\d{4}-\d\d-\d\d$/.test(content.not_after)) throw new VaultError("malformed");
  const message = ctx(label, canonical(content));
  await verifySignature(signerHex, signature, message);
  if (at > content.not_after) throw new VaultError("expired");
  if (revoked.includes(await fingerprint(message))) throw new VaultError("revoked");
}

/** The fingerprints the root has revoked. */
export async function verifyRevocations(list, root, at) {
  await checkStatement("revocation-list", list, root, at, []);
  return list.revoked;
}

/** Check that the root vouches for an officer's keys, unit and group. */
export async function verifyOfficer(certificate, root, at, revoked) {
  await checkStatement("officer-cert", certificate, root, at, revoked);
  sideOf(certificate.group);
}

/** Check that a member whom the root vouches for vouches for a group's key of one epoch. */
export async function verifyEpoch(certificate, signer, root, at, revoked) {
  await verifyOfficer(signer, root, at, revoked);
  const isMember =
    signer.officer === certificate.signed_by &&
    signer.group === certificate.group &&
    signer.unit === certificate.unit;
  if (!isMember || sideOf(certificate.group) !== certificate.side) {
    throw new VaultError("not_certified");
  }
  await checkStatement("group-epoch", certificate, signer.sig_pk, at, revoked);
}

/** Check that the root vouches for the offline recovery key. */
export const verifyRecovery = (certificate, root, at, revoked) =>
  checkStatement("recovery-key", certificate, root, at, revoked);

/** Check that the root vouches for another institution's key. */
export const verifyPartner = (certificate, root, at, revoked) =>
  checkStatement("partner-key", certificate, root, at, revoked);

/**
 * Check every key that a reporter's page was given, by the day `at`, and return those to seal to.
 *
 * `published` is {group_a, group_b, recovery, signers, revocations}: the two epochs' certificates, the
 * recovery key's, those of the officers who signed the epochs, and the signed list of what was revoked.
 */
export async function verifyKeys(published, root, at) {
  const { group_a: groupA, group_b: groupB, recovery, signers } = published;
  const revoked = await verifyRevocations(published.revocations, root, at);
  const epoch = (certificate) => {
    const signer = signers.find(({ officer }) => officer === certificate.signed_by);
    if (!signer) throw new VaultError("not_certified");
    return verifyEpoch(certificate, signer, root, at, revoked);
  };
  const all = [epoch(groupA), epoch(groupB), verifyRecovery(recovery, root, at, revoked)];
  await Promise.all(all);
  return { groupA, groupB, recovery };
}

/** The binding of one part of a sealed identity: identity, share-a, share-b, recovery or kcv. */
export const identityContext = (what, blob) =>
  ctx(
    what,
    blob.report,
    blob.lane,
    blob.group_a,
    String(blob.epoch_a),
    blob.group_b,
    String(blob.epoch_b),
  );

/** AES-256-GCM behind a random nonce. */
export async function aeadSeal(raw, plaintext, additionalData) {
  const iv = random(NONCE_BYTES);
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  const algorithm = { name: "AES-GCM", iv, additionalData };
  return concat(iv, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext)));
}

/** 16 bytes that tell whether two shares gave this key, before anything is opened with it. */
export async function keyCheckValue(dek, context) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", dek, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, context)).slice(0, KCV_BYTES);
}

/** The key pair that an identity's key gives for its card: only who has the one has the other. */
export async function cardPair(dek, report) {
  const secret = await hkdf(new Uint8Array(0), dek, ctx("card-key", report), SHARE_BYTES);
  try {
    return await importKeyPair(secret);
  } finally {
    wipe(secret);
  }
}

/** Seal an identity as `sealWithCardKey` does, for whom no card will be shown. */
export const sealIdentity = async (identity, given) => (await sealWithCardKey(identity, given)).blob;

/**
 * Seal an identity (text under named fields) of the report (32 hex digits) to keys of `verifyKeys`.
 *
 * DEK = A xor B: each share alone is 32 random bytes. Returns {blob, cardKey}: the byte strings of the
 * blob are Uint8Array, `blobJson` writes it for the server; `cardKey` is what a card is sealed to (hex).
 */
export async function sealWithCardKey(identity, { report, lane, groupA, groupB, recovery }) {
  const isSplit =
    sideOf(groupA.group) === "a" && sideOf(groupB.group) === "b" && groupA.unit !== groupB.unit;
  if (!isSplit) throw new VaultError("split_custody");
  if (!Object.values(identity).every((value) => typeof value === "string")) {
    throw new VaultError("malformed");
  }
  const padded = pad(utf8(canonical(identity)));
  if (padded.length > IDENTITY_BLOCKS_MAX * BLOCK_BYTES) throw new VaultError("malformed");
  const blob = {
    alg: ALG,
    report,
    lane,
    group_a: groupA.group,
    epoch_a: groupA.epoch,
    group_b: groupB.group,
    epoch_b: groupB.epoch,
    recovery: recovery.recovery,
  };
  const bound = (what) => identityContext(what, blob);
  const [dek, shareA] = [random(SHARE_BYTES), random(SHARE_BYTES)];
  const shareB = xor(dek, shareA);
  const sealed = (key, secret, what) => seal(unhex(key.pk, 32), secret, bound(what));
  let card;
  try {
    card = await cardPair(dek, report);
    [blob.ciphertext, blob.wrap_a, blob.wrap_b, blob.wrap_r, blob.kcv] = await Promise.all([
      aeadSeal(dek, padded, bound("identity")),
      sealed(groupA, shareA, "share-a"),
      sealed(groupB, shareB, "share-b"),
      sealed(recovery, dek, "recovery"),
      keyCheckValue(dek, bound("kcv")),
    ]);
  } finally {
    wipe(dek, shareA, shareB, padded);
  }
  return { blob, cardKey: hex(card.publicRaw) };
}

/** The canonical JSON of a sealed identity, its byte strings as base64. */
export const blobJson = (blob) =>
  canonical(
    Object.fromEntries(
      Object.entries(blob).map(([name, value]) => [
        name,
        value instanceof Uint8Array ? base64(value) : value,
      ]),
    ),
  );

/** The binding of words for the desk; `kind` is "statement" or "message:" and the message's id. */
export const deskContext = (report, kind, group, epoch) =>
  ctx("desk-words", report, kind, group, String(epoch));

/** Seal words that the desk reads and no custodian is asked for. */
export async function sealForDesk(text, { report, kind, groupA }) {
  if (sideOf(groupA.group) !== "a") throw new VaultError("split_custody");
  const info = deskContext(report, kind, groupA.group, groupA.epoch);
  return seal(unhex(groupA.pk, 32), pad(utf8(text)), info);
}

/** Whether this browser has all that sealing needs. Older phones lack X25519 or Ed25519. */
export async function supported() {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) return false; // not a secure context
  try {
    const pair = await subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
    await subtle.deriveBits({ name: "X25519", public: pair.publicKey }, pair.privateKey, 256);
    // The base point's encoding is a valid key: importing it tells whether Ed25519 is there.
    const point = unhex(`58${"66".repeat(31)}`);
    await subtle.importKey("raw", point, { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}
