"""How much of a slow line the form takes, and what its weight tells somebody who watches the line.

Bars: the first page at most 30 KB cold with everything it loads, a further step at most 4 KB warm, a
whole report at most 150 KB (issue 3; bar U3). Check H12: sizes say nothing about the lane.
"""

import re
import zlib
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.test import Client

from complaints.web.reporter_page import BUCKET_BYTES
from tests.complaints.web.walk import ANSWERS, send, step_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_clock", "vault_keys")]

FIRST_PAGE_BYTES = 30 * 1024
REPORT_BYTES = 150 * 1024
STATIC = Path(settings.BASE_DIR) / "static"
PACKED = {".woff2"}
"""Kinds that are compressed already."""

LONGEST_STORY = {
    "story": " ".join(f"Pada hari ke-{n} beliau mengajak warga RT {n} memilih." for n in range(68))
}


class Line:
    """A phone that takes gzip and keeps what it loaded; counts what came over the line."""

    def __init__(self, address: str = "/f/") -> None:
        self.address = address
        self.client = Client(headers={"accept-encoding": "gzip, br"})
        self.loaded: set[str] = set()
        self.bytes = 0

    def get(self) -> Any:
        """Load the page, then what it refers to and is not there yet."""
        page = self.client.get(self.address)
        self.bytes += len(page.content)
        html = plain(page)
        names = re.findall(r'(?:href|src)="/static/([^"#]+)', html)
        while names:
            name = names.pop()
            if name in self.loaded:
                continue
            self.loaded.add(name)
            path = STATIC / name
            raw = path.read_bytes()
            self.bytes += len(raw if path.suffix in PACKED else brotli.compress(raw))
            if path.suffix == ".css":
                found = re.findall(r"url\([\"']?([^\"')]+)", raw.decode())
                names += [str((path.parent / each).resolve().relative_to(STATIC)) for each in found]
            if path.suffix == ".mjs":
                found = re.findall(r'from "(\.[^"]+)"', raw.decode())
                names += [str((path.parent / each).resolve().relative_to(STATIC)) for each in found]
        return page

    def press(self, **data: Any) -> Any:
        """Post, follow, and count both answers."""
        answer = self.client.post(self.address, data)
        self.bytes += len(answer.content)
        return self.get()


def plain(page: Any) -> str:
    """Return the page as the browser reads it."""
    body = page.content
    return (zlib.decompress(body, 47) if page.get("Content-Encoding") else body).decode()


def walk(line: Line, *, lane: str, **changes: dict[str, Any]) -> dict[str, int]:
    """Walk to the receipt; return step → bytes of its page."""
    line.get()
    page, sizes = line.press(do="start"), {}
    while step_of(page) != "check":
        step = step_of(page)
        sizes[step] = len(page.content)
        given = {"lane": lane} if step == "lane" else ANSWERS.get(step, {}) | changes.get(step, {})
        page = line.press(step=step, do="next", **given)
        assert step_of(page) != step, step
    sizes["check"] = len(page.content)
    return sizes


def test_u3_the_first_page_is_light_with_all_it_loads(capsys):
    line = Line()

    line.get()

    with capsys.disabled():
        print(f"\nfirst page, cold: {line.bytes} bytes in {len(line.loaded) + 1} requests")
    assert line.bytes <= FIRST_PAGE_BYTES
    assert not [name for name in line.loaded if name.startswith("http")]


@pytest.mark.parametrize(
    ("lane", "address"),
    [("tip", "/f/"), ("sealed", "/f/"), ("open", "/f/"), ("open", "/en/f/")],
)
def test_h12_each_step_weighs_one_bucket_whatever_the_lane(lane, address, capsys):
    line = Line(address)

    sizes = walk(line, lane=lane)

    with capsys.disabled():
        print(f"\n{lane} {address}: whole report {line.bytes} bytes, {len(line.loaded)} files")
    assert set(sizes.values()) == {BUCKET_BYTES}
    assert ("identity" in sizes) == (lane != "tip")
    send(line.client)
    assert 'id="code"' in plain(line.get())
    assert line.bytes <= REPORT_BYTES


def test_h12_a_long_story_costs_whole_buckets_and_no_more():
    sizes = walk(Line(), lane="sealed", story=LONGEST_STORY)

    assert {size % BUCKET_BYTES for size in sizes.values()} == {0}
    assert max(sizes.values()) == 2 * BUCKET_BYTES
    assert {step for step, size in sizes.items() if size > BUCKET_BYTES} <= {"check", "identity"}


def test_h12_pages_without_gzip_fall_into_buckets_too():
    client = Client()
    client.post("/f/", {"do": "start"})

    page = client.get("/f/")

    assert "Content-Encoding" not in page
    assert len(page.content) % BUCKET_BYTES == 0
    assert page.content.rstrip().endswith(b"</html>")


def test_a_bucket_opens_like_any_gzip():
    client = Client(headers={"accept-encoding": "gzip"})
    client.post("/f/", {"do": "start"})

    page = client.get("/f/")

    assert (page["Content-Encoding"], "Accept-Encoding" in page["Vary"]) == ("gzip", True)
    assert plain(page).rstrip().endswith("</html>")


@pytest.mark.parametrize("province", ["31", "33", "35", "12"])
def test_the_page_with_the_regencies_of_a_large_province_is_light(province):
    line = Line()
    line.press(do="start")
    for step in ("who", "lane", "acts", "people"):
        line.press(step=step, do="next", **ANSWERS[step])
    said = {name: ANSWERS["when"][name] for name in ("event", "known")}

    page = line.press(step="when", do="next", province=province, **said)

    html = plain(page)
    assert "Galat" not in html
    assert re.search(r'<select name="region"[^>]* autofocus', html)
    assert len(page.content) == BUCKET_BYTES


def test_the_first_sprite_is_a_part_of_the_whole():
    whole = set(re.findall(r"<symbol.*?</symbol>", (STATIC / "icons.svg").read_text(), re.DOTALL))
    part = re.findall(r"<symbol.*?</symbol>", (STATIC / "icons-start.svg").read_text(), re.DOTALL)

    assert part
    assert set(part) <= whole
