"""How long a watch waits, and when it gives up."""

from typing import Any

import pytest

from bawaslu_sync.exits import Exit
from bawaslu_sync.watching import Stop, watch


class Waits(Stop):
    """Waits no time, and is told to stop after some rounds."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._rounds = rounds

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        if len(self.waited) == self._rounds:
            self._event.set()


def run(*ends: Exit, rounds: int = 99) -> Any:
    left, stop = [*ends], Waits(rounds)
    return watch(lambda: left.pop(0), stop, every_s=10), stop.waited


def test_it_waits_longer_while_nothing_gets_through_and_not_for_ever():
    ended, waited = run(*[Exit.WAITING] * 9, Exit.DONE, Exit.PARKED, rounds=11)

    assert ended == Exit.DONE
    for wanted, got in zip([20, 40, 80, 160, 320, 640, 900, 900, 900, 10, 10], waited, strict=True):
        assert wanted * 0.9 <= got <= wanted * 1.1


@pytest.mark.parametrize("grave", [Exit.ACCESS, Exit.LOCKED, Exit.USAGE])
def test_what_needs_a_person_ends_it(grave):
    assert run(Exit.DONE, grave, rounds=5)[0] == grave
