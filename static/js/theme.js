/* Light, dark, or as the system says: officers only. Kept in a cookie so the first paint is right. */
const YEAR_SECONDS = 31536000;
const NEXT = { system: "light", light: "dark", dark: "system" };

function current() {
  return document.documentElement.dataset.theme ?? "system";
}

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  const label = () => {
    const name = current();
    button.setAttribute("aria-label", button.dataset[`label${name[0].toUpperCase()}${name.slice(1)}`]);
    button.title = button.getAttribute("aria-label");
  };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    const next = NEXT[current()];
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    const secure = window.location.protocol === "https:" ? "; Secure" : "";
    const age = next === "system" ? 0 : YEAR_SECONDS;
    document.cookie = `theme=${next}; Path=/; Max-Age=${age}; SameSite=Strict${secure}`;
    label();
  });
}
