/*
 * The officer's page of the vault: joins officer.mjs to what templates/complaints/vault/ shows.
 *
 * Keys live in this page's memory from unlocking until they are locked, the page is left, or ten
 * minutes pass without a touch. What is opened is shown for ten minutes and then wiped, from the page
 * and from our variables; also when the page is left, so that no Back brings it up again. Text goes
 * into the page as text alone.
 */
import "../reveal.js";
import {
  askAuthenticator,
  bundleKey,
  checkBundle,
  prfSlots,
  unlock,
  withSecurityKey,
} from "./bundle.mjs";
import { VaultError, hex, utf8, wipe } from "./bytes.mjs";
import { drawCard, fetchCard, pairsOfCard } from "./card_view.mjs";
import { leaksIn } from "./comparing.mjs";
import {
  FINDINGS,
  attest,
  checkRequest,
  handOver,
  makeRequest,
  openDirectory,
  openWithCard,
  readDeskWords,
  release,
  withBasis,
} from "./officer.mjs";
import { canonical, fingerprint, supported } from "./sealing.mjs";

const VIEW_MS = 10 * 60 * 1000;
const IDLE_MS = 10 * 60 * 1000;
const TICK_MS = 1000;
const TRUST = "vault-trust"; // the officer's own device remembers the root and the newest list seen
const WATERMARKS = 12;

const page = document.querySelector("[data-vault]");
const client = document.querySelector("[data-vault-client]");
const part = (name) => client.querySelector(`[data-vault-${name}]`);
const forms = (name) => page.querySelectorAll(`[data-vault-form=${name}]`);

let account = null; // {officer, root, bundle, listing} of the server
let keys = null;
let openedNow = null; // {request, identity} while an identity is on the page
let compared = null; // {request, digest of the texts, clean}: what is left of it once it is wiped
let views = []; // functions that wipe what is shown
let goOn = null; // what goes on once the keys are unlocked; the last press counts
let lastTouch = 0;

const textFor = (code) => part("texts").content.querySelector(`[data-text="${CSS.escape(code)}"]`);

/** The words for a code, from the page, so that they are translated with it. */
const say = (code) => (textFor(code) ?? textFor("")).textContent;

/** What a field of the identity is called; one that this page does not know keeps its name. */
const labelOf = (name) => textFor(`field:${name}`)?.textContent ?? name;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** Say something at the key panel, or at the form it is about. */
function tell(text, form = null, isError = false) {
  let note = form ? form.querySelector(":scope > [data-vault-note]") : part("status");
  if (!note) {
    note = element("p", { "data-vault-note": "", role: "status" });
    form.append(note);
  }
  note.classList.toggle("field__error", isError);
  note.textContent = text;
}

/** Speak JSON with the server. A refusal is a VaultError that carries the server's own words. */
async function call(url, body = undefined) {
  const options = { cache: "no-store", redirect: "error", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.method = "POST";
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
    options.headers["X-CSRFToken"] = document.querySelector("[name=csrfmiddlewaretoken]").value;
  }
  const answer = await fetch(url, options).catch(() => {
    throw new VaultError("offline");
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = new VaultError(said.code ?? "refused");
    error.words = said.message ?? "";
    throw error;
  }
  return said;
}

const explain = (error) =>
  error.words || say(error instanceof VaultError ? error.code : (error.name ?? ""));

/* --- trust: what this device remembers -------------------------------------------------------- */

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(TRUST));
  } catch {
    return null;
  }
}

/** The server's lists seen through the root that this device knows. */
async function directory() {
  const known = remembered() ?? { root_pk: account.root, least_serial: 1 };
  if (known.root_pk !== account.root) throw new VaultError("other_root");
  const opened = await openDirectory(account.listing, known, new Date());
  const trust = { root_pk: known.root_pk, least_serial: account.listing.revocations.serial };
  localStorage.setItem(TRUST, JSON.stringify(trust));
  return opened;
}

/* --- unlocking -------------------------------------------------------------------------------- */

function showLock() {
  part("locked").hidden = keys !== null;
  part("unlocked").hidden = keys === null;
}

