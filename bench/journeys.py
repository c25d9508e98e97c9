"""Whole journeys through the form: every page fetched, answered and left, up to the noted-down code."""

import base64
import hashlib
import json
import re

from bench.lean import Lean

FORM = "/f/"
STORY = (
    "Kepala bidang itu membagikan poster pasangan calon ke grup kantor pada jam kerja, lalu meminta "
    "semua staf menyimpannya dan meneruskannya kepada keluarga masing-masing malam itu juga."
)
NAME = {"name": "Contoh Pelapor", "address": "Kabupaten Magelang", "eligible": "on"}
ANSWERS: dict[str, dict[str, str]] = {
    "who": {"kind": "citizen"},
    "lane": {"lane": "tip"},
    "acts": {"acts": "PRESSURE_OTHERS", "other_act": ""},
    "people": {
        "count": "1",
        "p0-name": "Bagus Contoh",
        "p0-position": "Kepala Bidang",
        "p0-agency": "Pemkab Magelang",
        "p0-account": "",
        "p0-nip": "",
    },
    "when": {
        "event": "yesterday",
        "known": "same",
        "province": "33",
        "region": "33.08",
        "place": "Grup kantor",
    },
    "story": {"story": STORY},
    "links": {"count": "1", "link_0": "https://www.facebook.com/contoh/posts/1"},
    "witness": {"witness": "no"},
}
"""Every page of the shortest walk, in its order; lanes with a name have one page more."""

_PUZZLE = re.compile(
    r'data-challenge="(\w+)" data-salt="([^"]+)" data-signature="(\w+)" data-most="(\d+)"'
)


def solved(page: str) -> str:
    """Return the solution of a page's puzzle, as js/proof.js sends it; "" without a puzzle."""
    found = _PUZZLE.search(page)
    if found is None:
        return ""
    challenge, salt, signature, most = found.groups()
    salt = salt.replace("&amp;", "&")
    start = hashlib.sha256(salt.encode())
    for number in range(int(most) + 1):
        attempt = start.copy()
        attempt.update(str(number).encode())
        if attempt.hexdigest() == challenge:
            told = {
                "algorithm": "SHA-256",
                "challenge": challenge,
                "number": number,
                "salt": salt,
                "signature": signature,
            }
            return base64.b64encode(json.dumps(told).encode()).decode()
    return ""


def walk(reporter: Lean, lane: str) -> int:
    """Begin and answer every question, up to the page before the last button; return the requests.

    A reporter has a connection and cookies of their own. Raises RuntimeError when a page is missing.
    """
    reporter.forget()
    reporter.get(FORM)
    reporter.post(FORM, {"do": "start"})
    reporter.get(FORM)
    requests = 3
    steps = ANSWERS | {"lane": {"lane": lane}}
    if lane != "tip":
        steps["identity"] = NAME
    for step, said in steps.items():
        reporter.post(FORM, {"step": step, "do": "next", **said})
        page = reporter.get(FORM)
        requests += 2
        if page.status != 200:  # noqa: PLR2004 -- HTTP
            raise RuntimeError(f"after {step} came {page.status}")
    return requests


def puzzles(reporter: Lean, lane: str, count: int) -> list[str]:
    """Return solved puzzles for as many reporters: what their devices do while the page is read.

    They come from the page before the last button, and no puzzle knows whose page it was on.
    """
    walk(reporter, lane)
    return [solved(reporter.get(FORM).text) for _reporter in range(count)]


def journey(reporter: Lean, lane: str, puzzle: str) -> int:
    """Walk once and return the number of requests. Raises RuntimeError when it does not end.

    A program is faster than the five seconds anybody needs, so the form asks it once to press "send"
    again: one page more than a person sees.
    """
    requests = walk(reporter, lane)
    shown = ""
    for brought in ("", puzzle):
        send = {"step": "check", "do": "send", "statement": "on", "website": ""}
        reporter.post(FORM, send | {"puzzle": brought})
        shown = reporter.get(FORM).text
        requests += 2
    if 'value="kept"' not in shown:
        raise RuntimeError("the form did not end at a code")
    reporter.post(FORM, {"do": "kept"})
    return requests + 1
