/*
 * Whether a text that others read repeats something of an opened identity (docs/vault-format.md, 11).
 *
 * The same rule as complaints/vaultctl/comparing.py; tests/vectors/identity_in_text_v1.json holds both.
 * Letters are compared without case, accents, joiners and invisible characters; numbers by their digits.
 * Free of the page and of the network.
 *
 * texts    {texts: [{place, text}], known: [text]}: what others read, and phrases that the matter itself
 *          gives (names of the accused, agencies, regions)
 */
const NAME_LETTERS = 4;
const JOINED_LETTERS = 8;
const NUMBER_DIGITS = 7;
const NIK_DIGITS = 16;
const AROUND = 28;

const GENERIC = new Set(
  `jalan raya gang lorong komplek kompleks perum perumahan blok nomor dusun kampung lingkungan desa
   kelurahan kecamatan kabupaten kota provinsi rumah depan belakang samping sebelah dekat kantor pasar
   masjid gereja sekolah nagari gampong banjar distrik`.split(/\s+/u),
);

/** A word in small letters, without accents and invisible characters. */
const plain = (word) => word.normalize("NFKD").replace(/[\p{M}\p{Cf}]/gu, "").toLowerCase();

const isLetter = (character) => /[\p{L}\p{N}]/u.test(character);
const isPart = (character) => /[\p{L}\p{N}\p{M}\p{Cf}]/u.test(character);

/** Each word as it is compared, with where it begins and ends, in characters. */
function wordsOf(text) {
  const characters = [...text, "\n"];
  const found = [];
  let start = -1;
  characters.forEach((character, at) => {
    if (isPart(character)) {
      if (start < 0) start = at;
      return;
    }
    const word = start < 0 ? [] : characters.slice(start, at);
    if (word.some(isLetter)) found.push({ word: plain(word.join("")), start, end: at });
    start = -1;
  });
  return found;
}

/** Where one list stands in another, one after the other; -1 for nowhere. */
function indexOfAll(phrase, words, from = 0) {
  for (let first = from; first + phrase.length <= words.length; first += 1) {
    if (phrase.every((word, at) => words[first + at] === word)) return first;
  }
  return -1;
}

/** The words that are part of no known phrase. */
function without(words, known) {
  const all = words.map(({ word }) => word);
  const taken = new Set();
  for (const phrase of known.filter(({ length }) => length > 0)) {
    let first = indexOfAll(phrase, all);
    while (first >= 0) {
      for (let at = 0; at < phrase.length; at += 1) taken.add(first + at);
      first = indexOfAll(phrase, all, first + 1);
    }
  }
  return words.filter((_word, at) => !taken.has(at));
}

const lengthOf = (word) => [...word].length;

/** The words of the first part of an address that has any: parts end at comma, semicolon or line. */
function street(address) {
  for (const part of address.split(/[,;\n]/u)) {
    const named = wordsOf(part)
      .map(({ word }) => word)
      .filter((word) => lengthOf(word) >= NAME_LETTERS && /^\p{L}+$/u.test(word))
      .filter((word) => !GENERIC.has(word));
    if (named.length > 0) return named;
  }
  return [];
}

/** The digits of a text, with where each stands. */
function digitsOf(text) {
  const found = [];
  [...text].forEach((character, at) => {
    for (const digit of character.normalize("NFKD").replace(/[^0-9]/gu, "")) found.push({ digit, at });
  });
  return found;
}

const joinDigits = (found) => found.map(({ digit }) => digit).join("");

/** A number without what a telephone's may begin with; a NIK begins with its region. */
function core(value) {
  const digits = joinDigits(digitsOf(value));
  return digits.length < NIK_DIGITS ? digits.replace(/^62/u, "").replace(/^0/u, "") : digits;
}

function placeOfNumber(value, text) {
  const wanted = core(value);
  const found = digitsOf(text);
  const first = wanted.length < NUMBER_DIGITS ? -1 : joinDigits(found).indexOf(wanted);
  return first < 0 ? null : { start: found[first].at, end: found[first + wanted.length - 1].at + 1 };
}

function placeOfPhrase(value, words) {
  const phrase = wordsOf(value).map(({ word }) => word);
  const first = phrase.length === 0 ? -1 : indexOfAll(phrase, words.map(({ word }) => word));
  if (first < 0) return null;
  return { start: words[first].start, end: words[first + phrase.length - 1].end };
}

function placeOfName(name, free) {
  const parts = wordsOf(name).map(({ word }) => word);
  const parted = new Set(parts.filter((part) => lengthOf(part) >= NAME_LETTERS));
  const joined = parts.length > 1 ? parts.join("") : "";
  const isJoined = (word) => lengthOf(joined) >= JOINED_LETTERS && word.includes(joined);
  return free.find(({ word }) => parted.has(word) || isJoined(word)) ?? null;
}

function placeOf(field, value, text, known) {
  const words = wordsOf(text);
  if (field === "name") return placeOfName(value, without(words, known));
  if (field === "address") {
    const named = new Set(street(value));
    return without(words, known).find(({ word }) => named.has(word)) ?? null;
  }
  return value.includes("@") ? placeOfPhrase(value, words) : placeOfNumber(value, text);
}

/** The place with a little around it, on one line. */
const around = (text, { start, end }) =>
  [...text].slice(Math.max(0, start - AROUND), end + AROUND).join("").split(/\s+/u).join(" ").trim();

/** The first place of each field in each text: [{place, field, excerpt}]; empty when nothing repeats it. */
export function leaksIn(identity, { texts, known }) {
  const phrases = known.map((phrase) => wordsOf(phrase).map(({ word }) => word));
  return texts.flatMap(({ place, text }) =>
    Object.keys(identity).sort().flatMap((field) => {
      const at = placeOf(field, identity[field], text, phrases);
      return at === null ? [] : [{ place, field, excerpt: around(text, at) }];
    }),
  );
}
