"""Questions nobody answered yet are drawn once: equal to the long way, and without a trace of anybody."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.template import loader
from django.test import Client

from bawaslu_cases.registry import remembered
from complaints.states import Lane
from complaints.web import intake_blank, intake_pages
from complaints.web.intake_draft import STEPS
from complaints.web.intake_saved import PROBLEMS
from tests.complaints.web.walk import ANSWERS, NOW, answer, html_of, start, step_of, walk_to

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
MEDIA: dict[str, dict[str, Any]] = {
    "acts": {"acts": ["POST_SUPPORT"], "other_act": ""},
    "media": {"platform": "unknown", "link": ""},
}
QUESTIONS = [step.key for step in STEPS if step.form and step.key != "units"]


@pytest.fixture(autouse=True)
def _kept(settings, monkeypatch):
    cache.clear()
    settings.REGISTRY_KEPT_SECONDS = 60
    monkeypatch.setattr(remembered, "_freshness", remembered._Freshness())


@pytest.fixture
def drawn(monkeypatch):
    """The templates that are drawn by the short way, in their order."""
    templates: list[str] = []
    original = loader.render_to_string

    def render(template, context):
        templates.append(template.rpartition("/")[2])
        return original(template, context)

    monkeypatch.setattr(intake_blank, "render_to_string", render)
    return templates


def without_token(response) -> str:
    page = html_of(response)
    assert TOKEN.search(page)
    return TOKEN.sub("", page)


def english(client: Client):
    return client.get("/en/f/")


@pytest.mark.parametrize("step", QUESTIONS)
@pytest.mark.parametrize("kind", ["citizen", "asn"])
def test_every_question_is_the_same_as_drawn_for_its_reporter(step, kind, monkeypatch):
    client = Client()
    who = {"kind": kind, "same_agency": "yes"}
    with time_machine.travel(NOW, tick=False):
        short = without_token(walk_to(client, step, who=who, **MEDIA))
        short_english = without_token(english(client))
        monkeypatch.setattr(intake_pages, "is_blank", lambda _draft: False)
        assert without_token(client.get("/f/")) == short
        assert without_token(english(client)) == short_english
    assert short != short_english
    assert f'name="step" value="{step}"' in short


@pytest.mark.usefixtures("vault_keys")
def test_the_page_of_the_name_is_the_same_as_drawn_for_its_reporter(drawn, monkeypatch):
    story = (
        'Di rapat itu <b>0-token-of-this-reporter-0</b> & "semua" staf diminta memilih calon itu.'
    )
    lane = {"lane": Lane.SEALED.value}
    pages = []
    with time_machine.travel(NOW, tick=False):
        for told in (story, ANSWERS["story"]["story"]):
            client = Client()
            short = without_token(walk_to(client, "identity", lane=lane, story={"story": told}))
            assert drawn.count("identity.html") == 1
            with monkeypatch.context() as patched:
                patched.setattr(intake_pages, "is_blank_name", lambda _draft: False)
                assert without_token(client.get("/f/")) == short
            pages.append(short)
    assert "&lt;b&gt;0-token-of-this-reporter-0&lt;/b&gt; &amp; &quot;semua&quot;" in pages[0]
    assert "semua&quot;" not in pages[1]
    assert all("-of-this-report-0" not in page for page in pages)
    reports = [re.findall(r'data-report="([0-9a-f]{32})"', page) for page in pages]
    assert len({report for found in reports for report in found}) == 2


def test_the_first_page_is_the_same_as_with_a_request(monkeypatch):
    # the long way is taken after a code that opened nothing; without its words it is the same page
    short = without_token(Client().get("/f/"))
    monkeypatch.setitem(PROBLEMS, "anything", "")
    monkeypatch.setattr(intake_pages, "blank_first_page", _the_long_way)
    assert without_token(Client().get("/f/")) == short


def _the_long_way(request):
    return intake_pages.safety_page(request, tried="anything", at=NOW)


def test_a_question_is_drawn_once_for_two_reporters(drawn):
    with time_machine.travel(NOW, tick=False):
        first, second = walk_to(Client(), "acts"), walk_to(Client(), "acts")
    assert without_token(first) == without_token(second)
    assert len([name for name in drawn if name == "acts.html"]) <= 1


def test_the_token_is_the_readers_own_and_opens_the_form():
    tokens = []
    for _reporter in range(2):
        client = Client(enforce_csrf_checks=True)
        found = TOKEN.findall(html_of(client.get("/f/")))
        assert set(found) == {found[0]}
        assert len(found[0]) == 64
        tokens.append(found[0])
        taken = client.post("/f/", {"do": "start", "csrfmiddlewaretoken": found[0]})
        assert taken.status_code == 303
        page = html_of(client.get("/f/"))
        assert intake_blank._STAND_IN not in page
        question = TOKEN.findall(page)
        said = {"step": "who", "do": "next", "csrfmiddlewaretoken": question[0], **ANSWERS["who"]}
        assert client.post("/f/", said).status_code == 303
        assert step_of(client.get("/f/")) == "lane"
    assert tokens[0] != tokens[1]


def test_what_was_typed_or_refused_never_takes_the_short_way(drawn):
    client, marked = Client(), "Teluk Mutiara Hitam"
    with time_machine.travel(NOW, tick=False):
        walk_to(client, "people")
        refused = answer(
            client, "people", **{"p0-name": "", "p0-position": "", "p0-agency": marked}
        )
        assert step_of(refused) == "people"
        assert marked in html_of(refused)
        answer(client, "people", **{"p0-name": marked})
        again = answer(client, "when", "back")
        assert marked in html_of(again)
        assert marked not in html_of(walk_to(Client(), "people"))


def test_advice_fits_who_asks():
    def lanes(kind: str, same: str) -> str:
        client = Client()
        with time_machine.travel(NOW, tick=False):
            return without_token(walk_to(client, "lane", who={"kind": kind, "same_agency": same}))

    citizen, sealed, tip = lanes("citizen", ""), lanes("asn", "no"), lanes("asn", "yes")
    assert len({citizen, sealed, tip}) == 3
    assert "disarankan" not in citizen
    assert lanes("citizen", "") == citizen
    for page, lane in ((sealed, Lane.SEALED), (tip, Lane.TIP)):
        label = page[page.index(f'value="{lane.value}"') :].partition("</label>")[0]
        assert "disarankan" in label


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        # the month begins in Jayapura (UTC+9) while it is still the old one elsewhere
        (datetime(2024, 10, 31, 14, 59, tzinfo=UTC), "2024-10"),
        (datetime(2024, 10, 31, 15, 0, tzinfo=UTC), "2024-11"),
        (datetime(2024, 11, 1, 0, 0, tzinfo=UTC), "2024-11"),
    ],
)
def test_the_months_are_those_of_the_day(now, newest):
    page = ""
    for moment in (now - timedelta(days=40), now):
        with time_machine.travel(moment, tick=False):
            page = html_of(walk_to(Client(), "when"))
    months = re.findall(r'<option value="(\d{4}-\d{2})"', page)
    assert (months[0], len(months)) == (newest, 36)


def test_a_new_release_of_the_registry_is_shown(drawn):
    with time_machine.travel(NOW, tick=False):
        start(Client())
        drawn.clear()
        start(Client())
        assert drawn == []
        remembered._freshness.number += 1
        start(Client())
    assert drawn == ["who.html"]
