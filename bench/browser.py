"""A plain HTTP client with cookies and forms: what a browser without JavaScript does, no more."""

import base64
import hmac
import http.client
import struct
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

ORIGIN = "https://localhost"
TIMEOUT_SECONDS = 30


@dataclass
class Form:
    """A form of a page: where it goes and what it sends when nothing is changed."""

    action: str = ""
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)
    submits: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """An answer after redirects."""

    status: int
    path: str
    body: bytes

    def forms(self) -> list[Form]:
        """Return the page's forms."""
        reader = _FormReader()
        reader.feed(self.body.decode())
        return reader.forms

    def form_with(self, *names: str) -> Form:
        """Return the first form that has all these fields. Raises LookupError."""
        for form in self.forms():
            known = {name for name, _value in form.fields} | set(form.options)
            known |= {name for name, _value in form.submits}
            if known.issuperset(names):
                return form
        raise LookupError(f"{self.path} has no form with {names} (status {self.status})")


class Browser:
    """One visitor with one kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Page:
        """Fetch a page and follow its redirects."""
        return self._follow("GET", path, None)

    def post(self, path: str, data: list[tuple[str, str]]) -> Page:
        """Send a form and follow the redirects."""
        return self._follow("POST", path, urlencode(data).encode())

    def fetch(self, path: str) -> tuple[int, int]:
        """Fetch without following; return status and size. What the measures time."""
        status, body, _location = self._send("GET", path, None)
        return status, len(body)

    def close(self) -> None:
        """End the connection; the next request opens another."""
        self._connection.close()

    def forget(self) -> None:
        """Drop all cookies: the next request is a stranger's."""
        self._cookies.clear()

    def cookie(self, name: str) -> str:
        """Return the value of a cookie, "" without it."""
        return self._cookies.get(name, "")

    def take_cookie(self, name: str, value: str) -> None:
        """Become who has this cookie."""
        self._cookies[name] = value

    def share_cookies(self, other: "Browser") -> None:
        """Become the same visitor as another, over a connection of one's own."""
        self._cookies = dict(other._cookies)  # noqa: SLF001 -- the same class

    def sign_in(self, *, email: str, password: str, secret: str) -> None:
        """Sign in through the pages staff use, second factor included."""
        form = self.get("/masuk/").form_with("login", "password")
        page = self.post(
            form.action or "/masuk/", filled(form, {"login": email, "password": password})
        )
        form = page.form_with("code")
        page = self.post(form.action or page.path, filled(form, {"code": totp(secret)}))
        if not page.path.startswith("/kerja/"):
            raise RuntimeError(f"signing in led to {page.path} ({page.status})")

    def _follow(self, method: str, path: str, body: bytes | None) -> Page:
        for _hop in range(5):
            status, content, location = self._send(method, path, body)
            if status not in {301, 302, 303}:
                return Page(status, path, content)
            path = location.removeprefix(ORIGIN)
            method, body = "GET", None
        raise RuntimeError(f"redirects without end at {path}")

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes, str]:
        headers = {
            "Host": "localhost",
            "X-Forwarded-Proto": "https",
            "Accept-Encoding": "identity",
            "Accept-Language": "id",
        }
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": ORIGIN,
                "Referer": f"{ORIGIN}{path}",
            }
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        for header in response.headers.get_all("Set-Cookie", []):
            name, _, rest = header.partition("=")
            value = rest.partition(";")[0].strip('"')
            if value:
                self._cookies[name] = value
            else:
                self._cookies.pop(name, None)
        return response.status, content, response.headers.get("Location", "")


def filled(form: Form, answers: dict[str, str]) -> list[tuple[str, str]]:
    """Return what the form sends with these answers in place of its own values."""
    kept = [(name, value) for name, value in form.fields if name not in answers]
    return kept + list(answers.items())


def totp(secret: str) -> str:
    """Return the six digits of now (RFC 6238)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""
        self._area = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._open = Form(at.get("action", ""), at.get("method", "get").lower())
            self.forms.append(self._open)
        if self._open is None:
            return
        name = at.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._open.options.setdefault(self._select, []).append(at.get("value", ""))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "button" and name:
            self._open.submits.append((name, at.get("value", "")))
        elif tag == "input" and name:
            kind = at.get("type", "text")
            value = at.get("value", "on" if kind in {"checkbox", "radio"} else "")
            if kind in {"checkbox", "radio"}:
                self._open.options.setdefault(name, []).append(value)
                if "checked" not in at:
                    return
            self._open.fields.append((name, value))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._open is not None and self._area:
            self._open.fields.append((self._area, self._text.strip()))
            self._area = ""
