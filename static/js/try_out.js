/* One request to the API from the page that tells of it. The token lives in its field alone: it is sent in the
   header of this request, never kept, never shown in the command, and gone when the page is left. */
const page = document.querySelector("[data-try-out]");
const find = (name) => page.querySelector(`[data-${name}]`);
const token = find("token");
const body = find("body");
const said = find("said");
const parameters = [...page.querySelectorAll("[data-parameter]")];
const command = document.querySelector("[data-curl]");
const newKey = find("new-key");
const key = parameters.find((field) => field.dataset.parameter === "Idempotency-Key");

const filled = (place) =>
  parameters.filter((field) => field.dataset.place === place && field.value.trim());

function address() {
  let path = page.dataset.path;
  for (const field of filled("path")) {
    path = path.replace(`{${field.dataset.parameter}}`, encodeURIComponent(field.value.trim()));
  }
  const pairs = filled("query").map((field) => [field.dataset.parameter, field.value.trim()]);
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

const quoted = (text) => `'${text.replaceAll("'", `'"'"'`)}'`;

function showCommand() {
  const { method, takesToken, bodyKind } = page.dataset;
  const lines = [method === "GET" ? "curl -sS" : `curl -sS -X ${method}`];
  if (takesToken) lines.push('-H "Authorization: Bearer $token"');
  for (const field of filled("header")) {
    lines.push(`-H ${quoted(`${field.dataset.parameter}: ${field.value.trim()}`)}`);
  }
  if (bodyKind) lines.push(`-H ${quoted(`Content-Type: ${bodyKind}`)}`, `--data-binary ${quoted(body.value)}`);
  // what is percent-encoded holds no sign that a shell would read between double quotes
  lines.push(`"$SERVER${address()}"`);
  command.textContent = lines.join(" \\\n  ");
}

function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function send() {
  const headers = new Headers({ "Accept-Language": document.documentElement.lang });
  try {
    for (const field of filled("header")) headers.set(field.dataset.parameter, field.value.trim());
    if (page.dataset.bodyKind) headers.set("Content-Type", page.dataset.bodyKind);
    if (token?.value) headers.set("Authorization", `Bearer ${token.value.trim()}`);
  } catch {
    said.textContent = said.dataset.unfit;
    return;
  }
  said.textContent = said.dataset.sending;
  find("send").disabled = true;
  try {
    const answer = await fetch(address(), {
      method: page.dataset.method,
      headers,
      body: body ? body.value : undefined,
      // the officer's own session has nothing to do with the client's token
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    const text = await answer.text();
    find("status").textContent = `${answer.status} ${answer.statusText}`.trim();
    find("headers").textContent = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    find("content").textContent = readable(text);
    find("answer").hidden = false;
    said.textContent = `${said.dataset.answered} ${answer.status}`;
  } catch {
    said.textContent = said.dataset.failed;
  } finally {
    find("send").disabled = false;
  }
}

function drawKey() {
  key.value = crypto.randomUUID().replaceAll("-", "");
  showCommand();
}

if (key) {
  newKey.hidden = false;
  newKey.addEventListener("click", drawKey);
}
page.addEventListener("input", showCommand);
find("send").addEventListener("click", send);
// a page that the browser keeps for "back" must not keep it either
window.addEventListener("pagehide", () => {
  if (token) token.value = "";
  find("answer").hidden = true;
  for (const name of ["status", "headers", "content"]) find(name).textContent = "";
  said.textContent = "";
});
page.hidden = false;
if (key) drawKey();
