/* Copy the text of the element named by data-copy; say so, and say to empty the clipboard. */
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const status = document.getElementById(`${button.dataset.copy}-status`);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const groups = source.textContent.trim().split(/\s+/).join(" ");
    try {
      await navigator.clipboard.writeText(groups);
      status.textContent = button.dataset.copied;
    } catch {
      status.textContent = button.dataset.failed;
    }
  });
}
