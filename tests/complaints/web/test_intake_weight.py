"""How much of a slow line each page takes (bar U3: a further step is at most 4 KB compressed)."""

import zlib
from datetime import timedelta

import brotli  # type: ignore[import-untyped]
import pytest

from complaints.web import intake
from tests.complaints.web.walk import answer, start, step_of

pytestmark = pytest.mark.django_db

STEP_BYTES = 4096
REGIONS_STEP_BYTES = 8192
"""The page with all 514 regencies and cities in one list, which is what works without script."""


def test_each_step_is_light(client, monkeypatch, capsys):
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))
    sizes = {"safety": client.get("/f/").content}
    page = start(client)
    while step_of(page) != "check":
        sizes[step_of(page)] = page.content
        page = answer(client, step_of(page))
    sizes["check"] = page.content
    packed = {step: len(brotli.compress(html, quality=5)) for step, html in sizes.items()}
    with capsys.disabled():
        print("\nbrotli:", packed)
        print("gzip:", {step: len(zlib.compress(html, 6)) for step, html in sizes.items()})
    heavy = {step: size for step, size in packed.items() if size > STEP_BYTES}
    assert set(heavy) <= {"when"}
    assert packed["when"] <= REGIONS_STEP_BYTES
