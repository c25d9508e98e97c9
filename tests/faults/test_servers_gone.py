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
from queue import Empty, Queue
from typing import Any

import psycopg2
import pytest

from bench.browser import Browser, Page, filled
from bench.journeys import solved
from bench.submissions import ANSWERS
from tests.support.own_world import World, own_world

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

REFERRALS = 50
AT_A_WRONG_CLOCK = 20
TEN_MINUTES = 600
REPORTS = 200
WHOLE_WALKS = 20
"""Those who answer every page while the database goes away; the others stand before the last button."""
REPORTERS = 6
"""How many are at it in one moment."""
COOKIE = "l"
TRY_AGAIN = b"Coba lagi beberapa menit lagi."
PATIENCE_S = 240
QUEUE = "/kerja/antrean/?v=all"
TURNS = 3


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with own_world(tmp_path) as made:
        yield made


def make(world: World, referrals: int) -> None:
    world.run("tests.support.referral_world", "make", str(referrals))


def tell(world: World) -> dict[str, object]:
    told: dict[str, object] = json.loads(world.run("tests.support.referral_world", "tell"))
    return told


def delivered(world: World) -> int:
    return world.count("SELECT count(*) FROM referrals_referral WHERE status = 'delivered'")


def whole(referrals: int) -> dict[str, object]:
    """Return what is told when every one of so many ended as without a fault."""
    return {
        "statuses": {"delivered": referrals},
        "numbers": [f"{number:03}" for number in range(1, referrals + 1)],
        "histories": ["create approve issue deliver"],
        "goes_back": 0,
        "letters": referrals,
        "packets": referrals,
        "deliveries": referrals,
        "promises": {"DONE": 2 * referrals},
    }


def test_f03_f04_servers_that_go_away_lose_and_double_nothing(world):
    make(world, REFERRALS)
    world.workers.start_worker(processes=2)
    world.workers.start_beat()
    # A worker that meets the end of its broker while it hands back what it held may end too
    # (kombu closes a channel whose connection is gone); servers start it again.
    again = world.workers.revive
    seen = [0]
    for fault in (world.cut_power, world.lose_broker, world.cut_power):
        before = seen[-1]
        world.workers.wait(
            lambda before=before: delivered(world) > before, "some are delivered", meanwhile=again
        )
        fault()
        seen.append(delivered(world))
    world.workers.wait(lambda: delivered(world) == REFERRALS, "all are delivered", meanwhile=again)

    assert seen[-1] < REFERRALS, "the faults came when all was over"
    assert tell(world) == whole(REFERRALS)


def test_f12_workers_clock_that_is_wrong_changes_no_order(world):
    """One worker is ahead and one behind: whoever takes the next step, its clock is not the last one's."""
    make(world, AT_A_WRONG_CLOCK)
    for shift in (TEN_MINUTES, -TEN_MINUTES):
        world.workers.environment["CLOCK_SHIFT_SECONDS"] = str(shift)
        world.workers.start_worker(processes=1)
    world.workers.environment["CLOCK_SHIFT_SECONDS"] = "0"
    world.workers.start_beat()
    world.workers.wait(lambda: delivered(world) == AT_A_WRONG_CLOCK, "all are delivered")

    assert tell(world) == whole(AT_A_WRONG_CLOCK)


def _holds(things: Sized, number: int) -> bool:
    return len(things) >= number


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until it has happened; the number of codes told so far and of pages refused only grows."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


# --- reporters, while the database goes away ----------------------------------------------------------


def walk_on(browser: Browser, refused: list[Page]) -> Page:
    """Answer page after page, as a person who reloads whatever does not answer, up to the code."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            page = browser.get("/f/")
            if page.status >= 500:
                refused.append(page)
                time.sleep(0.3)
            elif b'id="code"' in page.body:
                return page
            else:
                _answered(browser, page, refused)
        except OSError:
            time.sleep(0.3)
    raise AssertionError("never told a code")


def _answered(browser: Browser, page: Page, refused: list[Page]) -> None:
    for form in page.forms():
        steps = [value for name, value in form.fields if name == "step"]
        if steps == ["check"]:
            # In a crowd nobody sends without the puzzle that a browser solves meanwhile.
            puzzle = solved(page.body.decode())
            answers = {"statement": "on", "do": "send", "puzzle": puzzle}
        elif steps:
            answers = {**ANSWERS[steps[0]], "do": "next"}
        elif ("do", "start") in form.submits:
            answers = {"do": "start"}
        else:
            continue
        sent = browser.post("/f/", filled(form, answers))
        if sent.status >= 500:
            refused.append(sent)
        return


def before_the_last_button(browser: Browser) -> str:
    """Answer every page but the last; return the reporter's cookie."""
    refused: list[Page] = []
    for _page in ("/f/", *ANSWERS, "before"):
        page = browser.get("/f/")
        if any(("step", "check") in form.fields for form in page.forms()):
            return browser.cookie(COOKIE)
        _answered(browser, page, refused)
    raise AssertionError("the form does not end")


def test_f03_reports_sent_while_the_database_goes_away_are_there_once(world):
    world.start_web()
    with closing(Browser(world.port)) as first:
        cookie = before_the_last_button(first)
    drafts = world.run("tests.support.draft_world", str(REPORTS - WHOLE_WALKS), cookie).split()
    waiting = Queue[str]()
    for number, draft in enumerate(drafts):
        if number % (len(drafts) // WHOLE_WALKS) == 0:
            waiting.put("")  # a whole walk
        waiting.put(draft)
    assert waiting.qsize() == REPORTS
    codes: set[bytes] = set()
    refused: list[Page] = []
    lock = threading.Lock()

    def report() -> None:
        with suppress(Empty):
            while True:
                draft = waiting.get_nowait()
                with closing(Browser(world.port)) as browser:
                    if draft:
                        browser.take_cookie(COOKIE, draft)
                    page = walk_on(browser, refused)
                with lock:
                    codes.add(page.body.split(b'id="code"')[1][:400])

    threads = [threading.Thread(target=report) for _reporter in range(REPORTERS)]
    for thread in threads:
        thread.start()
    # From this thread: a server ends with the thread that started it.
    for told in (REPORTS // 10, REPORTS // 2):
        wait_for(partial(_holds, codes, told))
        with world.without_power():
            wait_for(partial(_holds, refused, len(refused) + 1))
    for thread in threads:
        thread.join()

    assert refused, "the database was never missed"
    assert {page.status for page in refused} == {503}
    assert all(TRY_AGAIN in page.body for page in refused)
    assert len(codes) == REPORTS
    assert world.count("SELECT count(*) FROM complaints_complaint") == REPORTS
    assert world.count("SELECT count(*) FROM complaints_receipt") == REPORTS


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
            # Waiting for its end: until then nobody can take its place.
            "SELECT pg_terminate_backend(pid, 120000) FROM pg_stat_activity"
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
