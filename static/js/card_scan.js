/*
 * The counter's picture of a card: made small before it leaves, and shown as it will be sent.
 *
 * A phone's photograph of ten megabytes becomes some hundred kilobytes, and what the phone wrote beside the
 * picture (place, device) is gone. Without this script the picture goes as it is.
 */
const LONGEST_SIDE = 2000;
const QUALITY = 0.85;

const form = document.querySelector("[data-card-scan]");
const input = form?.querySelector("input[type=file]");
const preview = form?.querySelector("[data-card-preview]");

async function shrink() {
  preview.hidden = true;
  const file = input.files[0];
  if (!file) return;
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return; // the server says what is wrong with it
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = preview.querySelector("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
  if (blob && input.files[0] === file) {
    const taken = new DataTransfer();
    taken.items.add(new File([blob], "ktp.jpg", { type: "image/jpeg" }));
    input.files = taken.files;
  }
  preview.hidden = false;
}

/** Empty the canvas: what the browser keeps for Back holds no card. */
function forget() {
  const canvas = preview.querySelector("canvas");
  canvas.width = canvas.height = 0;
  preview.hidden = true;
}

if (input && preview) {
  let working = null;
  input.addEventListener("change", () => {
    const mine = shrink().catch(() => {}).then(() => { if (working === mine) working = null; });
    working = mine;
  });
  // Who presses while the picture is made small sends the small one.
  form.addEventListener("submit", (event) => {
    if (!working) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // form.js would count this as sent
    const { submitter } = event;
    // Not at once: while this event is handled the browser ignores another submit.
    working.then(() => setTimeout(() => form.requestSubmit(submitter)));
  }, true);
  addEventListener("pagehide", forget);
}
