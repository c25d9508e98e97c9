/*
 * Sends files in pieces (tus 1.0) while the form goes on, one at a time. What the server has stays there when the
 * line breaks: it is asked how far it is, and the rest follows. Nothing is kept on the device, so a page that is
 * closed ends it.
 *
 * While something is on its way the next page of the form is put in the place of this one (form.js and
 * identity_step.mjs ask by the event "page:next"), because a document that is left takes its requests along.
 */
const TUS = { "Tus-Resumable": "1.0.0" };
const [FEWEST, MOST] = [64 * 1024, 4 * 1024 * 1024]; // bytes of a piece
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1000, 30000];
const EASY_MS = 2000; // a piece that took less may be followed by one twice as large
const HARD_MS = 15000;
const LONGEST_SIDE = 1600; // pixels of a photo made smaller
const QUALITY = 0.85;

let say = document.querySelector("[data-uploads]").dataset;
const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
const address = say.address;
const files = [];
let isRunning = false;
let piece = 256 * 1024;
let swaps = 0;

/* ---- the list ---- */

const region = make("section", { class: "uploading", "aria-label": say.label });
const list = make("ul", { class: "files" });
const stay = make("p", { class: "hint" }, say.stay);
const spoken = make("p", { class: "visually-hidden", role: "status" });
region.append(list, stay, spoken);

function make(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** Stand where the page has a place for it, else under the page's own words. */
function place() {
  const slot = document.querySelector("[data-uploads]");
  if (slot) {
    say = slot.dataset;
    slot.append(region);
  } else {
    region.classList.add("container", "container--narrow");
    document.querySelector("main").after(region);
  }
  if (slot) region.classList.remove("container", "container--narrow");
  for (const file of files) document.querySelector(`li[data-file="${file.id}"]`)?.remove();
  region.hidden = !files.length;
}

function show(file, state, { failed = false } = {}) {
  file.state.textContent = state;
  file.bar.hidden = failed || file.isDone;
  file.row.classList.toggle("files__item--failed", failed);
  stay.hidden = !pending().length;
}

function tell(text) {
  if (spoken.textContent !== text) spoken.textContent = text;
}

const pending = () => files.filter((file) => !file.isDone && !file.isOver);

/** Take files that were chosen. A photo is made smaller on this device unless its owner wants the original sent. */
export function add(chosen, { original }) {
  for (const each of chosen) {
    const file = {
      source: each, name: each.name, original, mark: crypto.randomUUID(), url: "", offset: 0,
      id: "", isDone: false, isOver: false, request: null,
      bar: make("progress", { max: "1", value: "0", "aria-label": each.name }),
      state: make("span", { class: "files__state" }),
    };
    const button = make("button", { type: "button", class: "link-button" }, say.remove,
      make("span", { class: "visually-hidden" }, ` ${each.name}`));
    button.addEventListener("click", () => remove(file));
    file.row = make("li", { class: "files__item" },
      make("span", { class: "files__name" }, each.name), file.state, button, file.bar);
    list.append(file.row);
    files.push(file);
    show(file, say.queued);
  }
  place();
  run();
}

async function remove(file) {
  const at = [...list.children].indexOf(file.row);
  file.isOver = true;
  file.request?.abort();
  files.splice(files.indexOf(file), 1);
  file.row.remove();
  (list.children[Math.min(at, list.children.length - 1)]?.querySelector("button")
    ?? document.querySelector("input[name=upload]") ?? document.querySelector("main")).focus();
  region.hidden = !files.length;
  if (file.url) await ask("DELETE", file.url).catch(() => {});
}

/* ---- the line ---- */

class Refused extends Error {}
class Broken extends Error {}

/** One request. Broken is a line to wait for, Refused is the server's last word. */
function ask(method, url, { headers = {}, body = null, file = null, onProgress = null } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries({ ...TUS, "X-CSRFToken": token, ...headers })) {
      request.setRequestHeader(name, value);
    }
    request.timeout = 120000;
    if (file) file.request = request;
    if (onProgress) request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onerror = request.ontimeout = request.onabort = () => reject(new Broken());
    request.onload = () => {
      if (request.status < 300) resolve(request);
      else if (request.status === 409 || request.status >= 500) reject(new Broken());
      else reject(new Refused(detail(request)));
    };
    request.send(body);
  });
}

function detail(request) {
  try {
    return JSON.parse(request.responseText).detail ?? say.failed;
  } catch {
    return say.failed;
  }
}

/** Wait longer each time, but go on at once when the device says that the line is back. */
function pause(ms) {
  return new Promise((resolve) => {
    const done = () => {
      window.removeEventListener("online", done);
      window.clearTimeout(timer);
      resolve();
    };
    const timer = window.setTimeout(done, ms);
    window.addEventListener("online", done);
  });
}

/** Do one step until it works. The wait begins anew whenever something came through. */
async function persist(file, step) {
  let wait = FIRST_WAIT_MS;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof Broken) || file.isOver) throw error;
      show(file, say.waiting);
      tell(`${file.name}: ${say.waiting}`);
      piece = Math.max(FEWEST, piece / 2);
      await pause(wait);
      if (file.isOver) throw error;
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

