/* Bytes, their notations, and the one error of the vault. Nothing here knows what the bytes mean. */
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A refusal of the vault. `code` is one of the codes of docs/vault-format.md; no secret is in it. */
export class VaultError extends Error {
  constructor(code) {
    super(code);
    this.name = "VaultError";
    this.code = code;
  }
}

/** Text as UTF-8. A half of a surrogate pair has no UTF-8 and would change silently: refused. */
export function utf8(text) {
  if (/\p{Surrogate}/u.test(text)) throw new VaultError("malformed");
  return encoder.encode(text);
}

/** UTF-8 as text. Throws VaultError("malformed") on any byte that is not UTF-8. */
export function fromUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new VaultError("malformed");
  }
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Bytes of lower-case hex; with `size`, of exactly that many bytes. */
export function unhex(digits, size = null) {
  const isHex = typeof digits === "string" && /^(?:[0-9a-f]{2})*$/.test(digits);
  if (!isHex || (size !== null && digits.length !== 2 * size)) throw new VaultError("malformed");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Base64 with + and / and padding: what Python's b64encode writes. */
export function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Bytes of base64 or base64url, padded or not. */
export function unbase64(letters) {
  let binary;
  try {
    binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    throw new VaultError("malformed");
  }
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** Base64 for addresses and form fields: - and _ and no padding. */
export const base64url = (bytes) =>
  base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Whether two byte strings are equal, in a time that does not tell where they differ. */
export function equal(one, other) {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at += 1) difference |= one[at] ^ other[at];
  return difference === 0;
}

export const xor = (one, other) => one.map((byte, at) => byte ^ other[at]);

/** Overwrite secrets. The engine may hold copies; this shortens how long ours lives. */
export function wipe(...secrets) {
  for (const secret of secrets) secret?.fill(0);
}

export const random = (size) => crypto.getRandomValues(new Uint8Array(size));
