/* Share buttons: data-share names where to say what happened. Hidden until there is a script to answer them. */
for (const button of document.querySelectorAll("[data-share]")) {
  const said = document.getElementById(button.dataset.share);
  if (!said || !(navigator.share || navigator.clipboard)) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const address = location.href.split("#")[0];
    try {
      if (navigator.share) {
        await navigator.share({ title: document.title, url: address });
      } else {
        await navigator.clipboard.writeText(address);
        said.textContent = button.dataset.copied;
      }
    } catch (error) {
      // closing the phone's own sheet is no failure
      if (error.name !== "AbortError") said.textContent = button.dataset.failed;
    }
  });
}
