"""The form as a person without JavaScript walks it."""

import gzip
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.test import Client

NOW = datetime(2024, 10, 7, 3, 0, tzinfo=UTC)
"""Monday 7 October 2024, 10.00 WIB: campaign of Pilkada 2024."""
NOT_NEUTRAL = ("lapor", "bawaslu", "asn", "netral", "aduan")
"""Words that no title, address or cookie of the reporter's area may hold (bar U17)."""

STORY = "Pak Camat mengajak warga memilih nomor dua di balai desa pada malam hari."

ANSWERS: dict[str, dict[str, Any]] = {
    "who": {"kind": "citizen"},
    "lane": {"lane": "tip"},
    "acts": {"acts": ["PRESSURE_OTHERS"], "other_act": ""},
    "people": {
        "count": "1",
        "p0-name": "Contoh Wiratama",
        "p0-position": "Camat",
        "p0-agency": "Pemkab Magelang",
        "p0-account": "",
        "p0-nip": "",
    },
    "when": {"event": "today", "known": "same", "region": "33.08", "place": "Balai Desa"},
    "story": {"story": STORY},
    "links": {"count": "1", "link_0": "https://contoh.id/unggahan/1"},
    "witness": {"witness": "no"},
    "units": {},
    "identity": {
        "name": "Kartinah Widyaningrum",
        "address": "Jalan Merbabu 17, Magelang",
        "eligible": "on",
        "contact": "0812 3456 7890",
        "nik": "3308011202900001",
        "sealed": "",
        "own_name": "",
    },
}
"""The shortest honest walk: every page answered once."""


def step_of(response: Any) -> str:
    """Return the key of the page shown."""
    found = re.search(r'<input type="hidden" name="step" value="(\w+)">', html_of(response))
    assert found
    return found[1]


def html_of(response: Any) -> str:
    """Return the page as it was written, unpacked."""
    packed = response.get("Content-Encoding") == "gzip"
    content: bytes = gzip.decompress(response.content) if packed else response.content
    return content.decode()


def start(client: Client) -> Any:
    """Accept the safety page and return the first question."""
    return client.post("/f/", {"do": "start"}, follow=True)


def answer(client: Client, step: str, do: str = "next", **changes: Any) -> Any:
    """Answer one page and return the page it leads to."""
    data = {**ANSWERS.get(step, {}), **changes}
    data = {name: value for name, value in data.items() if value is not None}
    response = client.post("/f/", {"step": step, "do": do, **data})
    assert (response.status_code, response["Location"]) == (303, "/f/")
    return client.get("/f/")


def walk_to(client: Client, step: str, **changes: dict[str, Any]) -> Any:
    """Answer pages until ``step`` is shown and return it."""
    response = start(client)
    while step_of(response) != step:
        at = step_of(response)
        response = answer(client, at, **changes.get(at, {}))
    return response


def send(client: Client, **changes: Any) -> Any:
    """Press the last button and return where it leads."""
    return client.post(
        "/f/", {"step": "check", "do": "send", "statement": "on", "website": "", **changes}
    )


def text(response: Any) -> str:
    """Return what a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def shows(words: str, groups: Sequence[str]) -> bool:
    """Say whether two groups of a code stand there: one, of four digits, may do so by chance, as a year."""
    return sum(group in words for group in groups) > 1


def title(response: Any) -> str:
    """Return the page's title."""
    found = re.search(r"<title>(.*?)</title>", response.content.decode())
    assert found
    return found[1]


def errors(response: Any) -> list[str]:
    """Return the lines of the error summary, which the fields repeat word for word."""
    html = response.content.decode()
    links = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a></li>', html)
    for anchor, message in links:
        assert f'id="{anchor}"' in html
        assert html.count(message) >= 2, message
    return [message for _anchor, message in links]
