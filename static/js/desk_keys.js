/*
 * The desk by keyboard: J/K rows, X picks one, 1–9 requirement boxes, letters of buttons (data-key),
 * [ ] evidence, "/" search, "?" help, Ctrl+Enter submit. Single keys are silent inside inputs and can be switched
 * off (WCAG 2.1.4); the choice stays in a cookie.
 */
const YEAR_SECONDS = 31536000;
const COOKIE = "keys";

const help = document.getElementById("keys-help");
const toggle = document.querySelector("[data-keys-toggle]");

let enabled = !document.cookie.split("; ").includes(`${COOKIE}=off`);

function setEnabled(value) {
  enabled = value;
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=off; Path=/; Max-Age=${value ? 0 : YEAR_SECONDS}; SameSite=Strict${secure}`;
  showToggle();
}

function showToggle() {
  if (!toggle) return;
  toggle.textContent = enabled ? toggle.dataset.off : toggle.dataset.on;
  // without scripts there are no shortcuts, and so no switch
  toggle.hidden = false;
}

function typing(target) {
  if (target.isContentEditable) return true;
  if (target.matches("textarea, select")) return true;
  return target.matches("input") && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

function moveRow(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (rows.length === 0) return false;
  const here = document.activeElement.closest(".row-pick")?.querySelector("[data-row]");
  const focused = rows.indexOf(here ?? document.activeElement);
  const open = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const at = focused >= 0 ? focused : open;
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
  // beside an open record the next one opens at once; in a plain list Enter opens it
  if (open >= 0 && next !== open) rows[next].click();
  return true;
}

function pickRow() {
  const line = document.activeElement.closest(".row-pick")
    ?? document.querySelector('[data-row][aria-current="true"]')?.closest(".row-pick");
  const box = line?.querySelector("[data-pick]");
  box?.click();
  return Boolean(box);
}

function toggleCheck(digit) {
  const box = document.querySelector(`[data-check-key="${digit}"]`);
  if (!box || box.disabled) return false;
  box.click();
  box.focus();
  return true;
}

function press(letter) {
  for (const control of document.querySelectorAll("[data-key]")) {
    if (control.dataset.key === letter && !control.disabled) {
      control.focus();
      control.click();
      return true;
    }
  }
  return false;
}

function showHelp() {
  if (!help) return false;
  help.showModal();
  return true;
}

function answer(event) {
  const key = event.key.toLowerCase();
  if (event.key === "?") return showHelp();
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    search?.focus();
    search?.select();
    return Boolean(search);
  }
  if (press(key)) return true;
  if (key === "j") return moveRow(1);
  if (key === "k") return moveRow(-1);
  if (key === "x") return pickRow();
  if (/^[1-9]$/.test(key)) return toggleCheck(key);
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && event.ctrlKey) {
    // the form one is in, else the one the page is about
    const form = event.target.form ?? document.querySelector("[data-main-form]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  if (!enabled || help?.open || typing(event.target)) return;
  if (answer(event)) event.preventDefault();
});

for (const button of document.querySelectorAll("[data-keys-help]")) {
  button.hidden = false;
  button.addEventListener("click", showHelp);
}
for (const button of document.querySelectorAll("[data-close-dialog]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
toggle?.addEventListener("click", () => setEnabled(!enabled));
showToggle();
