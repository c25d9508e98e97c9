/*
 * The officers' half of the vault: ask, release, open, attest (docs/vault-format.md, 4 to 6).
 *
 * Free of the page and of the network: functions over the JSON that /brankas/ speaks, the same objects
 * as complaints/vaultctl. `keys` is what `unlock` of bundle.mjs gives. Every function refuses with a
 * VaultError; nothing the server says is believed without a signature that ends at the pinned root.
 *
 * trust      {root_pk (hex), least_serial}: kept by the client itself
 * listing    {officers, epochs: [{certificate, wraps: {officer: hex}}], recovery, partners, revocations}
 * part       what the identity is bound to, {report, lane, group_a, epoch_a, group_b, epoch_b}, and for
 *            a verifier {ciphertext, kcv, wrap_a (base64), held_a}, for a custodian {wrap_b, held_b};
 *            held_* is the epoch whose key opens the wrap today
 * own        {request, key_sealed}; request {id, report, purpose, reason, verifier, epk, expires,
 *            signature}
 * released   {request (id), custodian (id), sealed}
 * words      {report, kind, group, epoch, blob (base64)}
 */
import { aeadOpen } from "./bundle.mjs";
import {
  VaultError,
  concat,
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
import { openCard } from "./cards.mjs";
import { importKeyPair, open, seal } from "./hpke.mjs";
import {
  canonical,
  ctx,
  deskContext,
  fingerprint,
  identityContext,
  keyCheckValue,
  pad,
  unpad,
  verifyOfficer,
  verifyPartner,
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
const BASIS = /^dasar: [^\n]{3,200} sha256:([0-9a-f]{64})\n/u;
const LIFETIME_MS = 8 * 60 * 60 * 1000;
const SKEW_MS = 10 * 60 * 1000;
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

/**
 * The server's lists seen through the pinned root at one moment; every answer has been verified.
 *
 * Refuses a revocation list that is forged, past its time, or older than one already seen.
 */
export async function openDirectory(listing, trust, now) {
  const { root_pk: root, least_serial: leastSerial } = trust;
  const revoked = await verifyRevocations(listing.revocations, root, day(now));
  if (listing.revocations.serial < leastSerial) throw new VaultError("expired");

  /** The officer's certificate that holds longest; throws why there is none. */
  async function officer(id) {
    const found = listing.officers.filter((entry) => entry.officer === id);
    found.sort((one, other) => (one.not_after < other.not_after ? 1 : -1));
    let reason = new VaultError("not_certified");
    for (const certificate of found) {
      try {
        await verifyOfficer(certificate, root, day(now), revoked);
        return certificate;
      } catch (error) {
        reason = error;
      }
    }
    throw reason;
  }

  /** A stored epoch as it came: enough to open with, never to seal to. */
  function epoch(group, number) {
    const stored = listing.epochs.find(
      ({ certificate }) => certificate.group === group && certificate.epoch === number,
    );
    if (!stored) throw new VaultError("not_certified");
    return stored;
  }

  /** The public key (hex) of another institution, such as LPSK. */
  async function partner(name) {
    const stored = listing.partners.find((entry) => entry.partner === name);
    if (!stored) throw new VaultError("not_certified");
    await verifyPartner(stored, root, day(now), revoked);
    return stored.pk;
  }

  return { now, officer, epoch, partner };
}

/** A group's key pair of one epoch, out of the wrap for this officer. */
async function groupKey(keys, directory, group, number) {
  const { certificate, wraps } = directory.epoch(group, number);
  if (!wraps[keys.officer]) throw new VaultError("not_certified");
  const info = ctx("group-wrap", group, String(number), keys.officer);
  const secret = await open(keys.enc, unhex(wraps[keys.officer]), info);
  const pair = await importKeyPair(secret);
  wipe(secret);
  if (hex(pair.publicRaw) !== certificate.pk) throw new VaultError("malformed");
  return pair;
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
 * Ask for the custodians' share of a report: {request, key_sealed}.
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
      id: crypto.randomUUID().replaceAll("-", ""),
      report,
      purpose,
      reason,
      verifier: keys.officer,
      epk: hex(publicRaw),
      expires: instant(new Date(now.getTime() + LIFETIME_MS)),
    };
    const request = { ...content, signature: await sign(keys, requestMessage(content)) };
    const info = ctx("request-key", request.id, request.verifier);
    return { request, key_sealed: hex(await seal(keys.enc.publicRaw, secret, info)) };
  } finally {
    wipe(secret);
  }
}

/**
 * Refuse a request unless a certified verifier asks it now, and these two are the two sides of the
 * sealing: two people of two units. Both clients check it before a share is opened.
 */
