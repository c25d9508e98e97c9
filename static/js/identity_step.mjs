/*
 * The page that asks for the reporter's name: seals it in this browser and sends the sealed name alone.
 *
 * What was typed never enters the request, whichever button is pressed: the `formdata` event takes it
 * out while the request is being made. Where the browser cannot seal, or a key does not verify, nothing
 * is changed, the server seals, and the page goes on saying so.
 *
 * The page carries:
 *   <form data-identity data-keys data-root data-report data-lane data-errors>
 *     data-keys    the published keys (JSON: group_a, group_b, recovery, signers, revocations)
 *     data-root    the pinned root, hex;  data-report  32 hex digits;  data-lane  sealed or open
 *     data-errors  JSON: what to say by field (name, address, eligible, contact) and "too_long"
 *   fields name, address, eligible, contact, no_contact, nik and a hidden field `sealed`
 *   [data-mode=server] and, hidden, [data-mode=browser]: the line that says where the name is locked
 *   [data-seal-failed] hidden: said when sealing failed after all; the next press goes to the server
 *   [data-own-name] hidden, in it [data-own-name-words] and a button own_name=accepted: the question
 *   [data-story]: an element whose text or value is the story
 *   [data-client-errors] hidden, in it an empty list: the error summary
 * Every button seals but those with another `do` than "next".
 */
import { base64url, utf8 } from "./vault/bytes.mjs";
import { blobJson, sealIdentity, supported, verifyKeys } from "./vault/sealing.mjs";

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

function isContact(typed) {
  if (/[@A-Za-z]/.test(typed)) return EMAIL.test(typed);
  const digits = typed.replace(/\D/g, "").length;
  return digits >= FEWEST_PHONE_DIGITS && digits <= MOST_PHONE_DIGITS;
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

function clearErrors(form) {
  for (const shown of form.querySelectorAll("[data-client-error]")) shown.remove();
  for (const name of PLAIN) {
    const input = form.elements[name];
    input.removeAttribute("aria-invalid");
    const others = (input.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .filter((id) => id && id !== errorId(input));
    if (others.length) input.setAttribute("aria-describedby", others.join(" "));
    else input.removeAttribute("aria-describedby");
    input.closest(".field")?.classList.remove("field--error");
  }
}

/** Say at the field and in the summary what to do, as the server does. */
function showErrors(form, errors) {
  const summary = form.ownerDocument.querySelector("[data-client-errors]");
  const list = summary.querySelector("ul");
  list.replaceChildren();
  for (const [name, message] of errors) {
    const input = form.elements[name];
    const error = document.createElement("p");
    error.className = "field__error";
    error.id = errorId(input);
    error.dataset.clientError = "";
    error.textContent = message;
    const field = input.closest(".field") ?? input.parentElement;
    field.classList.add("field--error");
    (input.type === "checkbox" ? field : input).before(error);
    input.setAttribute("aria-invalid", "true");
    const described = [input.getAttribute("aria-describedby"), error.id].filter(Boolean);
    input.setAttribute("aria-describedby", described.join(" "));
    const link = document.createElement("a");
    link.href = `#${input.id}`;
    link.textContent = message;
    const line = document.createElement("li");
    line.append(link);
    list.append(line);
  }
  summary.hidden = errors.length === 0;
  if (errors.length) summary.focus();
}

const sealsWith = (button) => !button || button.name !== "do" || button.value === "next";

/** Take the form over, so that only the sealed name leaves this page. */
function takeOver(form, keys) {
  const page = form.ownerDocument;
  const said = JSON.parse(form.dataset.errors);
  const story = page.querySelector("[data-story]");
  const own = page.querySelector("[data-own-name]");
  const show = (name, isShown) => {
    for (const line of page.querySelectorAll(name)) line.hidden = !isShown;
  };
  let [sealed, pressed, isBusy] = ["", null, false];

  function withoutPlain({ formData }) {
    for (const name of PLAIN) formData.delete(name);
    if (sealed) formData.set("sealed", sealed);
    if (pressed?.name) formData.set(pressed.name, pressed.value);
  }

  function giveBack() {
    form.removeEventListener("formdata", withoutPlain);
    form.removeEventListener("submit", onSubmit);
    show("[data-mode=browser]", false);
    show("[data-mode=server]", true);
    show("[data-seal-failed]", true);
  }

  async function sealAndSend(button) {
    clearErrors(form);
    const { identity, wrong } = read(form);
    showErrors(form, wrong.map((name) => [name, said[name]]));
    if (wrong.length) return;
    const isAccepted = button?.name === "own_name";
    const found = namePartsIn(story?.value ?? story?.textContent ?? "", identity.name);
    if (found.length && !isAccepted) {
      own.querySelector("[data-own-name-words]").textContent = found.join(", ");
      own.hidden = false;
      own.querySelector("button").focus();
      return;
    }
    const { report, lane } = form.dataset;
    try {
      sealed = base64url(utf8(blobJson(await sealIdentity(identity, { report, lane, ...keys }))));
    } catch (error) {
      if (error.code === "malformed") showErrors(form, [["name", said.too_long]]);
      else giveBack();
      return;
    }
    pressed = button;
    HTMLFormElement.prototype.submit.call(form); // fires `formdata`, and `submit` no second time
  }

  function onSubmit(event) {
    if (!sealsWith(event.submitter)) return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    sealAndSend(event.submitter).finally(() => { isBusy = false; });
  }

  form.addEventListener("formdata", withoutPlain);
  form.addEventListener("submit", onSubmit);
  show("[data-mode=server]", false);
  show("[data-mode=browser]", true);
}

async function start(form) {
  const today = new Date().toISOString().slice(0, 10);
  try {
    if (!(await supported())) return;
    takeOver(form, await verifyKeys(JSON.parse(form.dataset.keys), form.dataset.root, today));
  } catch {
    // A key that does not verify, or a clock far off: the server seals, as the page says.
  }
}

const form = globalThis.document?.querySelector("form[data-identity]");
if (form) start(form);
