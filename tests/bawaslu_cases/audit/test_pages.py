"""The signed manifest of what reporters are served (check H20)."""

import base64
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from bawaslu_cases.audit import notes, pages

SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
LINE = notes.verifier_key("bawaslu/audit", KEY.public_key())
CONTENT = {
    "/f/": b'<form><input name="csrfmiddlewaretoken" value="abc"><p>Isi</p>\n\n',
    "/static/js/form.js": b"'use strict';\nconst one = 1;\n",
}


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Serve CONTENT; what a test changes in it is served from then on."""
    content = dict(CONTENT)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = content.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base's name
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}", content
    running.shutdown()
    running.server_close()
    thread.join()


def monitor(tmp_path, base: str, text: str) -> int:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(text, encoding="utf-8")
    return pages.main([str(manifest), LINE, base])


def test_h20_one_changed_byte_is_reported_at_the_next_run(server, tmp_path, capsys):
    base, content = server
    text = pages.sign_manifest(pages.digests(base, CONTENT), KEY)
    assert monitor(tmp_path, base, text) == 0
    for address, page in CONTENT.items():
        for place in range(0, len(page.rstrip()), 7):
            content[address] = page[:place] + bytes([page[place] ^ 1]) + page[place + 1 :]
            if pages.masked(content[address]) == pages.masked(page):
                continue  # a letter of the form token, which is new on every load
            capsys.readouterr()
            assert monitor(tmp_path, base, text) == 1, (address, place)
            assert address in capsys.readouterr().out
        content[address] = page
    del content["/f/"]
    assert monitor(tmp_path, base, text) == 1
    assert "status 404" in capsys.readouterr().out


def test_h20_what_is_new_on_every_load_is_masked_and_nothing_else(server, tmp_path):
    base, content = server
    text = pages.sign_manifest(pages.digests(base, CONTENT), KEY)
    content["/f/"] = CONTENT["/f/"].replace(b'value="abc"', b'value="other"') + b"\n" * 900
    assert monitor(tmp_path, base, text) == 0
    content["/f/"] = CONTENT["/f/"].replace(b"<p>", b"<p onclick=x>")
    assert monitor(tmp_path, base, text) == 1


def test_h20_a_manifest_of_another_key_or_changed_is_refused(server, tmp_path, capsys):
    base, _content = server
    text = pages.sign_manifest(pages.digests(base, CONTENT), KEY)
    assert monitor(tmp_path, base, text.replace('"/f/": "', '"/f/": "0')) == 2
    stranger = Ed25519PrivateKey.generate()
    assert monitor(tmp_path, base, pages.sign_manifest({}, stranger)) == 2
    assert monitor(tmp_path, base, "{}") == 2
    assert "not a manifest of this key" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_h20_manifest_of_the_product_holds_and_shows_a_changed_page(
    live_server, settings, tmp_path, capsys
):
    settings.AUDIT_SIGNING_KEY = base64.b64encode(SEED).decode()
    out = StringIO()
    call_command("page_manifest", live_server.url, stdout=out)
    text = out.getvalue()
    wanted = pages.read_manifest(text, KEY.public_key())
    assert set(pages.PAGES) < set(wanted)
    assert any(address.endswith("vault/sealing.mjs") for address in wanted)
    assert monitor(tmp_path, live_server.url, text) == 0
    settings.PRODUCT_NAME = settings.PRODUCT_NAME[:-1] + "X"
    capsys.readouterr()
    assert monitor(tmp_path, live_server.url, text) == 1
    assert "/jejak: " in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_manifest_needs_a_key_and_a_server(settings):
    settings.AUDIT_SIGNING_KEY = ""
    with pytest.raises(CommandError, match="signing key"):
        call_command("page_manifest", "http://127.0.0.1:1")
    settings.AUDIT_SIGNING_KEY = base64.b64encode(SEED).decode()
    with pytest.raises(CommandError, match="not served"):
        call_command("page_manifest", "http://127.0.0.1:1")
