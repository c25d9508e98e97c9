"""F10: the database's disk is full, and the logs' disk is. The disk of files: test_evidence_storage.py.

Real file systems that are full to the last byte. Nobody gets a page without words, nothing is half written,
and who tries again when there is room ends as if it had been there all along.
"""

import resource
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest
from celery import Celery

from bawaslu_cases.embedded.children import EmbeddedError
from bench.browser import Browser, Page, filled
from bench.journeys import solved
from tests.faults.test_servers_gone import (
    COOKIE,
    QUEUE,
    TRY_AGAIN,
    before_the_last_button,
    delivered,
    make,
    tell,
    walk_on,
    whole,
)
from tests.support.disks import filled_up, small_disk
from tests.support.own_world import World, own_world

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MIB = 1024 * 1024
PAGE_BYTES = resource.getpagesize()
REPORTERS = 25
REFERRALS = 6
PRESSES = 3
ROOM_BYTES = 512 * 1024
"""For the first of them, so that the disk fills up while somebody's report is written."""
CODE = b'id="code"'


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, size_bytes=1024 * MIB, files=65536, mode=0o755) as made:
        yield made


def drafts(world: World) -> list[str]:
    """Return the cookies of reporters who stand before the last button."""
    with closing(Browser(world.port)) as first:
        cookie = before_the_last_button(first)
    return world.run("tests.support.draft_world", str(REPORTERS), cookie).split()


def press(world: World, draft: str) -> Page:
    """Press the last button, again where a crowd has made a puzzle of it; return where it leads."""
    with closing(Browser(world.port)) as browser:
        browser.take_cookie(COOKIE, draft)
        page = browser.get("/f/")
        for _press in range(PRESSES):
            if page.status != 200 or CODE in page.body:
                break
            form = next(each for each in page.forms() if ("step", "check") in each.fields)
            puzzle = solved(page.body.decode())
            page = browser.post(
                "/f/", filled(form, {"statement": "on", "do": "send", "puzzle": puzzle})
            )
        return page


def code_of(page: Page) -> bytes:
    return page.body.split(CODE)[1][:400]


def no_room_for_what_changes(world: World) -> None:
    """Let PostgreSQL write to its log of changes alone until it ends for want of room."""
    process = world.postgres.process
    assert process is not None
    for _megabyte in range(500):
        with suppress(EmbeddedError):
            world.postgres.execute(
                "SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000))"
            )
        if process.poll() is not None:
            return
    raise AssertionError("PostgreSQL finds room where there is none")


def have_it_logged(world: World) -> None:
    """Ask for a page and send the worker a message that is none of the product's: a line each."""
    assert world.ask(QUEUE)[0] == 302
    with Celery(broker=world.workers.environment["BROKER_URL"], set_as_current=False) as stranger:
        stranger.send_task("strange.task")


def is_cut_off(log: Path) -> bool:
    """Say whether a log fills its last page: of its next line the disk takes nothing."""
    return log.stat().st_size % PAGE_BYTES == 0


def is_longer(log: Path, size: int) -> bool:
    return log.stat().st_size > size


def rows(world: World) -> dict[str, int]:
    """Return how many there are of what every record has one of."""
    asked = {
        "records": "complaints_complaint",
        "codes": "complaints_receipt",
        "statements": "complaints_statement WHERE complaint_id IS NOT NULL",
        "histories": "complaints_complaintevent WHERE action = 'create'",
        "clocks": "complaints_deadline WHERE kind = 'initial_review'",
        "milestones": "complaints_complaintmilestone WHERE kind = 'received'",
    }
    return {name: world.count(f"SELECT count(*) FROM {table}") for name, table in asked.items()}


def test_f10_a_full_disk_of_the_database_loses_nothing_and_passes(tmp_path, disk):
    with own_world(tmp_path, disk=disk) as world:
        make(world, REFERRALS)
        before = rows(world)
        world.start_web()
        waiting = drafts(world)
        codes: dict[str, bytes] = {}
        refused: list[Page] = []

        with filled_up(disk, but_bytes=ROOM_BYTES):
            world.workers.start_worker(processes=1)
            world.workers.start_beat()
            for draft in waiting:
                page = press(world, draft)
                if page.status == 200:
                    codes[draft] = code_of(page)
                else:
                    refused.append(page)
            done = {name: count - before[name] for name, count in rows(world).items()}
            assert set(done.values()) == {len(codes)}, done
            no_room_for_what_changes(world)
            late = press(world, next(each for each in waiting if each not in codes))
            stood = world.ask("/")[0]
        # PostgreSQL has ended; whoever watches over it starts it again.
        world.bring_back()

        print(f"{len(refused)} of {REPORTERS} refused")
        assert (stood, late.status) == (200, 503)
        assert TRY_AGAIN in late.body
        assert 0 < len(refused) < REPORTERS
        assert {page.status for page in refused} == {503}
        assert all(TRY_AGAIN in page.body for page in refused)
        for draft in waiting:
            with closing(Browser(world.port)) as browser:
                browser.take_cookie(COOKIE, draft)
                told = code_of(walk_on(browser, []))
            # Who was told a code is told the same.
            assert codes.setdefault(draft, told) == told
        assert len(set(codes.values())) == REPORTERS
        done = {name: count - before[name] for name, count in rows(world).items()}
        assert set(done.values()) == {REPORTERS}, done
        world.workers.wait(lambda: delivered(world) == REFERRALS, "all are delivered")
        assert tell(world) == whole(REFERRALS)
        assert world.ask("/health/ready")[0] == 200


def test_f10_a_full_disk_of_the_logs_stops_nobody(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    with (
        small_disk(folder, size_bytes=64 * MIB, mode=0o755) as disk,
        own_world(tmp_path, GUNICORN_CMD_ARGS="--access-logfile -") as world,
    ):
        # What the processes write to, from their first line on.
        for name in ("gunicorn.log", "workers/worker-0.log", "workers/beat.log"):
            (tmp_path / name).symlink_to(disk / Path(name).name)
        make(world, REFERRALS)
        world.start_web()
        world.workers.start_worker(processes=1)
        waiting = drafts(world)
        logs = [disk / "gunicorn.log", disk / "worker-0.log"]
        talk = partial(have_it_logged, world)

        with filled_up(disk):
            world.workers.start_beat()
            pages = [press(world, draft) for draft in waiting]
            for log in logs:
                # What was begun of a page of the disk still takes letters.
                world.workers.wait(
                    partial(is_cut_off, log), f"{log.name} is cut off", meanwhile=talk
                )
            world.workers.wait(lambda: delivered(world) == REFERRALS, "all are delivered")
            talk()
            cut_off = [log.stat().st_size for log in logs]

        assert [page.status for page in pages] == [200] * REPORTERS
        assert len({code_of(page) for page in pages}) == REPORTERS
        assert tell(world) == whole(REFERRALS)
        # With room the lines come again.
        for log, size in zip(logs, cut_off, strict=True):
            world.workers.wait(
                partial(is_longer, log, size), f"a line in {log.name}", meanwhile=talk
            )
