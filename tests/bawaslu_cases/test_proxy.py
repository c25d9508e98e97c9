"""``docker/proxy/nginx.conf``, the proxy that servers are shown, run by a real nginx (H06, H22, L03)."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.ports import free_ports

CONF = Path(__file__).parents[2] / "docker/proxy/nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
HOST = "lapor.example.go.id"
ONION = "example" * 8 + ".onion"
CLIENT = "127.0.0.77"
"""Whom no log may name."""
PATIENCE_S = 120
SEEN: list[dict[str, str]] = []
OVER = threading.Event()
"""Whoever asked for what is slow gets it when all tests are over: the proxy gave it up long before."""


class _Upstream(BaseHTTPRequestHandler):
    """Stands where the product stands: notes what it is told, and answers with a header of its own."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_S

    def do_GET(self) -> None:
        SEEN.append({name.lower(): value for name, value in self.headers.items()})
        if self.path.partition("?")[0] == "/slow":
            OVER.wait(PATIENCE_S)
        if self.path == "/429":
            self.send_response(429)
        else:
            self.send_response(200)
        self.send_header("Strict-Transport-Security", "max-age=1")
        self.send_header("Content-Length", "2")
        self.end_headers()
        with suppress(BrokenPipeError):  # who asked for /slow is gone by now
            self.wfile.write(b"ok")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class Proxy:
    """A running nginx in a folder of its own, with the file's names and free ports."""

    def __init__(self, folder: Path, upstream: int, *, error_log: str = "/dev/null") -> None:
        self.folder, self.error_log = folder, error_log
        self.plain, self.tls, self.onion = free_ports(3)
        text = CONF.read_text(encoding="utf-8")
        for old, new in (
            ("user www-data;", ""),
            ("worker_processes auto;", "worker_processes 1; daemon off;"),
            ("pid /run/nginx.pid;", f"pid {folder}/pid;"),
            ("error_log /dev/null;", f"error_log {error_log} info;"),
            ("/dev/shm/nginx-", f"{folder}/"),
            ("listen 80 default_server;", f"listen 127.0.0.1:{self.plain} default_server;"),
            ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
            ("listen 443 ssl default_server;", f"listen 127.0.0.1:{self.tls} ssl default_server;"),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.tls} ssl http2;"),
            ("listen 127.0.0.1:8081", f"listen 127.0.0.1:{self.onion}"),
            ("server 127.0.0.1:8000;", f"server 127.0.0.1:{upstream};"),
            ("/etc/nginx/tls/", f"{folder}/"),
            ("proxy_read_timeout 300s;", "proxy_read_timeout 2s;"),
        ):
            assert old in text, old
            text = text.replace(old, new)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        _certificate(folder)
        assert NGINX is not None
        self.process = subprocess.Popen(
            [NGINX, "-e", f"{folder}/start", "-p", str(folder), "-c", f"{folder}/nginx.conf"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # Its number is written when it has every port: while it waits for one that somebody else
        # has, the others take connections already, and nobody serves them.
        while not (folder / "pid").exists():
            assert self.process.poll() is None, f"nginx ended: {(folder / 'start').read_text()}"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it and wait."""
        self.process.terminate()
        self.process.wait(120)

    def ask(
        self,
        port: int,
        path: str = "/",
        *,
        host: str = HOST,
        method: str = "GET",
        body: bytes = b"",
    ) -> http.client.HTTPResponse:
        """Ask at a door, from the client's own address."""
        if port == self.tls:
            context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
            connection: http.client.HTTPConnection = _Tls("127.0.0.1", port, context=context)
        else:
            connection = http.client.HTTPConnection(
                "127.0.0.1", port, source_address=(CLIENT, 0), timeout=PATIENCE_S
            )
        connection.request(
            method,
            path,
            body=body or None,
            headers={"Host": host, "X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "http"},
        )
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def handshake(
        self, port: int, *, host: str, least: ssl.TLSVersion, most: ssl.TLSVersion
    ) -> str:
        """Return the version of TLS that the two agree on; raises SSLError."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = least, most
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S, (CLIENT, 0)) as raw:
            wrapped = context.wrap_socket(raw, server_hostname=host)
            with wrapped:
                return str(wrapped.version())


class _Tls(http.client.HTTPSConnection):
    """Goes to loopback and asks for the site by its name."""

    def connect(self) -> None:
        raw = socket.create_connection((self.host, self.port), PATIENCE_S, (CLIENT, 0))
        context: ssl.SSLContext = self._context  # type: ignore[attr-defined]
        self.sock = context.wrap_socket(raw, server_hostname=HOST)


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)
    # Its threads end with it: another test may count those of the process.
    server.daemon_threads = False
    OVER.clear()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    OVER.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def proxy(upstream: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if NGINX is None:
        if os.environ.get("CI"):
            pytest.fail("nginx is missing; .ci/run installs it")
        pytest.skip("nginx is not installed")
    running = Proxy(tmp_path_factory.mktemp("proxy"), upstream)
    yield running
    running.stop()


def test_h06_two_years_of_https_but_not_for_the_onion(proxy: Proxy) -> None:
    clear = proxy.ask(proxy.tls)
    assert clear.headers.get_all("Strict-Transport-Security") == [
        "max-age=63072000; includeSubDomains; preload"
    ]
    assert clear.headers["Onion-Location"] == f"http://{ONION}/"
    for path in ("/f/", "/s/", "/masuk/", "/en/f/"):
        answer = proxy.ask(proxy.tls, path)
        assert (answer.status, answer.headers["Onion-Location"]) == (200, None), path
    onion = proxy.ask(proxy.onion, host=ONION)
    assert (onion.status, onion.headers["Strict-Transport-Security"]) == (200, None)
    assert onion.headers["Onion-Location"] is None
    assert proxy.ask(proxy.onion, "/kerja/", host=ONION).status == 404


def test_h06_errors_of_the_proxy_itself_carry_it_too(proxy: Proxy) -> None:
    answer = proxy.ask(proxy.tls, "/" + "a" * 20_000)
    assert answer.status == 414
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_h22_only_new_versions_of_tls(proxy: Proxy) -> None:
    old, two, three = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    assert proxy.handshake(proxy.tls, host=HOST, least=two, most=two) == "TLSv1.2"
    assert proxy.handshake(proxy.tls, host=HOST, least=three, most=three) == "TLSv1.3"
    with pytest.warns(DeprecationWarning, match="TLSv1"), pytest.raises((ssl.SSLError, OSError)):
        proxy.handshake(proxy.tls, host=HOST, least=ssl.TLSVersion.TLSv1, most=old)
    with pytest.raises((ssl.SSLError, OSError)):
        proxy.handshake(proxy.tls, host="lain.example", least=two, most=three)


@pytest.mark.parametrize("weak", ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES256-GCM-SHA384"])
def test_h22_weak_suites_are_refused(proxy: Proxy, weak: str) -> None:
    context = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{weak}:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", proxy.tls), PATIENCE_S) as raw,
        pytest.raises((ssl.SSLError, OSError)),
    ):
        context.wrap_socket(raw, server_hostname=HOST)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/f/?a=b", 301),
        ("HEAD", "/", 301),
        ("POST", "/f/", 403),
        ("GET", "/api/v1/complaints/", 403),
        ("POST", "/api/v1/token/", 403),
    ],
)
def test_h22_http_only_sends_pages_on(proxy: Proxy, method: str, path: str, status: int) -> None:
    before = len(SEEN)
    answer = proxy.ask(proxy.plain, path, method=method, body=b"x" if method == "POST" else b"")
    assert answer.status == status
    assert answer.headers["Location"] == (f"https://{HOST}{path}" if status == 301 else None)
    assert len(SEEN) == before


def test_the_product_is_not_told_who_asks(proxy: Proxy) -> None:
    for port, host in ((proxy.tls, HOST), (proxy.onion, ONION)):
        proxy.ask(port, "/f/", host=host)
        told = SEEN[-1]
        assert (told["host"], told["x-forwarded-proto"]) == (host, "https")
        assert CLIENT not in str(told)


def provoke(proxy: Proxy) -> list[int]:
    """Make the errors that nginx writes down when it is let."""
    statuses = [
        proxy.ask(proxy.tls, "/" + "a" * 20_000).status,
        proxy.ask(proxy.tls, "/429").status,
        proxy.ask(proxy.tls, "/slow").status,
    ]
    tls = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))

    def raw(request: bytes, *, wait: bool = True) -> int:
        with (
            socket.create_connection(("127.0.0.1", proxy.tls), PATIENCE_S, (CLIENT, 0)) as plain,
            tls.wrap_socket(plain, server_hostname=HOST) as line,
        ):
            line.sendall(request)
            found = re.match(rb"HTTP/1.1 (\d+)", line.recv(999)) if wait else None
        return int(found[1]) if found else 499

    head = f"Host: {HOST}\r\n".encode()
    statuses += [
        raw(b"GET / HTTP/1.1\r\n" + head + b"Broken Header\x00: x\r\n\r\n"),
        raw(b"POST / HTTP/1.1\r\n" + head + b"Content-Length: 999999999999\r\n\r\n"),
        raw(b"GET /slow HTTP/1.1\r\n" + head + b"\r\n", wait=False),
    ]
    return statuses


def test_l03_no_error_of_the_proxy_names_the_client(
    proxy: Proxy, upstream: int, tmp_path: Path
) -> None:
    assert provoke(proxy) == [414, 429, 504, 400, 413, 499]
    assert written(proxy.folder, CLIENT) == []
    # Let write, it would have named the client: the search finds what is there.
    talking = Proxy(tmp_path, upstream, error_log=f"{tmp_path}/errors")
    provoke(talking)
    talking.stop()
    assert written(tmp_path, CLIENT) == ["errors"]


WORDS = "Kartinah+Sumodiwiryo"


def tell(proxy: Proxy) -> list[int]:
    """Send words of a report in every part of a request, answered and not."""
    form = f"name={WORDS}&story={WORDS}".encode()
    return [
        proxy.ask(proxy.tls, f"/f/?name={WORDS}").status,
        proxy.ask(proxy.tls, f"/slow?name={WORDS}").status,
        proxy.ask(proxy.tls, "/f/", method="POST", body=form).status,
        # More than a buffer holds: it goes through a file of the proxy's.
        proxy.ask(proxy.tls, "/f/", method="POST", body=form * 5_000).status,
        proxy.ask(proxy.tls, "/slow", method="POST", body=form * 5_000).status,
    ]


def test_c07_the_proxy_keeps_nothing_of_a_report(
    proxy: Proxy, upstream: int, tmp_path: Path
) -> None:
    assert tell(proxy) == [200, 504, 200, 200, 504]
    assert written(proxy.folder, WORDS) == []
    talking = Proxy(tmp_path, upstream, error_log=f"{tmp_path}/errors")
    tell(talking)
    talking.stop()
    assert written(tmp_path, WORDS) == ["errors"]


def test_l03_nor_when_the_product_is_gone(tmp_path: Path) -> None:
    if NGINX is None:
        pytest.skip("nginx is not installed")
    alone = Proxy(tmp_path, free_ports(1)[0])
    assert alone.ask(alone.tls).status == 502
    alone.stop()
    assert written(tmp_path, CLIENT) == []


def written(folder: Path, sought: str) -> list[str]:
    """Return the files of a folder, below it too, that hold a text."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if sought.encode() in path.read_bytes()]
