/*
 * An officer's private keys at rest (docs/vault-format.md, 7): a body under a random bundle key, and
 * slots that each hold that key once. Opened here, in the officer's own browser, and nowhere else.
 *
 * Free of the page: gives and takes values, draws nothing. Argon2id is the audited noble-hashes (there
 * is none in WebCrypto, and the policy allows no WebAssembly); it works in slices on the page's own
 * thread, because under `trusted-types 'none'` no Worker can be started.
 */
import { VaultError, base64url, equal, hex, random, unhex, utf8, wipe } from "./bytes.mjs";
import { importKeyPair, importSigningKey } from "./hpke.mjs";
import { NONCE_BYTES, aeadSeal, ctx } from "./sealing.mjs";
import { argon2idAsync } from "./vendor/noble-hashes/argon2.js";

const ALG = "bundle-aes256gcm/v1";
const SALT_BYTES = 16;
const PRF_BYTES = 32;
const KEY_BYTES = 32;
const SHORTEST_PASSPHRASE = 12;
/** Below the floor a stolen bundle is guessed too fast; above the ceiling a server could stall us. */
const FLOOR = { time_cost: 3, memory_cost_kib: 65536 };
const CEILING = { time_cost: 16, memory_cost_kib: 1048576 };
const SLICE_MS = 12;
const SIGNATURES = [-8, -7]; // COSE: EdDSA, ES256; what the key signs is never looked at

const BUNDLE_FIELDS = ["alg", "body", "enc_pk", "officer", "sig_pk", "slots"];
const SLOW_FIELDS = ["ct", "kind", "label", "memory_cost_kib", "parallelism", "salt", "time_cost"];
const PRF_FIELDS = ["credential", "ct", "kind", "label", "prf_input", "salt"];

/** Open what `aeadSeal` made. Throws VaultError("does_not_open") whatever differs. */
export async function aeadOpen(raw, blob, additionalData) {
  try {
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
    const algorithm = { name: "AES-GCM", iv: blob.slice(0, NONCE_BYTES), additionalData };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, blob.slice(NONCE_BYTES)));
  } catch {
    throw new VaultError("does_not_open");
  }
}

/** Refuse a bundle of another shape, or one whose slots are cheaper to guess than the floor. */
export function checkBundle(bundle) {
  const has = (value, fields) => Object.keys(value).sort().join() === fields.join();
  if (!has(bundle, BUNDLE_FIELDS) || bundle.alg !== ALG) throw new VaultError("malformed");
  for (const slot of bundle.slots) {
    if (slot.kind === "prf") {
      if (!has(slot, PRF_FIELDS)) throw new VaultError("malformed");
      unhex(slot.prf_input, PRF_BYTES);
    } else {
      if (!["passphrase", "words"].includes(slot.kind) || !has(slot, SLOW_FIELDS)) {
        throw new VaultError("malformed");
      }
      const isWithin = Object.keys(FLOOR).every(
        (name) =>
          Number.isSafeInteger(slot[name]) &&
          slot[name] >= FLOOR[name] &&
          slot[name] <= CEILING[name],
      );
      if (!isWithin || slot.parallelism !== 1) throw new VaultError("weak_slot");
    }
    unhex(slot.salt, SALT_BYTES);
  }
  if (!bundle.slots.some((slot) => slot.kind === "words")) throw new VaultError("malformed");
}

/** The spelling of a secret that is hashed: a passphrase as typed, recovery words in lower case. */
function spelling(kind, typed) {
  if (kind === "words") return typed.trim().toLowerCase().split(/\s+/).join(" ");
  const passphrase = typed.normalize("NFC");
  if (passphrase.length < SHORTEST_PASSPHRASE) throw new VaultError("weak_passphrase");
  return passphrase;
}

function slotContext(officer, slot) {
  if (slot.kind === "prf") {
    const input = unhex(slot.prf_input, PRF_BYTES);
    return ctx("bundle-slot", officer, "prf", unhex(slot.salt), input, unhex(slot.credential));
  }
  const costs = [slot.time_cost, slot.memory_cost_kib, slot.parallelism].map(String);
  return ctx("bundle-slot", officer, slot.kind, unhex(slot.salt), ...costs);
}

async function prfKey(officer, slot, output) {
  const algorithm = {
    name: "HKDF",
    hash: "SHA-256",
    salt: unhex(slot.salt),
    info: ctx("prf-slot", officer),
  };
  const input = await crypto.subtle.importKey("raw", output, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, input, 8 * KEY_BYTES));
}

/** The key of a slot that a person knows. `onProgress` gets 0 … 1 some thousand times. */
async function slowKey(slot, typed, onProgress) {
  const secret = utf8(spelling(slot.kind, typed));
  try {
    return await argon2idAsync(secret, unhex(slot.salt), {
      t: slot.time_cost,
      m: slot.memory_cost_kib,
      p: slot.parallelism,
      dkLen: KEY_BYTES,
      asyncTick: SLICE_MS,
      onProgress,
    });
  } finally {
    wipe(secret);
  }
}

