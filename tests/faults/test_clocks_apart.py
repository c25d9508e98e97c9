"""F12: a web server's clock is ten minutes wrong. A worker's: test_servers_gone.py.

Its visitors change with every request between it and a server whose clock is right, as behind a balancer.
"""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from bawaslu_cases.shared.clocks import by_the_database
from complaints.services.deadlines import local_day
from tests.factories import case, decided_case, finding, office, person, proposed_tip, tip
from tests.faults.test_servers_gone import QUEUE, delivered, make, tell, walk_on, whole
from tests.referrals import stages
from tests.support.browser_between import BetweenServers
from tests.support.own_world import World, own_world

TEN_MINUTES = timedelta(minutes=10)
REPORTERS = 8
REFERRALS = 4
PAGES = 80
BELOW_NOTHING = re.compile(r"(?<![\w\d–-])[-−]\d+\s*(?:%|hari|jam|menit|detik|minggu|bulan)")
"""An age or a share of time that is negative."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with own_world(tmp_path) as made:
        yield made


@pytest.mark.long
@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shift", [TEN_MINUTES, -TEN_MINUTES], ids=["ahead", "behind"])
def test_f12_a_web_whose_clock_is_wrong_stops_nobody_beside_one_that_is_right(world, shift):
    make(world, REFERRALS)
    sights = json.loads(world.run("tests.support.sights"))
    world.start_web()
    right = world.port
    assert json.loads(world.ask("/health/ready")[1])["clock"] == "ok"
    world.start_web(shift_seconds=int(shift.total_seconds()))
    assert json.loads(world.ask("/health/ready")[1])["clock"] == "wrong"
    world.workers.start_worker(processes=1)
    world.workers.start_beat()
    before = world.count("SELECT count(*) FROM complaints_complaint")

    codes = set()
    for number in range(REPORTERS):
        # Half of them begin with the one, half with the other.
        ports = (right, world.port) if number % 2 else (world.port, right)
        with closing(BetweenServers(*ports)) as browser:
            codes.add(walk_on(browser, []).body.split(b'id="code"')[1][:400])
    world.workers.wait(lambda: delivered(world) == REFERRALS, "all are delivered")

    assert len(codes) == REPORTERS
    assert world.count("SELECT count(*) FROM complaints_complaint") == before + REPORTERS
    assert world.count(
        "SELECT count(*) FROM complaints_receipt WHERE complaint_id IS NOT NULL"
    ) == (world.count("SELECT count(*) FROM complaints_complaint WHERE lane = 'tip'"))
    assert tell(world) == whole(REFERRALS)
    for sight in sights:
        for page in (QUEUE, "/kerja/", *(f"/kerja/laporan/{each}/" for each in sight["sees"])):
            status, text = world.ask(page, cookie=sight["cookie"])
            assert status == 200
            assert BELOW_NOTHING.findall(text) == []


def crawled(client: Client) -> dict[str, str]:
    """Return the pages that somebody of the desk reaches by links, by address; the first PAGES of them."""
    waiting, pages = ["/kerja/", QUEUE], dict[str, str]()
    while waiting and len(pages) < PAGES:
        address = waiting.pop(0)
        if address in pages:
            continue
        answer = client.get(address)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        pages[address] = answer.content.decode()
        links = re.findall(r'href="(/kerja/[^"?#]*)"', pages[address])
        waiting += [each for each in links if each not in pages and each not in waiting]
    return pages


@pytest.mark.django_db
@pytest.mark.parametrize("shift", [TEN_MINUTES, -TEN_MINUTES], ids=["ahead", "behind"])
def test_f12_no_age_is_negative_where_a_page_is_drawn_on_another_day(shift):
    """Written five minutes from midnight by the one, read by the other on the other side of it."""
    midnight = datetime(2024, 10, 7, 17, 0, tzinfo=UTC)  # of Tuesday 8 October, WIB
    written = midnight - shift / 2
    with time_machine.travel(written, tick=False):
        records = [tip(written), finding(written), proposed_tip(written)]
        opened = case(written)
        stages.delivered(decided_case(written))
    with time_machine.travel(written + shift, tick=False):
        client = Client()
        client.force_login(person("sari"))
        pages = crawled(client)

    assert len(pages) > 30
    assert {f"/kerja/laporan/{row.public_id}/" for row in records} <= pages.keys()
    assert f"/kerja/perkara/{opened.public_id}/" in pages
    assert BELOW_NOTHING.search("Lewat -1 hari")
    below = {page: BELOW_NOTHING.findall(text) for page, text in pages.items()}
    assert {page: found for page, found in below.items() if found} == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shift", [TEN_MINUTES, -TEN_MINUTES], ids=["ahead", "behind"])
def test_f12_the_day_of_a_deadline_is_the_databases(shift):
    """A process whose clock is wrong reckons with the day that the database has."""
    midnight = datetime(2024, 10, 7, 17, 0, tzinfo=UTC)  # of Tuesday 8 October, WIB
    magelang = office("33.08")
    connection.close()
    now = datetime.now(UTC)
    with time_machine.travel(now + shift):
        connection.ensure_connection()
        assert abs(by_the_database(timezone.now()) - now) < timedelta(minutes=1)
        # What it takes for five minutes before or after midnight.
        day = local_day(midnight + shift / 2, magelang)
    assert day == (midnight - shift / 2).astimezone(ZoneInfo("Asia/Jakarta")).date()

    connection.close()  # and one whose clock is right adds nothing
    connection.ensure_connection()
    assert by_the_database(now) == now


@pytest.mark.django_db(transaction=True)
def test_f12_a_clock_that_is_years_off_is_not_reckoned_with():
    connection.close()
    with time_machine.travel(midnight_of_2024(), tick=False):
        connection.ensure_connection()
        assert by_the_database(timezone.now()) == midnight_of_2024()


def midnight_of_2024() -> datetime:
    return datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_f12_readiness_tells_a_clock_that_is_wrong_and_stays_ready(client):
    now = datetime.now(UTC)
    told = {}
    for seconds in (-600, -30, 0, 30, 600):
        with time_machine.travel(now + timedelta(seconds=seconds)):
            answer = client.get("/health/ready")
            told[seconds] = answer.json()["clock"]
            assert answer.status_code == 200
    assert told == {-600: "wrong", -30: "ok", 0: "ok", 30: "ok", 600: "wrong"}
