/* Characters left, under a textarea with data-counter=<limit>. Announced when the typing pauses. */
const PAUSE_MS = 900;

const { lang } = document.documentElement;
const SAY = lang === "en"
  ? { left: (count) => `${count} characters left`, over: (count) => `Remove ${count} characters` }
  : { left: (count) => `Sisa ${count} huruf`, over: (count) => `Kurangi ${count} huruf` };

function words(left) {
  const count = Math.abs(left).toLocaleString(lang || "id");
  return left < 0 ? SAY.over(count) : SAY.left(count);
}

for (const area of document.querySelectorAll("textarea[data-counter]")) {
  const limit = Number(area.dataset.counter);
  const shown = document.createElement("p");
  shown.className = "counter";
  shown.setAttribute("aria-hidden", "true");
  const spoken = document.createElement("p");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  area.after(shown, spoken);
  let pause = 0;
  const update = () => {
    // the server counts characters after line ends became one
    const left = limit - [...area.value].length;
    shown.textContent = words(left);
    shown.classList.toggle("counter--over", left < 0);
    window.clearTimeout(pause);
    pause = window.setTimeout(() => { spoken.textContent = words(left); }, PAUSE_MS);
  };
  area.addEventListener("input", update);
  update();
}
