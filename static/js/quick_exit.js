/*
 * Quick exit: cover the page at once, end the session in the background, replace this page in the
 * history. Works as a plain link to /keluar without this file. Links carry data-quick-exit=<target>.
 */
const PRESSES = 3;
const WINDOW_MS = 5000;

const links = document.querySelectorAll("[data-quick-exit]");

function leave(target) {
  document.title = "Cuaca";
  const cover = document.createElement("div");
  cover.className = "exit-cover";
  document.body.replaceChildren(cover);
  navigator.sendBeacon("/keluar");
  window.location.replace(target);
}

for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave(link.dataset.quickExit);
  });
}

// Shift (left or right in any mix) or Escape, three times, with no other key between.
let presses = [];
let pressed = "";
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift" && event.key !== "Escape") {
    presses = [];
    return;
  }
  if (event.repeat || links.length === 0) return;
  const now = Date.now();
  if (event.key !== pressed) presses = [];
  pressed = event.key;
  presses = [...presses.filter((at) => now - at < WINDOW_MS), now];
  if (presses.length >= PRESSES) leave(links[0].dataset.quickExit);
});

// A page brought back from the browser's memory may show what was typed: fetch it anew.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
