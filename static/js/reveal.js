/*
 * Fields that matter only after one answer: data-reveal="field=value[,value]". Without script all
 * of them are visible. Hidden fields keep what was typed; the server ignores what does not apply.
 */
function chosen(name) {
  const values = [];
  for (const control of document.getElementsByName(name)) {
    if (control.type === "radio" || control.type === "checkbox") {
      if (control.checked) values.push(control.value);
    } else {
      values.push(control.value);
    }
  }
  return values;
}

for (const block of document.querySelectorAll("[data-reveal]")) {
  const [name, wanted] = block.dataset.reveal.split("=");
  const accepted = wanted.split(",");
  const update = () => {
    block.hidden = !chosen(name).some((value) => accepted.includes(value));
  };
  block.classList.add("reveal");
  for (const control of document.getElementsByName(name)) {
    control.addEventListener("change", update);
    control.addEventListener("input", update);
  }
  update();
}
