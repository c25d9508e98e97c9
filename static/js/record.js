/*
 * The record beside its list: what is missing before a proposal, who else is here, where the focus goes
 * after a decision. Without it every link and button works all the same.
 */
const BEAT_MS = 60000;
const live = document.querySelector("[data-live]");

function say(text) {
  if (!live) return;
  live.textContent = "";
  // a region that changes after the page has loaded is read out; what stood there before is not
  window.setTimeout(() => { live.textContent = text; }, 60);
}

function missing(kind) {
  return [...document.querySelectorAll("[data-state]")].filter(
    (box) => box.dataset.state === "open" || (kind === "all" && box.dataset.state === "unmet"),
  );
}

for (const link of document.querySelectorAll("[data-needs]")) {
  link.addEventListener("click", (event) => {
    const boxes = missing(link.dataset.needs);
    if (boxes.length === 0) return;
    event.preventDefault();
    const first = boxes.find((box) => !box.disabled) ?? boxes[0];
    if (!first.disabled) first.focus();
    const count = boxes.length === 1 ? live.dataset.one : `${boxes.length} ${live.dataset.many}`;
    say(`${count} ${first.dataset.label}. ${first.dataset.note}`);
    live.classList.remove("visually-hidden");
    live.classList.add("panel-note");
  });
}

// the list of a new page begins at its top: the row that is open is brought back into view
const open = document.querySelector("[data-row][aria-current='true']");
const list = open?.closest("[data-rows]");
if (list) {
  const row = open.getBoundingClientRect();
  const box = list.getBoundingClientRect();
  if (row.bottom > box.bottom) list.scrollTop += row.top - box.top - (box.height - row.height) / 2;
}

const banner = document.querySelector(".banner[role='status'], .banner[role='alert']");
if (banner) {
  // what stood there when the page came is not read out; what changes in a live region is
  const words = banner.querySelector("p");
  const text = words.textContent;
  words.textContent = "";
  window.setTimeout(() => { words.textContent = text; }, 60);
  // after a decision the next record is open: its row has the focus, J and K go on from there
  if (!window.location.hash) open?.focus();
}
if (window.location.hash.startsWith("#syarat-")) document.querySelector(window.location.hash)?.focus();
document.querySelector("[data-alike] [data-first]")?.focus();

const toast = document.querySelector("[data-toast]");
if (toast) {
  toast.classList.add("toast--fresh");
  window.setTimeout(() => toast.classList.remove("toast--fresh"), 10000);
}

const presence = document.querySelector("[data-presence]");
async function beat() {
  if (document.hidden) return;
  try {
    const answer = await fetch(presence.dataset.presence, {
      method: "POST",
      headers: { "X-CSRFToken": document.querySelector("[name='csrfmiddlewaretoken']").value },
    });
    if (!answer.ok) return;
    const told = (await answer.json()).text;
    if (presence.textContent !== told) presence.textContent = told;
    presence.hidden = !told;
  } catch {
    // no connection: nobody is said to be here
    presence.hidden = true;
  }
}
if (presence?.dataset.presence) {
  beat();
  window.setInterval(beat, BEAT_MS);
}