/**
 * The bundle key out of the first slot of `kind` that the secret opens.
 *
 * `secret` is what was typed, or for "prf" {credential, output} of `askAuthenticator`. Throws
 * VaultError("does_not_open") for a wrong secret and "no_slot" when there is no slot of the kind.
 */
export async function bundleKey(bundle, kind, secret, onProgress = undefined) {
  checkBundle(bundle);
  const slots = bundle.slots.filter(
    (slot) => slot.kind === kind && (kind !== "prf" || slot.credential === secret.credential),
  );
  if (slots.length === 0) throw new VaultError("no_slot");
  for (const slot of slots) {
    const kek =
      kind === "prf"
        ? await prfKey(bundle.officer, slot, secret.output)
        : await slowKey(slot, secret, onProgress);
    const opened = await aeadOpen(kek, unhex(slot.ct), slotContext(bundle.officer, slot)).catch(
      () => null,
    );
    wipe(kek);
    if (opened) return opened;
  }
  throw new VaultError("does_not_open");
}

/**
 * Unlock an officer's keys: {officer, enc (pair for `open`), sign (CryptoKey), encPk, sigPk}.
 *
 * The private halves become keys of the engine that no script can read back, ours included.
 */
export async function unlock(bundle, key) {
  const owner = ctx("bundle", bundle.officer, unhex(bundle.enc_pk, 32), unhex(bundle.sig_pk, 32));
  const body = await aeadOpen(key, unhex(bundle.body), owner);
  if (body.length !== 2 * KEY_BYTES) throw new VaultError("malformed");
  const [encSecret, signSeed] = [body.slice(0, KEY_BYTES), body.slice(KEY_BYTES)];
  try {
    const enc = await importKeyPair(encSecret);
    if (!equal(enc.publicRaw, unhex(bundle.enc_pk))) throw new VaultError("malformed");
    const sign = await importSigningKey(signSeed);
    return { officer: bundle.officer, enc, sign, encPk: bundle.enc_pk, sigPk: bundle.sig_pk };
  } finally {
    wipe(body, encSecret, signSeed);
  }
}

const credentialOf = (slot) => ({ type: "public-key", id: unhex(slot.credential) });

function prfOutput(answer) {
  const first = answer.getClientExtensionResults().prf?.results?.first;
  if (!first) throw new VaultError("no_prf");
  return { credential: hex(new Uint8Array(answer.rawId)), output: new Uint8Array(first) };
}

/** Ask a security key for the secret of one of these PRF slots: {credential, output}. */
export async function askAuthenticator(slots) {
  if (slots.length === 0) throw new VaultError("no_slot");
  const inputs = slots.map((slot) => [
    base64url(unhex(slot.credential)),
    { first: unhex(slot.prf_input) },
  ]);
  const answer = await navigator.credentials.get({
    publicKey: {
      challenge: random(32), // nobody checks the signature: only the PRF's output is wanted
      allowCredentials: slots.map(credentialOf),
      userVerification: "required",
      extensions: { prf: { evalByCredential: Object.fromEntries(inputs) } },
    },
  });
  return prfOutput(answer);
}

/** The bundle's slots that security keys open. */
export const prfSlots = (bundle) => bundle.slots.filter((slot) => slot.kind === "prf");

/**
 * The bundle with one slot more, for a new security key; `key` is `bundleKey`'s.
 *
 * Asks the person twice where the authenticator evaluates only when signing in.
 */
export async function withSecurityKey(bundle, key, label) {
  checkBundle(bundle);
  const input = random(PRF_BYTES);
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: random(32),
      rp: { name: "Brankas" },
      user: { id: unhex(bundle.officer), name: label, displayName: label },
      pubKeyCredParams: SIGNATURES.map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: prfSlots(bundle).map(credentialOf),
      authenticatorSelection: { userVerification: "required", residentKey: "discouraged" },
      extensions: { prf: { eval: { first: input } } },
    },
  });
  const { enabled, results } = made.getClientExtensionResults().prf ?? {};
  if (!enabled) throw new VaultError("no_prf");
  const slot = {
    kind: "prf",
    label,
    salt: hex(random(SALT_BYTES)),
    prf_input: hex(input),
    credential: hex(new Uint8Array(made.rawId)),
  };
  const { output } = results?.first ? prfOutput(made) : await askAuthenticator([slot]);
  const kek = await prfKey(bundle.officer, slot, output);
  const ct = hex(await aeadSeal(kek, key, slotContext(bundle.officer, slot)));
  wipe(kek, output);
  return { ...bundle, slots: [...bundle.slots, { ...slot, ct }] };
}
