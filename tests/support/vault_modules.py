"""An empty page under the production policy, with the vault's modules beside it.

No database and no Django view: what is tested is the modules, in a real browser, under the policy that
the settings give every page.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from csp.utils import build_policy
from playwright.sync_api import Page

STATIC = Path(__file__).resolve().parents[2] / "static"
BLANK = b"<!doctype html><html lang=id><title>Kosong</title><body><main></main>"
WATCH = """
addEventListener("securitypolicyviolation", (event) => {
  (window.violations ??= []).push(`${event.effectiveDirective} ${event.blockedURI}`);
});
"""

WITHOUT = {
    "X25519": """
      const make = crypto.subtle.generateKey.bind(crypto.subtle);
      crypto.subtle.generateKey = (algorithm, ...rest) =>
        (algorithm.name === "X25519")
          ? Promise.reject(new DOMException("no", "NotSupportedError"))
          : make(algorithm, ...rest);""",
    "Ed25519": """
      const take = crypto.subtle.importKey.bind(crypto.subtle);
      crypto.subtle.importKey = (form, data, algorithm, ...rest) =>
        (algorithm.name === "Ed25519")
          ? Promise.reject(new DOMException("no", "NotSupportedError"))
          : take(form, data, algorithm, ...rest);""",
    "WebCrypto": 'Object.defineProperty(crypto, "subtle", { value: undefined });',
}
"""Scripts that take something a browser may lack away before the page's own run."""

Run = Callable[..., Any]
"""``run(body, **arguments)``: run the body of an async function with the modules loaded."""


class _Handler(SimpleHTTPRequestHandler):
    """Serves static files, and a blank page for every other address."""

    def do_GET(self) -> None:
        """Answer with the policy of production on everything."""
        if self.path.startswith("/static/"):
            self.path = self.path.removeprefix("/static")
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(BLANK)))
        self.end_headers()
        self.wfile.write(BLANK)

    def end_headers(self) -> None:
        """Add the policy; what is asked for again within the run need not be sent again."""
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("Content-Security-Policy", build_policy())
        super().end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve static/ and a blank page from a port of its own; give its origin."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *given: _Handler(*given, directory=str(STATIC))
    )
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"  # security keys want a name, not a number
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run_in(page: Page, body: str, **arguments: Any) -> Any:
    """Run ``body`` with the modules by name and ``given`` (the arguments) at hand."""
    script = f"""async (given) => {{
      const at = (name) => import(`/static/js/vault/${{name}}.mjs`);
      const names = ["bytes", "hpke", "sealing", "bundle", "officer", "comparing", "cards"];
      const [bytes, hpke, sealing, bundle, officer, comparing, cards] =
        await Promise.all(names.map(at));
      const {{ hex, unhex, utf8, fromUtf8, concat }} = bytes;
      {body}
    }}"""
    return page.evaluate(script, arguments)


@contextmanager
def authenticator(page: Page, *, prf: bool) -> Iterator[None]:
    """Plug in a security key that always has its owner's finger on it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "hasPrf": prf,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield
    session.send("WebAuthn.disable")
    session.detach()
