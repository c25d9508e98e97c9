/*
 * Draw the regions that are burnt out. The numbers beside the picture are what is sent: a region that is
 * drawn fills the first free row, a number that is typed moves its region.
 */
const form = document.querySelector("[data-redact]");
const canvas = form?.querySelector("[data-canvas]");
const rows = form ? [...form.querySelectorAll("[data-row-of]")] : [];
const names = ["x", "y", "width", "height"];
const LEAST_PIXELS = 6;

const inputs = (row) => names.map((name) => row.querySelector(`[name$="-${name}"]`));
const values = (row) => inputs(row).map((input) => input.value.trim());

function show() {
  for (const box of canvas.querySelectorAll(".redact__box")) box.remove();
  rows.forEach((row, at) => {
    const shares = values(row).map(Number);
    if (values(row).includes("") || shares.some(Number.isNaN)) return;
    const box = document.createElement("div");
    box.className = "redact__box";
    box.dataset.number = String(at + 1);
    place(box, shares);
    canvas.append(box);
  });
  // One empty row at a time is enough; those behind it wait for their turn.
  const free = rows.findIndex((row) => values(row).every((value) => value === ""));
  rows.forEach((row, at) => {
    row.hidden = free >= 0 && at > free && values(row).every((value) => value === "");
  });
}

function place(box, [x, y, width, height]) {
  box.style.left = `${x}%`;
  box.style.top = `${y}%`;
  box.style.width = `${Math.min(width, 100 - x)}%`;
  box.style.height = `${Math.min(height, 100 - y)}%`;
}

function region(from, to) {
  const frame = canvas.querySelector("img").getBoundingClientRect();
  const inside = (value, least, most) => Math.min(Math.max(value, least), most);
  const xs = [from.clientX, to.clientX].map((x) => inside(x, frame.left, frame.right)).sort((a, b) => a - b);
  const ys = [from.clientY, to.clientY].map((y) => inside(y, frame.top, frame.bottom)).sort((a, b) => a - b);
  if (xs[1] - xs[0] < LEAST_PIXELS || ys[1] - ys[0] < LEAST_PIXELS) return null;
  const share = (part, whole) => Math.round((part / whole) * 10000) / 100;
  return [
    share(xs[0] - frame.left, frame.width),
    share(ys[0] - frame.top, frame.height),
    share(xs[1] - xs[0], frame.width),
    share(ys[1] - ys[0], frame.height),
  ];
}

if (form && canvas) {
  let from = null;
  let drawn = null;
  form.querySelector("[data-hint]").hidden = false;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    from = event;
    drawn = document.createElement("div");
    drawn.className = "redact__box";
    canvas.append(drawn);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const found = from && region(from, event);
    if (found) place(drawn, found);
  });
  canvas.addEventListener("pointerup", (event) => {
    const found = from && region(from, event);
    const row = rows.find((each) => values(each).every((value) => value === ""));
    if (found && row) {
      inputs(row).forEach((input, at) => {
        input.value = String(found[at]);
      });
    }
    from = null;
    show();
  });
  form.addEventListener("input", show);
  show();
}
