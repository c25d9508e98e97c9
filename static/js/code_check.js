/* The twenty digits: a slip of the finger is told here, before anything is sent. The server checks again. */
// Damm's totally anti-symmetric quasigroup of order 10, as in complaints/receipts/code.py.
const DAMM = [
  "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
  "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
];
const DIGITS = 20;

/** Say whether the text is twenty digits whose last one fits; spaces, dots and dashes do not matter. */
export function isCode(typed) {
  const digits = typed.replace(/[\s.\-‐-―]/g, "");
  if (digits.length !== DIGITS || !/^[0-9]+$/.test(digits)) return false;
  let interim = 0;
  for (const digit of digits) interim = Number(DAMM[interim][Number(digit)]);
  return interim === 0;
}

for (const form of document.querySelectorAll("form[data-code-check]")) {
  const input = form.elements.code;
  // Before the other listeners: what is not sent must not count as sent.
  form.addEventListener("submit", (event) => {
    if (!input.value.trim() || isCode(input.value)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    let error = document.getElementById("id_code_typo");
    if (!error) {
      error = document.createElement("p");
      error.id = "id_code_typo";
      error.className = "field__error";
      error.setAttribute("role", "alert");
      input.before(error);
      input.closest(".field")?.classList.add("field--error");
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") ?? ""} id_code_typo`.trim());
    }
    error.textContent = "";
    const count = (input.value.match(/[0-9]/g) ?? []).length;
    error.textContent = count === DIGITS ? form.dataset.codeCheck : form.dataset.codeCount.replace("#", String(count));
    input.focus();
  }, { capture: true });
}
