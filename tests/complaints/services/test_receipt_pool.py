"""Things made ahead of need: never two of one, nothing left over, nothing in a forked child."""

import itertools
import os
import subprocess
import sys
import threading
import time

import pytest

from complaints.receipts import new_code
from complaints.services import receipt_pool, receipts
from complaints.services.receipt_pool import Pool
from complaints.services.turns import Turns


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(receipt_pool, "REST_SECONDS", 0.0)


@pytest.fixture
def counting():
    """Return a pool of at most five ascending numbers, closed at the end."""
    numbers = itertools.count()
    pool = Pool(lambda: next(numbers), size=5)
    yield pool
    thread = pool._thread
    pool.close()
    if thread:
        thread.join(120)
        assert not thread.is_alive()


def full(pool, size=5):
    end = time.monotonic() + 120
    while len(pool) < size and time.monotonic() < end:
        time.sleep(0.002)
    return len(pool)


def test_it_fills_up_to_its_size_and_no_further(counting):
    counting.start()
    assert full(counting) == 5
    time.sleep(0.05)
    assert len(counting) == 5


def test_what_was_taken_is_made_again(counting):
    counting.start()
    full(counting)
    assert [counting.take() for _ in range(3)] == [0, 1, 2]
    assert full(counting) == 5
    assert counting.take() == 3


def test_nothing_is_made_before_it_is_asked_to(counting):
    assert counting.take() is None
    assert counting._thread is None


def test_size_nothing_makes_nothing():
    pool: Pool[int] = Pool(lambda: 1, size=0)
    pool.start()
    assert pool._thread is None
    assert pool.take() is None


def test_eight_takers_never_get_the_same_one(counting):
    counting.start()
    full(counting)
    taken, lock, gate = [], threading.Lock(), threading.Barrier(8)

    def take():
        gate.wait()
        for _ in range(200):
            one = counting.take()
            if one is not None:
                with lock:
                    taken.append(one)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) >= 5
    assert len(set(taken)) == len(taken)


class Clock:
    """The store's own time, which passes while it rests, and notes how long and with how many."""

    def __init__(self, pool):
        self._pool, self._now, self.rests = pool, 1000.0, []

    def monotonic(self):
        return self._now

    def sleep(self, seconds):
        if seconds != receipt_pool.BETWEEN_SECONDS:
            self.rests.append((round(seconds, 6), len(self._pool)))
        self._now += seconds


class Waiting(threading.Event):
    """An event that tells when somebody is about to wait for it."""

    def __init__(self):
        super().__init__()
        self.is_waited_for = threading.Event()

    def wait(self, timeout=None):
        self.is_waited_for.set()
        return super().wait(timeout)


def test_it_rests_while_others_take(counting, monkeypatch):
    clock = Clock(counting)
    monkeypatch.setattr(receipt_pool, "time", clock)
    monkeypatch.setattr(receipt_pool, "REST_SECONDS", 0.3)
    counting._wanted = Waiting()
    counting.start()
    assert counting._wanted.is_waited_for.wait(120)
    assert (len(counting), clock.rests) == (5, [])
    counting.take()
    assert full(counting) == 5
    assert clock.rests == [(0.3, 4)]


def test_it_rests_while_somebody_needs_the_processor(counting, monkeypatch):
    clock = Clock(counting)
    monkeypatch.setattr(receipt_pool, "time", clock)
    monkeypatch.setattr(receipt_pool, "REST_SECONDS", 0.3)
    counting.stand_back()
    counting.start()
    assert full(counting) == 5
    assert clock.rests == [(0.3, 0)]


def test_a_slow_hash_of_somebody_makes_the_store_rest(monkeypatch):
    pool = Pool(receipts._made, size=5)
    monkeypatch.setattr(receipts, "_ahead", pool)
    before = time.monotonic()
    receipts.derived(new_code())
    assert pool._needed_at >= before


