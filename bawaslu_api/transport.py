"""One request that survives a bad line: tried again with patience, and answered whole or not at all.

Everything sent here may be sent twice: reads are, and every write carries an Idempotency-Key or says at
which byte it begins.
"""

import email.utils
import http.client
import json
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.request import ACCEPT_ENCODING

from bawaslu_api.credentials import Credential
from bawaslu_api.errors import LineError, ProblemError, problem_of

BASE: Final = "/api/v1"
AGENT: Final = "bawaslu-api/1"
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one answer, unpacked: a page of 200 records is a hundredth of it."""
_PIECE: Final = 64 * 1024
_MARGIN_S: Final = 30.0
_ENCODINGS: Final = "zstd, gzip" if "zstd" in ACCEPT_ENCODING else "gzip"
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_RATE: Final = re.compile(r"\br=(\d{1,9})\b.*?\bt=(\d{1,6})\b")
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class _StrictLines:
    """A stream whose lines end: the standard library takes a head that was cut off for a whole one."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def readline(self, *limits: int) -> bytes:
        line: bytes = self.stream.readline(*limits)
        if not line.endswith(b"\n"):
            raise ConnectionResetError("the line broke inside the head of an answer")
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class _WholeHead(http.client.HTTPResponse):
    """An answer whose head came to its end."""

    def begin(self) -> None:
        plain = self.fp
        strict: Any = _StrictLines(plain)
        self.fp = strict
        super().begin()
        if self.fp is strict:
            self.fp = plain


class _Plain(HTTPConnection):
    response_class = _WholeHead


class _Secured(HTTPSConnection):
    response_class = _WholeHead


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecuredPool(HTTPSConnectionPool):
    ConnectionCls = _Secured


@dataclass(frozen=True)
class Patience:
    """How often and how long a request is tried: ``tries`` at most, waits doubling from ``first_s``.

    What the server asks for (Retry-After, RateLimit) is waited for up to ``longest_s``; if it asks for
    more, its answer is raised instead.
    """

    tries: int = 8
    first_s: float = 0.5
    longest_s: float = 90.0
    connect_s: float = 15.0
    answer_s: float = 60.0

    def wait_s(self, failures: int) -> float:
        """Return how long to wait after so many failures: with jitter, so that offices do not march."""
        longest: float = min(self.first_s * 2 ** (failures - 1), self.longest_s)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 -- no secret


@dataclass(frozen=True)
class Answer:
    """One whole answer below 400, or 304."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return its JSON; None where there is no body."""
        return json.loads(self.body) if self.body else None

    @property
    def is_replay(self) -> bool:
        """Whether the server did this before and only answered again."""
        return self.headers.get("Idempotency-Replayed") == "true"