function lock() {
  keys = null;
  for (const close of [...views]) close();
  goOn = null;
  showLock();
}

const whenUnlocked = () =>
  new Promise((resolve) => {
    if (keys) {
      resolve();
      return;
    }
    goOn = resolve;
    tell(say("unlock_first"));
    client.scrollIntoView({ block: "start" });
    client.querySelector("[data-vault-unlock]:not([hidden]) :is(input, button)")?.focus();
  });

async function open(kind, typed) {
  const progress = part("progress");
  progress.hidden = kind === "prf";
  progress.value = 0;
  try {
    const isTyped = kind !== "prf";
    const secret = isTyped ? typed : await askAuthenticator(prfSlots(account.bundle));
    const key = await bundleKey(account.bundle, kind, secret, (done) => { progress.value = done; });
    keys = await unlock(account.bundle, key);
    await directory(); // refuse to work at all with a forged or withheld list
    return key;
  } catch (error) {
    keys = null;
    throw error;
  } finally {
    progress.hidden = true;
  }
}

async function openAndGoOn(kind, typed) {
  tell(say("unlocking"));
  try {
    wipe(await open(kind, typed));
  } catch (error) {
    tell(explain(error), null, true);
    return;
  }
  tell(say("unlocked"));
  showLock();
  goOn?.();
  goOn = null;
}

/** Put another security key into the bundle; the way in is asked for once more. */
async function addSecurityKey(typed, label) {
  try {
    const key = await open("passphrase", typed);
    const bundle = await withSecurityKey(account.bundle, key, label);
    wipe(key);
    await call(client.dataset.bundleUrl, { bundle });
    account = { ...account, bundle };
    tell(say("key_added"));
  } catch (error) {
    tell(explain(error), null, true);
  }
  showLock();
}

/* --- what is opened --------------------------------------------------------------------------- */

function listOf(pairs) {
  const list = element("dl", { class: "facts" });
  for (const [label, text] of pairs) {
    list.append(element("div", {}, element("dt", {}, label), element("dd", {}, text)));
  }
  return list;
}

/** Put the places where texts repeat the identity under it; they go when it is wiped. */
function showLeaks(pairs) {
  const view = page.querySelector("[data-vault-view]");
  view?.querySelector("[data-vault-leaks]")?.remove();
  if (!view || pairs.length === 0) return;
  const list = listOf(pairs);
  list.dataset.vaultLeaks = "";
  view.querySelector("dl").after(list);
}