export async function checkRequest({ request, custodian, part, directory }) {
  const [asks, releases] = await Promise.all([
    directory.officer(request.verifier),
    directory.officer(custodian),
  ]);
  await verifySignature(asks.sig_pk, request.signature, requestMessage(request));
  checkPurpose(request.purpose, request.reason);
  if (!isInstant(request.expires)) throw new VaultError("malformed");
  const left = Date.parse(request.expires) - directory.now.getTime();
  if (left <= 0 || left > LIFETIME_MS + SKEW_MS) throw new VaultError("expired");
  const isTheirs =
    request.report === part.report &&
    asks.group === part.group_a &&
    releases.group === part.group_b;
  const areTwo = asks.unit !== releases.unit && asks.officer !== releases.officer;
  if (!isTheirs || !areTwo) throw new VaultError("split_custody");
}

/** Let the custodians' share go to the one who asks: {request, custodian, sealed}. */
export async function release(keys, { request, part, directory }) {
  await checkRequest({ request, custodian: keys.officer, part, directory });
  const pair = await groupKey(keys, directory, part.group_b, part.held_b);
  const share = await open(pair, unbase64(part.wrap_b), identityContext("share-b", part));
  try {
    const sealed = await seal(unhex(request.epk, KEY_BYTES), share, releaseContext(request));
    return { request: request.id, custodian: keys.officer, sealed: hex(sealed) };
  } finally {
    wipe(share);
  }
}

/** Join the two shares and open the identity: text under named fields. */
export const openIdentity = async (keys, given) => (await openWithCard(keys, given)).identity;

/**
 * The same, and the card where one was shown: {identity, card, cardError}.
 *
 * `card` is the sealed card (Uint8Array) or nothing. One that does not open never hides the identity:
 * `card` is null then and `cardError` the code of why.
 */
export async function openWithCard(keys, { own, released, part, directory, card: sealedCard }) {
  const { request } = own;
  await checkRequest({ request, custodian: released.custodian, part, directory });
  if (released.request !== request.id) throw new VaultError("does_not_open");
  const info = ctx("request-key", request.id, keys.officer);
  const secret = await open(keys.enc, unhex(own.key_sealed), info);
  const pair = await importKeyPair(secret);
  wipe(secret);
  const shareB = await open(pair, unhex(released.sealed), releaseContext(request));
  const desk = await groupKey(keys, directory, part.group_a, part.held_a);
  const shareA = await open(desk, unbase64(part.wrap_a), identityContext("share-a", part));
  const dek = xor(shareA, shareB);
  wipe(shareA, shareB);
  try {
    const kcv = await keyCheckValue(dek, identityContext("kcv", part));
    if (!equal(kcv, unbase64(part.kcv))) throw new VaultError("does_not_open");
    const bound = identityContext("identity", part);
    const padded = await aeadOpen(dek, unbase64(part.ciphertext), bound);
    const identity = parseCanonical(unpad(padded));
    wipe(padded);
    let [card, cardError] = [null, ""];
    try {
      if (sealedCard) card = await openCard(dek, part.report, sealedCard);
    } catch (error) {
      cardError = error.code ?? "malformed";
    }
    return { identity, card, cardError };
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
export async function attest(keys, { request, part, result, now }) {
  const isKnown = Object.entries(result).every(
    ([name, answer]) => FINDINGS.includes(name) && [true, false, null].includes(answer),
  );
  if (!isKnown || Object.keys(result).length === 0) throw new VaultError("malformed");
  if (request.verifier !== keys.officer || request.report !== part.report) {
    throw new VaultError("split_custody");
  }
  const content = {
    report: part.report,
    request: request.id,
    result,
    ciphertext_sha256: await fingerprint(unbase64(part.ciphertext)),
    verifier: keys.officer,
    attested_on: day(now),
  };
  const signature = await sign(keys, ctx("attestation", canonical(content)));
  return { ...content, signature };
}

/** The reporter's words for the desk. */
export async function readDeskWords(keys, { words, directory }) {
  const { report, kind, group, epoch } = words;
  const pair = await groupKey(keys, directory, group, epoch);
  const info = deskContext(report, kind, group, epoch);
  return fromUtf8(unpad(await open(pair, unbase64(words.blob), info)));
}

/**
 * Hand an opened identity over to a partner, sealed to its own key: {report, partner, sealed (hex)}.
 *
 * Only for a request of that purpose which cites the reporter's own signed consent to this partner.
 */
export async function handOver({ identity, request, consent, consentPk, directory }) {
  const { partner, given_on: givenOn, signature } = consent;
  const pk = unhex(await directory.partner(partner), KEY_BYTES);
  const message = ctx("handover-consent", request.report, partner, pk, givenOn);
  await verifySignature(consentPk, signature, message);
  const digest = await fingerprint(concat(message, unhex(signature)));
  const [, cited] = request.reason.match(BASIS) ?? [];
  if (request.purpose !== "lpsk_handover" || cited !== digest) throw new VaultError("purpose");
  const info = ctx("partner-parcel", request.report, partner);
  const sealed = await seal(pk, pad(utf8(canonical(identity))), info);
  return { report: request.report, partner, sealed: hex(sealed) };
}