@dataclass
class Line:
    """The way to one server, as one client. Safe to share between threads.

    ``url`` is the server's address without a path: https, or http on this machine. Redirects are
    not followed: a token goes to the address it was meant for and to no other.
    """

    url: str
    credential: Credential
    scope: str = ""
    language: str = "id"
    patience: Patience = field(default_factory=Patience)
    sleep: Callable[[float], object] = time.sleep
    ca_file: str | None = None

    def __post_init__(self) -> None:
        """Open a pool of connections. Raises ValueError for an address a token must not go to."""
        parts = urlsplit(self.url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
        if not is_safe or parts.path.strip("/") or parts.query or parts.username:
            raise ValueError("the server's address is https://NAME, without a path")
        self.url = f"{parts.scheme}://{parts.netloc}"
        self._pool = urllib3.PoolManager(
            maxsize=8,
            retries=False,
            timeout=urllib3.Timeout(connect=self.patience.connect_s, read=self.patience.answer_s),
            ca_certs=self.ca_file,
        )
        self._pool.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecuredPool}
        self._lock = threading.RLock()
        self._token = ""
        self._good_until = 0.0
        self._rest_until = 0.0

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to a request under /api/v1 (or to an absolute path).

        Raises ProblemError for an answer of 400 or more, LineError where none came whole. A token that
        died on the way is replaced once.
        """
        url = self.url + (path if path.startswith("/") else f"{BASE}/{path}")
        if query:
            url += "?" + urlencode({k: v for k, v in query.items() if v is not None}, doseq=True)
        token = self._held_token()
        for is_last in (False, True):
            named = {"Authorization": f"Bearer {token}", **(headers or {})}
            try:
                return self._patiently(method, url, body, named)
            except ProblemError as problem:
                if problem.status != HTTPStatus.UNAUTHORIZED or is_last:
                    raise
            token = self._held_token(instead_of=token)
        raise AssertionError  # pragma: no cover -- the loop returns or raises

    def close(self) -> None:
        """Close all connections and forget the token."""
        self._pool.clear()
        self._token = ""

    def _held_token(self, instead_of: str = "") -> str:
        with self._lock:
            if self._token == instead_of or time.monotonic() >= self._good_until:
                self._token = ""
            if not self._token:
                self._token, seconds = self._new_token()
                self._good_until = time.monotonic() + max(seconds - _MARGIN_S, 1.0)
            return self._token

    def _new_token(self) -> tuple[str, float]:
        url = f"{self.url}{BASE}/token"
        form = {"grant_type": "client_credentials"} | ({"scope": self.scope} if self.scope else {})

        def proven() -> tuple[dict[str, str], bytes]:
            # Anew for every try: an assertion is good once, also when its answer was lost.
            headers, fields = self.credential.proof(url)
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            return headers | kind, urlencode(form | fields).encode()

        told = self._patiently("POST", url, None, {}, proven).json()
        return str(told["access_token"]), float(told["expires_in"])

    def _patiently(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        anew: Callable[[], tuple[dict[str, str], bytes]] | None = None,
    ) -> Answer:
        failures = 0
        while True:
            self._rest()
            named, content = anew() if anew else (dict(headers), body)
            try:
                return self._once(method, url, content, named)
            except LineError:
                failures += 1
                if failures >= self.patience.tries:
                    raise
                self.sleep(self.patience.wait_s(failures))
            except ProblemError as problem:
                failures += 1
                asked = problem.retry_after
                if (
                    not _is_worth_trying(problem)
                    or failures >= self.patience.tries
                    or (asked or 0) > self.patience.longest_s
                ):
                    raise
                self.sleep(asked if asked is not None else self.patience.wait_s(failures))

    def _once(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        common = {
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": _ENCODINGS,
            "Accept-Language": self.language,
            "User-Agent": AGENT,
        }
        try:
            response = self._pool.request(
                method,
                url,
                body=body,
                headers=common | dict(headers),
                redirect=False,
                preload_content=False,
            )
            content = _whole(response)
        except (HTTPError, OSError) as error:
            # Without the cause's words: they may name a proxy's address with its password.
            raise LineError(f"no whole answer: {type(error).__name__}") from None
        has_length = not {"content-length", "transfer-encoding"}.isdisjoint(
            name.lower() for name in response.headers
        )
        if not content and not has_length and method != "HEAD" and response.status in _WITH_BODY:
            raise LineError("an answer without its body")
        self._note_rate(response.headers.get("RateLimit", ""))
        told = _read(content, response.headers.get("Content-Type", ""))
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise problem_of(
                response.status, told, retry_after=_seconds(response.headers.get("Retry-After"))
            )
        if response.status in _REDIRECTS:
            raise problem_of(HTTPStatus.BAD_GATEWAY, {"code": "redirected"})
        return Answer(response.status, response.headers, content)

    def _note_rate(self, header: str) -> None:
        """Remember to rest where this answer used up the minute, instead of being refused."""
        found = _RATE.search(header)
        if found and found[1] == "0":
            self._rest_until = time.monotonic() + int(found[2])

    def _rest(self) -> None:
        left = self._rest_until - time.monotonic()
        if left > 0:
            self._rest_until = 0.0
            self.sleep(min(left, self.patience.longest_s))


_WITH_BODY: Final = frozenset({200, 201})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


def _whole(response: urllib3.BaseHTTPResponse) -> bytes:
    """Return all of a body, unpacked. Raises HTTPError where it ends early or never ends."""
    content = bytearray()
    try:
        while piece := response.read(_PIECE, decode_content=True):
            content += piece
            if len(content) > MOST_BYTES:
                raise HTTPError("an answer without an end")  # noqa: TRY301 -- closed below like any other
    except BaseException:
        # What was not read to its end is not used for another request.
        response.close()
        raise
    return bytes(content)


def _read(content: bytes, kind: str) -> Any:
    """Return JSON, None for anything else; a cut one is the line's fault."""
    if not content or "json" not in kind:
        return None
    try:
        return json.loads(content)
    except ValueError:
        raise LineError("an answer that ends early") from None


def _is_worth_trying(problem: ProblemError) -> bool:
    return problem.status in _AGAIN or problem.code == "idempotency_key_in_progress"


def _seconds(header: str | None) -> float | None:
    """Return what Retry-After asks for, as seconds or as a date (RFC 9110 10.2.3)."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    moment = email.utils.parsedate_tz(header)
    return max(0.0, email.utils.mktime_tz(moment) - time.time()) if moment else None
