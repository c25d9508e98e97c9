/* Progress of work that goes on elsewhere: asks again every two seconds and, when it is over, loads the page
   anew. Without scripts the page does so by itself (Refresh). */
const EVERY_MS = 2000;
const SELDOM_MS = 15000;
const here = document.querySelector("[data-progress]");

function look() {
  // the page as a document: nothing is parsed from text, so the policy for trusted types holds
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  request.onload = () => {
    const page = request.status === 200 ? request.responseXML : null;
    const news = page?.querySelector("[data-progress]");
    if (!news || page.title !== document.title) {
      location.reload();
      return;
    }
    here.replaceChildren(...news.childNodes);
    setTimeout(look, document.hidden ? SELDOM_MS : EVERY_MS);
  };
  // the line dropped: the work goes on all the same
  request.onerror = () => setTimeout(look, SELDOM_MS);
  request.send();
}

if (here) setTimeout(look, EVERY_MS);
