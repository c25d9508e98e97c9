/*
 * The officers' half of the vault: ask, release, open, attest (docs/vault-format.md, 4 to 6).
 *
 * Free of the page and of the network: functions over values that were fetched as JSON. `keys` is what
 * `unlock` of bundle.mjs gives. Every function refuses with a VaultError; nothing the server says is
 * believed without a signature that ends at the pinned root.
 *
 * trust    {root (hex), revocations (signed list), leastSerial (highest serial seen)}
 * wrap     {group, epoch, wrap (hex)}: a group's secret, sealed to this officer
 * sealing  what the sealed identity is bound to: {report, lane, group_a, epoch_a, group_b, epoch_b},
 *          and for a verifier {ciphertext, kcv, wrap_a (base64), held_a}, for a custodian
 *          {wrap_b (base64), held_b}; held_* is the epoch whose key opens the wrap today
 * request  {id, report, purpose, reason, verifier, epk, expires, signature}
 */
import { aeadOpen } from "./bundle.mjs";
import {
  VaultError,
  equal,
  fromUtf8,
  hex,
  random,
  unbase64,
  unhex,
  utf8,
  wipe,
  xor,
} from "./bytes.mjs";
import { importKeyPair, open, seal } from "./hpke.mjs";
import {
  canonical,
  ctx,
  deskContext,
  fingerprint,
  identityContext,
  keyCheckValue,
  unpad,
  verifyOfficer,
  verifyRevocations,
  verifySignature,
} from "./sealing.mjs";

export const PURPOSES = [
  "formal_requirements",
  "leak_check",
  "lpsk_handover",
  "court_order",
  "correction",
];
const PURPOSES_WITH_BASIS = ["lpsk_handover", "court_order"];
const REASON_CHARACTERS_MAX = 2000;
const BASIS = /^dasar: [^\n]{3,200} sha256:[0-9a-f]{64}\n/u;
const LIFETIME_MS = 8 * 60 * 60 * 1000;
const SKEW_MS = 5 * 60 * 1000;
const KEY_BYTES = 32;

/** What a verifier may say of an identity, in place of the identity itself. */
export const FINDINGS = [
  "name_present",
  "address_present",
  "id_card_matches",
  "signature_matches",
  "adult_citizen",
  "not_the_reported",
  "within_time_limit",
];

/** An instant as the format writes it: UTC, whole seconds. */
export const instant = (date) => `${date.toISOString().slice(0, 19)}Z`;

const day = (date) => date.toISOString().slice(0, 10);

const isInstant = (text) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  instant(new Date(text)) === text;

/** The fingerprints revoked so far. Refuses a list that ended or is older than one already seen. */
export async function revokedBy(trust, now) {
  if (trust.revocations.serial < trust.leastSerial) throw new VaultError("expired");
  return verifyRevocations(trust.revocations, trust.root, day(now));
}

/** A group's key pair of one epoch, out of the wrap for this officer. */
async function groupKey(keys, wraps, group, epoch) {
  const held = wraps.find((wrap) => wrap.group === group && wrap.epoch === epoch);
  if (!held) throw new VaultError("no_wrap");
  const info = ctx("group-wrap", group, String(epoch), keys.officer);
  const secret = await open(keys.enc, unhex(held.wrap), info);
  try {
    return await importKeyPair(secret);
  } finally {
    wipe(secret);
  }
}

/** Refuse a purpose that is unknown, unexplained, or lacks the document it must rest on. */
export function checkPurpose(purpose, reason) {
  const length = Array.from(reason).length;
  const isExplained = reason.trim() !== "" && length <= REASON_CHARACTERS_MAX;
  const hasBasis = !PURPOSES_WITH_BASIS.includes(purpose) || BASIS.test(reason);
  if (!PURPOSES.includes(purpose) || !isExplained || !hasBasis) throw new VaultError("purpose");
}

/** A reason that begins with the document it rests on: how it is cited and SHA-256 of its bytes. */
export const withBasis = (reason, reference, documentSha256) =>
  `dasar: ${reference} sha256:${documentSha256}\n${reason}`;

const requestMessage = (request) =>
  ctx(
    "unseal-request",
    request.id,
    request.report,
    request.purpose,
    request.reason,
    request.verifier,
    unhex(request.epk, KEY_BYTES),
    request.expires,
  );

const releaseContext = ({ id, report, purpose, expires }) =>
  ctx("release", id, report, purpose, expires);

const sign = async (keys, message) =>
  hex(new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, keys.sign, message)));

/**
 * Ask for the custodians' share of a report: {request, sealedKey (hex)}.
 *
 * The share will be sealed to a key made for this request alone. Its private half leaves here only
 * sealed to the verifier's own key, so that a reload does not lose it.
 */
export async function makeRequest(keys, { report, purpose, reason, now }) {
  checkPurpose(purpose, reason);
  const secret = random(KEY_BYTES);
  try {
    const { publicRaw } = await importKeyPair(secret);
    const content = {
      id: hex(random(16)),
      report,
      purpose,
      reason,
      verifier: keys.officer,
      epk: hex(publicRaw),
      expires: instant(new Date(now.getTime() + LIFETIME_MS)),
    };
    const request = { ...content, signature: await sign(keys, requestMessage(content)) };
    const info = ctx("request-key", request.id, request.verifier);
    return { request, sealedKey: hex(await seal(keys.enc.publicRaw, secret, info)) };
  } finally {
    wipe(secret);
  }
}

