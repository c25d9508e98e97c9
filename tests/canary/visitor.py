"""A browser without JavaScript, as far as forms and links go: the pages see a person like any other."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from tests.complaints.web.walk import ANSWERS

LEAVES = re.compile(r"/(keluar|tutup|akun/keluar)/?")
"""Links that end a session."""


@dataclass(frozen=True)
class Answer:
    """What came back: the last page after all redirects."""

    url: str
    status: int
    headers: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.text)
        return unescape(found[1]) if found else ""


@dataclass
class Visitor:
    """One person's cookies."""

    base_url: str
    jar: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> Answer:
        return self._ask(path, None)

    def post(self, path: str, data: dict[str, Any]) -> Answer:
        """Send a form with the token of the page it stands on."""
        token = next((each.value for each in self.jar if each.name == "t"), "")
        if not token:
            token = self.get(path).hidden("csrfmiddlewaretoken")
        return self._ask(path, urlencode({"csrfmiddlewaretoken": token, **data}, doseq=True))

    def _ask(self, path: str, form: str | None) -> Answer:
        address = urljoin(self.base_url, path)
        try:
            answer = self._opener.open(address, form.encode() if form is not None else None)
        except HTTPError as error:
            answer = error
        with answer:
            return Answer(answer.url, answer.status, str(answer.headers), answer.read())

    def sign_in(self, email: str, password: str) -> Answer:
        landed = self.post("/masuk/", {"login": email, "password": password})
        assert "/masuk/" not in landed.url, f"{email} cannot sign in"
        return landed

    @staticmethod
    def answers(step: str, changes: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Return what to answer on one page of the form."""
        return {**ANSWERS.get(step, {}), **changes.get(step, {})}

    def walk(self, changes: dict[str, dict[str, Any]]) -> Answer:
        """Answer the form's pages up to the last and return that."""
        page = self.post("/f/", {"do": "start"})
        for _page in range(30):
            step = page.hidden("step")
            if step == "check":
                return page
            page = self.post("/f/", {"step": step, "do": "next", **self.answers(step, changes)})
            assert "Galat:" not in page.text, (step, re.findall(r"Galat:[^<]*", page.text))
        raise AssertionError(f"the form does not end: {page.url}")

    def report(self, **changes: dict[str, Any]) -> str:
        """Send a report through the form; return its twenty digits."""
        self.walk(changes)
        for _again in range(8):
            # who is faster than a reader is asked to press once more
            page = self.post("/f/", {"step": "check", "do": "send", "statement": "on"})
            if 'id="code"' in page.text:
                return "".join(re.findall(r"<span>(\d{4})</span>", page.text))
            time.sleep(1)
        raise AssertionError("not sent")

    def crawl(self, start: str) -> Iterator[Answer]:
        """Follow every link of this site from one page on; yield each answer once."""
        host, waiting, seen = urlsplit(self.base_url).netloc, [start], set()
        while waiting:
            path = waiting.pop()
            if path in seen or LEAVES.match(path):
                continue
            seen.add(path)
            answer = self.get(path)
            yield answer
            if "text/html" not in answer.headers:
                continue
            for link in re.findall(r'(?:href|action|src)="([^"]+)"', answer.text):
                parts = urlsplit(urldefrag(urljoin(answer.url, unescape(link))).url)
                if parts.netloc == host and not parts.path.startswith("/static/"):
                    waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
