"""What a file of 30 MB adds to a web worker's memory: a real gunicorn, by tus and by the plain form.

The highest resident size since just before the upload (``VmHWM``, which the kernel forgets on request)
less the size before it, of the worker that grew most.
"""

import base64
import hashlib
import http.client
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.browser import ORIGIN
from bench.journeys import ANSWERS, FORM
from bench.lean import CSRF, Lean
from bench.measures import seconds_until_served
from bench.product import PORT, Product, running_product

MIB = 1024 * 1024
FILE_BYTES = 30 * MIB
PART_BYTES = 4 * MIB
"""As the product's own client cuts a file."""
GROWTH_BAR = 64
"""MiB that issue 4 allows."""
ROUNDS = 2
TUS = {"Tus-Resumable": "1.0.0"}
_FORGET_PEAK = "5"


def worker_memory() -> Iterator[dict[str, Any]]:
    """Start the product, send the file both ways, yield a line for each."""
    content = _video(FILE_BYTES)
    with running_product() as product:
        # Receipts made ahead take 64 MiB each time, which are no file's.
        began = product.start_web(RECEIPT_POOL_SIZE="0")
        seconds_until_served(began, port=PORT, path=FORM)
        for way, send in (("tus", _by_tus), ("plain form", _by_form)):
            for number in range(ROUNDS):
                reporter = _at_the_files()
                growth = _growth(product, partial(send, reporter, content))
                yield {
                    "measure": "web worker's memory",
                    "way": way,
                    "round": number + 1,
                    "file_mib": FILE_BYTES // MIB,
                    "growth_mib": growth,
                    "bar_mib": GROWTH_BAR,
                    "within": growth <= GROWTH_BAR,
                }


def _growth(product: Product, send: Callable[[], None]) -> float:
    """Return by how much the worker that grew most did, at its highest, in MiB."""
    workers = product.web_workers()
    before = {}
    for pid in workers:
        Path(f"/proc/{pid}/clear_refs").write_text(_FORGET_PEAK, encoding="ascii")
        before[pid] = _kib(pid, "VmRSS")
    send()
    if product.web_workers() != workers:
        raise RuntimeError("a worker ended meanwhile")
    return round(max(_kib(pid, "VmHWM") - before[pid] for pid in workers) / 1024, 1)


def _kib(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise LookupError(name)


def _at_the_files() -> Lean:
    """Walk a reporter to the page that takes files."""
    reporter = Lean(PORT)
    reporter.get(FORM)
    reporter.post(FORM, {"do": "start"})
    reporter.get(FORM)
    for step, said in ANSWERS.items():
        if step == "links":
            return reporter
        reporter.post(FORM, {"step": step, "do": "next", **said})
        reporter.get(FORM)
    raise LookupError("links")


def _by_tus(reporter: Lean, content: bytes) -> None:
    name = base64.b64encode(b"rapat.mp4").decode()
    told = {"Upload-Length": str(len(content)), "Upload-Metadata": f"filename {name}"}
    answer = _ask(reporter, "POST", "/f/berkas/", TUS | told)
    place = answer.headers["Location"]
    for at in range(0, len(content), PART_BYTES):
        head = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        _ask(reporter, "PATCH", place, TUS | head, content[at : at + PART_BYTES])


def _by_form(reporter: Lean, content: bytes) -> None:
    fields = {"csrfmiddlewaretoken": CSRF, "step": "links", "do": "next", **ANSWERS["links"]}
    part = '--bench\r\nContent-Disposition: form-data; name="{}"'
    body = b"".join(
        f"{part.format(name)}\r\n\r\n{value}\r\n".encode() for name, value in fields.items()
    )
    body += f'{part.format("upload")}; filename="rapat.mp4"\r\n\r\n'.encode() + content
    body += f"\r\n{part.format('whole')}\r\n\r\n1\r\n--bench--\r\n".encode()
    _ask(reporter, "POST", FORM, {"Content-Type": "multipart/form-data; boundary=bench"}, body)
    if "rapat.mp4" not in reporter.get(FORM).text and "witness" not in reporter.get(FORM).text:
        raise RuntimeError("the file did not come")


def _ask(
    reporter: Lean, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> http.client.HTTPResponse:
    """Send one request of the reporter. Raises RuntimeError for a refusal."""
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    line.request(
        method,
        path,
        body=body or None,
        headers={
            "Host": "localhost",
            "X-Forwarded-Proto": "https",
            "Origin": ORIGIN,
            "X-CSRFToken": CSRF,
            "Cookie": f"__Host-t={CSRF}; __Host-l={reporter.cookie}",
            **headers,
        },
    )
    answer = line.getresponse()
    answer.read()
    line.close()
    if answer.status >= 400:  # noqa: PLR2004 -- HTTP
        raise RuntimeError(f"{method} {path}: {answer.status}")
    return answer


def _video(size: int) -> bytes:
    """Return bytes that begin like an MP4, which may be as large, and differ everywhere."""
    tail = b"".join(
        hashlib.sha256(str(number).encode()).digest() for number in range(size // 32 + 1)
    )
    return (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + tail)[:size]
