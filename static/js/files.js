/* Files chosen in the form: what sends them in pieces is loaded only then. Without it the form brings them itself. */
const slot = document.querySelector("[data-uploads]");
const input = document.querySelector("input[type=file][name=upload]");

if (slot && input && globalThis.crypto?.randomUUID && input.files) {
  const choice = slot.querySelector("[data-shrink-choice]");
  choice.hidden = false;
  input.addEventListener("change", async () => {
    const chosen = [...input.files];
    if (!chosen.length) return;
    try {
      const { add } = await import(slot.dataset.uploader);
      input.value = ""; // taken over: the form must not bring them a second time
      add(chosen, { original: choice.querySelector("input").checked });
    } catch {
      // not loaded: they stay chosen, and go with the form
    }
  });
}
