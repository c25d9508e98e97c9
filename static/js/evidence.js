/* The viewer of evidence: full screen. Everything else is markup: showing, the strip, sound off at first. */
const stage = document.querySelector("[data-stage]");
const button = document.querySelector("[data-full-screen]");

if (stage && button && document.fullscreenEnabled) {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else stage.requestFullscreen();
  });
}
