/* Progress of work that goes on elsewhere: asks again every two seconds and, when it is over, loads the page
   anew. Without scripts the page does so by itself (Refresh). */
const EVERY_MS = 2000;
const SELDOM_MS = 15000;
const here = document.querySelector("[data-progress]");

async function look() {
  try {
    const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const news = answer.ok ? page.querySelector("[data-progress]") : null;
    if (!news || page.title !== document.title) {
      location.reload();
      return;
    }
    here.replaceChildren(...news.childNodes);
    setTimeout(look, document.hidden ? SELDOM_MS : EVERY_MS);
  } catch {
    setTimeout(look, SELDOM_MS); // the line dropped: the work goes on all the same
  }
}

if (here) setTimeout(look, EVERY_MS);
