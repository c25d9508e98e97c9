"""Servers that go away while reports are sent and referrals are on their way; a clock that is wrong.

PostgreSQL stops at once, as at a power cut, and comes back; the broker is killed and comes back empty;
one worker lives ten minutes ahead, another ten minutes behind; no connection is left. Every referral
ends as without the fault: one number, one letter, one packet, one delivery, one history. Every reporter
who is told a code has a record, and pressing again makes no second one.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from bench.browser import Browser, Page, filled
from bench.submissions import ANSWERS
from tests.support.own_world import World, own_world

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

REFERRALS = 20
TEN_MINUTES = 600
REPORTERS = 6
EACH = 2
PATIENCE_S = 240
QUEUE = "/kerja/antrean/?v=all"
TURNS = 3


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with own_world(tmp_path) as made:
        yield made


def make(world: World) -> None:
    world.run("tests.support.referral_world", "make", str(REFERRALS))


def tell(world: World) -> dict[str, object]:
    told: dict[str, object] = json.loads(world.run("tests.support.referral_world", "tell"))
    return told


def delivered(world: World) -> int:
    return world.count("SELECT count(*) FROM referrals_referral WHERE status = 'delivered'")


WHOLE = {
    "statuses": {"delivered": REFERRALS},
    "numbers": [f"{number:03}" for number in range(1, REFERRALS + 1)],
    "histories": ["create approve issue deliver"],
    "goes_back": 0,
    "letters": REFERRALS,
    "packets": REFERRALS,
    "deliveries": REFERRALS,
    "promises": {"DONE": 2 * REFERRALS},
}


def test_f03_f04_servers_that_go_away_lose_and_double_nothing(world):
    make(world)
    world.workers.start_worker(processes=2)
    world.workers.start_beat()
    seen = [0]
    for fault in (world.cut_power, world.lose_broker, world.cut_power):
        before = seen[-1]
        world.workers.wait(lambda before=before: delivered(world) > before, "some are delivered")
        fault()
        seen.append(delivered(world))
    world.workers.wait(lambda: delivered(world) == REFERRALS, "all are delivered")

    assert seen[-1] < REFERRALS, "the faults came when all was over"
    assert tell(world) == WHOLE


def test_f12_workers_clock_that_is_wrong_changes_no_order(world):
    """One worker is ahead and one behind: whoever takes the next step, its clock is not the last one's."""
    make(world)
    for shift in (TEN_MINUTES, -TEN_MINUTES):
        world.workers.environment["CLOCK_SHIFT_SECONDS"] = str(shift)
        world.workers.start_worker(processes=1)
    world.workers.environment["CLOCK_SHIFT_SECONDS"] = "0"
    world.workers.start_beat()
    world.workers.wait(lambda: delivered(world) == REFERRALS, "all are delivered")

    assert tell(world) == WHOLE


def _holds(things: Sized, number: int) -> bool:
    return len(things) >= number


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until it has happened; the number of codes told so far and of pages refused only grows."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


# --- reporters, while the database goes away ----------------------------------------------------------


def walk_on(browser: Browser, refused: list[int]) -> Page:
    """Answer page after page, as a person who reloads whatever does not answer, up to the code."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            page = browser.get("/f/")
            if page.status >= 500:
                refused.append(page.status)
                time.sleep(0.3)
            elif b'id="code"' in page.body:
                return page
            else:
                _answered(browser, page, refused)
        except OSError:
            time.sleep(0.3)
    raise AssertionError("never told a code")


def _answered(browser: Browser, page: Page, refused: list[int]) -> None:
    for form in page.forms():
        steps = [value for name, value in form.fields if name == "step"]
        if steps == ["check"]:
            answers = {"statement": "on", "do": "send"}
        elif steps:
            answers = {**ANSWERS[steps[0]], "do": "next"}
        elif ("do", "start") in form.submits:
            answers = {"do": "start"}
        else:
            continue
        sent = browser.post("/f/", filled(form, answers))
        if sent.status >= 500:
            refused.append(sent.status)
        return


def test_f03_reports_sent_while_the_database_goes_away_are_there_once(world):
    world.start_web()
    codes: set[bytes] = set()
    refused: list[int] = []
    lock = threading.Lock()

    def report() -> None:
        for _each in range(EACH):
            with closing(Browser(world.port)) as browser:
                page = walk_on(browser, refused)
            with lock:
                codes.add(page.body.split(b'id="code"')[1][:400])

    threads = [threading.Thread(target=report) for _each in range(REPORTERS)]
    for thread in threads:
        thread.start()
    # From this thread: a server ends with the thread that started it.
    for told in (1, 4):
        wait_for(partial(_holds, codes, told))
        with world.without_power():
            wait_for(partial(_holds, refused, len(refused) + 1))
    for thread in threads:
        thread.join()

    assert refused, "the database was never missed"
    assert set(refused) == {503}
    assert len(codes) == REPORTERS * EACH
    assert world.count("SELECT count(*) FROM complaints_complaint") == REPORTERS * EACH
    assert world.count("SELECT count(*) FROM complaints_receipt") == REPORTERS * EACH


def test_f17_no_connection_left_is_said_at_once_and_passes(world):
    """Afterwards people of different offices, one after the other over one connection, see their own."""
    sights = json.loads(world.run("tests.support.sights"))
    world.start_web(threads=1)
    assert_each_sees_their_own(world, sights)
    begun = Browser(world.port)
    form = next(each for each in begun.get("/f/").forms() if ("do", "start") in each.submits)
    begun.close()

    def press_start() -> int:
        # over a connection of its own: the server ends idle ones after two seconds
        with closing(Browser(world.port)) as browser:
            browser.share_cookies(begun)
            return browser.post("/f/", filled(form, {"do": "start"})).status

    taken = [psycopg2.connect(world.environment["DATABASE_URL"])]
    taken += connections_left(world)
    # The web's own end here, so that its next request needs new ones; and those are taken too.
    with taken[0].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> ALL(%s)",
            [[each.get_backend_pid() for each in taken]],
        )
    taken += connections_left(world)

    assert world.ask("/health/ready")[0] == 503
    assert press_start() == 503
    assert [world.ask(QUEUE, cookie=sight["cookie"])[0] for sight in sights] == [503] * len(sights)
    assert world.ask("/")[0] == 200  # what needs no row stands
    for each in taken:
        each.close()
    assert world.ask("/health/ready")[0] == 200
    assert press_start() == 200
    for _turn in range(TURNS):
        assert_each_sees_their_own(world, sights)


def assert_each_sees_their_own(world: World, sights: list[dict[str, Any]]) -> None:
    """Ask as one after the other for the queue and for every record there is."""
    everything = {each for sight in sights for each in sight["sees"]}
    for sight in sights:
        status, page = world.ask(QUEUE, cookie=sight["cookie"])
        answers = {
            each: world.ask(f"/kerja/laporan/{each}/", cookie=sight["cookie"])[0]
            for each in everything
        }
        assert status == 200
        assert {each for each in everything if each in page} == set(sight["sees"])
        assert answers == {each: 200 if each in sight["sees"] else 404 for each in everything}


def connections_left(world: World) -> list[Any]:
    """Take every connection that the server still gives."""
    taken = []
    with suppress(psycopg2.OperationalError):
        while True:
            taken.append(psycopg2.connect(world.environment["DATABASE_URL"]))
    return taken
