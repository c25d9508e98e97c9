/*
 * The page that asks for the reporter's name: seals it in this browser and sends the sealed name alone.
 *
 * What was typed never enters the request, whichever button is pressed: the `formdata` event takes it
 * out while the request is being made. Where the browser cannot seal, or a key does not verify, nothing
 * is changed, the server seals, and the page goes on saying so.
 *
 * templates/complaints/intake/identity.html says what the page carries. Only the button do=next seals.
 */
import { base64url, utf8 } from "./vault/bytes.mjs";
import { blobJson, sealWithCardKey, supported, verifyKeys } from "./vault/sealing.mjs";

const PLAIN = ["name", "address", "eligible", "contact", "no_contact", "nik"];
const SHORTEST_NAME_PART = 3;
const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s.]+$/;
const [FEWEST_PHONE_DIGITS, MOST_PHONE_DIGITS] = [9, 15];

const words = (text) => text.normalize("NFKC").match(/\p{L}+/gu) ?? [];
const plain = (word) => word.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

/** The words of a name, three letters or more, that a story holds; as the name has them. */
export function namePartsIn(story, name) {
  const told = new Set(words(story).map(plain));
  const parts = new Set(words(name).filter((word) => Array.from(word).length >= SHORTEST_NAME_PART));
  return [...parts].filter((part) => told.has(plain(part)));
}

const isEmail = (typed) => /[@A-Za-z]/.test(typed);

function isContact(typed) {
  if (isEmail(typed)) return EMAIL.test(typed);
  const digits = typed.replace(/\D/g, "").length;
  return digits >= FEWEST_PHONE_DIGITS && digits <= MOST_PHONE_DIGITS;
}

/** The words with which the page corrects a field. */
function whatToDo(input) {
  const { missing, invalidEmail, invalidPhone } = input.dataset;
  return missing ?? (isEmail(input.value) ? invalidEmail : invalidPhone);
}

/** What goes under the seal, and the names of the fields that are not right. */
function read(form) {
  const typed = (name) => form.elements[name].value.trim();
  const ticked = (name) => form.elements[name].checked;
  const wrong = ["name", "address"].filter((name) => !typed(name));
  if (!ticked("eligible")) wrong.push("eligible");
  const wantsContact = !ticked("no_contact") && typed("contact");
  if (wantsContact && !isContact(typed("contact"))) wrong.push("contact");
  const identity = {
    name: typed("name"),
    address: typed("address"),
    eligible: "yes",
    contact: ticked("no_contact") ? "" : typed("contact"),
    no_contact: ticked("no_contact") ? "yes" : "",
    nik: typed("nik"),
  };
  return { identity, wrong };
}

const errorId = (input) => `${input.id}_error`;

const describedBy = (input) => (input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);

function describe(input, ids) {
  if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
  else input.removeAttribute("aria-describedby");
}

