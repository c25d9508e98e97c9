/*
 * The message as the reporter will read it, while it is typed. Nothing is sent: a draft stays in this page
 * until the officer sends it. Without scripts the button "Lihat seperti pelapor" shows the same.
 */
const view = document.querySelector("[data-preview-pane]");
const text = document.querySelector("[data-main-form] textarea[name='text']");

if (view && text) {
  const words = view.querySelector("[data-preview-text]");
  const show = () => {
    words.textContent = text.value.trim();
    view.hidden = !words.textContent;
  };
  text.addEventListener("input", show);
  // what the browser kept from before, after going back
  window.addEventListener("pageshow", show);
  document.querySelector("[data-main-form] [name='preview']")?.setAttribute("hidden", "");
}
