/* Solve the page's puzzle while it is read: find the number whose SHA-256 with the salt is the challenge.
   WebCrypto hashes outside the page's own thread, many at a time, so typing never stutters. Whatever is
   missing (an old browser, a page without a puzzle), the form stays as it is without JavaScript. */
const AT_ONCE = 256;
const encoder = new TextEncoder();

function hex(buffer) {
  let text = "";
  for (const byte of new Uint8Array(buffer)) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Return the number, or null when there is none up to `most`. */
export async function solve({ challenge, salt, most }) {
  for (let start = 0; start <= most; start += AT_ONCE) {
    const hashes = [];
    for (let number = start; number < start + AT_ONCE && number <= most; number += 1) {
      hashes.push(crypto.subtle.digest("SHA-256", encoder.encode(salt + number)));
    }
    const found = (await Promise.all(hashes)).findIndex((hash) => hex(hash) === challenge);
    if (found >= 0) return start + found;
  }
  return null;
}

for (const box of document.querySelectorAll("[data-proof]")) {
  const form = box.closest("form");
  if (!form || !globalThis.crypto?.subtle) continue;
  const question = box.querySelector("[data-proof-question] .field");
  const status = box.querySelector("[data-proof-status]");
  const { challenge, salt, signature, most } = box.dataset;
  let waiting = null;
  if (question) question.hidden = true;

  solve({ challenge, salt, most: Number(most) }).then((number) => {
    if (number === null) throw new Error("no number fits");
    box.querySelector("[name=puzzle]").value = btoa(
      JSON.stringify({ algorithm: "SHA-256", challenge, number, salt, signature }),
    );
  }).catch(() => {
    if (question) question.hidden = false;
  }).then(() => {
    box.dataset.proof = "done";
    status.textContent = "";
    if (waiting) form.requestSubmit(waiting.submitter);
  });

  // Pressed before it is solved: wait, then send by itself. Only where the server will ask for it.
  form.addEventListener("submit", (event) => {
    if (box.dataset.proof === "done" || !question) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = { submitter: event.submitter ?? undefined };
    status.textContent = box.dataset.working;
  }, { capture: true });
}