def test_people_take_turns_and_the_store_takes_none(monkeypatch):
    """The store's thread goes last: whoever waited for its hash would wait for all others too."""
    running, most = 0, 0
    lock, two = threading.Lock(), threading.Event()
    slow = receipts._slow

    def watched(code):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if most == 2:
                two.set()
        assert two.wait(120)
        time.sleep(0.02)  # for a third, who may not come
        try:
            return slow(code)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(receipts, "_slow", watched)
    monkeypatch.setattr(receipts, "_running", Turns("receipts-of-a-test", most=2))
    people = [threading.Thread(target=receipts.derived, args=[new_code()]) for _person in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert most == 2
    pool = Pool(receipts._made, size=2)
    with receipts._running.taken(), receipts._running.taken():
        pool.start()
        assert full(pool, 2) == 2
    pool.close()


def test_closed_it_holds_nothing_and_makes_nothing(counting):
    counting.start()
    full(counting)
    counting.close()
    assert counting.take() is None
    counting._thread.join(120)
    assert not counting._thread.is_alive()
    assert len(counting) == 0


SCRIPT = """
import itertools, os, time
from complaints.services.receipt_pool import Pool

numbers = itertools.count()
pool = Pool(lambda: next(numbers), size=5)
pool.start()
while len(pool) < 5:
    time.sleep(0.002)
if "fork" in os.environ["CASE"]:
    child = os.fork()
    if child == 0:
        print("child", len(pool), flush=True)
        taken = pool.take() or 99
        while len(pool) < 5:
            time.sleep(0.002)
        print("child", taken >= 5, pool.take() >= 5, flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
print("parent", len(pool), pool.take(), flush=True)
"""


@pytest.mark.parametrize("case", ["fork", "exit"])
def test_a_forked_child_has_none_of_its_parent_and_the_exit_is_quiet(case):
    """A child with its parent's store would hand one code to two people."""
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        env={**os.environ, "CASE": case},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    assert ended.stderr == ""
    child = "child 0\nchild True True\n" if case == "fork" else ""
    assert ended.stdout == child + "parent 5 0\n"


@pytest.mark.skipif(sys.platform != "linux", reason="one thread's niceness is Linux's")
def test_the_thread_lets_others_go_first(counting):
    counting.start()
    full(counting)
    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    its = os.getpriority(os.PRIO_PROCESS, counting._thread.native_id)
    assert its == max(mine, receipt_pool.NICENESS)


@pytest.mark.django_db
def test_a_receipt_made_ahead_opens_its_record(monkeypatch):
    pool = Pool(receipts._made, size=2)
    monkeypatch.setattr(receipts, "_ahead", pool)
    receipts.start_receipts()
    full(pool, 2)
    code, receipt, mailbox_key = receipts.prepare_receipt()
    pool.close()
    keys = receipts.derived(code).row(bytes(receipt.salt))
    assert keys.verifier == receipt.verifier
    assert keys.mailbox_public == receipt.mailbox_pk
    assert keys.mailbox_private == mailbox_key
    assert receipt.handle == code.handle
    assert code.secret not in repr(pool) + repr(receipts._made())


def test_an_empty_store_makes_one_on_the_spot(monkeypatch):
    monkeypatch.setattr(receipts, "_ahead", Pool(receipts._made, size=0))
    first, second = receipts.prepare_receipt(), receipts.prepare_receipt()
    assert first[0] != second[0]
    assert first[1].salt != second[1].salt


def test_none_is_made_while_somebody_on_the_machine_needs_a_processor():
    needed, looked = threading.Event(), threading.Event()
    needed.set()

    def is_needed():
        looked.set()
        time.sleep(0.001)
        return needed.is_set()

    pool = Pool(object, size=5, is_needed=is_needed)
    pool.start()
    try:
        assert looked.wait(120)
        assert len(pool) == 0
        needed.clear()
        assert full(pool) == 5
    finally:
        thread = pool._thread
        pool.close()
        assert thread is not None
        thread.join(120)


def test_the_store_of_receipts_waits_for_the_turns_of_people():
    assert receipts._ahead._is_needed == receipts._running.are_taken
