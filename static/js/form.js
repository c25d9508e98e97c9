/* What every form page does with script; each works without it. */
// After a refused answer the summary speaks first.
document.querySelector("[data-error-summary]")?.focus();

// One press, one submit: a slow line invites a second tap.
for (const form of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    window.setTimeout(() => { sent = false; }, 4000);
  });
}
