"""Turns among processes: never more than there are, in the order of coming, and none is lost."""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from complaints.services.turns import Turns

HOLDS = """
import sys
from complaints.services.turns import Turns
import tempfile
tempfile.tempdir = sys.argv[1]
with Turns("t", most=2).taken():
    print("held", flush=True)
    sys.stdin.read()
"""


AT_ONCE = """
import threading
from pathlib import Path
import django
django.setup()
from django.conf import settings
settings.RECEIPT_ARGON2 = {"time_cost": 1, "memory_cost_kib": 65536}
from complaints.receipts import new_code
from complaints.services import receipts

def mib(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024

start = threading.Barrier(30)
def sign_in():
    start.wait()
    receipts.derived(new_code())

threads = [threading.Thread(target=sign_in) for _ in range(30)]
before = mib("VmRSS:")
Path("/proc/self/clear_refs").write_text("5")
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(receipts.ARGON2_AT_ONCE, mib("VmHWM:") - before)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def holder(folder: Path) -> "subprocess.Popen[str]":
    """Another process that has a turn."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def waiting(pool: Turns, name: str, order: list[str]) -> threading.Thread:
    def take() -> None:
        with pool.taken():
            order.append(name)

    thread = threading.Thread(target=take)
    thread.start()
    return thread


def test_two_processes_share_the_turns_and_a_killed_one_gives_its_back(folder):
    first, second, order = holder(folder), holder(folder), list[str]()
    thread = waiting(Turns("t", most=2), "third", order)
    thread.join(0.2)
    assert order == []
    first.kill()
    first.communicate()
    thread.join(120)
    assert order == ["third"]
    second.communicate("")


def test_who_came_first_is_first(folder):
    pool, order = Turns("t", most=1), list[str]()
    with pool.taken():
        threads = []
        for name in ("a", "b", "c", "d"):
            threads.append(waiting(pool, name, order))
            _until_blocked(folder, len(threads))
    for thread in threads:
        thread.join(120)
    assert order == ["a", "b", "c", "d"]


def _until_blocked(folder: Path, count: int) -> None:
    """Wait until so many stand at the door: one inside it, the others in the kernel's queue."""
    door = (folder / next(folder.iterdir()).name / "door").stat().st_ino
    end = time.monotonic() + 120
    while time.monotonic() < end:
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
        if len([line for line in lines if f":{door} " in line]) == count:
            return
        time.sleep(0.005)
    raise AssertionError("nobody waits")


def test_a_turn_ends_with_an_error(folder):
    pool = Turns("t", most=1)
    with pytest.raises(ZeroDivisionError), pool.taken():
        raise ZeroDivisionError
    with pool.taken():
        pass
    assert [path.name for path in folder.iterdir()] == [pool._folder.name]


def test_a_folder_that_is_not_ours_leaves_the_turns_of_the_process(folder):
    pool, order = Turns("t", most=1), list[str]()
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    pool._folder.symlink_to(elsewhere)
    with pool.taken():
        thread = waiting(pool, "second", order)
        thread.join(0.1)
        assert order == []
    thread.join(120)
    assert order == ["second"]
    assert list(elsewhere.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux counts it")
def test_f21_thirty_codes_at_once_take_the_memory_of_the_turns_and_not_of_thirty():
    """At the full memory of a hash, one pass instead of three. 30 at once would take 1,920 MiB."""
    told = subprocess.run(
        [sys.executable, "-c", AT_ONCE], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    most, grown = told.split()
    assert 60 < float(grown) < (int(most) + 1) * 64


def test_whoever_makes_things_ahead_sees_that_another_process_holds_one(folder):
    turns = Turns("t", most=2)
    assert not turns.are_taken()  # nobody ever took one here
    with turns.taken():
        assert turns.are_taken()
    assert not turns.are_taken()
    held = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    assert turns.are_taken()
    held.communicate()
    assert not turns.are_taken()
    with turns.taken(), turns.taken():  # looking took none of them
        pass
