"""A browser without JavaScript, as far as forms and links go: the pages see a person like any other."""

import json
import re
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from html import unescape
from http import HTTPStatus
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    ProxyHandler,
    Request,
    build_opener,
)

from tests.complaints.web.walk import ANSWERS

LEAVES = re.compile(r"(/en)?/(keluar|tutup|akun/keluar)/?")
"""Links that end a session."""
GUIDE = re.compile(r"(/en)?/bolehkah/.+")
"""Reference data in hundreds of pages: the same for everybody, whatever was reported."""
PATIENT_TRIES = 20
"""Five seconds apart: longer than the minute in which sign-ins from one address are counted."""
MOST_QUERIES = 25
"""Of one address: filters multiply, what they show does not."""


class _StayHere(HTTPRedirectHandler):
    """Follows a redirect on this site only."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).netloc != req.host:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


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

    def json(self) -> Any:
        return json.loads(self.body)

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.text)
        return unescape(found[1]) if found else ""


def digits_in(page: Answer) -> str:
    """Return the twenty digits a page shows."""
    return "".join(re.findall(r"<span>(\d{4})</span>", page.text))


@dataclass
class Visitor:
    """One person's cookies."""

    base_url: str
    jar: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.jar), _StayHere())

    @property
    def cookies(self) -> dict[str, str]:
        return {each.name: each.value or "" for each in self.jar}

    def get(self, path: str) -> Answer:
        return self._ask(path)

    def post(self, path: str, data: dict[str, Any]) -> Answer:
        """Send a form with the token of the page it stands on."""
        token = self.cookies.get("t") or self.get(path).hidden("csrfmiddlewaretoken")
        form = urlencode({"csrfmiddlewaretoken": token, **data}, doseq=True)
        return self._ask(path, form.encode())

    def upload(self, path: str, content: bytes) -> Answer:
        """Send a file as a form does."""
        token = self.cookies.get("t") or self.get(path).hidden("csrfmiddlewaretoken")
        part = "--canary\r\nContent-Disposition: form-data; name={}\r\n\r\n"
        body = b"".join(
            [
                (part.format('"csrfmiddlewaretoken"') + f"{token}\r\n").encode(),
                part.format('"file"; filename="ktp.jpg"').encode(),
                content,
                b"\r\n--canary--\r\n",
            ]
        )
        return self._ask(path, body, {"Content-Type": "multipart/form-data; boundary=canary"})

    def post_files(
        self, path: str, data: dict[str, Any], files: dict[str, bytes], *, field: str = "upload"
    ) -> Answer:
        """Send a form with files, name → content, as the pages that take evidence do."""
        part = '--canary\r\nContent-Disposition: form-data; name="{}"'
        token = self.cookies.get("t") or self.get(path).hidden("csrfmiddlewaretoken")
        told = {"csrfmiddlewaretoken": token, **data}
        pieces = [
            f"{part.format(name)}\r\n\r\n{value}\r\n".encode() for name, value in told.items()
        ]
        for name, content in files.items():
            head = f'{part.format(field)}; filename="{name}"\r\n\r\n'
            pieces += [head.encode(), content, b"\r\n"]
        # the last field tells that all of it came
        pieces.append(f"{part.format('whole')}\r\n\r\n1\r\n--canary--\r\n".encode())
        headers = {"Content-Type": "multipart/form-data; boundary=canary"}
        return self._ask(path, b"".join(pieces), headers)

    def bring_in_pieces(self, name: str, content: bytes) -> None:
        """Send one file in two pieces as the page's script does (tus 1.0)."""
        own = {"Tus-Resumable": "1.0.0", "X-CSRFToken": self.cookies["t"]}
        told = b64encode(name.encode()).decode()
        size = {"Upload-Length": str(len(content)), "Upload-Metadata": f"filename {told}"}
        made = self._ask("/f/berkas/", b"", own | size)
        assert made.status == HTTPStatus.CREATED, made.text[:500]
        (place,) = re.findall(r"(?m)^Location: (\S+)", made.headers)
        own |= {"Content-Type": "application/offset+octet-stream"}
        middle = len(content) // 2
        for at, piece in ((0, content[:middle]), (middle, content[middle:])):
            headers = own | {"Upload-Offset": str(at)}
            answer = self._ask(place, piece, headers, method="PATCH")
            assert answer.status == HTTPStatus.NO_CONTENT, answer.text[:500]

    def send(self, path: str, value: Any) -> Any:
        """Send JSON as a page's script does, and return the JSON that comes back."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.cookies["t"]}
        answer = self._ask(path, json.dumps(value).encode(), headers)
        assert answer.status < 300, (path, answer.status, answer.text[:200])
        return json.loads(answer.body)

    def _ask(
        self,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        method: str | None = None,
    ) -> Answer:
        request = Request(urljoin(self.base_url, path), body, headers or {}, method=method)
        try:
            answer = self._opener.open(request)
        except HTTPError as error:
            answer = error
        with answer:
            return Answer(answer.url, answer.status, str(answer.headers), answer.read())

    def sign_in(self, email: str, password: str) -> Answer:
        landed = self.post("/masuk/", {"login": email, "password": password})
        for _again in range(PATIENT_TRIES):
            # All accounts come from one address, which may sign in thirty times a minute.
            if landed.status != HTTPStatus.TOO_MANY_REQUESTS:
                break
            time.sleep(5)
            landed = self.post("/masuk/", {"login": email, "password": password})
        assert "/masuk/" not in landed.url, f"{email} cannot sign in"
        return landed

    def prove_again(self, password: str) -> None:
        """Prove once more who it is, as pages of the vault ask."""
        answer = self.post("/akun/reauthenticate/", {"password": password})
        assert "/akun/reauthenticate/" not in answer.url, answer.text[:2000]

    @staticmethod
    def answers(step: str, changes: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Return what to answer on one page of the form."""
        return {**ANSWERS.get(step, {}), **changes.get(step, {})}

    def walk(
        self, changes: dict[str, dict[str, Any]], page: Answer | None = None, to: str = "check"
    ) -> Answer:
        """Answer the form's pages, from its first or the one given, up to another; return that."""
        page = page or self.post("/f/", {"do": "start"})
        for _page in range(30):
            step = page.hidden("step")
            if step == to:
                return page
            page = self.post("/f/", {"step": step, "do": "next", **self.answers(step, changes)})
            assert "Galat:" not in page.text, (step, re.findall(r"Galat:[^<]*", page.text))
        raise AssertionError(f"the form stops at {page.hidden('step')!r}: {page.text[:2000]}")

    def report(self, **changes: dict[str, Any]) -> str:
        """Send a report through the form; return its twenty digits."""
        self.walk(changes)
        return self.press_send()

    def press_send(self) -> str:
        """Send what the last page shows; return its twenty digits."""
        for _again in range(8):
            # who is faster than a reader is asked to press once more
            page = self.post("/f/", {"step": "check", "do": "send", "statement": "on"})
            if 'id="code"' in page.text:
                return digits_in(page)
            time.sleep(1)
        raise AssertionError("not sent")

    def crawl(self, start: str, *, skip: AbstractSet[str] = frozenset()) -> Iterator[Answer]:
        """Follow every link of this site from one page on; yield each answer once."""
        host, waiting, seen = urlsplit(self.base_url).netloc, [start], set(skip)
        asked: Counter[str] = Counter()
        while waiting:
            path = waiting.pop()
            place = path.partition("?")[0]
            if path in seen or LEAVES.match(path) or GUIDE.match(path):
                continue
            if asked[place] == MOST_QUERIES:
                continue
            seen.add(path)
            asked[place] += 1
            answer = self.get(path)
            yield answer
            if "text/html" not in answer.headers:
                continue
            for link in re.findall(r'(?:href|action|src)="([^"]+)"', answer.text):
                parts = urlsplit(urldefrag(urljoin(answer.url, unescape(link))).url)
                if parts.netloc == host and not parts.path.startswith("/static/"):
                    waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
