"""A real OpenID provider for tests: canaille from its wheel, on loopback, with people who have a code app."""

import base64
import hmac
import http.client
import json
import os
import re
import struct
import subprocess
import sys
import time
from contextlib import closing
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener, urlopen

from tests.support.ports import free_ports

START_SECONDS = 120
STEPS = 12
PASSWORD = "sandi-di-penyedia"
SECRET = "rahasia-kode-app"
CLIENT_ID = "kasus"
CLIENT_SECRET = "rahasia: klien/uji"  # what must be encoded on the way
CALLBACK = "/akun/sso/kembali/"
PERIOD_SECONDS = 10**9
"""How long a code holds. Of the usual 30 a turn falls between the reading of a code and its use, some day."""


class IdentityProvider:
    """One provider process. ``subjects``: who has an account there, by ``sub`` and e-mail address."""

    def __init__(self, subjects: dict[str, str], origins: list[str]) -> None:
        self._subjects, self._origins = subjects, origins
        (self.port,) = free_ports(1)
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._browsers: dict[str, Any] = {}

    def start(self) -> None:
        """Serve, with new signing keys; nobody is signed in there."""
        self._browsers.clear()
        given = {
            "port": self.port,
            "factors": ["password", "otp"],
            "period_seconds": PERIOD_SECONDS,
            "people": [
                {
                    "name": subject,
                    "user_name": subject,
                    "email": email,
                    "password": PASSWORD,
                    "secret": SECRET,
                }
                for subject, email in self._subjects.items()
            ],
            "client_id": CLIENT_ID,
            "secret": CLIENT_SECRET,
            "client_uri": self._origins[0],
            "redirect_uris": [origin + CALLBACK for origin in self._origins],
            "auth_method": "client_secret_basic",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.identity_provider_process", json.dumps(given)],
            cwd=Path(__file__).resolve().parents[2],
            # Its settings may come from the environment too, and ours are none of them.
            env={"PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends = time.monotonic() + START_SECONDS
        while True:
            try:
                with urlopen(f"{self.issuer}/.well-known/openid-configuration", timeout=5):
                    return
            except (OSError, http.client.HTTPException):
                assert self._process.poll() is None, "the provider ended at once"
                assert time.monotonic() < ends, "the provider did not start"
                time.sleep(0.1)

    def stop(self) -> None:
        """End the process; nobody answers any more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def sign_in(self, url: str, subject: str) -> str:
        """Sign somebody in there, as a browser does; return where it is sent to.

        With password and code at first; then the browser is known there, which is what single sign-on is.
        """
        opener = self._browsers.setdefault(
            subject, build_opener(HTTPCookieProcessor(CookieJar()), _NoRedirect)
        )
        form = None
        for _step in range(STEPS):
            with closing(_opened(opener, url, form)) as answer:
                if "location" in answer.headers:
                    url, form = urljoin(url, answer.headers["location"]), None
                    if not url.startswith(self.issuer):
                        return url
                else:
                    form = _filled(answer.read().decode(), subject)
        raise AssertionError("the provider let nobody in")


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


def _opened(opener: Any, url: str, form: dict[str, str] | None = None) -> Any:
    data = urlencode(form).encode() if form else None
    try:
        return opener.open(Request(url, data=data, headers={"Referer": url}), timeout=120)
    except HTTPError as error:
        if error.code not in {301, 302, 303}:
            raise
        return error


def _filled(page: str, subject: str) -> dict[str, str]:
    tag = re.search(r'<input[^>]*name="csrf_token"[^>]*>', page)
    assert tag, "a page of the provider without its form"
    token = re.search(r'value="([^"]+)"', tag[0])
    assert token
    answers = {"login": subject, "password": PASSWORD, "otp": passcode()}
    asked = {name: value for name, value in answers.items() if f'name="{name}"' in page}
    return {"csrf_token": unescape(token[1])} | asked


def passcode(secret: str = SECRET) -> str:
    """Return the six digits of this period (RFC 6238) that everybody's app shows."""
    mac = hmac.digest(
        secret.encode(), struct.pack(">Q", int(time.time()) // PERIOD_SECONDS), "sha1"
    )
    start = mac[-1] & 15
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def base32(secret: str = SECRET) -> str:
    """Return the secret as a code app takes it."""
    return base64.b32encode(secret.encode()).decode()
