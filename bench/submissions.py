"""Complete submissions: every page of the form, answered and sent, as a reporter without JavaScript."""

import threading
import time
from dataclasses import dataclass, field

from bench.browser import Browser, Page, filled

STORY = (
    "Kepala bidang itu membagikan poster pasangan calon ke grup kantor pada jam kerja, lalu meminta "
    "semua staf menyimpannya dan meneruskannya kepada keluarga masing-masing malam itu juga."
)
FORM = "/f/"
MAX_PAGES = 16
PAUSE = "statement"

ANSWERS: dict[str, dict[str, str]] = {
    "who": {"kind": "citizen"},
    "lane": {"lane": "tip"},
    "acts": {"acts": "POST_SUPPORT"},
    "media": {"platform": "facebook", "link": "https://www.facebook.com/contoh/posts/1"},
    "people": {"p0-name": "Bagus Contoh", "p0-position": "Kepala Bidang"},
    "when": {"event": "yesterday", "known": "same", "region": "33.08", "place": "Grup kantor"},
    "story": {"story": STORY},
    "links": {},
    "witness": {"witness": "unknown"},
    "leak": {},
}


@dataclass
class Tally:
    """What several clients sent."""

    sent: int = 0
    pages: int = 0
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def submit_once(browser: Browser) -> int:
    """Walk from the safety page to the receipt; return the number of pages it took.

    Raises RuntimeError when the walk does not end at a receipt. A program is faster than the five
    seconds anybody needs, so the form asks it once to press "send" again: one page more.
    """
    browser.forget()
    page = browser.get(FORM)
    page = _press(browser, page, "start", {})
    for number in range(2, MAX_PAGES):
        step = dict(page.form_with("step").fields)["step"]
        if step == "check":
            page = _press(browser, page, "send", {"statement": "on"})
            if b'id="code"' in page.body:
                return number
        else:
            page = _press(browser, page, "next", ANSWERS[step])
            if dict(page.form_with("step").fields)["step"] == step:
                raise RuntimeError(f"the form refused page {step}")
    raise RuntimeError("the form did not end")


def _press(browser: Browser, page: Page, button: str, answers: dict[str, str]) -> Page:
    form = page.form_with("csrfmiddlewaretoken")
    for candidate in page.forms():
        if any(name == "step" for name, _value in candidate.fields):
            form = candidate
    return browser.post(FORM, filled(form, {**answers, "do": button}))


def submit_for(seconds: float, *, clients: int, port: int) -> Tally:
    """Let ``clients`` submit one after the other until the time is over."""
    tally, lock = Tally(), threading.Lock()
    end = time.monotonic() + seconds

    def work() -> None:
        browser = Browser(port)
        while time.monotonic() < end:
            began = time.perf_counter()
            try:
                pages = submit_once(browser)
            except (RuntimeError, LookupError, OSError) as error:
                with lock:
                    tally.errors.append(str(error))
                return
            with lock:
                tally.sent += 1
                tally.pages += pages
                tally.seconds.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally
