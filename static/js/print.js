/* Print buttons: data-print. Hidden until there is a script to answer them. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
