/*
 * What every form page does with script; each works without it.
 *
 * Forms are sent in the background and the page is then replaced: a lost signal leaves what was typed
 * on the screen, and the history of the phone keeps one entry however many steps there were. Not those
 * with data-plain (their answer is a page of its own) or data-seals (the script that seals sends them).
 */
// After a refused answer the summary speaks first.
document.querySelector("[data-error-summary]")?.focus();

const RETRY_MS = 4000;

/** Say at the end of the form that the line is gone; nothing typed was lost. */
function sayLost(form) {
  let note = form.querySelector("[data-lost-note]");
  if (!note) {
    note = document.createElement("p");
    note.className = "lost";
    note.dataset.lostNote = "";
    note.setAttribute("role", "alert");
    form.append(note);
  }
  note.textContent = form.dataset.lost ?? "";
}

/** Show the next page: in this one's place while uploads.js has files on their way, else as a page of its own. */
function goOn(address) {
  const next = new CustomEvent("page:next", { cancelable: true, detail: address });
  if (document.dispatchEvent(next)) window.location.replace(address);
}

async function send(form, submitter) {
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  const answer = await fetch(form.action, {
    method: "POST",
    body: form.enctype === "multipart/form-data" ? data : new URLSearchParams(data),
    redirect: "manual",
    cache: "no-store",
  });
  // Every answer but a redirect is a page to show, which only the browser itself can do.
  return answer.type === "opaqueredirect";
}

for (const form of document.querySelectorAll("form[method=post]")) {
  const isPlain = "plain" in form.dataset || "seals" in form.dataset || !("lost" in form.dataset);
  let sent = false; // one press, one submit: a slow line invites a second tap
  form.addEventListener("submit", async (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    window.setTimeout(() => { sent = false; }, RETRY_MS);
    // a button with data-plain leads to another page than the form's own
    if (isPlain || "plain" in (event.submitter?.dataset ?? {})) return;
    event.preventDefault();
    const { submitter } = event;
    try {
      if (await send(form, submitter)) {
        goOn(form.action);
        return;
      }
    } catch {
      sent = false;
      sayLost(form);
      return;
    }
    if (submitter?.name) {
      const pressed = document.createElement("input");
      pressed.type = "hidden";
      pressed.name = submitter.name;
      pressed.value = submitter.value;
      form.append(pressed);
    }
    form.submit();
  });
}