async function create(file, blob) {
  const metadata = `filename ${base64(file.name)},mark ${base64(file.mark)}`;
  const answer = await ask("POST", address, {
    headers: { "Upload-Length": String(blob.size), "Upload-Metadata": metadata }, file,
  });
  file.url = answer.getResponseHeader("Location");
  file.id = file.url.split("/").at(-1).replaceAll("-", "");
}

async function sendNext(file, blob) {
  const part = blob.slice(file.offset, file.offset + piece);
  const began = performance.now();
  const shown = (sent) => {
    const share = Math.min((file.offset + sent) / blob.size, 1);
    file.bar.value = share;
    show(file, say.sending.replace("#", String(Math.floor(share * 100))));
  };
  shown(0);
  try {
    const answer = await ask("PATCH", file.url, {
      headers: { "Upload-Offset": String(file.offset), "Content-Type": "application/offset+octet-stream" },
      body: part, file, onProgress: shown,
    });
    file.offset = Number(answer.getResponseHeader("Upload-Offset"));
  } catch (error) {
    if (error instanceof Broken) file.isLost = true;
    throw error;
  }
  const took = performance.now() - began;
  if (took < EASY_MS) piece = Math.min(MOST, piece * 2);
  if (took > HARD_MS) piece = Math.max(FEWEST, piece / 2);
}

async function findOffset(file) {
  const answer = await ask("HEAD", file.url, { file });
  file.offset = Number(answer.getResponseHeader("Upload-Offset"));
  file.isLost = false;
}

async function send(file) {
  show(file, say.preparing);
  const blob = file.original ? file.source : await smaller(file);
  if (file.isOver) return;
  await persist(file, () => create(file, blob));
  while (file.offset < blob.size) {
    await persist(file, async () => {
      if (file.isLost) await findOffset(file);
      if (file.offset < blob.size) await sendNext(file, blob);
    });
  }
  file.isDone = true;
  file.bar.value = 1;
  show(file, say.done);
  tell(`${file.name}: ${say.done}`);
}

async function run() {
  if (isRunning) return;
  isRunning = true;
  for (let file = pending()[0]; file; file = pending()[0]) {
    try {
      await send(file);
    } catch (error) {
      if (files.includes(file)) {
        const why = error instanceof Refused ? error.message : say.failed;
        show(file, why, { failed: true });
        tell(`${file.name}: ${why}`);
      }
      file.isOver = true;
    }
    file.source = null;
  }
  isRunning = false;
  stay.hidden = true;
  if (files.length && files.every((file) => file.isDone)) tell(say.allDone);
}

/* ---- photos ---- */

/** Draw a photo anew, at most 1600 pixels: less to send, and nothing of what the camera wrote beside it. */
async function smaller(file) {
  const { source } = file;
  if (!/^image\/(jpeg|png|webp)$/.test(source.type)) return source;
  try {
    const drawn = await createImageBitmap(source, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(drawn.width, drawn.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(drawn.width * scale);
    canvas.height = Math.round(drawn.height * scale);
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(drawn, 0, 0, canvas.width, canvas.height);
    drawn.close();
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    if (!blob) return source;
    file.name = source.name.replace(/\.\w+$/, "") + ".jpg";
    return blob;
  } catch {
    return source; // the cleaner on the server takes the rest off
  }
}

/* ---- pages ---- */

/** Fetch the page as a document: nothing is parsed from text, so the policy for trusted types holds. */
function fetchPage(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.onload = () => {
      if (request.status === 200 && request.responseXML) resolve(request);
      else reject(new Error("not a page"));
    };
    request.onerror = () => reject(new Broken());
    request.send();
  });
}

async function swap(url) {
  let request = null;
  for (let wait = FIRST_WAIT_MS; !request; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      request = await fetchPage(url);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      await pause(wait);
    }
  }
  const page = request.responseXML;
  const main = document.adoptNode(page.querySelector("main"));
  region.remove();
  for (const done of files.filter((file) => file.isDone)) {
    files.splice(files.indexOf(done), 1);
    done.row.remove();
  }
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  const [bar, next] = [document.querySelector("header .progress"), page.querySelector("header .progress")];
  if (bar && next) bar.replaceWith(document.adoptNode(next));
  else if (bar) bar.remove();
  else if (next) document.querySelector("header").append(document.adoptNode(next));
  const known = new Set([...document.styleSheets].map((sheet) => sheet.href));
  for (const link of page.querySelectorAll("link[rel=stylesheet]")) {
    const { href, media } = link;
    if (!known.has(href)) document.head.append(make("link", media ? { rel: "stylesheet", href, media } : { rel: "stylesheet", href }));
  }
  place();
  window.scrollTo(0, 0);
  (main.querySelector("[autofocus]") ?? main).focus();
  // A module runs once for each address; what stands in the head for the whole visit is not run again.
  swaps += 1;
  for (const script of page.querySelectorAll("script[type=module][src]")) {
    if (!/\/quick_exit\b/.test(script.src)) await import(`${script.src}?${swaps}`);
  }
}

document.addEventListener("page:next", (event) => {
  if (!pending().length) return;
  event.preventDefault();
  swap(event.detail).catch(() => window.location.replace(event.detail));
});