function clearErrors(form) {
  for (const shown of document.querySelectorAll(".error-summary, .field__error")) shown.remove();
  for (const input of PLAIN.map((name) => form.elements[name])) {
    input.removeAttribute("aria-invalid");
    describe(input, describedBy(input).filter((id) => id !== errorId(input)));
    input.closest(".field").classList.remove("field--error");
  }
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** Say at each field and in a summary what to do, as the server does; `errors` are [input, text]. */
function showErrors(form, title, errors) {
  const lines = errors.map(([input, message]) => {
    const field = input.closest(".field");
    const place = input.type === "checkbox" ? field.firstElementChild : input;
    place.before(element("p", { class: "field__error", id: errorId(input) }, message));
    field.classList.add("field--error");
    input.setAttribute("aria-invalid", "true");
    describe(input, [...describedBy(input), errorId(input)]);
    return element("li", {}, element("a", { href: `#${input.id}` }, message));
  });
  const heading = element("h2", { id: "error-summary-title" }, title);
  const attributes = {
    class: "error-summary",
    role: "alert",
    tabindex: "-1",
    "aria-labelledby": heading.id,
  };
  const summary = element("div", attributes, heading, element("ul", {}, ...lines));
  form.before(summary);
  summary.focus();
}

/** Take the form over, so that only the sealed name leaves this page. */
function takeOver(form, keys, place) {
  const { report, lane, summary, tooLong } = place.dataset;
  // Where a name is given later there is no story beside it.
  const story = document.getElementById("story")?.content.textContent ?? "";
  const own = document.getElementById("own-name");
  const ownWords = document.getElementById("own-name-words");
  const mode = document.getElementById("seal-mode");
  const ofServer = mode.textContent;
  let [sealed, cardKeyOfName, isBusy] = ["", "", false];

  function withoutPlain({ formData }) {
    for (const name of PLAIN) formData.delete(name);
    formData.set("sealed", sealed);
    formData.set("card_key", cardKeyOfName);
  }

  function giveBack() {
    form.removeEventListener("formdata", withoutPlain);
    form.removeEventListener("submit", onSubmit, true);
    mode.textContent = ofServer;
    mode.setAttribute("role", "status");
  }

  /** Whether the story holds words of the name that its writer has not been asked about. */
  function asksAboutOwnName(name) {
    const found = namePartsIn(story, name).join(", ");
    if (!found || (!own.hidden && found === ownWords.textContent)) return false;
    ownWords.textContent = found;
    own.hidden = false;
    own.setAttribute("role", "alert");
    own.querySelector("button").focus();
    return true;
  }

  /** Send in the background and replace the page, so that the history keeps one entry. */
  async function send(button) {
    const data = new FormData(form);
    if (button.name) data.set(button.name, button.value);
    const options = { method: "POST", body: new URLSearchParams(data), redirect: "manual" };
    const answer = await fetch(form.action, { ...options, cache: "no-store" }).catch(() => null);
    if (answer?.type === "opaqueredirect") {
      // as form.js does: files may be on their way
      const next = new CustomEvent("page:next", { cancelable: true, detail: form.action });
      if (document.dispatchEvent(next)) location.replace(form.action);
    } else if (answer) {
      // A refusal is a page to show, which only the browser itself can do.
      if (button.name) {
        form.append(element("input", { type: "hidden", name: button.name, value: button.value }));
      }
      form.submit();
    } else {
      form.querySelector(".lost")?.remove();
      form.append(element("p", { class: "lost", role: "alert" }, form.dataset.lost ?? ""));
    }
  }

  async function sealAndSend(button) {
    clearErrors(form);
    const { identity, wrong } = read(form);
    if (wrong.length) {
      const inputs = wrong.map((name) => form.elements[name]);
      showErrors(form, summary, inputs.map((input) => [input, whatToDo(input)]));
      return;
    }
    if (asksAboutOwnName(identity.name)) return;
    try {
      const { blob, cardKey } = await sealWithCardKey(identity, { report, lane, ...keys });
      sealed = base64url(utf8(blobJson(blob)));
      cardKeyOfName = cardKey;
    } catch (error) {
      if (error.code === "malformed") showErrors(form, summary, [[form.elements.name, tooLong]]);
      else giveBack();
      return;
    }
    await send(button);
  }

  function onSubmit(event) {
    event.preventDefault();
    event.stopImmediatePropagation(); // form.js would count this as sent
    if (isBusy) return;
    isBusy = true;
    const button = event.submitter ?? { name: "do", value: "next" };
    const isSealing = !button.name || (button.name === "do" && button.value === "next");
    (isSealing ? sealAndSend : send)(button).finally(() => { isBusy = false; });
  }

  form.addEventListener("formdata", withoutPlain);
  form.addEventListener("submit", onSubmit, true);
  mode.textContent = mode.dataset.browser;
}

async function start(form, place) {
  const today = new Date().toISOString().slice(0, 10);
  try {
    if (!(await supported())) return;
    takeOver(form, await verifyKeys(JSON.parse(place.dataset.keys), place.dataset.root, today), place);
  } catch {
    // A key that does not verify, or a clock far off: the server seals, as the page says.
  }
}

const place = globalThis.document?.getElementById("seal");
if (place) start(place.closest("form"), place);