/**
 * What a custodian's client checks before anything is released; throws at the first doubt.
 *
 * `verifier` and `custodian` are the certificates of the two officers. Both must hold today, belong
 * to the two sides that the identity was sealed to, and be two people of two units.
 */
export async function checkRequest({ request, verifier, custodian, sealing, trust, now }) {
  const revoked = await revokedBy(trust, now);
  await verifyOfficer(verifier, trust.root, day(now), revoked);
  await verifyOfficer(custodian, trust.root, day(now), revoked);
  if (verifier.officer !== request.verifier) throw new VaultError("not_certified");
  await verifySignature(verifier.sig_pk, request.signature, requestMessage(request));
  checkPurpose(request.purpose, request.reason);
  if (!isInstant(request.expires)) throw new VaultError("malformed");
  const left = Date.parse(request.expires) - now.getTime();
  if (left <= 0 || left > LIFETIME_MS + SKEW_MS) throw new VaultError("expired");
  if (request.report !== sealing.report) throw new VaultError("other_report");
  const isOurs = verifier.group === sealing.group_a && custodian.group === sealing.group_b;
  const areTwo = verifier.unit !== custodian.unit && verifier.officer !== custodian.officer;
  if (!isOurs || !areTwo) throw new VaultError("split_custody");
}

/** The custodians' share, sealed to the request's own key (hex). Checks the request first. */
export async function release(keys, { request, verifier, custodian, sealing, wraps, trust, now }) {
  await checkRequest({ request, verifier, custodian, sealing, trust, now });
  if (custodian.officer !== keys.officer) throw new VaultError("not_certified");
  const pair = await groupKey(keys, wraps, sealing.group_b, sealing.held_b);
  const share = await open(pair, unbase64(sealing.wrap_b), identityContext("share-b", sealing));
  try {
    return hex(await seal(unhex(request.epk, KEY_BYTES), share, releaseContext(request)));
  } finally {
    wipe(share);
  }
}

/** Join the two shares and open the identity: text under named fields. */
export async function openIdentity(keys, { request, sealedKey, released, sealing, wraps, now }) {
  if (request.report !== sealing.report) throw new VaultError("other_report");
  if (Date.parse(request.expires) <= now.getTime()) throw new VaultError("expired");
  const own = ctx("request-key", request.id, request.verifier);
  const secret = await open(keys.enc, unhex(sealedKey), own);
  const pair = await importKeyPair(secret);
  wipe(secret);
  // An altered public half would have been refused by the custodian; here it means another's request.
  if (hex(pair.publicRaw) !== request.epk) throw new VaultError("other_report");
  const shareB = await open(pair, unhex(released), releaseContext(request));
  const desk = await groupKey(keys, wraps, sealing.group_a, sealing.held_a);
  const shareA = await open(desk, unbase64(sealing.wrap_a), identityContext("share-a", sealing));
  const dek = xor(shareA, shareB);
  wipe(shareA, shareB);
  try {
    const kcv = await keyCheckValue(dek, identityContext("kcv", sealing));
    if (!equal(kcv, unbase64(sealing.kcv))) throw new VaultError("does_not_open");
    const bound = identityContext("identity", sealing);
    const padded = await aeadOpen(dek, unbase64(sealing.ciphertext), bound);
    const identity = parseCanonical(unpad(padded));
    wipe(padded);
    return identity;
  } finally {
    wipe(dek);
  }
}

/** Read JSON that must be the one spelling of what it says. */
function parseCanonical(bytes) {
  const text = fromUtf8(bytes);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new VaultError("malformed");
  }
  if (canonical(value) !== text) throw new VaultError("malformed");
  return value;
}

/**
 * What leaves this client instead of the identity: signed answers about one ciphertext.
 *
 * `result` answers some of FINDINGS with true, false or null (not examined).
 */
export async function attest(keys, { request, sealing, result, now }) {
  const isKnown = Object.entries(result).every(
    ([name, answer]) => FINDINGS.includes(name) && [true, false, null].includes(answer),
  );
  if (!isKnown || Object.keys(result).length === 0) throw new VaultError("malformed");
  const content = {
    report: sealing.report,
    request: request.id,
    result,
    ciphertext_sha256: await fingerprint(unbase64(sealing.ciphertext)),
    verifier: keys.officer,
    attested_on: day(now),
  };
  const signature = await sign(keys, ctx("attestation", canonical(content)));
  return { ...content, signature };
}

/** The reporter's words for the desk. `words` is {kind, group, epoch, blob (base64)}. */
export async function readDeskWords(keys, { report, words, wraps }) {
  const pair = await groupKey(keys, wraps, words.group, words.epoch);
  const info = deskContext(report, words.kind, words.group, words.epoch);
  return fromUtf8(unpad(await open(pair, unbase64(words.blob), info)));
}

/** Which fields of the identity a text repeats: whole values, and single words of four letters on. */
export function leaksIn(identity, text) {
  const plain = (value) => value.normalize("NFKC").toLocaleLowerCase("id");
  const digits = (value) => value.replace(/\D/g, "").replace(/^62/, "0");
  const haystack = ` ${plain(text).split(/[^\p{L}\p{N}]+/u).join(" ")} `;
  const numbers = digits(text.replace(/\+62/g, "0"));
  return Object.keys(identity).filter((field) => {
    const number = digits(identity[field]);
    if (number.length >= 6 && numbers.includes(number)) return true;
    const words = plain(identity[field]).split(/[^\p{L}\p{N}]+/u);
    return words.some((word) => Array.from(word).length >= 4 && haystack.includes(` ${word} `));
  });
}