/** Show `pairs` of [label, text] after `place` for ten minutes, with who looks and when across it. */
function show(place, title, pairs, onClose = () => {}) {
  const ends = Date.now() + VIEW_MS;
  const clock = element("output", { class: "tag tag--amber" });
  const closing = { class: "button button--outline button--small", type: "button" };
  const close = element("button", closing, say("close_now"));
  const list = listOf(pairs);
  const mark = `${account.officer.slice(0, 8)} · ${new Date().toLocaleString("id-ID")}`;
  const marks = element("div", { class: "vault-view__marks", "aria-hidden": "true" });
  for (let at = 0; at < WATERMARKS; at += 1) marks.append(element("span", { "data-mark": mark }));
  const heading = element("h2", { tabindex: "-1" }, title);
  const head = element("div", { class: "pane__head" }, heading, clock);
  const foot = element("div", { class: "pane__body" }, close);
  const view = element("section", { class: "pane vault-view no-print" }, head, list, foot, marks);
  view.dataset.vaultView = "";
  place.after(view);
  heading.focus();

  const tick = () => {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}.${String(left % 60).padStart(2, "0")}`;
    if (left === 0) wipeView();
  };
  const timer = setInterval(tick, TICK_MS);
  function wipeView() {
    clearInterval(timer);
    for (const shown of view.querySelectorAll("dd")) shown.textContent = "";
    for (const drawn of view.querySelectorAll("canvas")) drawn.width = drawn.height = 0;
    view.replaceChildren();
    view.remove();
    views = views.filter((one) => one !== wipeView);
    onClose();
    tell(say("wiped"));
  }
  close.addEventListener("click", wipeView);
  views.push(wipeView);
  tick();
}

const forget = () => {
  openedNow = null;
  showHandover();
};

/** A hand-over needs the identity; an attestation only that it was opened. */
function showHandover() {
  for (const form of forms("handover")) form.hidden = openedNow === null;
}

/* --- the forms -------------------------------------------------------------------------------- */

async function digestOf(file) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
}

const ORDER = ["name", "address", "contact", "no_contact", "eligible", "nik"];

/** The identity as [label, text], what is asked first first. */
function pairsOf(identity) {
  const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const names = Object.keys(identity).sort((one, other) => rank(one) - rank(other));
  const shown = (text) => (text === "yes" ? say("answer:yes") : text || "–");
  return names.map((name) => [labelOf(name), shown(identity[name])]);
}

/** What a reporter wrote, as [label, text]: messages are text, the statement is JSON of its parts. */
function linesOf(kind, text) {
  if (kind !== "statement") return [[say("kind:message"), text]];
  const told = JSON.parse(text);
  const parts = ["story", "other_act", "links", "witness"].map((name) => [name, told[name]]);
  return parts
    .map(([name, value]) => [name, Array.isArray(value) ? value.join("\n") : (value ?? "")])
    .filter(([, value]) => value !== "")
    .map(([name, value]) => [say(`told:${name}`), value]);
}

/** Compare what others read with the open identity: [label, text] of each place, for this screen alone. */
async function compareTexts(texts) {
  const { request, identity } = openedNow;
  const leaks = leaksIn(identity, texts);
  const digest = await fingerprint(utf8(canonical(texts)));
  compared = { request: request.id, digest, isClean: leaks.length === 0 };
  if (leaks.length === 0) return texts.texts.length === 0 ? [] : [[say("texts"), say("no_leak")]];
  return leaks.map(({ place, field, excerpt }) => [
    place,
    `${say("leak")} ${labelOf(field)} (“… ${excerpt} …”)`,
  ]);
}

/**
 * Refuse to sign while a text that others read repeats the identity.
 *
 * The texts are those of now. Once the identity is wiped, only what was compared before counts.
 */
async function checkTexts(texts, request) {
  if (texts.texts.length === 0) return;
  if (openedNow?.request.id === request.id) {
    const pairs = await compareTexts(texts);
    if (compared.isClean) return;
    showLeaks(pairs);
    throw new VaultError("identity_in_text");
  }
  const digest = await fingerprint(utf8(canonical(texts)));
  if (compared?.request !== request.id || compared.digest !== digest) {
    throw new VaultError("not_compared");
  }
  if (!compared.isClean) throw new VaultError("identity_in_text");
}

const ACTIONS = {
  async request(form) {
    const { purpose, reason, reference, document: chosen } = form.elements;
    const file = chosen?.files[0];
    const text = file
      ? withBasis(reason.value, reference.value.trim(), await digestOf(file))
      : reason.value;
    const { report } = form.dataset;
    const asked = { report, purpose: purpose.value, reason: text, now: new Date() };
    const { href } = await call(form.action, await makeRequest(keys, asked));
    location.assign(href);
  },

  async release(form) {
    const { request, part: held } = await call(form.dataset.file);
    const seen = { request, part: held, directory: await directory() };
    await call(form.action, await release(keys, seen));
    leave();
  },

  async open(form) {
    await directory(); // what is handed out here is handed out once: find out first whether lists hold
    const sealedCard = await fetchCard(form.dataset.card);
    const { own, part: held, release: released, texts } = await call(form.action, {});
    const { identity, card, cardError } = await openWithCard(keys, {
      own,
      released,
      part: held,
      directory: await directory(),
      card: sealedCard,
    });
    openedNow = { request: own.request, identity };
    form.hidden = true;
    showHandover();
    for (const next of forms("attest")) next.hidden = false;
    const pairs = [...pairsOf(identity), ...pairsOfCard(card, cardError, say)];
    show(form, say("identity"), pairs, forget);
    if (card) await drawCard(card, page.querySelector("[data-vault-view] dl"), say);
    showLeaks(await compareTexts(texts));
  },

  async attest(form) {
    // What is attested to is a ciphertext and a request; the identity itself may be wiped by now.
    const [{ own, texts }, held] = await Promise.all([
      call(form.dataset.file),
      call(form.dataset.part),
    ]);
    await checkTexts(texts, own.request);
    const answers = FINDINGS.map((name) => [name, form.querySelector(`[name$="${name}"]`)]);
    const known = { yes: true, no: false };
    const result = Object.fromEntries(
      answers.filter(([, input]) => input).map(([name, input]) => [name, known[input.value] ?? null]),
    );
    const about = { request: own.request, part: held, result, now: new Date() };
    await call(form.action, await attest(keys, about));
    leave();
  },

  async handover(form) {
    if (!openedNow) throw new VaultError("not_open");
    const { request, identity } = openedNow;
    const { consent, consent_pk: consentPk } = await call(form.dataset.file);
    if (!consent) throw new VaultError("purpose");
    const given = { identity, request, consent, consentPk, directory: await directory() };
    await call(form.action, await handOver(given));
    tell(say("handed_over"), form);
  },

  async words(form) {
    const { words: sealed } = await call(form.action);
    const seen = await directory();
    const texts = await Promise.all(
      sealed.map((one) => readDeskWords(keys, { words: one, directory: seen })),
    );
    form.hidden = true;
    const pairs = texts.flatMap((text, at) => linesOf(sealed[at].kind, text));
    show(form, say("words"), pairs, () => { form.hidden = false; });
  },
};

/** Show the page as it is now, with nothing of before in it. */
function leave() {
  lock();
  location.reload();
}

async function act(form) {
  await whenUnlocked();
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    tell(say("working"), form);
    await ACTIONS[form.dataset.vaultForm](form);
    if (form.querySelector("[data-vault-note]").textContent === say("working")) tell("", form);
  } catch (error) {
    tell(explain(error), form, true);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** Before a custodian decides: whether the request holds, in the words of the page. */
async function preview(form) {
  try {
    const { request, part: held } = await call(form.dataset.file);
    const asked = { request, custodian: account.officer, part: held, directory: await directory() };
    await checkRequest(asked);
    tell(say("request_holds"), form);
  } catch (error) {
    tell(explain(error), form, true);
  }
}

/* --- the page --------------------------------------------------------------------------------- */

function listen() {
  for (const form of client.querySelectorAll("[data-vault-unlock]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = form.elements.secret?.value ?? "";
      form.reset();
      openAndGoOn(form.dataset.vaultUnlock, typed);
    });
  }
  part("add").addEventListener("submit", (event) => {
    event.preventDefault();
    const { secret, label } = event.target.elements;
    const given = [secret.value, label.value.trim()];
    event.target.reset();
    addSecurityKey(...given);
  });
  part("lock").addEventListener("click", lock);
  for (const form of page.querySelectorAll("[data-vault-form]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act(form);
    });
    form.hidden = "vaultLater" in form.dataset;
    if (form.dataset.vaultForm === "release") preview(form);
  }
  showHandover();
  // Leaving wipes: what the browser keeps for Back holds neither keys nor names.
  addEventListener("pagehide", lock);
  const touched = () => { lastTouch = Date.now(); };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, touched, { passive: true });
  setInterval(() => {
    if (keys && Date.now() - lastTouch > IDLE_MS) lock();
  }, TICK_MS);
}

async function start() {
  client.hidden = false;
  try {
    if (!(await supported())) throw new VaultError("unsupported");
    account = await call(page.dataset.keysUrl);
    if (!account.bundle) throw new VaultError("no_bundle");
    checkBundle(account.bundle);
    if (account.bundle.officer !== account.officer) throw new VaultError("malformed");
  } catch (error) {
    tell(explain(error), null, true);
    return;
  }
  for (const form of client.querySelectorAll("[data-vault-unlock]")) {
    form.hidden = !account.bundle.slots.some(({ kind }) => kind === form.dataset.vaultUnlock);
  }
  part("root").textContent = account.root.match(/.{4}/g).join(" ");
  listen();
  showLock();
}

if (page && client) start();
