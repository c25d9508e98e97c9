/*
 * The identity card of a reporter, as a counter sealed it (docs/vault-format.md, 13).
 *
 * Opens with the identity's own key alone. Same bytes as complaints/vault/crypto/cards.py.
 */
import { VaultError, fromUtf8 } from "./bytes.mjs";
import { open } from "./hpke.mjs";
import { canonical, cardPair, ctx } from "./sealing.mjs";

const LENGTH_BYTES = 4;
const LEAST_BYTES = 4096;
const IMAGE_TYPES = ["image/jpeg", "image/png"];
const KEYS = ["content_type", "is_of_bearer", "office", "officer", "scanned_at"];

/** The padded size after Padmé: the smallest not under `size` whose lower bits are zero. */
export function padme(size) {
  const exponent = Math.floor(Math.log2(size));
  const step = 2 ** Math.max(0, exponent - Math.floor(Math.log2(exponent)) - 1);
  return Math.ceil(size / step) * step;
}

/** Read length and bytes at `at`: [these, where the next begins]. */
function partAt(packed, at) {
  if (at + LENGTH_BYTES > packed.length) throw new VaultError("malformed");
  const size = new DataView(packed.buffer, packed.byteOffset).getUint32(at);
  const end = at + LENGTH_BYTES + size;
  if (end > packed.length) throw new VaultError("malformed");
  return [packed.slice(at + LENGTH_BYTES, end), end];
}

/** What lies in an opened card: {contentType, officer, office, scannedAt, isOfBearer, image}. */
export function unpackCard(packed) {
  const malformed = () => new VaultError("malformed");
  const [words, next] = partAt(packed, 0);
  const [image, end] = partAt(packed, next);
  if (packed.length !== padme(Math.max(end, LEAST_BYTES))) throw malformed();
  if (packed.subarray(end).some((byte) => byte !== 0)) throw malformed();
  const text = fromUtf8(words);
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    throw malformed();
  }
  const isCard = canonical(Object.keys(told).sort()) === canonical(KEYS) && canonical(told) === text;
  if (!isCard || !IMAGE_TYPES.includes(told.content_type)) throw malformed();
  if (typeof told.is_of_bearer !== "boolean" || typeof told.office !== "string") throw malformed();
  return {
    contentType: told.content_type,
    officer: told.officer,
    office: told.office,
    scannedAt: told.scanned_at,
    isOfBearer: told.is_of_bearer,
    image,
  };
}

/** Open the sealed card (Uint8Array) of the report whose identity's key is `dek`. */
export async function openCard(dek, report, sealed) {
  return unpackCard(await open(await cardPair(dek, report), sealed, ctx("identity-card", report)));
}
